/*
 * pace.h
 *		How fast and how many: token buckets per gateway account and per
 *		operation, and requests in flight per account.
 */
#ifndef PAYCORE_PACE_H
#define PAYCORE_PACE_H

#include "common/paycore.h"
#include "delivery/job.h"

/* This process, of so many that share the limits, takes its part of them. */
extern void pc_pace_share(int mine, int of);

/* This process's part of what all may have; the parts add up, and the first one is the largest. */
extern int	pc_pace_part(int whole);

/* How many rows of this key may be sent now; 0 = wait pc_pace_wait_ms(), or where that is 0 too, for an answer. */
extern int	pc_pace_allowance(const PcDueKey *key);
extern long pc_pace_wait_ms(const PcDueKey *key);

/* A request has started, or ended. */
extern void pc_pace_started(const PcJob *job);
extern void pc_pace_ended(const PcJob *job);

/* Between its claim and the recording of its answer it is in this process's hands. */
extern void pc_pace_taken(const PcJob *job);
extern void pc_pace_recorded(const PcJob *job);

/* The gateway said that it is too much (429): nothing more of this kind for a while. */
extern void pc_pace_hold(const PcJob *job, int64 ms);

#endif							/* PAYCORE_PACE_H */
