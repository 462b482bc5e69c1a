/*
 * await.c
 *		paycore.await_payment_intent(), await_setup_intent(): sleeping until the
 *		gateway has answered.
 */
#include "common/paycore.h"

#include "access/xact.h"
#include "common/args.h"
#include "common/search_path.h"
#include "common/settings.h"
#include "common/shmem.h"
#include "common/writer.h"
#include "miscadmin.h"
#include "outbox/outbox.h"
#include "utils/fmgrprotos.h"

typedef struct Awaited
{
	PcTable		table;
	const char *what;
	PcPlan		row;
	PcPlan		open;
	PcPlan		under_way;
} Awaited;

/*
 * A dead row changes nothing by itself, and lets nothing of its lane pass; of
 * looks, those count whose time has come.  Refunds share the lane of their
 * intent and do not change it.
 */
#define AWAITED(table_, name, what_, column, look) \
	{ \
		.table = (table_), \
		.what = (what_), \
		.row = PC_PLAN_ROW("ut", "SELECT %s FROM paycore." name " WHERE id = $1 AND tenant_id = $2", table_), \
		.open = PC_PLAN("ut", \
			"SELECT 1 FROM paycore." name " WHERE id = $1 AND tenant_id = $2" \
			" AND status::text NOT IN ('succeeded', 'canceled', 'failed')"), \
		.under_way = PC_PLAN("ut", \
			"SELECT 1 FROM paycore.outbox o WHERE o." column " = $1 AND o.tenant_id = $2 AND o.finished_at IS NULL" \
			" AND (NOT o.is_read OR o.operation = '" look "' AND o.next_attempt_at <= pg_catalog.clock_timestamp())" \
			" AND o.status <> 'dead' AND o.operation NOT IN ('refund.create', 'refund.cancel')" \
			" AND NOT EXISTS (SELECT 1 FROM paycore.outbox d WHERE d.lane = o.lane AND d.tenant_id = $2 AND d.seq < o.seq" \
			" AND d.status = 'dead' AND d.finished_at IS NULL AND NOT d.is_read) LIMIT 1") \
	}

/* The lane of a payment intent is its own, that of a setup intent its account's. */
static Awaited payment_intent = AWAITED(PC_PAYMENT_INTENTS, "payment_intents", "payment intent", "lane", "intent.retrieve");
static Awaited setup_intent = AWAITED(PC_SETUP_INTENTS, "setup_intents", "setup intent", "object_id", "setup.retrieve");

static bool
any(PcPlan *plan, const pg_uuid_t *id)
{
	PcArgs		args = {0};

	pc_arg_uuid(&args, id);
	pc_arg_text(&args, pc_current_tenant());
	return pc_execute_args(plan, &args, false) > 0;
}

static bool
still_waiting(Awaited *awaited, const pg_uuid_t *id)
{
	PcIdentity	saved;
	bool		waiting;

	if (!any(&awaited->open, id))
		return false;
	pc_identity_assume(&saved, pc_owner(false));
	waiting = any(&awaited->under_way, id);
	pc_identity_drop(&saved);
	return waiting;
}

static void
sleep_until(Awaited *awaited, const pg_uuid_t *id, TimestampTz until)
{
	pc_shmem_prepare_wait(id);
	while (still_waiting(awaited, id))
	{
		long		ms = (long) ((until - GetCurrentTimestamp()) / 1000);

		if (ms <= 0)
			break;
		/* A wake that fell into a lost commit record is made good by a look a second later. */
		(void) pc_shmem_wait(id, Min(ms, 1000));
	}
	pc_shmem_cancel_wait();
}

static Datum
await(FunctionCallInfo fcinfo, Awaited *awaited)
{
	pg_uuid_t  *id = PG_GETARG_UUID_P(0);
	Datum		now = TimestampTzGetDatum(GetCurrentTimestamp());
	TimestampTz until = DatumGetTimestampTz(DirectFunctionCall2(timestamptz_pl_interval, now, PG_GETARG_DATUM(1)));
	PcIdentity	caller;
	int			level;
	Datum		row;

	if (IsolationUsesXactSnapshot())
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("paycore.await_%s() cannot see an answer at this isolation level", pc_row_type_name(awaited->table)),
				 errdetail("A transaction above READ COMMITTED keeps seeing what it saw first."),
				 errhint("Call it after COMMIT, in a READ COMMITTED transaction of its own.")));
	SPI_connect();
	pc_identity_lower(&caller, pc_owner(false));
	level = pc_search_path_pin();
	sleep_until(awaited, id, until);
	if (!any(&awaited->row, id))
		ereport(ERROR,
				(errcode(ERRCODE_PC_NOT_FOUND),
				 errmsg("no such %s in this tenant", awaited->what),
				 errhint("Check the id and the setting paycore.tenant.")));
	row = pc_row_datum(0, awaited->table);
	pc_search_path_unpin(level);
	pc_identity_drop(&caller);
	SPI_finish();
	PG_RETURN_DATUM(row);
}

PG_FUNCTION_INFO_V1(paycore_await_payment_intent);
PGDLLEXPORT Datum
paycore_await_payment_intent(PG_FUNCTION_ARGS)
{
	return await(fcinfo, &payment_intent);
}

PG_FUNCTION_INFO_V1(paycore_await_setup_intent);
PGDLLEXPORT Datum
paycore_await_setup_intent(PG_FUNCTION_ARGS)
{
	return await(fcinfo, &setup_intent);
}
