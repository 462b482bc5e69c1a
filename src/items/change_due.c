/*
 * change_due.c
 *		Scheduled changes whose time has come, done before the subscription is
 *		billed for the time from then on.
 */
#include "common/paycore.h"

#include "common/args.h"
#include "items/items.h"
#include "miscadmin.h"

/* An end, a trial that is to begin and a pause that is to end come before a change; an account that is not billed has none. */
#define NEXT_IS_A_CHANGE \
	"s.tenant_id = $1 AND s.next_bill_at <= $2 AND s.change_at <= s.next_bill_at AND s.parked_at IS NULL " \
	"AND (s.cancel_at IS NULL OR s.cancel_at > s.next_bill_at) " \
	"AND NOT (s.status::text = 'scheduled' AND coalesce(s.trial_end > s.next_bill_at, false)) " \
	"AND NOT (s.status::text = 'paused' AND s.billed_until > s.next_bill_at) " \
	"AND NOT EXISTS (SELECT FROM paycore.billing_accounts a WHERE a.id = s.billing_account_id AND a.tenant_id = $1 AND a.status IN ('suspended', 'closed'))"

typedef struct DueSub
{
	pg_uuid_t	id;
	TimestampTz at;
} DueSub;

/* The oldest change of the subscription that is still to be done. */
static ItemChange
next_change(const PcApiCall *call, const pg_uuid_t *subscription)
{
	static PcPlan plan = PC_PLAN("ut",
								 "SELECT c.id, c.items, c.proration, c.prorate_by FROM paycore.subscription_changes c "
								 "WHERE c.subscription_id = $1 AND c.tenant_id = $2 AND c.done_at IS NULL AND c.canceled_at IS NULL "
								 "ORDER BY c.effective_at, c.id LIMIT 1");
	Datum		values[2] = {UUIDPGetDatum(subscription), CStringGetTextDatum(call->tenant)};

	if (pc_execute(&plan, values, NULL, false, 1) == 0)
		elog(ERROR, "paycore: subscription %s waits for a change that is not there", pc_uuid_text(subscription));
	return (ItemChange)
	{
		.id = pc_get_id(0, 1),.subscription = *subscription,.items = pc_get_json(0, 2),
			.proration = pc_get_cstring(0, 3),.prorate_by = pc_get_cstring(0, 4)
	};
}

int64
item_changes_due(const PcApiCall *call, TimestampTz as_of, int limit, const pg_uuid_t *only, ItemChanged changed)
{
	static PcPlan plan = PC_PLAN("tz4u",
								 "SELECT s.id, s.next_bill_at FROM paycore.subscriptions s WHERE " NEXT_IS_A_CHANGE
								 " AND s.change_at <= $2 AND ($4 IS NULL OR s.id = $4) ORDER BY s.change_at, s.id LIMIT $3 FOR UPDATE SKIP LOCKED");
	Datum		values[4] = {CStringGetTextDatum(call->tenant), TimestampTzGetDatum(as_of), Int32GetDatum(limit), UUIDPGetDatum(only)};
	int64		n = (int64) pc_execute(&plan, values, only != NULL ? "    " : "   n", false, 0);
	DueSub	   *due = palloc(sizeof(DueSub) * (n + 1));

	for (int64 i = 0; i < n; i++)
		due[i] = (DueSub) {.id = pc_get_id(i, 1),.at = pc_get_time(i, 2)};
	for (int64 i = 0; i < n; i++)
	{
		ItemChange	change = next_change(call, &due[i].id);

		item_change_apply(call, &change, due[i].at, as_of);
		changed(call, &due[i].id, due[i].at);
		CHECK_FOR_INTERRUPTS();
	}
	return n;
}

bool
item_change_take_back(const PcApiCall *call, const pg_uuid_t *subscription, TimestampTz at, const ErrorData *error, const char *reason)
{
	static PcPlan plan = PC_PLAN("utzbt",
								 "UPDATE paycore.subscription_changes c SET canceled_at = $3, canceled_reason = left($5, 1000) WHERE c.tenant_id = $2 AND c.id = ("
								 "SELECT n.id FROM paycore.subscription_changes n JOIN paycore.subscriptions s ON s.id = n.subscription_id AND s.tenant_id = n.tenant_id "
								 "WHERE n.subscription_id = $1 AND n.tenant_id = $2 AND n.done_at IS NULL AND n.canceled_at IS NULL "
								 "AND ($4 OR s.cancel_at IS NOT NULL) ORDER BY n.effective_at, n.id LIMIT 1)");
	Datum		values[5] = {
		UUIDPGetDatum(subscription), CStringGetTextDatum(call->tenant), TimestampTzGetDatum(at),
		BoolGetDatum(item_change_is_void(error)), CStringGetTextDatum(reason)
	};

	if (pc_api_write(&plan, values, NULL, NULL) == 0)
		return false;
	item_change_set_due(call, subscription);
	return true;
}
