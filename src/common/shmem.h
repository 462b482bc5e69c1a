/*
 * shmem.h
 *		What the launcher, the workers and the backends share: who serves which
 *		database, and how to wake them.  All of it is absent without
 *		shared_preload_libraries; every function then does nothing.
 */
#ifndef PAYCORE_SHMEM_H
#define PAYCORE_SHMEM_H

#include "common/paycore.h"
#include "storage/latch.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

/* Databases that one server's workers can serve. */
#define PC_MAX_WORKERS	64

/* What a worker tells about itself; counted since its start. */
typedef struct PcWorkerStats
{
	Oid			database;
	int			pid;			/* 0 = wanted, but not running */
	TimestampTz started_at;
	TimestampTz last_turn_at;
	int			in_flight;
	int64		sent;
	int64		answered;
	int64		recorded;
	int64		billed;			/* steps of subscriptions, by the schedule */
	TimestampTz billing_passed_at;	/* the schedule has billed all tenants; 0: not yet */
	int64		faults;			/* answers that could not be recorded at once */
	uint64		secrets;		/* version of the secrets file for which it has asked whose the keys are */
	int			assistant;		/* its process; 0 = none.  What it does is counted above */
	bool		no_slot;		/* max_worker_processes is used up: the launcher tries again */
} PcWorkerStats;

extern void pc_shmem_init(void);	/* from _PG_init, hooks */
extern bool pc_shmem_ready(void);

/* Sets the latch of the worker of this database, and of the launcher. */
extern void pc_shmem_wake_worker(Oid database);
extern void pc_shmem_wake_launcher(void);

/* The launcher and its workers enter themselves; removal happens by itself at exit. */
extern void pc_shmem_enter_launcher(void);
extern bool pc_shmem_enter_worker(Oid database);	/* false: another one serves it, or no entry is free */
extern bool pc_shmem_enter_assistant(Oid database, int worker);	/* false: that worker is gone, or has one */
extern void pc_shmem_report(const PcWorkerStats *stats);

/* Launcher: a database that should have a worker, and whether a slot was missing for it. */
extern void pc_shmem_note_wanted(Oid database, bool no_slot);
extern void pc_shmem_forget_wanted(Oid database);

/* Whether any database goes without a worker because no slot is free. */
extern bool pc_shmem_slot_missing(void);

/* False where nothing is known of the database. */
extern bool pc_shmem_worker_stats(Oid database, PcWorkerStats *stats);
extern int	pc_shmem_launcher_pid(void);

/*
 * Until when the database's worker and its assistant leave something alone, which
 * what stands for; 0: it is free.  Where more is held than there is room for, what
 * would end first is free again.
 */
extern void pc_shmem_hold(Oid database, uint64 what, TimestampTz until);
extern TimestampTz pc_shmem_held_until(Oid database, uint64 what);

/* Sleepers of await_payment_intent() and await_setup_intent(), in buckets by intent. */
extern uint64 pc_waiter_bucket(const pg_uuid_t *intent_id);	/* a mask with one bit */
extern void pc_shmem_wake_waiters(uint64 buckets);

/*
 * Between prepare and cancel, a wake of the bucket ends the wait; false at the
 * timeout.  Without shared memory: a nap of at most 50 ms.
 */
extern void pc_shmem_prepare_wait(const pg_uuid_t *intent_id);
extern bool pc_shmem_wait(const pg_uuid_t *intent_id, long timeout_ms);
extern void pc_shmem_cancel_wait(void);

#endif							/* PAYCORE_SHMEM_H */
