/*
 * launcher.c
 *		The one static process: starts a worker for every marked database, and
 *		starts it again when it has ended.
 */
#include "common/paycore.h"

#include "access/xact.h"
#include "common/hooks.h"
#include "common/shmem.h"
#include "libpq/pqsignal.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/interrupt.h"
#include "storage/latch.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "worker/marked.h"
#include "worker/worker.h"

#define LOOK_MS				5000
#define FIRST_PAUSE_MS		1000
#define LONGEST_PAUSE_MS	60000
#define HEALTHY_MS			30000	/* a worker that lived so long starts again without delay */

typedef struct Served
{
	Oid			database;
	BackgroundWorkerHandle *handle;	/* NULL = not running */
	TimestampTz started_at;
	TimestampTz not_before;
	int			pause_ms;
	bool		no_slot;
	bool		marked;
} Served;

static List *served = NIL;
static bool wake_launcher = false;

static void
at_transaction_end(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_COMMIT && wake_launcher)
		pc_shmem_wake_launcher();
	if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT || event == XACT_EVENT_PREPARE)
		wake_launcher = false;
}

static void
wake_at_commit(void)
{
	static bool registered = false;

	if (!registered)
		RegisterXactCallback(at_transaction_end, NULL);
	registered = true;
	wake_launcher = true;
}

void
pc_launcher_register(void)
{
	BackgroundWorker worker = {0};

	pc_wake_launcher_at_commit = wake_at_commit;
	if (!process_shared_preload_libraries_in_progress || IsBinaryUpgrade)
		return;
	worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
	worker.bgw_restart_time = 1;
	strlcpy(worker.bgw_library_name, "paycore", sizeof(worker.bgw_library_name));
	strlcpy(worker.bgw_function_name, "paycore_launcher_main", sizeof(worker.bgw_function_name));
	strlcpy(worker.bgw_name, "paycore launcher", BGW_MAXLEN);
	strlcpy(worker.bgw_type, "paycore launcher", BGW_MAXLEN);
	RegisterBackgroundWorker(&worker);
}

static Served *
find_served(Oid database)
{
	ListCell   *lc;
	Served	   *s;

	foreach(lc, served)
	{
		if (((Served *) lfirst(lc))->database == database)
			return lfirst(lc);
	}
	s = MemoryContextAllocZero(TopMemoryContext, sizeof(Served));
	s->database = database;
	s->pause_ms = FIRST_PAUSE_MS;
	MemoryContextSwitchTo(TopMemoryContext);
	served = lappend(served, s);
	return s;
}

static void
note_ended(Served *s)
{
	TimestampTz now = GetCurrentTimestamp();
	pid_t		pid;

	if (s->handle == NULL || GetBackgroundWorkerPid(s->handle, &pid) != BGWH_STOPPED)
		return;
	pfree(s->handle);
	s->handle = NULL;
	if (now - s->started_at >= HEALTHY_MS * INT64CONST(1000))
		s->pause_ms = FIRST_PAUSE_MS;
	s->not_before = TimestampTzPlusMilliseconds(now, s->pause_ms);
	s->pause_ms = Min(s->pause_ms * 2, LONGEST_PAUSE_MS);
}

static void
start_worker(Served *s)
{
	PcWorkerOrder order = {.database = s->database};
	BackgroundWorker worker;
	bool		started;

	pc_worker_describe(&worker, &order);
	worker.bgw_notify_pid = MyProcPid;
	MemoryContextSwitchTo(TopMemoryContext);
	started = RegisterDynamicBackgroundWorker(&worker, &s->handle);
	if (!started)
		s->handle = NULL;
	if (!started && !s->no_slot)
		ereport(WARNING,
				(errmsg("paycore: no free slot for the worker of database %u", s->database),
				 errhint("Raise max_worker_processes. It is tried again every %d seconds.", LOOK_MS / 1000)));
	s->no_slot = !started;
	s->started_at = GetCurrentTimestamp();
	s->not_before = TimestampTzPlusMilliseconds(s->started_at, started ? 0 : LOOK_MS);
	pc_shmem_note_wanted(s->database, s->no_slot);
}

static void
look(MemoryContext scratch)
{
	TimestampTz now;
	ListCell   *lc;

	MemoryContextSwitchTo(scratch);
	foreach(lc, served)
		((Served *) lfirst(lc))->marked = false;
	foreach(lc, pc_marked_databases())
		find_served(lfirst_oid(lc))->marked = true;

	now = GetCurrentTimestamp();
	foreach(lc, served)
	{
		Served	   *s = lfirst(lc);

		note_ended(s);
		if (s->marked && s->handle == NULL && now >= s->not_before)
			start_worker(s);
		if (!s->marked && s->handle != NULL)
			TerminateBackgroundWorker(s->handle);
		if (!s->marked && s->handle == NULL)
		{
			pc_shmem_forget_wanted(s->database);
			served = foreach_delete_current(served, lc);
			pfree(s);
		}
	}
	MemoryContextReset(scratch);
}

/* Soonest of the next look round and the restarts that are waiting. */
static long
pause_ms(void)
{
	TimestampTz now = GetCurrentTimestamp();
	long		ms = LOOK_MS;
	ListCell   *lc;

	foreach(lc, served)
	{
		Served	   *s = lfirst(lc);

		if (s->marked && s->handle == NULL && s->not_before > now)
			ms = Min(ms, (long) ((s->not_before - now) / 1000) + 1);
	}
	return ms;
}

void
paycore_launcher_main(Datum arg)
{
	MemoryContext scratch;

	pqsignal(SIGTERM, die);
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnection(NULL, NULL, 0);
	pc_shmem_enter_launcher();
	pgstat_report_appname("paycore launcher");
	scratch = AllocSetContextCreate(TopMemoryContext, "paycore launcher", ALLOCSET_DEFAULT_SIZES);

	for (;;)
	{
		look(scratch);
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, pause_ms(),
						 pc_wait_event("PaycoreLauncher"));
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
		if (ConfigReloadPending)
		{
			ConfigReloadPending = false;
			ProcessConfigFile(PGC_SIGHUP);
		}
	}
}
