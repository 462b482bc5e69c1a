/*
 * payouts.c
 *		reconcile(), and asking the gateway for balance transactions or events now.
 */
#include "common/paycore.h"

#include "api/api.h"
#include "common/settings.h"
#include "funcapi.h"
#include "outbox/feed.h"
#include "utils/timestamp.h"

#define RECONCILE_COLUMNS 10

static void
check_payout(const PcApiCall *call, const pg_uuid_t *id, bool *automatic)
{
	static PcPlan plan = PC_PLAN("ut", "SELECT automatic FROM paycore.payouts WHERE id = $1 AND tenant_id = $2");

	pc_api_find(call, &plan, "payout", id);
	*automatic = pc_get_bool(0, 1);
}

/* reconcile(payout) */
PG_FUNCTION_INFO_V1(paycore_reconcile);
PGDLLEXPORT Datum
paycore_reconcile(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN("u",
								 "SELECT r.verdict, r.object_type, r.object_id, r.psp_id, r.psp_balance_transaction_id, "
								 "r.reporting_category, r.here, r.gateway, r.difference, r.note "
								 "FROM paycore.compare_payout($1) r");
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "payout");
	ReturnSetInfo *set = (ReturnSetInfo *) fcinfo->resultinfo;
	Datum		arg = UUIDPGetDatum(&id);
	bool		automatic;
	PcApiCall	call;
	uint64		n;

	InitMaterializedSRF(fcinfo, 0);
	pc_api_begin(&call);
	check_payout(&call, &id, &automatic);
	n = pc_read_by_index(&plan, &arg);
	for (uint64 r = 0; r < n; r++)
	{
		Datum		values[RECONCILE_COLUMNS];
		bool		nulls[RECONCILE_COLUMNS];

		for (int i = 0; i < RECONCILE_COLUMNS; i++)
			values[i] = pc_get(r, i + 1, &nulls[i]);
		tuplestore_putvalues(set->setResult, set->setDesc, values, nulls);
	}
	pc_api_end(&call);
	return (Datum) 0;
}

static bool
start_reading(const char *name, const char *feed, GwOperation op, const TimestampTz *since, int overlap)
{
	PcFeedAccount account;
	PcIdentity	saved;
	bool		found,
				started;

	pc_identity_assume(&saved, pc_owner(false));
	found = pc_feed_account(name, &account);
	started = found && pc_feed_start(&account, feed, op, since, overlap);
	pc_identity_drop(&saved);
	if (!found)
		ereport(ERROR,
				(errcode(ERRCODE_PC_UNSUPPORTED),
				 errmsg("gateway account \"%s\" has no lists to read", name),
				 errhint("Only accounts of the gateway stripe have.")));
	return started;
}

/* (gateway_account, since) */
static Datum
read_feed(FunctionCallInfo fcinfo, const char *feed, GwOperation op, int overlap)
{
	char	   *name = pc_getarg_text(fcinfo, 0);
	TimestampTz since = PG_ARGISNULL(1) ? 0 : PG_GETARG_TIMESTAMPTZ(1);
	PcApiCall	call;
	PcGatewayAccount account;
	bool		started;

	pc_feed_check_since(since);
	pc_api_begin(&call);
	pc_gateway_account(&call, name != NULL ? name : "", &account);
	started = start_reading(account.name, feed, op, PG_ARGISNULL(1) ? NULL : &since, overlap);
	pc_api_end(&call);
	PG_RETURN_BOOL(started);
}

PG_FUNCTION_INFO_V1(paycore_read_balance);
PGDLLEXPORT Datum
paycore_read_balance(PG_FUNCTION_ARGS)
{
	return read_feed(fcinfo, PC_FEED_BALANCE, GW_BALANCE_LIST, pc_balance_overlap);
}

PG_FUNCTION_INFO_V1(paycore_poll_events);
PGDLLEXPORT Datum
paycore_poll_events(PG_FUNCTION_ARGS)
{
	return read_feed(fcinfo, PC_FEED_EVENTS, GW_EVENT_LIST, pc_event_overlap);
}

static void
look(const PcApiCall *call, const pg_uuid_t *id, const char *gateway_account, GwOperation op)
{
	PcRequest	request = {0};

	request.op = op;
	request.tenant = call->tenant;
	request.gateway_account = gateway_account;
	request.object_type = "payout";
	request.object_id = *id;
	request.lane = *id;
	(void) pc_outbox_enqueue_look(&request);
}

/* read_payout(id) */
PG_FUNCTION_INFO_V1(paycore_read_payout);
PGDLLEXPORT Datum
paycore_read_payout(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN("ut", "SELECT gateway_account FROM paycore.payouts WHERE id = $1 AND tenant_id = $2");
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	bool		automatic;
	PcApiCall	call;
	char	   *gateway_account;
	Datum		values[2];
	Datum		row;

	pc_api_begin(&call);
	check_payout(&call, &id, &automatic);
	values[0] = UUIDPGetDatum(&id);
	values[1] = CStringGetTextDatum(call.tenant);
	pc_execute(&plan, values, NULL, true, 1);
	gateway_account = pc_get_cstring(0, 1);
	look(&call, &id, gateway_account, GW_PAYOUT_RETRIEVE);
	if (automatic)
		look(&call, &id, gateway_account, GW_BALANCE_LIST);
	row = pc_api_read(PC_PAYOUTS, &call, &id);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}
