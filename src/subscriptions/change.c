/*
 * change.c
 *		change_subscription(), set_quantity(), cancel_scheduled_change().
 */
#include "common/paycore.h"

#include "common/args.h"
#include "common/time_text.h"
#include "subscriptions/change.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

/* From ARG_EFFECTIVE to ARG_REASON, set_quantity() has the same. */
enum
{
	ARG_ID, ARG_ITEMS, ARG_EFFECTIVE, ARG_PRORATION, ARG_BY, ARG_REASON, ARG_KEY
};

/* Where the subscription stands, locked, with what it owes billed. */
typedef struct Standing
{
	Subscription row;
	TimestampTz now;
	TimestampTz billed_until;
	TimestampTz period_end;
	TimestampTz cancel_at;
	bool		ends;
	char	   *parked_reason;
} Standing;

void
sub_change_read(FunctionCallInfo fcinfo, int first, ChangeRequest *request)
{
	static const char *const prorations[] = {"create", "invoice", "none", NULL};
	static const char *const units[] = {"second", "day", NULL};

	request->effective = pc_getarg_given_text(fcinfo, first, "effective");
	request->proration = pc_getarg_given_text(fcinfo, first + 1, "proration");
	request->prorate_by = pc_getarg_given_text(fcinfo, first + 2, "prorate_by");
	pc_check_one_of(request->proration, "proration", prorations);
	pc_check_one_of(request->prorate_by, "prorate_by", units);
}

static void
look(const PcApiCall *call, const pg_uuid_t *id, Standing *s)
{
	static PcPlan plan = PC_PLAN("ut",
								 "SELECT billed_until, period_end, cancel_at, parked_reason, cancel_at IS NOT NULL FROM paycore.subscriptions "
								 "WHERE id = $1 AND tenant_id = $2");
	Datum		values[2] = {UUIDPGetDatum(id), CStringGetTextDatum(call->tenant)};

	sub_lock_billed(call, id, &s->row);
	if (s->row.status == SUBSCRIPTION_CANCELED)
		sub_wrong_state(&s->row, "changed");
	s->now = pc_billing_now(call);
	pc_execute(&plan, values, NULL, false, 1);
	s->billed_until = pc_get_time(0, 1);
	s->period_end = pc_get_time(0, 2);
	s->cancel_at = pc_get_time(0, 3);
	s->parked_reason = pc_get_cstring(0, 4);
	s->ends = pc_get_bool(0, 5);
}

/* When the change is to be: at the renewal, or at a time to come. */
static TimestampTz
time_of(const char *effective, bool at_renewal, const Standing *s)
{
	TimestampTz at;

	if (at_renewal)
		at = s->row.status == SUBSCRIPTION_SCHEDULED ? s->period_end : s->billed_until;
	else
		at = pc_time_in(effective);
	pc_check_finite(at);
	if (!at_renewal && at <= s->now)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("effective is not in the future"),
				 errdetail("It is %s by the clock of billing.", timestamptz_to_str(s->now)),
				 errhint("Give now, renewal, or a time to come.")));
	if (s->ends && at >= s->cancel_at)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INTENT_STATE),
				 errmsg("subscription %s ends before it would change", pc_uuid_text(&s->row.id)),
				 errdetail("It ends at %s.", timestamptz_to_str(s->cancel_at)),
				 errhint("Take the end back first, with paycore.keep_subscription().")));
	return at;
}

static void
insert_change(const PcApiCall *call, const pg_uuid_t *id, const ChangeRequest *request, TimestampTz at, bool at_renewal)
{
	static PcPlan plan = PC_PLAN("utujzbttt",
								 "INSERT INTO paycore.subscription_changes (id, tenant_id, subscription_id, billing_account_id, items, effective_at, at_renewal, "
								 "proration, prorate_by, reason) SELECT $1, $2, s.id, s.billing_account_id, $4, $5, $6, $7, $8, $9 "
								 "FROM paycore.subscriptions s WHERE s.id = $3 AND s.tenant_id = $2");
	PcArgs		a = {0};

	pc_arg_uuid(&a, id);
	pc_arg_text(&a, call->tenant);
	pc_arg_uuid(&a, &request->subscription);
	pc_arg_json(&a, request->items);
	pc_arg(&a, TimestampTzGetDatum(at), false);
	pc_arg_bool(&a, at_renewal);
	pc_arg_text(&a, request->proration);
	pc_arg_text(&a, request->prorate_by);
	pc_arg_text(&a, request->reason);
	pc_api_write_args(&plan, &a, NULL);
}

/* What is not billed yet would be billed for items that have ended. */
static void
check_may_change_now(const ChangeRequest *request, const Standing *s)
{
	if (s->parked_reason != NULL && s->billed_until <= s->now)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INTENT_STATE),
				 errmsg("subscription %s cannot be changed now", pc_uuid_text(&s->row.id)),
				 errdetail("What it owes up to now could not be billed: %s", s->parked_reason),
				 errhint("Mend the cause and call paycore.retry_billing(), or change it at the renewal, which is the period that was not billed.")));
	if (s->row.status == SUBSCRIPTION_PAUSED && strcmp(request->proration, "invoice") == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INTENT_STATE),
				 errmsg("subscription %s is paused: nothing is invoiced", pc_uuid_text(&s->row.id)),
				 errhint("Resume it first, or give proration => 'create'.")));
}

void
sub_change(const PcApiCall *call, const pg_uuid_t *id, const ChangeRequest *request)
{
	ItemChange	change = {
		.id = *id,.subscription = request->subscription,.items = request->items,
		.proration = request->proration,.prorate_by = request->prorate_by
	};
	bool		now = strcmp(request->effective, "now") == 0;
	bool		at_renewal = strcmp(request->effective, "renewal") == 0;
	Standing	s = {0};
	ChangedSub	sub;

	look(call, &request->subscription, &s);
	item_change_lock(call, &request->subscription, &sub);
	(void) item_change_plan(call, &sub, request->items);
	if (now)
	{
		check_may_change_now(request, &s);
		insert_change(call, id, request, s.now, false);
		item_change_apply(call, &change, s.now, s.now);
	}
	else
	{
		insert_change(call, id, request, time_of(request->effective, at_renewal, &s), at_renewal);
		item_change_set_due(call, &request->subscription);
	}
	inv_catch_up(call, &request->subscription);
	if (now)
		inv_reckon_mrr(call, &request->subscription, s.now);
}

/* change_subscription(id, items, effective, proration, prorate_by, reason, idempotency_key) */
PG_FUNCTION_INFO_V1(paycore_change_subscription);
PGDLLEXPORT Datum
paycore_change_subscription(PG_FUNCTION_ARGS)
{
	ChangeRequest request = {
		.subscription = pc_getarg_uuid(fcinfo, ARG_ID, "id"),
		.items = pc_getarg_json(fcinfo, ARG_ITEMS),
		.reason = pc_getarg_text(fcinfo, ARG_REASON),
	};
	PcApiCall	call;
	PcOnce		once;
	Datum		row;

	sub_change_read(fcinfo, ARG_EFFECTIVE, &request);
	pc_check_length(request.reason, "reason", 500);
	pc_api_begin(&call);
	once = pc_once(&call, fcinfo, ARG_KEY, "change_subscription", "subscription_change");
	if (!once.done)
		sub_change(&call, &once.id, &request);
	row = pc_api_read(PC_SUBSCRIPTION_CHANGES, &call, &once.id);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

static pg_uuid_t
subscription_of_item(const PcApiCall *call, const pg_uuid_t *item)
{
	static PcPlan plan = PC_PLAN("ut", "SELECT subscription_id FROM paycore.subscription_items WHERE id = $1 AND tenant_id = $2");

	pc_api_find(call, &plan, "subscription item", item);
	return pc_get_id(0, 1);
}

/* [{"item": ..., "quantity": ...}] */
static const Jsonb *
quantity_change(const pg_uuid_t *item, Datum quantity)
{
	PcJsonBuilder b;
	const Jsonb *change;

	pc_json_begin(&b);
	pc_json_add_text(&b, "item", pc_uuid_text(item));
	pc_json_add_text(&b, "quantity", DatumGetCString(DirectFunctionCall1(numeric_out, quantity)));
	change = pc_json_end(&b);
	return pc_json_array(&change, 1);
}

/* set_quantity(item_id, quantity, effective, proration, prorate_by, reason) */
PG_FUNCTION_INFO_V1(paycore_set_quantity);
PGDLLEXPORT Datum
paycore_set_quantity(PG_FUNCTION_ARGS)
{
	pg_uuid_t	item = pc_getarg_uuid(fcinfo, 0, "item_id");
	ChangeRequest request = {.reason = pc_getarg_text(fcinfo, ARG_REASON)};
	PcApiCall	call;
	pg_uuid_t	id;
	Datum		row;

	pc_check_given(fcinfo, 1, "quantity");
	sub_change_read(fcinfo, ARG_EFFECTIVE, &request);
	pc_check_length(request.reason, "reason", 500);
	pc_api_begin(&call);
	pc_uuid_v7(&id);
	request.subscription = subscription_of_item(&call, &item);
	request.items = quantity_change(&item, PG_GETARG_DATUM(1));
	sub_change(&call, &id, &request);
	row = pc_api_read(PC_SUBSCRIPTION_CHANGES, &call, &id);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

static void
check_is_scheduled(const PcApiCall *call, const pg_uuid_t *id, pg_uuid_t *subscription)
{
	static PcPlan plan = PC_PLAN("ut",
								 "SELECT subscription_id, done_at, canceled_at FROM paycore.subscription_changes WHERE id = $1 AND tenant_id = $2");
	bool		not_done;
	bool		not_canceled;

	pc_api_find(call, &plan, "change", id);
	*subscription = pc_get_id(0, 1);
	(void) pc_get(0, 2, &not_done);
	(void) pc_get(0, 3, &not_canceled);
	if (!not_done || !not_canceled)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INTENT_STATE),
				 errmsg("change %s cannot be taken back", pc_uuid_text(id)),
				 errdetail("It was %s.", not_done ? "taken back before" : "done"),
				 errhint("Change the subscription again.")));
}

/* cancel_scheduled_change(id) */
PG_FUNCTION_INFO_V1(paycore_cancel_scheduled_change);
PGDLLEXPORT Datum
paycore_cancel_scheduled_change(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("utz",
									 "UPDATE paycore.subscription_changes SET canceled_at = $3 WHERE id = $1 AND tenant_id = $2 RETURNING %s",
									 PC_SUBSCRIPTION_CHANGES);
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	PcApiCall	call;
	pg_uuid_t	subscription;
	Subscription s;
	Datum		values[3];
	Datum		row;

	pc_api_begin(&call);
	check_is_scheduled(&call, &id, &subscription);
	sub_lock_billed(&call, &subscription, &s);
	check_is_scheduled(&call, &id, &subscription);
	values[0] = UUIDPGetDatum(&id);
	values[1] = CStringGetTextDatum(call.tenant);
	values[2] = TimestampTzGetDatum(pc_billing_now(&call));
	pc_api_write(&plan, values, NULL, NULL);
	row = pc_row_datum(0, PC_SUBSCRIPTION_CHANGES);
	item_change_set_due(&call, &subscription);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}
