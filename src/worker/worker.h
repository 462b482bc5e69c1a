/*
 * worker.h
 *		The processes that send: a worker for each database, with an assistant
 *		where it has much to do, or one for a call of drain_outbox(); and the
 *		launcher that starts the workers.
 */
#ifndef PAYCORE_WORKER_H
#define PAYCORE_WORKER_H

#include "common/paycore.h"
#include "fmgr.h"
#include "postmaster/bgworker.h"
#include "storage/dsm.h"
#include "utils/timestamp.h"

/* What a drain's process tells whoever waits for it, in memory that the two share. */
typedef struct PcDrainEnd
{
	bool		done;			/* false: it went down halfway */
	char		error[500];		/* by this error; empty where it was terminated */
} PcDrainEnd;

/* What a worker is told at its start, in bgw_extra. */
typedef struct PcWorkerOrder
{
	Oid			database;
	bool		drain;			/* ends when nothing is due */
	int			assists;		/* the process of the worker that it assists; 0 = none */
	TimestampTz until;			/* drain: at the latest then */
	dsm_handle	end;			/* drain: of its PcDrainEnd */
} PcWorkerOrder;

/* order.c: what pg_stat_activity calls such a process. */
extern const char *pc_worker_role(const PcWorkerOrder *order);

/* Fills in all but the process to notify. */
extern void pc_worker_describe(BackgroundWorker *worker, const PcWorkerOrder *order);

/* drain.c: for procedures that send what is due, outside any transaction, with SPI connected and committed. */
extern void pc_drain_until(TimestampTz until);

/* Claims, sends and records until there is nothing to serve, or, draining, nothing due. */
extern void pc_loop_run(const PcWorkerOrder *order);

extern void pc_launcher_register(void);	/* from _PG_init */

extern PGDLLEXPORT void paycore_worker_main(Datum arg);
extern PGDLLEXPORT void paycore_launcher_main(Datum arg);

#endif							/* PAYCORE_WORKER_H */
