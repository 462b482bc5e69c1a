/*
 * backfill.c
 *		CALL paycore.backfill(): starts the reading of all lists of a gateway
 *		account, or goes on with it, and waits for its end.
 *
 * The outbox holds how far it is: whoever is killed, the worker or a further
 * call goes on at the page where it was.
 */
#include "common/paycore.h"

#include "common/procedure.h"
#include "common/args.h"
#include "common/shmem.h"
#include "common/writer.h"
#include "delivery/job.h"
#include "miscadmin.h"
#include "outbox/feed.h"
#include "storage/latch.h"
#include "utils/fmgrprotos.h"
#include "worker/worker.h"

#define NAP_MS 100

static PcPlan state_plan = PC_PLAN("t",
	"SELECT EXISTS (SELECT 1 FROM paycore.outbox o WHERE o.gateway_account = $1 AND o.finished_at IS NULL AND o.is_read),"
	" EXISTS (SELECT 1 FROM paycore.gateway_accounts g WHERE g.name = $1 AND g.status = 'paused'),"
	" (SELECT f.error_message FROM paycore.gateway_feeds f WHERE f.gateway_account = $1 AND f.feed LIKE 'backfill:%'"
	"  AND f.error_message IS NOT NULL LIMIT 1)");

/* What an interrupted wait leaves behind goes on by itself; this is only for the caller to know. */
static bool
is_over(const char *name)
{
	PcIdentity	saved;
	PcArgs		a = {0};
	bool		reading,
				paused;
	char	   *error;

	pc_identity_assume(&saved, pc_owner(false));
	pc_arg_text(&a, name);
	(void) pc_execute_args(&state_plan, &a, false);
	reading = pc_get_bool(0, 1);
	paused = pc_get_bool(0, 2);
	error = pc_get_cstring(0, 3);
	pc_identity_drop(&saved);
	if (paused || error != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_PC_UNSUPPORTED),
				 paused ? errmsg("gateway account \"%s\" is paused", name) :
				 errmsg("the gateway refuses a list: %s", error),
				 errhint("Mend it%s, then CALL paycore.backfill() again: it goes on where it was.",
						 paused ? " and resume the account" : "")));
	SPI_commit();
	return !reading;
}

static void
start(const char *name, TimestampTz since)
{
	PcFeedAccount account;
	PcIdentity	saved;

	pc_check_own_account(name);
	pc_identity_assume(&saved, pc_owner(false));
	if (!pc_feed_account(name, &account))
		ereport(ERROR,
				(errcode(ERRCODE_PC_UNSUPPORTED),
				 errmsg("gateway account \"%s\" has no lists to read", name),
				 errhint("Only accounts of the gateway stripe have.")));
	if (!pc_backfill_start(&account, since))
		ereport(NOTICE, (errmsg("a backfill of \"%s\" is under way; it goes on", name)));
	pc_identity_drop(&saved);
	SPI_commit();
}

/* In whole seconds, as gateways count; without one: from the first. */
static TimestampTz
since_of(FunctionCallInfo fcinfo)
{
	const TimestampTz first = -(TimestampTz) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY;
	TimestampTz since = PG_ARGISNULL(0) ? first : Max(PG_GETARG_TIMESTAMPTZ(0), first);

	pc_feed_check_since(since);
	return since - since % USECS_PER_SEC;
}

/* backfill(since, gateway_account, timeout) */
PG_FUNCTION_INFO_V1(paycore_backfill);
PGDLLEXPORT Datum
paycore_backfill(PG_FUNCTION_ARGS)
{
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz until;
	char	   *name;

	pc_refuse_in_transaction(fcinfo, "backfill");
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		ereport(ERROR, (errcode(ERRCODE_PC_INVALID_ARGUMENT), errmsg("the gateway account or the timeout is missing")));
	name = MemoryContextStrdup(fcinfo->flinfo->fn_mcxt, text_to_cstring(PG_GETARG_TEXT_PP(1)));
	until = DatumGetTimestampTz(DirectFunctionCall2(timestamptz_pl_interval, TimestampTzGetDatum(now), PG_GETARG_DATUM(2)));
	SPI_connect_ext(SPI_OPT_NONATOMIC);
	start(name, since_of(fcinfo));
	while (!is_over(name) && GetCurrentTimestamp() < until)
	{
		pc_drain_until(until);
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, NAP_MS, pc_wait_event("PaycoreDrain"));
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
	}
	SPI_finish();
	PG_RETURN_VOID();
}
