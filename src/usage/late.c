/*
 * late.c
 *		Usage that came, or was corrected, after its period was billed.
 *
 * The period is counted and priced anew, and the difference to what was
 * billed of it so far goes on the next invoice: so it is billed once, whatever
 * the price makes of a quantity.
 */
#include "common/paycore.h"

#include "common/args.h"
#include "usage/usage.h"
#include "utils/datum.h"

#define PERIODS_AT_ONCE 1000

static const char late_sql[] =
#include "usage/late.inc"
;

/* What goes on is counted again when it is over. */
#define TO_COUNT \
	"u.tenant_id = $1 AND u.recheck AND (NOT u.interim OR EXISTS (SELECT FROM paycore.subscription_items i " \
	"WHERE i.id = u.subscription_item_id AND i.tenant_id = $1 AND i.ends_at <= u.ends_at))"

/* Some of those periods, locked with their subscriptions; what somebody is at waits for the next time. */
static bool
lock_periods(const PcApiCall *call, Datum *items, Datum *starts)
{
	static PcPlan plan = PC_PLAN("t4",
								 "SELECT count(*), array_agg(k.item), array_agg(k.starts_at) FROM (SELECT u.subscription_item_id AS item, u.starts_at "
								 "FROM paycore.usage_periods u JOIN paycore.subscriptions s ON s.id = u.subscription_id AND s.tenant_id = $1 "
								 "WHERE " TO_COUNT " ORDER BY u.ends_at, u.subscription_item_id LIMIT $2 FOR UPDATE SKIP LOCKED) k");
	Datum		values[2] = {CStringGetTextDatum(call->tenant), Int32GetDatum(PERIODS_AT_ONCE)};
	bool		isnull;

	(void) pc_execute_by_index(&plan, values, NULL);
	if (pc_get_int64(0, 1) == 0)
		return false;
	*items = datumCopy(pc_get(0, 2, &isnull), false, -1);
	*starts = datumCopy(pc_get(0, 3, &isnull), false, -1);
	return true;
}

int64
usg_bill_late(const PcApiCall *call)
{
	static PcPlan plan = PC_PLAN("tUzZ", late_sql);
	Datum		values[4] = {CStringGetTextDatum(call->tenant)};

	if (!lock_periods(call, &values[1], &values[3]))
		return 0;
	values[2] = TimestampTzGetDatum(pc_billing_now(call));
	pc_api_write_by_index(&plan, values);
	return pc_get_int64(0, 1);
}
