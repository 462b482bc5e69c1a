/*
 * items.c
 *		What a subscription is made of.
 */
#include "common/paycore.h"

#include "api/details.h"
#include "common/args.h"
#include "items/items.h"

static const PcDetail details_of_item[] = {
	{"price", PC_DETAIL_NAME, PC_DETAIL_GIVEN, 100},
	{"quantity", PC_DETAIL_NUMBER, PC_DETAIL_GIVEN, 0},
	{"exclusive", PC_DETAIL_BOOL, PC_DETAIL_GIVEN, 0},
	{"metadata", PC_DETAIL_METADATA, PC_DETAIL_GIVEN, 0},
};

#define FIND_PRICE(condition) \
	"SELECT p.id, p.product_id, p.active AND o.active, p.every, p.trial_days, " \
	"EXISTS (SELECT FROM paycore.price_currencies c WHERE c.price_id = p.id AND c.tenant_id = p.tenant_id " \
	"AND c.currency OPERATOR(paycore.=) $3), p.meter_id IS NOT NULL " \
	"FROM paycore.prices p JOIN paycore.products o ON o.id = p.product_id AND o.tenant_id = p.tenant_id " \
	"WHERE p.tenant_id = $2 AND " condition

/* Leaves the price's row as the last result. */
static void
find_price(const PcApiCall *call, char *price, PcCurrency currency)
{
	static PcPlan by_id = PC_PLAN("utc", FIND_PRICE("p.id = $1"));
	static PcPlan by_code = PC_PLAN("ttc", FIND_PRICE("p.code = $1 AND p.active"));
	pg_uuid_t	id;
	bool		is_id = pc_uuid_parse(price, &id);
	Datum		values[3] = {
		is_id ? UUIDPGetDatum(&id) : CStringGetTextDatum(price),
		CStringGetTextDatum(call->tenant),
		PcCurrencyGetDatum(currency)
	};

	if (pc_execute(is_id ? &by_id : &by_code, values, NULL, false, 1) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_NOT_FOUND),
				 errmsg("there is no price \"%s\"", price),
				 errdetail("Looked for in tenant \"%s\", by %s.", call->tenant, is_id ? "id" : "code among those that are sold"),
				 errhint("See paycore.list_prices().")));
}

static void
refuse_price(const char *price, const char *why, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_PC_INVALID_ARGUMENT),
			 errmsg("price \"%s\" cannot be subscribed to", price),
			 errdetail("%s", why),
			 errhint("%s", hint)));
}

void
item_set_price(const PcApiCall *call, char *price, PcCurrency currency, NewItem *item)
{
	Datum		every;
	bool		once;

	find_price(call, price, currency);
	item->price = pc_get_id(0, 1);
	item->product = pc_get_id(0, 2);
	item->trial_days = pc_get_int32(0, 5);
	item->metered = pc_get_bool(0, 7);
	every = pc_get(0, 4, &once);
	if (!pc_get_bool(0, 3))
		refuse_price(price, "It, or its product, is not sold any more.", "Take one that is active.");
	if (once)
		refuse_price(price, "It is paid once.", "Take one that has an interval, or charge the amount once, with paycore.add_charge().");
	if (!pc_get_bool(0, 6))
		refuse_price(price, psprintf("It has no amount in %s.", pc_currency_by_number(currency)->code),
					 "Add the currency with paycore.add_price_currency().");
	item->every = DatumGetPcInterval(every);
}

static void
read_item(const PcApiCall *call, Jsonb *given, PcCurrency currency, NewItem *item)
{
	char	   *price = pc_json_string(given, "price");

	if (given == NULL || price == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("an item has a price"),
				 errhint("Give items such as [{\"price\": \"pro-monthly\", \"quantity\": 1}].")));
	item_set_price(call, price, currency, item);
	item->given = given;
}

static void
metered_twice(const pg_uuid_t *price)
{
	ereport(ERROR,
			(errcode(ERRCODE_PC_INVALID_ARGUMENT),
			 errmsg("a subscription has a metered price once"),
			 errdetail("With price %s twice, all that is used would be paid for twice.", pc_uuid_text(price)),
			 errhint("Have one item of it; its quantity does not matter."),
			 err_generic_string(PG_DIAG_TABLE_NAME, "subscription_items")));
}

void
items_check_metered(const NewItem *items, int nitems, int first)
{
	for (int i = first; i < nitems; i++)
	{
		for (int k = 0; k < i; k++)
		{
			if (items[i].metered && memcmp(&items[i].price, &items[k].price, sizeof(pg_uuid_t)) == 0)
				metered_twice(&items[i].price);
		}
	}
}

int
items_read(const PcApiCall *call, const Jsonb *items, PcCurrency currency, NewItem **result)
{
	int			n = items != NULL && JB_ROOT_IS_ARRAY(items) ? pc_json_array_length(items) : 0;

	if (n < 1 || n > ITEMS_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("a subscription has 1 to %d items", ITEMS_MAX),
				 errhint("Give an array such as [{\"price\": \"pro-monthly\", \"quantity\": 1}].")));
	*result = palloc0(sizeof(NewItem) * n);
	for (int i = 0; i < n; i++)
	{
		Jsonb	   *given = pc_json_element(items, i);

		pc_check_details(given, details_of_item, lengthof(details_of_item), "an item", false);
		read_item(call, given, currency, &(*result)[i]);
		if ((*result)[i].every != (*result)[0].every)
			ereport(ERROR,
					(errcode(ERRCODE_PC_INVALID_ARGUMENT),
					 errmsg("the prices of a subscription have one interval"),
					 errdetail("Those of item 1 and item %d differ.", i + 1),
					 errhint("Make a subscription for each interval.")));
	}
	items_check_metered(*result, n, 0);
	return n;
}

static void
product_taken(const pg_uuid_t *product)
{
	ereport(ERROR,
			(errcode(ERRCODE_PC_INTENT_STATE),
			 errmsg("the account has product %s already", pc_uuid_text(product)),
			 errdetail("An item is exclusive: an account has one of its product at a time."),
			 errhint("Change or end the subscription that it is in.")));
}

void
item_describe(const PcApiCall *call, const pg_uuid_t *id, const pg_uuid_t *product, const Jsonb *given)
{
	static PcPlan plan = PC_PLAN("utj",
								 "UPDATE paycore.subscription_items i SET exclusive = ($3->>'exclusive')::boolean, metadata = $3->'metadata' "
								 "WHERE i.id = $1 AND i.tenant_id = $2 AND (NOT ($3->>'exclusive')::boolean OR NOT EXISTS ("
								 "SELECT FROM paycore.subscription_items o WHERE o.billing_account_id = i.billing_account_id AND o.product_id = i.product_id "
								 "AND o.tenant_id = $2 AND o.id <> i.id AND o.exclusive AND o.ends_at IS NULL))");
	PcArgs		a = {0};

	pc_arg_uuid(&a, id);
	pc_arg_text(&a, call->tenant);
	pc_arg_json(&a, given);
	if (pc_api_write_args(&plan, &a, NULL) == 0)
		product_taken(product);
}

void
items_add(const PcApiCall *call, const pg_uuid_t *subscription, const pg_uuid_t *account,
			  TimestampTz from, NewItem *items, int nitems)
{
	static PcPlan plan = PC_PLAN("utuuuzju",
								 "INSERT INTO paycore.subscription_items (subscription_id, tenant_id, billing_account_id, product_id, price_id, "
								 "starts_at, quantity, exclusive, metadata, replaces_id) VALUES ($1, $2, $3, $4, $5, $6, "
								 "coalesce(($7->>'quantity')::numeric, 1), coalesce(($7->>'exclusive')::boolean, false), "
								 "coalesce($7->'metadata', '{}'), $8) "
								 "ON CONFLICT (billing_account_id, product_id, tenant_id) WHERE exclusive AND ends_at IS NULL DO NOTHING "
								 "RETURNING id");

	for (int i = 0; i < nitems; i++)
	{
		PcArgs		a = {0};

		pc_arg_uuid(&a, subscription);
		pc_arg_text(&a, call->tenant);
		pc_arg_uuid(&a, account);
		pc_arg_uuid(&a, &items[i].product);
		pc_arg_uuid(&a, &items[i].price);
		pc_arg(&a, TimestampTzGetDatum(from), false);
		pc_arg_json(&a, items[i].given);
		pc_arg_uuid(&a, items[i].replaces ? &items[i].replaced : NULL);
		if (pc_api_write_args(&plan, &a, NULL) == 0)
			product_taken(&items[i].product);
		items[i].id = pc_get_id(0, 1);
	}
}

void
items_end(const PcApiCall *call, const pg_uuid_t *subscription, TimestampTz at)
{
	static PcPlan end = PC_PLAN("utz",
								"UPDATE paycore.subscription_items SET ends_at = greatest(starts_at, $3) "
								"WHERE subscription_id = $1 AND tenant_id = $2 AND ends_at IS NULL");
	static PcPlan take_back = PC_PLAN("utz",
									  "UPDATE paycore.subscription_changes SET canceled_at = $3 "
									  "WHERE subscription_id = $1 AND tenant_id = $2 AND done_at IS NULL AND canceled_at IS NULL");
	Datum		values[3] = {UUIDPGetDatum(subscription), CStringGetTextDatum(call->tenant), TimestampTzGetDatum(at)};

	pc_api_write(&end, values, NULL, NULL);
	pc_api_write(&take_back, values, NULL, NULL);
}
