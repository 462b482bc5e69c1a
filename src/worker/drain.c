/*
 * drain.c
 *		CALL paycore.drain_outbox(): the worker's job, by hand.
 *
 * Where a worker serves the database, it is woken and waited for.  Elsewhere
 * a worker is started for this one purpose: so the same code, under the same
 * identity rules, does the job, whoever calls.
 */
#include "common/paycore.h"

#include "common/args.h"
#include "common/procedure.h"
#include "common/secrets.h"
#include "common/shmem.h"
#include "common/writer.h"
#include "miscadmin.h"
#include "storage/latch.h"
#include "worker/worker.h"

#define NAP_MS 20

/* Something that could be sent or recorded now. */
static PcPlan busy_plan = PC_PLAN("ot",
	"SELECT 1 WHERE EXISTS (SELECT 1 FROM paycore.outbox o WHERE o.status = 'sending' AND o.database_oid = $1 AND o.instance = $2)"
	" OR EXISTS (SELECT 1 FROM paycore.outbox o WHERE o.status IN ('pending', 'resolving') AND o.database_oid = $1 AND o.instance = $2"
	" AND o.next_attempt_at <= pg_catalog.clock_timestamp() AND NOT EXISTS (SELECT 1 FROM paycore.gateway_accounts g"
	" WHERE g.name = o.gateway_account AND g.status = 'paused'))");

static TimestampTz
end_of(FunctionCallInfo fcinfo)
{
	Datum		now = TimestampTzGetDatum(GetCurrentTimestamp());

	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("the timeout is missing")));
	return DatumGetTimestampTz(DirectFunctionCall2(timestamptz_pl_interval, now, PG_GETARG_DATUM(0)));
}

/* Leaves no snapshot behind. */
static bool
is_busy(void)
{
	PcIdentity	saved;
	PcArgs		args = {0};
	bool		busy;

	pc_identity_assume(&saved, pc_owner(false));
	pc_arg(&args, ObjectIdGetDatum(MyDatabaseId), false);
	pc_arg_text(&args, pc_instance_name());
	busy = pc_execute_args(&busy_plan, &args, false) > 0;
	pc_identity_drop(&saved);
	SPI_commit();
	return busy;
}

static void
nap(long ms)
{
	(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, ms, pc_wait_event("PaycoreDrain"));
	ResetLatch(MyLatch);
	CHECK_FOR_INTERRUPTS();
}

static bool
is_served(void)
{
	PcWorkerStats stats;

	return pc_shmem_worker_stats(MyDatabaseId, &stats) && stats.pid != 0;
}

static void
wait_for_worker(TimestampTz until)
{
	pc_shmem_wake_worker(MyDatabaseId);
	while (GetCurrentTimestamp() < until && is_served() && is_busy())
		nap(NAP_MS);
}

static BackgroundWorkerHandle *
start_worker(TimestampTz until, dsm_handle end)
{
	PcWorkerOrder order = {.database = MyDatabaseId, .drain = true, .until = until, .end = end};
	BackgroundWorker worker;
	BackgroundWorkerHandle *handle;

	pc_worker_describe(&worker, &order);
	worker.bgw_notify_pid = MyProcPid;
	if (!RegisterDynamicBackgroundWorker(&worker, &handle))
		ereport(ERROR,
				(errcode(ERRCODE_PC_WORKER),
				 errmsg("no background worker is free to drain the outbox"),
				 errhint("Raise max_worker_processes.")));
	return handle;
}

/* A cancel of the caller ends the worker too; what is on the wire is asked again later. */
static void
await_end(BackgroundWorkerHandle *handle)
{
	pid_t		pid;

	PG_TRY();
	{
		while (GetBackgroundWorkerPid(handle, &pid) != BGWH_STOPPED)
			nap(1000);
	}
	PG_CATCH();
	{
		TerminateBackgroundWorker(handle);
		PG_RE_THROW();
	}
	PG_END_TRY();
}

static void
check_end(const PcDrainEnd *end)
{
	if (!end->done)
		ereport(ERROR,
				(errcode(ERRCODE_PC_WORKER),
				 errmsg("draining the outbox stopped halfway"),
				 errdetail("%s", end->error[0] != '\0' ? end->error : "Its process was terminated."),
				 errhint("Nothing is lost: call it again. The server's log says more.")));
}

static void
run_worker(TimestampTz until)
{
	dsm_segment *segment = dsm_create(sizeof(PcDrainEnd), 0);
	PcDrainEnd *end = dsm_segment_address(segment);

	memset(end, 0, sizeof(*end));
	await_end(start_worker(until, dsm_segment_handle(segment)));
	check_end(end);
	dsm_detach(segment);
}

void
pc_drain_until(TimestampTz until)
{
	if (is_served())
		wait_for_worker(until);
	if (!is_served() && GetCurrentTimestamp() < until)
		run_worker(until);
}

PG_FUNCTION_INFO_V1(paycore_drain_outbox);
PGDLLEXPORT Datum
paycore_drain_outbox(PG_FUNCTION_ARGS)
{
	TimestampTz until;

	pc_refuse_in_transaction(fcinfo, "drain_outbox");
	until = end_of(fcinfo);
	(void) pc_owner(false);
	(void) pc_instance_name();
	SPI_connect_ext(SPI_OPT_NONATOMIC);
	SPI_commit();
	pc_drain_until(until);
	SPI_finish();
	PG_RETURN_VOID();
}
