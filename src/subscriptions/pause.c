/*
 * pause.c
 *		pause_subscription() and resume_subscription().
 */
#include "common/paycore.h"

#include "common/args.h"
#include "subscriptions/subscriptions.h"

/* pause_subscription(id, resumes_at, reason) */
PG_FUNCTION_INFO_V1(paycore_pause_subscription);
PGDLLEXPORT Datum
paycore_pause_subscription(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("utzz",
									 "UPDATE paycore.subscriptions SET status = 'paused', paused_at = $3, resumes_at = $4, "
									 "next_bill_at = least($4, cancel_at) "
									 "WHERE id = $1 AND tenant_id = $2 RETURNING %s", PC_SUBSCRIPTIONS);
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	char	   *reason = pc_getarg_text(fcinfo, 2);
	PcApiCall	call;
	Subscription s;
	PcArgs		a = {0};
	TimestampTz now;
	Datum		row;

	pc_check_length(reason, "reason", 500);
	pc_api_begin(&call);
	sub_lock_billed(&call, &id, &s);
	if (s.status == SUBSCRIPTION_CANCELED || s.status == SUBSCRIPTION_SCHEDULED || s.status == SUBSCRIPTION_PAUSED)
		sub_wrong_state(&s, "paused");
	sub_check_not_parked(&call, &s, "paused");
	now = pc_billing_now(&call);
	if (!PG_ARGISNULL(1) && PG_GETARG_TIMESTAMPTZ(1) <= now)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("resumes_at is not in the future"),
				 errdetail("It is %s by the clock of billing.", timestamptz_to_str(now))));
	if (!PG_ARGISNULL(1))
		pc_check_finite(PG_GETARG_TIMESTAMPTZ(1));
	pc_arg_uuid(&a, &id);
	pc_arg_text(&a, call.tenant);
	pc_arg(&a, TimestampTzGetDatum(now), false);
	pc_arg(&a, PG_GETARG_DATUM(1), PG_ARGISNULL(1));
	pc_api_write_args(&plan, &a, reason);
	row = pc_api_row(PC_SUBSCRIPTIONS, "subscription", &id);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

/* What is billed already is not billed again: a period that still runs goes on, or else one begins that is counted from now. */
static void
resume(const PcApiCall *call, const pg_uuid_t *id)
{
	static PcPlan plan = PC_PLAN("utz",
									 "UPDATE paycore.subscriptions s SET status = CASE WHEN trial_end > $3 THEN 'trialing' ELSE 'active' END"
									 "::paycore.subscription_status, paused_at = NULL, resumes_at = NULL, "
									 "next_bill_at = least(greatest(billed_until, $3), cancel_at, CASE WHEN change_at < $3 THEN $3 ELSE change_at END), "
									 "change_at = CASE WHEN change_at < $3 THEN $3 ELSE change_at END, billed_until = greatest(billed_until, $3), "
									 "anchor = CASE WHEN billed_until < $3 THEN $3 ELSE anchor END "
									 "WHERE id = $1 AND tenant_id = $2");
	TimestampTz now = pc_billing_now(call);
	Datum		values[3] = {UUIDPGetDatum(id), CStringGetTextDatum(call->tenant), TimestampTzGetDatum(now)};

	pc_api_write(&plan, values, NULL, NULL);
	inv_reckon_mrr(call, id, now);
}

/* resume_subscription(id) */
PG_FUNCTION_INFO_V1(paycore_resume_subscription);
PGDLLEXPORT Datum
paycore_resume_subscription(PG_FUNCTION_ARGS)
{
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	PcApiCall	call;
	Subscription s;
	Datum		row;

	pc_api_begin(&call);
	sub_lock(&call, &id, &s);
	if (s.status != SUBSCRIPTION_PAUSED)
		sub_wrong_state(&s, "resumed");
	/* The end of the pause may have come before: then it went on at that time. */
	sub_lock_billed(&call, &id, &s);
	if (s.status == SUBSCRIPTION_PAUSED)
		resume(&call, &id);
	row = pc_api_read(PC_SUBSCRIPTIONS, &call, &id);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}
