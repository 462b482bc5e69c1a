/*
 * progress.h
 *		How far billing runs are, for other sessions to see while they are at
 *		it.  In shared memory: without shared_preload_libraries nobody sees, and
 *		every function does nothing.
 */
#ifndef PAYCORE_PROGRESS_H
#define PAYCORE_PROGRESS_H

#include "common/paycore.h"
#include "utils/timestamp.h"

/* Runs that are seen at once; of tenants' names, so much. */
#define PC_MAX_PROGRESS		256
#define PC_PROGRESS_NAME	128

typedef enum PcBillingPhase
{
	PC_BILLING_COUNTING,
	PC_BILLING_BATCH,
	PC_BILLING_WAITING			/* between two batches */
} PcBillingPhase;

typedef struct PcBillingProgress
{
	Oid			database;
	int			pid;			/* 0 = free */
	bool		scheduled;		/* by the worker, unasked */
	char		tenant[PC_PROGRESS_NAME];
	PcBillingPhase phase;
	TimestampTz started_at;
	TimestampTz as_of;
	int64		due;			/* subscriptions, when it began */
	int64		done;			/* steps: a subscription that owes three periods takes three */
	int64		invoices;
	int64		parked;
	TimestampTz done_until;		/* what was due before is done; 0: nothing yet */
	int64		batch;			/* its number */
	int			batch_size;
	TimestampTz batch_started_at;
} PcBillingProgress;

extern void pc_progress_init(void); /* from _PG_init, hooks */

/* A place for a run of this process, filled in but for database and pid; -1 where none is free.  The others do nothing with -1. */
extern int	pc_progress_enter(const PcBillingProgress *progress);
extern void pc_progress_report(int place, const PcBillingProgress *progress);
extern void pc_progress_leave(int place);

/* What is in the place, from 0 to PC_MAX_PROGRESS - 1; false where that is no run of this database. */
extern bool pc_progress_read(int place, PcBillingProgress *progress);

#endif							/* PAYCORE_PROGRESS_H */
