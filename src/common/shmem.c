/*
 * shmem.c
 *		What the launcher, the workers and the backends share.
 */
#include "common/paycore.h"

#include "common/hashfn.h"
#include "common/shared_area.h"
#include "common/shmem.h"
#include "miscadmin.h"
#include "port/atomics.h"
#include "storage/condition_variable.h"
#include "storage/ipc.h"
#include "storage/proc.h"

#define NBUCKETS	64
#define NHOLDS		16

/* What a gateway wants to be left alone with. */
typedef struct Hold
{
	uint64		what;
	TimestampTz until;
} Hold;

typedef struct WorkerEntry
{
	PcWorkerStats stats;		/* database InvalidOid = free */
	PcWorkerStats assistant;	/* pid 0: there is none */
	PcWorkerStats assisted;		/* what those before it did for the same worker */
	Latch	   *latch;			/* in its PGPROC; NULL = not running */
	Hold		holds[NHOLDS];
} WorkerEntry;

typedef struct Shared
{
	LWLock	   *lock;
	Latch	   *launcher;
	int			launcher_pid;
	WorkerEntry workers[PC_MAX_WORKERS];
	ConditionVariable waiters[NBUCKETS];
} Shared;

static Shared *shared = NULL;

static void
attach(void *memory, LWLock *lock)
{
	shared = memory;
	if (lock == NULL)
		return;
	shared->lock = lock;
	for (int i = 0; i < NBUCKETS; i++)
		ConditionVariableInit(&shared->waiters[i]);
}

void
pc_shmem_init(void)
{
	static const PcSharedArea area = {.name = "paycore", .size = sizeof(Shared), .attach = attach};

	pc_shared_area_request(&area);
}

bool
pc_shmem_ready(void)
{
	return shared != NULL;
}

/* Caller holds the lock. */
static WorkerEntry *
find_entry(Oid database)
{
	for (int i = 0; i < PC_MAX_WORKERS; i++)
	{
		if (shared->workers[i].stats.database == database)
			return &shared->workers[i];
	}
	return NULL;
}

/* Caller holds the lock.  NULL where all are taken. */
static WorkerEntry *
find_or_make_entry(Oid database)
{
	WorkerEntry *entry = find_entry(database);

	if (entry == NULL)
	{
		entry = find_entry(InvalidOid);
		if (entry != NULL)
		{
			memset(entry, 0, sizeof(*entry));
			entry->stats.database = database;
		}
	}
	return entry;
}

void
pc_shmem_wake_worker(Oid database)
{
	WorkerEntry *entry;

	if (shared == NULL)
		return;
	LWLockAcquire(shared->lock, LW_SHARED);
	entry = find_entry(database);
	if (entry != NULL && entry->latch != NULL)
		SetLatch(entry->latch);
	LWLockRelease(shared->lock);
}

void
pc_shmem_wake_launcher(void)
{
	if (shared == NULL)
		return;
	LWLockAcquire(shared->lock, LW_SHARED);
	if (shared->launcher != NULL)
		SetLatch(shared->launcher);
	LWLockRelease(shared->lock);
}

static void
leave_launcher(int code, Datum arg)
{
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	shared->launcher = NULL;
	shared->launcher_pid = 0;
	LWLockRelease(shared->lock);
}

void
pc_shmem_enter_launcher(void)
{
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	shared->launcher = &MyProc->procLatch;
	shared->launcher_pid = MyProcPid;
	LWLockRelease(shared->lock);
	before_shmem_exit(leave_launcher, (Datum) 0);
}

static void
leave_worker(int code, Datum database)
{
	WorkerEntry *entry;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	entry = find_entry(DatumGetObjectId(database));
	if (entry != NULL && entry->stats.pid == MyProcPid)
	{
		entry->latch = NULL;
		entry->stats.pid = 0;
		entry->stats.in_flight = 0;
	}
	if (shared->launcher != NULL)
		SetLatch(shared->launcher);
	LWLockRelease(shared->lock);
}

bool
pc_shmem_enter_worker(Oid database)
{
	WorkerEntry *entry;
	bool		entered = false;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	entry = find_or_make_entry(database);
	if (entry != NULL && entry->latch == NULL)
	{
		memset(&entry->stats, 0, sizeof(entry->stats));
		memset(&entry->assisted, 0, sizeof(entry->assisted));
		entry->stats.database = database;
		entry->stats.pid = MyProcPid;
		entry->stats.started_at = GetCurrentTimestamp();
		entry->latch = &MyProc->procLatch;
		entered = true;
	}
	LWLockRelease(shared->lock);
	if (entered)
		before_shmem_exit(leave_worker, ObjectIdGetDatum(database));
	return entered;
}

static void
add_counts(PcWorkerStats *to, const PcWorkerStats *of)
{
	to->in_flight += of->in_flight;
	to->sent += of->sent;
	to->answered += of->answered;
	to->recorded += of->recorded;
	to->faults += of->faults;
}

static void
leave_assistant(int code, Datum database)
{
	WorkerEntry *entry;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	entry = find_entry(DatumGetObjectId(database));
	if (entry != NULL && entry->assistant.pid == MyProcPid)
	{
		entry->assistant.in_flight = 0;
		add_counts(&entry->assisted, &entry->assistant);
		memset(&entry->assistant, 0, sizeof(entry->assistant));
	}
	LWLockRelease(shared->lock);
}

bool
pc_shmem_enter_assistant(Oid database, int worker)
{
	WorkerEntry *entry;
	bool		entered = false;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	entry = find_entry(database);
	if (entry != NULL && entry->stats.pid == worker && entry->assistant.pid == 0)
	{
		entry->assistant.pid = MyProcPid;
		entered = true;
	}
	LWLockRelease(shared->lock);
	if (entered)
		before_shmem_exit(leave_assistant, ObjectIdGetDatum(database));
	return entered;
}

static void
report_to(PcWorkerStats *entry, const PcWorkerStats *stats)
{
	TimestampTz started_at = entry->started_at;

	*entry = *stats;
	entry->pid = MyProcPid;
	entry->started_at = started_at;
}

void
pc_shmem_report(const PcWorkerStats *stats)
{
	WorkerEntry *entry;

	if (shared == NULL)
		return;
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	entry = find_entry(stats->database);
	if (entry != NULL && entry->stats.pid == MyProcPid)
		report_to(&entry->stats, stats);
	else if (entry != NULL && entry->assistant.pid == MyProcPid)
		report_to(&entry->assistant, stats);
	LWLockRelease(shared->lock);
}

void
pc_shmem_note_wanted(Oid database, bool no_slot)
{
	WorkerEntry *entry;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	entry = find_or_make_entry(database);
	if (entry != NULL)
		entry->stats.no_slot = no_slot;
	LWLockRelease(shared->lock);
}

void
pc_shmem_forget_wanted(Oid database)
{
	WorkerEntry *entry;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	entry = find_entry(database);
	if (entry != NULL && entry->latch == NULL)
		memset(entry, 0, sizeof(*entry));
	LWLockRelease(shared->lock);
}

bool
pc_shmem_slot_missing(void)
{
	bool		missing = false;

	LWLockAcquire(shared->lock, LW_SHARED);
	for (int i = 0; i < PC_MAX_WORKERS; i++)
		missing |= OidIsValid(shared->workers[i].stats.database) && shared->workers[i].stats.no_slot && shared->workers[i].latch == NULL;
	LWLockRelease(shared->lock);
	return missing;
}

bool
pc_shmem_worker_stats(Oid database, PcWorkerStats *stats)
{
	WorkerEntry *entry;

	if (shared == NULL)
		return false;
	LWLockAcquire(shared->lock, LW_SHARED);
	entry = find_entry(database);
	if (entry != NULL)
	{
		*stats = entry->stats;
		add_counts(stats, &entry->assisted);
		add_counts(stats, &entry->assistant);
		stats->assistant = entry->assistant.pid;
	}
	LWLockRelease(shared->lock);
	return entry != NULL;
}

/* The place of this hold, or else the one that ends first. */
static Hold *
place_for(WorkerEntry *entry, uint64 what)
{
	Hold	   *place = &entry->holds[0];

	for (int i = 0; i < NHOLDS; i++)
	{
		if (entry->holds[i].what == what)
			return &entry->holds[i];
		if (entry->holds[i].until < place->until)
			place = &entry->holds[i];
	}
	return place;
}

void
pc_shmem_hold(Oid database, uint64 what, TimestampTz until)
{
	WorkerEntry *entry;

	if (shared == NULL)
		return;
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	entry = find_entry(database);
	if (entry != NULL)
		*place_for(entry, what) = (Hold) {.what = what, .until = until};
	LWLockRelease(shared->lock);
}

TimestampTz
pc_shmem_held_until(Oid database, uint64 what)
{
	TimestampTz until = 0;
	WorkerEntry *entry;

	if (shared == NULL)
		return 0;
	LWLockAcquire(shared->lock, LW_SHARED);
	entry = find_entry(database);
	for (int i = 0; entry != NULL && i < NHOLDS; i++)
	{
		if (entry->holds[i].what == what)
			until = entry->holds[i].until;
	}
	LWLockRelease(shared->lock);
	return until;
}

int
pc_shmem_launcher_pid(void)
{
	return shared == NULL ? 0 : shared->launcher_pid;
}

static int
bucket_number(const pg_uuid_t *intent_id)
{
	return hash_bytes(intent_id->data, UUID_LEN) % NBUCKETS;
}

uint64
pc_waiter_bucket(const pg_uuid_t *intent_id)
{
	return UINT64CONST(1) << bucket_number(intent_id);
}

void
pc_shmem_wake_waiters(uint64 buckets)
{
	if (shared == NULL)
		return;
	for (int i = 0; i < NBUCKETS; i++)
	{
		if (buckets & (UINT64CONST(1) << i))
			ConditionVariableBroadcast(&shared->waiters[i]);
	}
}

void
pc_shmem_prepare_wait(const pg_uuid_t *intent_id)
{
	if (shared != NULL)
		ConditionVariablePrepareToSleep(&shared->waiters[bucket_number(intent_id)]);
}

bool
pc_shmem_wait(const pg_uuid_t *intent_id, long timeout_ms)
{
	if (shared != NULL)
		return !ConditionVariableTimedSleep(&shared->waiters[bucket_number(intent_id)], timeout_ms,
											pc_wait_event("PaycoreAwait"));
	(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, Min(timeout_ms, 50),
					 pc_wait_event("PaycoreAwait"));
	ResetLatch(MyLatch);
	CHECK_FOR_INTERRUPTS();
	return true;
}

void
pc_shmem_cancel_wait(void)
{
	if (shared != NULL)
		ConditionVariableCancelSleep();
}
