/*
 * change_apply.c
 *		A change of a subscription's items comes into force.
 *
 * What was billed for the rest of the period is given back, what the new items
 * cost for it is charged: as extra charges, which the next invoice has.  A new
 * interval begins a new period, which is billed at once.
 */
#include "common/paycore.h"

#include "common/args.h"
#include "items/items.h"
#include "types/money_args.h"

static const char prorate_change[] =
#include "items/prorate.inc"
;

/* What a change gives back, and what it charges. */
typedef struct Proration
{
	PcMoney		credited;
	PcMoney		charged;
} Proration;

static Datum
ids_of_added(const ItemPlan *plan)
{
	Datum	   *ids = palloc(sizeof(Datum) * (plan->nadded + 1));

	for (int i = 0; i < plan->nadded; i++)
		ids[i] = UUIDPGetDatum(&plan->added[i].id);
	return PointerGetDatum(construct_array(ids, plan->nadded, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR));
}

static Datum
ids_of_ended(const ItemPlan *plan)
{
	Datum	   *ids = palloc(sizeof(Datum) * (plan->nended + 1));

	for (int i = 0; i < plan->nended; i++)
		ids[i] = UUIDPGetDatum(&plan->ended[i]);
	return PointerGetDatum(construct_array(ids, plan->nended, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR));
}

static void
end_items(const PcApiCall *call, const ItemPlan *plan, TimestampTz at)
{
	static PcPlan end = PC_PLAN("tUz",
								"UPDATE paycore.subscription_items SET ends_at = greatest(starts_at, $3) "
								"WHERE id = ANY ($2) AND tenant_id = $1 AND ends_at IS NULL");
	Datum		values[3] = {CStringGetTextDatum(call->tenant), ids_of_ended(plan), TimestampTzGetDatum(at)};

	if (plan->nended > 0)
		pc_api_write(&end, values, NULL, NULL);
}

/* With another interval, the new period's own invoice charges for it. */
static Proration
prorate(const PcApiCall *call, const ChangedSub *sub, ItemPlan *plan, const ItemChange *change, TimestampTz at, TimestampTz now)
{
	static PcPlan statement = PC_PLAN("tuzUUtz", prorate_change);
	Proration	none = {pc_money_pack(sub->currency, 0), pc_money_pack(sub->currency, 0)};
	ItemPlan	nothing = {0};
	PcArgs		a = {0};

	if (strcmp(change->proration, "none") == 0)
		return none;
	pc_arg_text(&a, call->tenant);
	pc_arg_uuid(&a, &sub->id);
	pc_arg(&a, TimestampTzGetDatum(at), false);
	pc_arg(&a, ids_of_ended(plan), false);
	pc_arg(&a, ids_of_added(plan->every == sub->every ? plan : &nothing), false);
	pc_arg_text(&a, change->prorate_by);
	pc_arg(&a, TimestampTzGetDatum(now), false);
	pc_api_write_by_index(&statement, a.values);
	return (Proration) {pc_money_make(sub->currency, pc_get_int64(0, 1)), pc_money_make(sub->currency, pc_get_int64(0, 2))};
}

void
item_changes_to_renewal(const PcApiCall *call, const pg_uuid_t *subscription)
{
	static PcPlan plan = PC_PLAN("ut",
								 "UPDATE paycore.subscription_changes c SET effective_at = s.period_end FROM paycore.subscriptions s "
								 "WHERE s.id = $1 AND s.tenant_id = $2 AND c.subscription_id = s.id AND c.tenant_id = s.tenant_id "
								 "AND c.at_renewal AND c.done_at IS NULL AND c.canceled_at IS NULL");
	Datum		values[2] = {UUIDPGetDatum(subscription), CStringGetTextDatum(call->tenant)};

	pc_api_write(&plan, values, NULL, NULL);
}

/* The change is the anchor of the new interval, unless the first period is still to be billed. */
static void
change_interval(const PcApiCall *call, const ChangedSub *sub, PcInterval every, TimestampTz at)
{
	static PcPlan plan = PC_PLAN("utYz",
								 "UPDATE paycore.subscriptions s SET every = $3, anchor = CASE WHEN n.first THEN s.anchor ELSE $4 END, "
								 "billed_until = CASE WHEN n.first THEN s.billed_until ELSE $4 END, "
								 "period_start = CASE WHEN n.first THEN s.period_start ELSE $4 END, "
								 "period_end = CASE WHEN s.trial_end > $4 THEN s.trial_end WHEN n.first "
								 "THEN upper(paycore.period_at(s.anchor, $3, s.time_zone, s.starts_at)) "
								 "ELSE upper(paycore.period_at($4, $3, s.time_zone, $4)) END "
								 "FROM (SELECT o.id, o.status::text = 'scheduled' OR coalesce(o.trial_end > $4, false) AS first "
								 "FROM paycore.subscriptions o WHERE o.id = $1 AND o.tenant_id = $2) n "
								 "WHERE s.id = n.id AND s.tenant_id = $2");
	Datum		values[4] = {UUIDPGetDatum(&sub->id), CStringGetTextDatum(call->tenant), PcIntervalGetDatum(every), TimestampTzGetDatum(at)};

	pc_api_write(&plan, values, NULL, NULL);
	item_changes_to_renewal(call, &sub->id);
}

static void
mark_done(const PcApiCall *call, const ItemChange *change, TimestampTz at, TimestampTz now, const Proration *proration)
{
	static PcPlan plan = PC_PLAN("utzzmm",
								 "UPDATE paycore.subscription_changes SET effective_at = $3, done_at = $4, credited = $5, charged = $6 "
								 "WHERE id = $1 AND tenant_id = $2");
	PcArgs		a = {0};

	pc_arg_uuid(&a, &change->id);
	pc_arg_text(&a, call->tenant);
	pc_arg(&a, TimestampTzGetDatum(at), false);
	pc_arg(&a, TimestampTzGetDatum(now), false);
	pc_arg(&a, PcMoneyGetDatum(proration->credited), false);
	pc_arg(&a, PcMoneyGetDatum(proration->charged), false);
	if (pc_api_write_args(&plan, &a, NULL) == 0)
		pc_row_vetoed(PC_SUBSCRIPTION_CHANGES);
}

/* So that the run makes an invoice of it. */
static void
bill_at_once(const PcApiCall *call, const ChangedSub *sub, TimestampTz at)
{
	static PcPlan plan = PC_PLAN("utz",
								 "UPDATE paycore.subscriptions SET next_bill_at = least(next_bill_at, $3) "
								 "WHERE id = $1 AND tenant_id = $2 AND status::text IN ('active', 'past_due')");
	Datum		values[3] = {UUIDPGetDatum(&sub->id), CStringGetTextDatum(call->tenant), TimestampTzGetDatum(at)};

	pc_api_write(&plan, values, NULL, NULL);
}

void
item_change_set_due(const PcApiCall *call, const pg_uuid_t *subscription)
{
	static PcPlan plan = PC_PLAN("ut",
								 "UPDATE paycore.subscriptions s SET change_at = c.next, next_bill_at = CASE WHEN s.status::text IN ('trialing', 'active', 'past_due') "
								 "THEN least(s.billed_until, s.cancel_at, c.next) ELSE s.next_bill_at END "
								 "FROM (SELECT min(c.effective_at) AS next FROM paycore.subscription_changes c WHERE c.subscription_id = $1 AND c.tenant_id = $2 "
								 "AND c.done_at IS NULL AND c.canceled_at IS NULL) c "
								 "WHERE s.id = $1 AND s.tenant_id = $2");
	Datum		values[2] = {UUIDPGetDatum(subscription), CStringGetTextDatum(call->tenant)};

	pc_api_write(&plan, values, NULL, NULL);
}

void
item_change_apply(const PcApiCall *call, const ItemChange *change, TimestampTz at, TimestampTz now)
{
	ChangedSub	sub;
	ItemPlan   *plan;
	Proration	proration;

	item_change_lock(call, &change->subscription, &sub);
	plan = item_change_plan(call, &sub, change->items);
	at = Max(at, sub.starts_at);
	end_items(call, plan, at);
	for (int i = 0; i < plan->ndescribed; i++)
		item_describe(call, &plan->described[i].id, &plan->described[i].product, plan->described[i].given);
	items_add(call, &sub.id, &sub.account, at, plan->added, plan->nadded);
	proration = prorate(call, &sub, plan, change, at, now);
	if (plan->every != sub.every)
		change_interval(call, &sub, plan->every, at);
	mark_done(call, change, at, now, &proration);
	item_change_set_due(call, &sub.id);
	if (strcmp(change->proration, "invoice") == 0 && pc_money_amount(proration.credited) + pc_money_amount(proration.charged) != 0)
		bill_at_once(call, &sub, at);
}
