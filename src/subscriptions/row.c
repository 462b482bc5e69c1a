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
								 "SELECT status FROM paycore.subscriptions WHERE id = $1 AND tenant_id = $2 FOR UPDATE");

	pc_api_find(call, &plan, "subscription", id);
	subscription->id = *id;
	subscription->status = pc_get_state(0, 1);
}

void
sub_lock_billed(const PcApiCall *call, const pg_uuid_t *id, Subscription *subscription)
{
	sub_lock(call, id, subscription);
	inv_catch_up(call, id);
	sub_lock(call, id, subscription);
}

void
sub_check_not_parked(const PcApiCall *call, const Subscription *subscription, const char *verb)
{
	static PcPlan plan = PC_PLAN("utz",
								 "SELECT parked_reason FROM paycore.subscriptions "
								 "WHERE id = $1 AND tenant_id = $2 AND parked_at IS NOT NULL AND next_bill_at <= $3");
	Datum		values[3] = {UUIDPGetDatum(&subscription->id), CStringGetTextDatum(call->tenant), TimestampTzGetDatum(pc_billing_now(call))};

	if (pc_execute(&plan, values, NULL, false, 1) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INTENT_STATE),
				 errmsg("subscription %s cannot be %s", pc_uuid_text(&subscription->id), verb),
				 errdetail("What it owes up to now could not be billed: %s", pc_get_cstring(0, 1)),
				 errhint("Mend the cause and call paycore.retry_billing().")));
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
