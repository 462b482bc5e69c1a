/*
 * billing.h
 *		The schedule of billing: the worker bills unasked, between two turns.
 */
#ifndef PAYCORE_WORKER_BILLING_H
#define PAYCORE_WORKER_BILLING_H

#include "common/paycore.h"
#include "common/shmem.h"

/*
 * One small step, in its own transaction: a look at who has something due, or
 * a batch of one tenant's.  busy: requests wait, so that billing takes half of
 * the time at most.  Gives the time of the next step, and counts in stats.
 */
extern TimestampTz pc_billing_turn(bool busy, PcWorkerStats *stats);

#endif							/* PAYCORE_WORKER_BILLING_H */
