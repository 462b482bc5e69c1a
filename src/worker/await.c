/*
 * await.c
 *		paycore.await_payment_intent(): sleeping until the gateway has answered.
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

static PcPlan row_plan = PC_PLAN_ROW("ut",
	"SELECT %s FROM paycore.payment_intents WHERE id = $1 AND tenant_id = $2", PC_PAYMENT_INTENTS);

static PcPlan open_plan = PC_PLAN("ut",
	"SELECT 1 FROM paycore.payment_intents WHERE id = $1 AND tenant_id = $2"
	" AND status::text NOT IN ('succeeded', 'canceled', 'failed')");

/* Refunds share the lane and change no intent; a dead row changes nothing by itself; of looks, those count whose time has come. */
static PcPlan under_way_plan = PC_PLAN("ut",
	"SELECT 1 FROM paycore.outbox o WHERE o.lane = $1 AND o.tenant_id = $2 AND o.finished_at IS NULL"
	" AND (NOT o.is_read OR o.operation = 'intent.retrieve' AND o.next_attempt_at <= pg_catalog.clock_timestamp())"
	" AND o.status <> 'dead' AND o.operation NOT IN ('refund.create', 'refund.cancel')"
	" AND NOT EXISTS (SELECT 1 FROM paycore.outbox d WHERE d.lane = $1 AND d.tenant_id = $2 AND d.seq < o.seq"
	" AND d.status = 'dead' AND d.finished_at IS NULL AND NOT d.is_read) LIMIT 1");

static bool
any(PcPlan *plan, const pg_uuid_t *id)
{
	PcArgs		args = {0};

	pc_arg_uuid(&args, id);
	pc_arg_text(&args, pc_current_tenant());
	return pc_execute_args(plan, &args, false) > 0;
}

static bool
still_waiting(const pg_uuid_t *id)
{
	PcIdentity	saved;
	bool		waiting;

	if (!any(&open_plan, id))
		return false;
	pc_identity_assume(&saved, pc_owner(false));
	waiting = any(&under_way_plan, id);
	pc_identity_drop(&saved);
	return waiting;
}

static void
sleep_until(const pg_uuid_t *id, TimestampTz until)
{
	pc_shmem_prepare_wait(id);
	while (still_waiting(id))
	{
		long		ms = (long) ((until - GetCurrentTimestamp()) / 1000);

		if (ms <= 0)
			break;
		/* A wake that fell into a lost commit record is made good by a look a second later. */
		(void) pc_shmem_wait(id, Min(ms, 1000));
	}
	pc_shmem_cancel_wait();
}

PG_FUNCTION_INFO_V1(paycore_await_payment_intent);
PGDLLEXPORT Datum
paycore_await_payment_intent(PG_FUNCTION_ARGS)
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
				 errmsg("paycore.await_payment_intent() cannot see an answer at this isolation level"),
				 errdetail("A transaction above READ COMMITTED keeps seeing what it saw first."),
				 errhint("Call it after COMMIT, in a READ COMMITTED transaction of its own.")));
	SPI_connect();
	pc_identity_lower(&caller, pc_owner(false));
	level = pc_search_path_pin();
	sleep_until(id, until);
	if (!any(&row_plan, id))
		ereport(ERROR,
				(errcode(ERRCODE_PC_NOT_FOUND),
				 errmsg("no such payment intent in this tenant"),
				 errhint("Check the id and the setting paycore.tenant.")));
	row = pc_row_datum(0, PC_PAYMENT_INTENTS);
	pc_search_path_unpin(level);
	pc_identity_drop(&caller);
	SPI_finish();
	PG_RETURN_DATUM(row);
}
