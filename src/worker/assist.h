/*
 * assist.h
 *		A second process for a database, while its worker has more to do than
 *		one process can.
 *
 * The worker starts it; both claim from the same queue, and each keeps half of
 * what the limits of rate and of requests in flight allow.  It sends and
 * records, nothing else, and ends after some seconds with nothing to do.
 */
#ifndef PAYCORE_ASSIST_H
#define PAYCORE_ASSIST_H

#include "common/paycore.h"
#include "worker/worker.h"

/* The worker, once a turn: it has waited so many microseconds since the last call; more: not all that is due fits. */
extern void pc_assist_consider(Oid database, bool more, int64 waited);

/* The worker: there is more than it can take itself just now. */
extern void pc_assist_wake(void);

/*
 * The assistant: the worker that it was started for is gone, or wants it no
 * more, or does not know the secrets file's keys yet; or its slot is needed for
 * another database's.
 */
extern bool pc_assist_unwanted(const PcWorkerOrder *order);

#endif							/* PAYCORE_ASSIST_H */
