/*
 * correct.c
 *		correct_usage() and void_usage(): events that say what others should
 *		have been.
 *
 * A correcting event has the time of the one it corrects, and the difference
 * as its quantity, so that sums come right by themselves.
 */
#include "common/paycore.h"

#include "access/xact.h"
#include "common/args.h"
#include "common/number.h"
#include "usage/usage.h"
#include "utils/datum.h"
#include "utils/snapmgr.h"

/* An event, with all its corrections so far. */
typedef struct Corrected
{
	UsgAggregation aggregation;
	Datum		quantity;
	int64		n;				/* 0: it is void */
} Corrected;

/* Locks the event, so that its corrections come one after the other; PY040 where there is none. */
static void
lock_event(const PcApiCall *call, const pg_uuid_t *id)
{
	static PcPlan plan = PC_PLAN("ut",
								 "SELECT corrects_id IS NULL FROM paycore.usage_events WHERE id = $1 AND tenant_id = $2 FOR NO KEY UPDATE");

	pc_api_find(call, &plan, "usage_event", id);
	if (!pc_get_bool(0, 1))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("usage_event %s is a correction itself", pc_uuid_text(id)),
				 errhint("Correct the event that it corrects, once more.")));
}

/* The lock waits for other corrections, but does not show them to a snapshot that is older. */
static void
check_none_is_newer(const PcApiCall *call, const pg_uuid_t *id)
{
	static PcPlan plan = PC_PLAN("ut", "SELECT count(*) FROM paycore.usage_events WHERE corrects_id = $1 AND tenant_id = $2");
	Datum		values[2] = {UUIDPGetDatum(id), CStringGetTextDatum(call->tenant)};
	int64		seen;

	if (!IsolationUsesXactSnapshot())
		return;
	(void) pc_execute(&plan, values, NULL, false, 0);
	seen = pc_get_int64(0, 1);
	PushActiveSnapshot(GetLatestSnapshot());
	(void) pc_execute(&plan, values, NULL, true, 0);
	PopActiveSnapshot();
	if (pc_get_int64(0, 1) != seen)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("usage_event %s was corrected by another transaction meanwhile", pc_uuid_text(id)),
				 errhint("Try the transaction again.")));
}

static void
read_corrected(const PcApiCall *call, const pg_uuid_t *id, Corrected *corrected)
{
	static PcPlan plan = PC_PLAN("ut",
								 "SELECT m.aggregation, e.quantity + coalesce(c.quantity, 0), e.n + coalesce(c.n, 0) "
								 "FROM paycore.usage_events e JOIN paycore.meters m ON m.id = e.meter_id AND m.tenant_id = e.tenant_id "
								 "CROSS JOIN LATERAL (SELECT sum(x.quantity) AS quantity, sum(x.n) AS n FROM paycore.usage_events x "
								 "WHERE x.corrects_id = e.id AND x.tenant_id = e.tenant_id) c "
								 "WHERE e.id = $1 AND e.tenant_id = $2");
	bool		isnull;

	lock_event(call, id);
	check_none_is_newer(call, id);
	pc_api_find(call, &plan, "usage_event", id);
	corrected->aggregation = usg_aggregation_of(pc_get_cstring(0, 1));
	corrected->quantity = datumCopy(pc_get(0, 2, &isnull), false, -1);
	corrected->n = pc_get_int64(0, 3);
}

static Datum
add_correction(const PcApiCall *call, const pg_uuid_t *id, Datum quantity, int n, const char *reason)
{
	static PcPlan plan = PC_PLAN_ROW("utun4t8z",
									 "INSERT INTO paycore.usage_events (id, tenant_id, meter_id, billing_account_id, subscription_id, event_key, quantity, "
									 "value, n, occurred_at, properties, metadata, corrects_id, reason, recorded_at, txn) "
									 "SELECT $3, e.tenant_id, e.meter_id, e.billing_account_id, e.subscription_id, $3::text, $4, e.value, $5, e.occurred_at, "
									 "'{}', '{}', e.id, $6, $8, $7 FROM paycore.usage_events e WHERE e.id = $1 AND e.tenant_id = $2 RETURNING %s",
									 PC_USAGE_EVENTS);
	pg_uuid_t	made;
	PcArgs		a = {0};

	pc_uuid_v7(&made);
	pc_arg_uuid(&a, id);
	pc_arg_text(&a, call->tenant);
	pc_arg_uuid(&a, &made);
	pc_arg(&a, quantity, false);
	pc_arg(&a, Int32GetDatum(n), false);
	pc_arg_text(&a, reason);
	pc_arg(&a, Int64GetDatum(usg_txn()), false);
	pc_arg(&a, TimestampTzGetDatum(GetCurrentTimestamp()), false);
	pc_api_write_args(&plan, &a, NULL);
	return pc_api_row(PC_USAGE_EVENTS, "usage_event", id);
}

static void
check_quantity(const Corrected *corrected, Datum quantity)
{
	UsgMeter	meter = {.aggregation = corrected->aggregation};
	UsgEvent	event = {.meter = &meter, .has_quantity = true, .quantity = quantity};

	if (corrected->aggregation == USG_COUNT || corrected->aggregation == USG_UNIQUE_COUNT)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("the meter counts events: they have no quantity"),
				 errhint("Take the event back with paycore.void_usage().")));
	usg_check_quantity(&event);
	if (event.outcome == USG_REFUSED)
		ereport(ERROR, (errcode(event.sqlstate), errmsg("%s", event.reason)));
}

/* quantity 0 where void is meant. */
static Datum
correct(const pg_uuid_t *id, Datum quantity, const char *reason, bool voids)
{
	PcApiCall	call;
	Corrected	corrected;
	Datum		row;

	pc_check_length(reason, "reason", 500);
	pc_check_no_card_data(reason, "reason");
	pc_api_begin(&call);
	read_corrected(&call, id, &corrected);
	if (!voids)
		check_quantity(&corrected, quantity);
	if (corrected.n == 0 && !voids)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INTENT_STATE),
				 errmsg("usage_event %s is void", pc_uuid_text(id)),
				 errhint("Record what was used as a new event.")));
	if (corrected.n == 0 || (!voids && pc_number_compare(corrected.quantity, quantity) == 0))
		row = pc_api_read(PC_USAGE_EVENTS, &call, id);
	else
		row = add_correction(&call, id, pc_number_subtract(quantity, corrected.quantity), voids ? -1 : 0, reason);
	pc_api_end(&call);
	return row;
}

/* correct_usage(event_id, quantity, reason) */
PG_FUNCTION_INFO_V1(paycore_correct_usage);
PGDLLEXPORT Datum
paycore_correct_usage(PG_FUNCTION_ARGS)
{
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "event_id");

	pc_check_given(fcinfo, 1, "quantity");
	PG_RETURN_DATUM(correct(&id, PG_GETARG_DATUM(1), pc_getarg_text(fcinfo, 2), false));
}

/* void_usage(event_id, reason) */
PG_FUNCTION_INFO_V1(paycore_void_usage);
PGDLLEXPORT Datum
paycore_void_usage(PG_FUNCTION_ARGS)
{
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "event_id");

	PG_RETURN_DATUM(correct(&id, pc_number_from_int(0), pc_getarg_text(fcinfo, 1), true));
}
