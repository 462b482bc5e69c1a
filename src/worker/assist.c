/*
 * assist.c
 *		When a worker has an assistant.
 */
#include "common/paycore.h"

#include "common/secrets.h"
#include "common/settings.h"
#include "common/shmem.h"
#include "miscadmin.h"
#include "storage/latch.h"
#include "storage/proc.h"
#include "storage/procarray.h"
#include "utils/memutils.h"
#include "worker/assist.h"
#include "worker/pace.h"

/* Over so long, a worker that never waits for more than this part of it is not enough. */
#define WINDOW_MS		300
#define WAITS_AT_MOST	0.2

/* Another one: after the end of one, and after no process was free for it. */
#define PAUSE_MS		1000
#define RETRY_MS		60000

static struct
{
	BackgroundWorkerHandle *handle;	/* NULL = there is none */
	pid_t		pid;			/* 0 = not up yet */
	TimestampTz window_began;
	int64		waited;
	TimestampTz not_before;
} assistant;

static void
start(Oid database)
{
	PcWorkerOrder order = {.database = database, .assists = MyProcPid};
	BackgroundWorker worker;
	MemoryContext old;

	pc_worker_describe(&worker, &order);
	worker.bgw_notify_pid = MyProcPid;
	old = MemoryContextSwitchTo(TopMemoryContext);
	if (!RegisterDynamicBackgroundWorker(&worker, &assistant.handle))
	{
		assistant.handle = NULL;
		assistant.not_before = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), RETRY_MS);
	}
	MemoryContextSwitchTo(old);
}

static void
look_after(void)
{
	BgwHandleStatus status = GetBackgroundWorkerPid(assistant.handle, &assistant.pid);

	if (status == BGWH_STARTED)
		return;
	assistant.pid = 0;
	if (status != BGWH_STOPPED)
		return;
	pfree(assistant.handle);
	assistant.handle = NULL;
	assistant.not_before = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), PAUSE_MS);
}

void
pc_assist_consider(Oid database, bool more, int64 waited)
{
	TimestampTz now = GetCurrentTimestamp();
	int64		window;

	if (assistant.window_began == 0)
		assistant.window_began = now;
	window = now - assistant.window_began;
	assistant.waited += waited;
	if (window < WINDOW_MS * 1000)
		return;
	if (assistant.handle != NULL)
		look_after();
	else if (pc_assistant_enabled && more && assistant.waited < window * WAITS_AT_MOST && now >= assistant.not_before &&
			 !pc_shmem_slot_missing())
		start(database);
	pc_pace_share(0, assistant.handle != NULL ? 2 : 1);
	assistant.window_began = now;
	assistant.waited = 0;
}

void
pc_assist_wake(void)
{
	PGPROC	   *process = assistant.pid != 0 ? BackendPidGetProc(assistant.pid) : NULL;

	if (process != NULL)
		SetLatch(&process->procLatch);
}

bool
pc_assist_unwanted(const PcWorkerOrder *order)
{
	PcWorkerStats stats;

	/* A database without any worker comes before one with two.  And the worker asks whose the keys are. */
	return !pc_assistant_enabled || pc_shmem_slot_missing() ||
		!pc_shmem_worker_stats(order->database, &stats) || stats.pid != order->assists ||
		stats.secrets != pc_secrets_version();
}
