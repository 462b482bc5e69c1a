/*
 * start.c
 *		The period that a subscription begins with, and the end of its trial as
 *		long as that has not come.
 */
#include "common/paycore.h"

#include "common/args.h"
#include "common/time_text.h"
#include "subscriptions/subscriptions.h"

TimestampTz
sub_given_time(const Jsonb *details, const char *key, TimestampTz dflt)
{
	char	   *text = pc_json_string(details, key);
	TimestampTz at;

	if (text == NULL)
		return dflt;
	at = pc_time_in(text);
	pc_check_finite(at);
	return at;
}

void
sub_reckon_start(SubStart *start)
{
	PcZoneCache cache = {0};
	PcAnchor	anchor;

	start->billed_until = start->trial_end != SUB_NEVER ? start->trial_end : start->starts_at;
	if (start->anchor == SUB_NEVER)
		start->anchor = start->billed_until;
	anchor = pc_anchor(start->anchor, start->every, pc_zone(&cache, start->time_zone));
	start->period = pc_period_at(&anchor, start->billed_until);
	start->period.start = start->starts_at;
	if (start->trial_end != SUB_NEVER)
		start->period.end = start->trial_end;
}

SubscriptionStatus
sub_first_status(const SubStart *start)
{
	if (start->starts_at > start->now)
		return SUBSCRIPTION_SCHEDULED;
	return start->trial_end > start->now ? SUBSCRIPTION_TRIALING : SUBSCRIPTION_ACTIVE;
}

/* What begins later is due when it does, be it for its trial. */
TimestampTz
sub_first_bill_at(const SubStart *start)
{
	if (start->starts_at > start->now)
		return start->starts_at;
	return start->cancel_at != SUB_NEVER ? Min(start->billed_until, start->cancel_at) : start->billed_until;
}

/* An anchor that is the end of the trial goes where that goes. */
static void
read_start(const PcApiCall *call, const pg_uuid_t *id, SubStart *start)
{
	static PcPlan plan = PC_PLAN("ut",
								 "SELECT every, time_zone, starts_at, coalesce(trial_end, '-infinity'), coalesce(nullif(anchor, trial_end), '-infinity'), "
								 "coalesce(cancel_at, '-infinity'), canceled_at IS NOT NULL AND cancel_at = period_end FROM paycore.subscriptions WHERE id = $1 AND tenant_id = $2");
	bool		isnull;

	start->now = pc_billing_now(call);
	pc_api_find(call, &plan, "subscription", id);
	start->every = DatumGetPcInterval(pc_get(0, 1, &isnull));
	start->time_zone = cstring_to_text(pc_get_cstring(0, 2));
	start->starts_at = pc_get_time(0, 3);
	start->trial_end = pc_get_time(0, 4);
	start->anchor = pc_get_time(0, 5);
	start->cancel_at = pc_get_time(0, 6);
	start->ends_with_trial = pc_get_bool(0, 7);
}

static void
write_start(const PcApiCall *call, const pg_uuid_t *id, const SubStart *start)
{
	static PcPlan plan = PC_PLAN("utBzzzzzz",
								 "UPDATE paycore.subscriptions SET status = $3, trial_end = $4, anchor = $5, period_end = $6, billed_until = $7, "
								 "next_bill_at = $8, cancel_at = $9 WHERE id = $1 AND tenant_id = $2");
	PcArgs		a = {0};

	pc_arg_uuid(&a, id);
	pc_arg_text(&a, call->tenant);
	pc_arg_state(&a, sub_first_status(start));
	pc_arg(&a, TimestampTzGetDatum(start->trial_end), start->trial_end == SUB_NEVER);
	pc_arg(&a, TimestampTzGetDatum(start->anchor), false);
	pc_arg(&a, TimestampTzGetDatum(start->period.end), false);
	pc_arg(&a, TimestampTzGetDatum(start->billed_until), false);
	pc_arg(&a, TimestampTzGetDatum(sub_first_bill_at(start)), false);
	pc_arg(&a, TimestampTzGetDatum(start->cancel_at), start->cancel_at == SUB_NEVER);
	pc_api_write_args(&plan, &a, NULL);
}

void
sub_move_trial_end(const PcApiCall *call, const pg_uuid_t *id, const Jsonb *changes)
{
	Subscription s;
	SubStart	start = {0};

	sub_lock_billed(call, id, &s);
	sub_check_not_parked(call, &s, "given another end of its trial");
	if (s.status != SUBSCRIPTION_TRIALING)
		sub_wrong_state(&s, "given another end of its trial");
	read_start(call, id, &start);
	start.trial_end = Max(sub_given_time(changes, "trial_end", SUB_NEVER), start.now);
	if (start.trial_end <= start.starts_at)
		start.trial_end = SUB_NEVER;
	sub_reckon_start(&start);
	/* What was canceled at the end of the trial has the trial to its new end; what follows on a shorter one ends when it was to. */
	if (start.ends_with_trial)
		start.cancel_at = Max(start.cancel_at, start.period.end);
	write_start(call, id, &start);
	item_changes_to_renewal(call, id);
	item_change_set_due(call, id);
}
