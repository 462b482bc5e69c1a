/*
 * amounts.c
 *		What a price is in each currency.
 */
#include "common/paycore.h"

#include "api/details.h"
#include "catalogue/catalogue.h"
#include "common/args.h"
#include "types/currency.h"

#define MAX_TIERS 100

static const PcDetail details_of_amount[] = {
	{"unit_price", PC_DETAIL_NUMBER, PC_DETAIL_GIVEN, 0},
	{"tiers", PC_DETAIL_OBJECTS, PC_DETAIL_GIVEN, 0},
	{"minimum", PC_DETAIL_NUMBER, PC_DETAIL_GIVEN, 0},
	{"maximum", PC_DETAIL_NUMBER, PC_DETAIL_GIVEN, 0},
};

static const PcDetail details_of_tier[] = {
	{"up_to", PC_DETAIL_NUMBER, PC_DETAIL_GIVEN, 0},
	{"unit_price", PC_DETAIL_NUMBER, PC_DETAIL_GIVEN, 0},
	{"flat_fee", PC_DETAIL_NUMBER, PC_DETAIL_GIVEN, 0},
};

static void
check_tiers(const Jsonb *tiers)
{
	int			n = pc_json_array_length(tiers);

	if (n < 1 || n > MAX_TIERS)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("a price has 1 to %d tiers", MAX_TIERS),
				 errdetail("There are %d.", n)));
	for (int i = 0; i < n; i++)
		pc_check_details(pc_json_element(tiers, i), details_of_tier, lengthof(details_of_tier), "a tier", false);
}

static void
check_amount(const Jsonb *amounts, const char *code, const JsonbValue *v)
{
	static const PcDetail unit_price = {"the price of a unit", PC_DETAIL_NUMBER, PC_DETAIL_GIVEN, 0};
	const PcCurrencyInfo *currency = pc_currency_by_code(code, strlen(code));
	const Jsonb *amount = pc_json_object(amounts, code);

	if (currency == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_PC_UNKNOWN_CURRENCY),
				 errmsg("\"%s\" is no currency", code),
				 errhint("Give amounts by currency, as in {\"USD\": \"9.90\"}.")));
	pc_currency_check_active(currency->numeric_code);
	if (v->type == jbvBinary)
		pc_check_details(amount, details_of_amount, lengthof(details_of_amount), "an amount of a price", false);
	else
		pc_check_detail(amounts, &unit_price, v, false);
	if (v->type == jbvBinary ? (pc_json_text(amount, "unit_price") == NULL) == (pc_json_object(amount, "tiers") == NULL) : v->type == jbvNull)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("the price in %s is neither by the unit nor by tiers, or both", code),
				 errhint("Give unit_price or tiers.")));
	if (v->type == jbvBinary && pc_json_object(amount, "tiers") != NULL)
		check_tiers(pc_json_object(amount, "tiers"));
}

void
cat_check_amounts(const Jsonb *amounts)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	v;
	char	   *code = NULL;

	if (amounts == NULL || !JB_ROOT_IS_OBJECT(amounts) || JB_ROOT_COUNT(amounts) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("a price has an amount in some currency"),
				 errhint("Give amounts by currency, as in {\"USD\": \"9.90\"}.")));
	iterator = JsonbIteratorInit(unconstify(JsonbContainer *, &amounts->root));
	while ((token = JsonbIteratorNext(&iterator, &v, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			code = pnstrdup(v.val.string.val, v.val.string.len);
		else if (token == WJB_VALUE)
			check_amount(amounts, code, &v);
	}
}

/* Asks what one unit costs: which raises where model and amounts do not fit. */
static void
try_amounts(const PcApiCall *call, const pg_uuid_t *price)
{
	static PcPlan plan = PC_PLAN("ut",
								 "SELECT paycore.price_amount(p.model, 1, c.currency, c.unit_price, c.tiers, p.package_size, "
								 "p.free_units, c.minimum, c.maximum, p.rounding) "
								 "FROM paycore.prices p JOIN paycore.price_currencies c ON c.price_id = p.id AND c.tenant_id = p.tenant_id "
								 "WHERE p.id = $1 AND p.tenant_id = $2");
	Datum		values[2] = {UUIDPGetDatum(price), CStringGetTextDatum(call->tenant)};

	pc_execute(&plan, values, NULL, false, 0);
}

#define OF_CURRENCY(key) "(a.value->>'" key "' || ' ' || a.key)::paycore.money_cents"

void
cat_add_amounts(const PcApiCall *call, const pg_uuid_t *price, Jsonb *amounts)
{
	static PcPlan plan = PC_PLAN("utj",
								 "INSERT INTO paycore.price_currencies (price_id, tenant_id, currency, unit_price, tiers, minimum, maximum) "
								 "SELECT $1, $2, a.key::paycore.currency, "
								 "CASE jsonb_typeof(a.value) WHEN 'object' THEN a.value->>'unit_price' ELSE a.value #>> '{}' END::numeric, "
								 "CASE WHEN a.value ? 'tiers' THEN ARRAY("
								 "SELECT ROW((t.value->>'up_to')::numeric, coalesce((t.value->>'unit_price')::numeric, 0), "
								 "coalesce((t.value->>'flat_fee')::numeric, 0))::paycore.price_tier "
								 "FROM jsonb_array_elements(a.value->'tiers') WITH ORDINALITY t(value, n) ORDER BY t.n) END, "
								 OF_CURRENCY("minimum") ", " OF_CURRENCY("maximum") " FROM jsonb_each($3) a "
								 "ON CONFLICT (price_id, currency, tenant_id) DO NOTHING");
	Datum		values[3] = {UUIDPGetDatum(price), CStringGetTextDatum(call->tenant), JsonbPGetDatum(amounts)};

	if (pc_api_write(&plan, values, NULL, NULL) < JB_ROOT_COUNT(amounts))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("price %s has one of these currencies already", pc_uuid_text(price)),
				 errhint("What a price costs never changes: make its next version with paycore.revise_price().")));
	try_amounts(call, price);
}

void
cat_copy_amounts(const PcApiCall *call, const pg_uuid_t *from, const pg_uuid_t *to)
{
	static PcPlan plan = PC_PLAN("utu",
								 "INSERT INTO paycore.price_currencies (price_id, tenant_id, currency, unit_price, tiers, minimum, maximum) "
								 "SELECT $3, c.tenant_id, c.currency, c.unit_price, c.tiers, c.minimum, c.maximum "
								 "FROM paycore.price_currencies c WHERE c.price_id = $1 AND c.tenant_id = $2");
	Datum		values[3] = {UUIDPGetDatum(from), CStringGetTextDatum(call->tenant), UUIDPGetDatum(to)};

	pc_api_write(&plan, values, NULL, NULL);
	try_amounts(call, to);
}
