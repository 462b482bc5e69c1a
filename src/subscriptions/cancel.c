/*
 * cancel.c
 *		cancel_subscription() and keep_subscription().
 *
 * Of several things that are to happen at one moment the end comes first,
 * then a pause, then a change that was scheduled, and last the renewal.
 */
#include "common/paycore.h"

#include "common/args.h"
#include "subscriptions/subscriptions.h"

/* An end that is due, so that it makes the last invoice as any other end does. */
static PcPlan end_now = PC_PLAN_ROW("uttz",
	"UPDATE paycore.subscriptions SET cancel_at = $4, next_bill_at = $4, cancel_reason = coalesce($3, cancel_reason), "
	"canceled_at = coalesce(canceled_at, $4) WHERE id = $1 AND tenant_id = $2 RETURNING %s", PC_SUBSCRIPTIONS);

static PcPlan end_unbilled = PC_PLAN_ROW("uttz",
	"UPDATE paycore.subscriptions SET status = 'canceled', ended_at = $4, cancel_at = NULL, next_bill_at = NULL, change_at = NULL, "
	"cancel_reason = coalesce($3, cancel_reason), paused_at = NULL, resumes_at = NULL "
	"WHERE id = $1 AND tenant_id = $2 RETURNING %s", PC_SUBSCRIPTIONS);

/* A change that could not be done does not hold up the end. */
static PcPlan end_later = PC_PLAN_ROW("uttz",
	"UPDATE paycore.subscriptions SET cancel_at = least(cancel_at, greatest(period_end, $4)), "
	"next_bill_at = least(next_bill_at, cancel_at, greatest(period_end, $4)), cancel_reason = coalesce($3, cancel_reason), "
	"canceled_at = coalesce(canceled_at, $4), parked_at = CASE WHEN change_at <= next_bill_at THEN NULL ELSE parked_at END, "
	"parked_reason = CASE WHEN change_at <= next_bill_at THEN NULL ELSE parked_reason END WHERE id = $1 AND tenant_id = $2 RETURNING %s", PC_SUBSCRIPTIONS);

static Datum
end(const PcApiCall *call, PcPlan *plan, const Subscription *s, TimestampTz now, const char *reason)
{
	PcArgs		a = {0};

	pc_arg_uuid(&a, &s->id);
	pc_arg_text(&a, call->tenant);
	pc_arg_text(&a, reason);
	pc_arg(&a, TimestampTzGetDatum(now), false);
	pc_api_write_args(plan, &a, reason);
	return pc_api_row(PC_SUBSCRIPTIONS, "subscription", &s->id);
}

/* Whoever ends it is told: no run bills it any more. */
static void
warn_of_arrears(const PcApiCall *call, const pg_uuid_t *id)
{
	static PcPlan plan = PC_PLAN("ut", "SELECT parked_reason, billed_until FROM paycore.subscriptions WHERE id = $1 AND tenant_id = $2 AND parked_at IS NOT NULL");
	Datum		values[2] = {UUIDPGetDatum(id), CStringGetTextDatum(call->tenant)};

	if (pc_execute(&plan, values, NULL, false, 1) > 0)
		ereport(WARNING,
				(errmsg("subscription %s ends without a last invoice", pc_uuid_text(id)),
				 errdetail("What it owes could not be billed: %s. Its items are billed until %s.", pc_get_cstring(0, 1), timestamptz_to_str(pc_get_time(0, 2))),
				 errhint("Charge what is owed with paycore.create_invoice(), and paycore.finalize_invoice(with_charges => true).")));
}

/* With its last invoice; where that cannot be made it ends without, parked for the reason. */
static Datum
bill_end(const PcApiCall *call, const Subscription *s, TimestampTz now, const char *reason)
{
	Subscription after;

	inv_catch_up(call, &s->id);
	sub_lock(call, &s->id, &after);
	if (after.status == SUBSCRIPTION_CANCELED)
		return pc_api_read(PC_SUBSCRIPTIONS, call, &s->id);
	warn_of_arrears(call, &s->id);
	items_end(call, &s->id, now);
	return end(call, &end_unbilled, s, now, reason);
}

/* cancel_subscription(id, at_period_end, reason) */
PG_FUNCTION_INFO_V1(paycore_cancel_subscription);
PGDLLEXPORT Datum
paycore_cancel_subscription(PG_FUNCTION_ARGS)
{
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	bool		later = pc_getarg_bool(fcinfo, 1, true);
	char	   *reason = pc_getarg_text(fcinfo, 2);
	PcApiCall	call;
	Subscription s;
	TimestampTz now;
	Datum		row;

	pc_check_length(reason, "reason", 500);
	pc_api_begin(&call);
	sub_lock_billed(&call, &id, &s);
	if (s.status == SUBSCRIPTION_CANCELED)
		sub_wrong_state(&s, "canceled");
	/* Nothing is billed for what has not begun, or is paused: there is no end to wait for. */
	if (s.status == SUBSCRIPTION_SCHEDULED || s.status == SUBSCRIPTION_PAUSED)
		later = false;
	now = pc_billing_now(&call);
	row = end(&call, later ? &end_later : &end_now, &s, now, reason);
	if (!later)
		row = bill_end(&call, &s, now, reason);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

/* keep_subscription(id) */
PG_FUNCTION_INFO_V1(paycore_keep_subscription);
PGDLLEXPORT Datum
paycore_keep_subscription(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("ut",
									 "UPDATE paycore.subscriptions SET cancel_at = NULL, cancel_reason = NULL, canceled_at = NULL, "
									 "next_bill_at = CASE status::text WHEN 'paused' THEN resumes_at WHEN 'scheduled' THEN starts_at ELSE least(billed_until, change_at) END "
									 "WHERE id = $1 AND tenant_id = $2 RETURNING %s", PC_SUBSCRIPTIONS);
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	PcApiCall	call;
	Subscription s;
	Datum		row;

	pc_api_begin(&call);
	sub_lock_billed(&call, &id, &s);
	if (s.status == SUBSCRIPTION_CANCELED)
		sub_wrong_state(&s, "kept");
	row = pc_api_change(&call, &plan, "subscription", &id, NULL);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}
