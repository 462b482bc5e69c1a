/*
 * row.c
 *		The row of a subscription that a verb is about, locked.
 */
#include "common/paycore.h"

#include "subscriptions/subscriptions.h"

void
sub_lock(const PcApiCall *call, const pg_uuid_t *id, Subscription *subscription)
{
	static PcPlan plan = PC_PLAN("ut",
								 "SELECT status, starts_at, trial_end, period_end, next_bill_at, cancel_at "
								 "FROM paycore.subscriptions WHERE id = $1 AND tenant_id = $2 FOR UPDATE");
	Datum		values[2] = {UUIDPGetDatum(id), CStringGetTextDatum(call->tenant)};

	if (pc_execute(&plan, values, NULL, false, 1) == 0)
		pc_not_found("subscription", id);
	subscription->id = *id;
	subscription->status = pc_get_state(0, 1);
	subscription->starts_at = pc_get_time(0, 2);
	subscription->trial_end = pc_get_time(0, 3);
	subscription->period_end = pc_get_time(0, 4);
	subscription->next_bill_at = pc_get_time(0, 5);
	subscription->cancel_at = pc_get_time(0, 6);
}

void
sub_wrong_state(const Subscription *subscription, const char *verb)
{
	ereport(ERROR,
			(errcode(ERRCODE_PC_INTENT_STATE),
			 errmsg("subscription %s cannot be %s", pc_uuid_text(&subscription->id), verb),
			 errdetail("Its status is %s.", pc_state_name(&pc_subscription_lifecycle, subscription->status)),
			 errhint("Read the row's status and act on that.")));
}
