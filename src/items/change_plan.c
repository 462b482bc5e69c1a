/*
 * change_plan.c
 *		What a change of a subscription's items comes to: which end, which begin.
 */
#include "common/paycore.h"

#include "api/details.h"
#include "common/args.h"
#include "common/number.h"
#include "items/items.h"

static const PcDetail details_of_change[] = {
	{"item", PC_DETAIL_NAME, PC_DETAIL_GIVEN, 100},
	{"price", PC_DETAIL_NAME, PC_DETAIL_GIVEN, 100},
	{"quantity", PC_DETAIL_NUMBER, PC_DETAIL_GIVEN, 0},
	{"remove", PC_DETAIL_BOOL, PC_DETAIL_GIVEN, 0},
	{"exclusive", PC_DETAIL_BOOL, PC_DETAIL_GIVEN, 0},
	{"metadata", PC_DETAIL_METADATA, PC_DETAIL_GIVEN, 0},
};

/* An item that runs. */
typedef struct LiveItem
{
	pg_uuid_t	id;
	pg_uuid_t	price;
	pg_uuid_t	product;
	char	   *code;			/* of its price */
	char	   *quantity;
	bool		exclusive;
	Jsonb	   *metadata;
	bool		metered;
	bool		named;			/* in the change */
} LiveItem;

void
item_change_lock(const PcApiCall *call, const pg_uuid_t *subscription, ChangedSub *sub)
{
	static PcPlan plan = PC_PLAN("ut",
								 "SELECT billing_account_id, currency, every, starts_at FROM paycore.subscriptions "
								 "WHERE id = $1 AND tenant_id = $2 FOR UPDATE");
	bool		isnull;

	pc_api_find(call, &plan, "subscription", subscription);
	sub->id = *subscription;
	sub->account = pc_get_id(0, 1);
	sub->currency = DatumGetPcCurrency(pc_get(0, 2, &isnull));
	sub->every = DatumGetPcInterval(pc_get(0, 3, &isnull));
	sub->starts_at = pc_get_time(0, 4);
}

/* Marks an error as one of what the subscription is made of, which no other price and no other time mends. */
static void
errof_items(void)
{
	err_generic_string(PG_DIAG_TABLE_NAME, "subscription_items");
}

bool
item_change_is_void(const ErrorData *error)
{
	return error->table_name != NULL && strcmp(error->table_name, "subscription_items") == 0 &&
		(error->sqlerrcode == ERRCODE_PC_NOT_FOUND || error->sqlerrcode == ERRCODE_PC_INVALID_ARGUMENT);
}

static LiveItem *
load_items(const PcApiCall *call, const ChangedSub *sub, int *nitems)
{
	static PcPlan plan = PC_PLAN("ut",
								 "SELECT i.id, i.price_id, i.product_id, p.code, i.quantity::text, i.exclusive, i.metadata, p.meter_id IS NOT NULL FROM paycore.subscription_items i "
								 "JOIN paycore.prices p ON p.id = i.price_id AND p.tenant_id = i.tenant_id "
								 "WHERE i.subscription_id = $1 AND i.tenant_id = $2 AND i.ends_at IS NULL ORDER BY i.id");
	Datum		values[2] = {UUIDPGetDatum(&sub->id), CStringGetTextDatum(call->tenant)};
	int			n = (int) pc_execute(&plan, values, NULL, false, 0);
	LiveItem   *items = palloc0(sizeof(LiveItem) * (n + 1));

	for (int i = 0; i < n; i++)
		items[i] = (LiveItem)
	{
		.id = pc_get_id(i, 1),.price = pc_get_id(i, 2),.product = pc_get_id(i, 3),.code = pc_get_cstring(i, 4),
			.quantity = pc_get_cstring(i, 5),.exclusive = pc_get_bool(i, 6),.metadata = pc_get_json(i, 7),.metered = pc_get_bool(i, 8)
	};
	*nitems = n;
	return items;
}

/* An item that was replaced is what replaced it. */
static bool
successor(const PcApiCall *call, const ChangedSub *sub, const pg_uuid_t *id, pg_uuid_t *live)
{
	static PcPlan plan = PC_PLAN("utu",
								 "WITH RECURSIVE later AS ("
								 "SELECT i.id, i.ends_at FROM paycore.subscription_items i WHERE i.id = $1 AND i.tenant_id = $2 AND i.subscription_id = $3 "
								 "UNION ALL SELECT i.id, i.ends_at FROM paycore.subscription_items i JOIN later l ON i.replaces_id = l.id "
								 "WHERE i.subscription_id = $3 AND i.tenant_id = $2) "
								 "SELECT l.id FROM later l WHERE l.ends_at IS NULL");
	Datum		values[3] = {UUIDPGetDatum(id), CStringGetTextDatum(call->tenant), UUIDPGetDatum(&sub->id)};

	if (pc_execute(&plan, values, NULL, false, 1) == 0)
		return false;
	*live = pc_get_id(0, 1);
	return true;
}

pc_noreturn static void no_such_item(const ChangedSub *sub, const char *name) pg_attribute_cold;

static void
no_such_item(const ChangedSub *sub, const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_PC_NOT_FOUND),
			 errmsg("subscription %s has no item \"%s\"", pc_uuid_text(&sub->id), name),
			 errdetail("Looked for, by id and by the code of the price, among those that run."),
			 errhint("See paycore.subscription_items."),
			 errof_items()));
}

static LiveItem *
find_item(const PcApiCall *call, const ChangedSub *sub, char *name, LiveItem *items, int nitems)
{
	LiveItem   *found = NULL;
	pg_uuid_t	id;
	bool		by_id = pc_uuid_parse(name, &id);

	if (by_id && !successor(call, sub, &id, &id))
		no_such_item(sub, name);
	for (int i = 0; i < nitems; i++)
	{
		if (by_id ? memcmp(&items[i].id, &id, sizeof(id)) != 0 : strcmp(items[i].code, name) != 0)
			continue;
		if (found != NULL)
			ereport(ERROR,
					(errcode(ERRCODE_PC_INVALID_ARGUMENT),
					 errmsg("subscription %s has several items of price \"%s\"", pc_uuid_text(&sub->id), name),
					 errhint("Name the item by its id."),
					 errof_items()));
		found = &items[i];
	}
	if (found != NULL && found->named)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("item \"%s\" is changed twice", name),
				 errhint("Say in one place what becomes of it.")));
	if (found == NULL)
		no_such_item(sub, name);
	else
		found->named = true;
	return found;
}

/* Quantity, exclusive and metadata: what is asked for, or as before. */
static const Jsonb *
given_or_before(const Jsonb *given, const LiveItem *old)
{
	PcJsonBuilder b;
	char	   *quantity = pc_json_text(given, "quantity");
	Jsonb	   *metadata = pc_json_object(given, "metadata");

	if (old == NULL)
		return given;
	pc_json_begin(&b);
	pc_json_add_text(&b, "quantity", quantity != NULL ? quantity : old->quantity);
	pc_json_add_bool(&b, "exclusive", pc_json_bool(given, "exclusive", old->exclusive));
	pc_json_add_json(&b, "metadata", metadata != NULL ? metadata : old->metadata);
	return pc_json_end(&b);
}

static bool
same_number(const char *a, const char *b)
{
	return pc_number_compare(pc_number_parse(a), pc_number_parse(b)) == 0;
}

/* Whether old is paid for as it was. */
static bool
costs_the_same(const Jsonb *given, const LiveItem *old, const NewItem *now)
{
	char	   *quantity = pc_json_text(given, "quantity");

	return memcmp(&old->price, &now->price, sizeof(pg_uuid_t)) == 0 && (quantity == NULL || same_number(quantity, old->quantity));
}

/* Whether old stays what it is. */
static bool
changes_nothing(const Jsonb *given, const LiveItem *old, const NewItem *now)
{
	return costs_the_same(given, old, now) &&
		pc_json_bool(given, "exclusive", old->exclusive) == old->exclusive && pc_json_object(given, "metadata") == NULL;
}

static void
check_says_something(const Jsonb *given, const LiveItem *old)
{
	bool		removes = pc_json_bool(given, "remove", false);
	bool		says = pc_json_string(given, "price") != NULL || pc_json_text(given, "quantity") != NULL ||
		pc_json_text(given, "exclusive") != NULL || pc_json_object(given, "metadata") != NULL;

	if (old == NULL && (removes || pc_json_string(given, "price") == NULL))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("a change names an item, or the price of a new one"),
				 errhint("Give changes such as [{\"item\": \"pro-monthly\", \"quantity\": 5}, {\"price\": \"extra-monthly\"}].")));
	if (old != NULL && removes == says)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg(says ? "an item that is removed has no further changes" : "the change of item \"%s\" says nothing", old->code),
				 errhint("Give a price, a quantity, or \"remove\": true.")));
}

static void
plan_one(const PcApiCall *call, const ChangedSub *sub, const Jsonb *given, LiveItem *items, int nitems, ItemPlan *plan)
{
	char	   *name = pc_json_string(given, "item");
	LiveItem   *old = name != NULL ? find_item(call, sub, name, items, nitems) : NULL;
	NewItem    *item = &plan->added[plan->nadded];
	char	   *price = pc_json_string(given, "price");

	check_says_something(given, old);
	if (!pc_json_bool(given, "remove", false))
	{
		*item = (NewItem) {0};
		if (price != NULL)
			item_set_price(call, price, sub->currency, item);
		else
		{
			item->price = old->price;
			item->product = old->product;
			item->every = sub->every;
			item->metered = old->metered;
		}
		if (old != NULL && changes_nothing(given, old, item))
		{
			old->named = false;
			return;
		}
		item->given = given_or_before(given, old);
		/* Its period of usage goes on: a new item would have free units, tiers and a minimum anew. */
		if (old != NULL && old->metered && costs_the_same(given, old, item))
		{
			item->id = old->id;
			plan->described[plan->ndescribed++] = *item;
			return;
		}
		item->replaces = old != NULL;
		if (old != NULL)
			item->replaced = old->id;
		plan->nadded++;
	}
	if (old != NULL)
		plan->ended[plan->nended++] = old->id;
}

static bool
has_ended(const ItemPlan *plan, const pg_uuid_t *id)
{
	for (int i = 0; i < plan->nended; i++)
	{
		if (memcmp(&plan->ended[i], id, sizeof(*id)) == 0)
			return true;
	}
	return false;
}

/* Of what is added, beside what goes on. */
static void
check_metered(const ItemPlan *plan, const LiveItem *items, int nitems)
{
	NewItem    *after = palloc0(sizeof(NewItem) * (nitems + plan->nadded + 1));
	int			n = 0;

	for (int i = 0; i < nitems; i++)
	{
		if (!has_ended(plan, &items[i].id))
			after[n++] = (NewItem) {.price = items[i].price,.metered = items[i].metered};
	}
	memcpy(after + n, plan->added, sizeof(NewItem) * plan->nadded);
	items_check_metered(after, n + plan->nadded, n);
}

static void
check_result(const ChangedSub *sub, int nitems, ItemPlan *plan)
{
	int			kept = nitems - plan->nended;

	if (kept + plan->nadded < 1 || kept + plan->nadded > ITEMS_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("a subscription has 1 to %d items", ITEMS_MAX),
				 errdetail("It would have %d.", kept + plan->nadded),
				 errhint("To end it, use paycore.cancel_subscription()."),
				 errof_items()));
	plan->every = plan->nadded > 0 ? plan->added[0].every : sub->every;
	for (int i = 0; i < plan->nadded; i++)
	{
		if (plan->added[i].every != plan->every || (kept > 0 && plan->added[i].every != sub->every))
			ereport(ERROR,
					(errcode(ERRCODE_PC_INVALID_ARGUMENT),
					 errmsg("the prices of a subscription have one interval"),
					 errdetail("After the change there would be two."),
					 errhint("Change all items to the new interval at once."),
					 errof_items()));
	}
}

ItemPlan *
item_change_plan(const PcApiCall *call, const ChangedSub *sub, const Jsonb *changes)
{
	int			n = changes != NULL && JB_ROOT_IS_ARRAY(changes) ? pc_json_array_length(changes) : 0;
	ItemPlan   *plan = palloc0(sizeof(ItemPlan));
	LiveItem   *items;
	int			nitems;

	if (n < 1 || n > ITEMS_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("there are 1 to %d changes of items", ITEMS_MAX),
				 errhint("Give an array such as [{\"item\": \"pro-monthly\", \"quantity\": 5}].")));
	items = load_items(call, sub, &nitems);
	for (int i = 0; i < n; i++)
	{
		Jsonb	   *given = pc_json_element(changes, i);

		if (given == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_PC_INVALID_ARGUMENT),
					 errmsg("change %d is no object", i + 1),
					 errhint("Give an array such as [{\"item\": \"pro-monthly\", \"quantity\": 5}].")));
		pc_check_details(given, details_of_change, lengthof(details_of_change), "a change of an item", false);
		plan_one(call, sub, given, items, nitems, plan);
	}
	check_result(sub, nitems, plan);
	check_metered(plan, items, nitems);
	return plan;
}
