/*
 * main.c
 *		Entry of a worker process.
 */
#include "common/paycore.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "common/secrets.h"
#include "common/settings.h"
#include "common/shmem.h"
#include "libpq/pqsignal.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/lock.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "worker/identity.h"
#include "worker/worker.h"

#define DRAIN_LOCK		3
#define TURN_POLL_MS	50

/*
 * Drains take turns: each process keeps the limits of rate for itself, and of
 * two at once one puts off what the other has just made due.  False where this
 * one's time is up before its turn has come.
 */
static bool
await_turn(const PcWorkerOrder *order)
{
	LOCKTAG		tag;

	/* The first two kinds of advisory locks are the users'. */
	SET_LOCKTAG_ADVISORY(tag, order->database, 0, 0, DRAIN_LOCK);
	while (LockAcquire(&tag, ExclusiveLock, true, true) == LOCKACQUIRE_NOT_AVAIL)
	{
		if (GetCurrentTimestamp() >= order->until || !pc_worker_find_owner())
			return false;
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, TURN_POLL_MS, pc_wait_event("PaycoreDrain"));
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
	}
	return true;
}

static void
note_error(PcDrainEnd *end)
{
	ErrorData  *error;

	MemoryContextSwitchTo(TopMemoryContext);
	error = CopyErrorData();
	strlcpy(end->error, error->message, sizeof(end->error));
	FlushErrorState();
	ReThrowError(error);
}

static void
drain(const PcWorkerOrder *order)
{
	dsm_segment *segment = dsm_attach(order->end);
	PcDrainEnd *end;

	/* Whoever asked for it is gone. */
	if (segment == NULL)
		return;
	end = dsm_segment_address(segment);
	PG_TRY();
	{
		if (await_turn(order))
			pc_loop_run(order);
		end->done = true;
	}
	PG_CATCH();
	{
		note_error(end);
	}
	PG_END_TRY();
}

static void
serve(const PcWorkerOrder *order)
{
	if (!pc_worker_enabled || !pc_shmem_ready())
		return;
	if (order->assists != 0 ? pc_shmem_enter_assistant(order->database, order->assists) : pc_shmem_enter_worker(order->database))
		pc_loop_run(order);
}

/* A worker lives long: large blocks go back to the system, instead of leaving holes among what stays. */
static void
give_memory_back(void)
{
#ifdef __GLIBC__
	(void) mallopt(M_MMAP_THRESHOLD, 128 * 1024);
#endif
}

void
paycore_worker_main(Datum arg)
{
	PcWorkerOrder order;

	memcpy(&order, MyBgworkerEntry->bgw_extra, sizeof(order));
	pqsignal(SIGTERM, die);
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	give_memory_back();
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnectionByOid(order.database, InvalidOid, 0);
	pc_worker_pin_settings();
	pgstat_report_appname(pc_worker_role(&order));

	if (order.drain)
		drain(&order);
	else
		serve(&order);
	proc_exit(0);
}
