/*
 * prices.c
 *		create_price(), revise_price(), add_price_currency(), update_price(),
 *		price_of().
 */
#include "common/paycore.h"

#include "api/details.h"
#include "catalogue/catalogue.h"
#include "common/args.h"
#include "types/money_args.h"

static const PcDetail details_of_price[] = {
	{"name", PC_DETAIL_TEXT, PC_DETAIL_ALWAYS, 256},
	{"tax_inclusive", PC_DETAIL_BOOL, PC_DETAIL_GIVEN, 0},
	{"trial_days", PC_DETAIL_COUNT, PC_DETAIL_GIVEN, 0},
	{"free_units", PC_DETAIL_NUMBER, PC_DETAIL_GIVEN, 0},
	{"package_size", PC_DETAIL_NUMBER, PC_DETAIL_GIVEN, 0},
	{"rounding", PC_DETAIL_NAME, PC_DETAIL_GIVEN, 0},
	{"meter", PC_DETAIL_NAME, PC_DETAIL_GIVEN, 100},
	{"active", PC_DETAIL_BOOL, PC_DETAIL_CHANGED, 0},
	{"public", PC_DETAIL_BOOL, PC_DETAIL_ALWAYS, 0},
	{"psp_price_id", PC_DETAIL_TEXT, PC_DETAIL_ALWAYS, 255},
	{"metadata", PC_DETAIL_METADATA, PC_DETAIL_ALWAYS, 0},
};

static void
check_details(const Jsonb *details, bool change)
{
	static const char *const roundings[] = {"half_up", "half_even", "half_down", "up", "down", "ceiling", "floor", NULL};

	pc_check_details(details, details_of_price, lengthof(details_of_price), "a price", change);
	pc_check_one_of(pc_json_string(details, "rounding"), "rounding", roundings);
}

static void
check_package_size(const char *model, const Jsonb *details, bool needed)
{
	char	   *size = pc_json_text(details, "package_size");
	bool		packages = strcmp(model, "package") == 0;

	if (size != NULL ? !packages : packages && needed)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("package_size is for the model package, which needs one"),
				 errdetail("The model is %s.", model)));
	if (size != NULL && strpbrk(size, "123456789") == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("package_size must be above zero")));
}

static void
check_model(const char *model, const Jsonb *details)
{
	static const char *const models[] = {"flat", "per_unit", "graduated", "volume", "package", "percentage", NULL};

	pc_check_one_of(model, "model", models);
	check_package_size(model, details, true);
}

/* PY040 where there is no such meter; without an interval there is no time to count in. */
static void
check_meter(const PcApiCall *call, const Jsonb *details, bool recurs)
{
	static PcPlan plan = PC_PLAN("tt", "SELECT 1 FROM paycore.meters WHERE code = $1 AND tenant_id = $2 AND active");
	char	   *meter = pc_json_string(details, "meter");
	Datum		values[2];

	if (meter == NULL)
		return;
	if (!recurs)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("a metered price has an interval"),
				 errhint("What is used is billed when a period ends: give every => 'month', for one.")));
	values[0] = CStringGetTextDatum(meter);
	values[1] = CStringGetTextDatum(call->tenant);
	if (pc_execute(&plan, values, NULL, false, 1) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_NOT_FOUND),
				 errmsg("there is no active meter \"%s\"", meter),
				 errhint("Add it with paycore.create_meter().")));
}

/* The code of a new price: that of its product where none was given; PY040 where there is no such product. */
static char *
code_of(const PcApiCall *call, const pg_uuid_t *product, char *given)
{
	static PcPlan plan = PC_PLAN("ut", "SELECT code FROM paycore.products WHERE id = $1 AND tenant_id = $2");

	pc_api_find(call, &plan, "product", product);
	return given != NULL ? given : pc_get_cstring(0, 1);
}

/* create_price(product_id, amounts, every, model, code, details) */
PG_FUNCTION_INFO_V1(paycore_create_price);
PGDLLEXPORT Datum
paycore_create_price(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("utttYj",
									 "INSERT INTO paycore.prices (product_id, tenant_id, code, model, every, name, tax_inclusive, "
									 "trial_days, free_units, package_size, rounding, meter_id, public, psp_price_id, metadata) "
									 "VALUES ($1, $2, $3, $4, $5, $6->>'name', "
									 "coalesce(($6->>'tax_inclusive')::boolean, false), coalesce(($6->>'trial_days')::integer, 0), "
									 "coalesce(($6->>'free_units')::numeric, 0), ($6->>'package_size')::numeric, "
									 "coalesce($6->>'rounding', 'half_up'), "
									 "(SELECT m.id FROM paycore.meters m WHERE m.code = $6->>'meter' AND m.tenant_id = $2), "
									 "coalesce(($6->>'public')::boolean, true), "
									 "$6->>'psp_price_id', coalesce($6->'metadata', '{}')) "
									 "ON CONFLICT DO NOTHING RETURNING %s", PC_PRICES);
	pg_uuid_t	product = pc_getarg_uuid(fcinfo, 0, "product_id");
	Jsonb	   *amounts = pc_getarg_json(fcinfo, 1);
	char	   *model = PG_ARGISNULL(3) ? "per_unit" : pc_getarg_text(fcinfo, 3);
	char	   *code = pc_getarg_text(fcinfo, 4);
	Jsonb	   *details = pc_getarg_json(fcinfo, 5);
	PcApiCall	call;
	PcArgs		a = {0};
	pg_uuid_t	id;
	Datum		row;

	cat_check_amounts(amounts);
	cat_check_code(code);
	check_details(details, false);
	check_model(model, details);
	pc_api_begin(&call);
	check_meter(&call, details, !PG_ARGISNULL(2));
	code = code_of(&call, &product, code);
	pc_arg_uuid(&a, &product);
	pc_arg_text(&a, call.tenant);
	pc_arg_text(&a, code);
	pc_arg_text(&a, model);
	pc_arg(&a, PG_GETARG_DATUM(2), PG_ARGISNULL(2));
	pc_arg_json(&a, details != NULL ? details : pc_json_empty());
	if (pc_api_write_args(&plan, &a, NULL) == 0)
		pc_api_not_written(PC_PRICES, "price", "code", code);
	row = pc_row_datum(0, PC_PRICES);
	id = pc_get_id(0, 1);
	cat_add_amounts(&call, &id, amounts);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

/*
 * Locks the first version of the price's code, so that its versions come one
 * after the other; PY040 where there is no such price.  Returns the highest
 * version, and the model of them all.
 */
static int
lock_versions(const PcApiCall *call, const pg_uuid_t *id, char **model)
{
	static PcPlan lock = PC_PLAN("ut",
								 "SELECT 1 FROM paycore.prices f WHERE f.version = 1 AND f.tenant_id = $2 AND f.code = "
								 "(SELECT p.code FROM paycore.prices p WHERE p.id = $1 AND p.tenant_id = $2) FOR UPDATE");
	static PcPlan last = PC_PLAN("ut",
								 "SELECT max(v.version), min(p.model) FROM paycore.prices p "
								 "JOIN paycore.prices v ON v.code = p.code AND v.tenant_id = p.tenant_id "
								 "WHERE p.id = $1 AND p.tenant_id = $2");
	Datum		values[2] = {UUIDPGetDatum(id), CStringGetTextDatum(call->tenant)};

	if (pc_execute(&lock, values, NULL, false, 0) == 0)
		pc_not_found("price", id);
	pc_execute(&last, values, NULL, false, 0);
	*model = pc_get_cstring(0, 2);
	return pc_get_int32(0, 1);
}

static void
retire_versions(const PcApiCall *call, const pg_uuid_t *id)
{
	static PcPlan plan = PC_PLAN("ut",
								 "UPDATE paycore.prices v SET active = false FROM paycore.prices p "
								 "WHERE p.id = $1 AND p.tenant_id = $2 AND v.code = p.code AND v.tenant_id = p.tenant_id AND v.active");
	Datum		values[2] = {UUIDPGetDatum(id), CStringGetTextDatum(call->tenant)};

	pc_api_write(&plan, values, NULL, NULL);
}

#define OR_AS_BEFORE(key, type) "coalesce(($4->>'" key "')::" type ", p." key ")"
#define OR_NULL(key)			"CASE WHEN $4 ? '" key "' THEN $4->>'" key "' ELSE p." key " END"

/* revise_price(id, amounts, details) */
PG_FUNCTION_INFO_V1(paycore_revise_price);
PGDLLEXPORT Datum
paycore_revise_price(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("ut4j",
									 "INSERT INTO paycore.prices (product_id, tenant_id, code, version, model, every, name, tax_inclusive, "
									 "trial_days, free_units, package_size, rounding, meter_id, public, psp_price_id, metadata) "
									 "SELECT p.product_id, p.tenant_id, p.code, $3, p.model, p.every, " OR_NULL("name") ", "
									 OR_AS_BEFORE("tax_inclusive", "boolean") ", " OR_AS_BEFORE("trial_days", "integer") ", "
									 OR_AS_BEFORE("free_units", "numeric") ", " OR_AS_BEFORE("package_size", "numeric") ", "
									 OR_AS_BEFORE("rounding", "text") ", p.meter_id, " OR_AS_BEFORE("public", "boolean") ", "
									 "$4->>'psp_price_id', coalesce($4->'metadata', p.metadata) "
									 "FROM paycore.prices p WHERE p.id = $1 AND p.tenant_id = $2 RETURNING %s", PC_PRICES);
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	Jsonb	   *amounts = pc_getarg_json(fcinfo, 1);
	Jsonb	   *details = pc_getarg_json(fcinfo, 2);
	PcApiCall	call;
	PcArgs		a = {0};
	pg_uuid_t	made;
	char	   *model;
	int			last;
	Datum		row;

	if (amounts != NULL)
		cat_check_amounts(amounts);
	check_details(details, false);
	if (pc_json_string(details, "meter") != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("all versions of a price have one meter"),
				 errhint("Make another price with paycore.create_price().")));
	pc_api_begin(&call);
	last = lock_versions(&call, &id, &model);
	check_package_size(model, details, false);
	pc_arg_uuid(&a, &id);
	pc_arg_text(&a, call.tenant);
	pc_arg(&a, Int32GetDatum(last + 1), false);
	pc_arg_json(&a, details != NULL ? details : pc_json_empty());
	retire_versions(&call, &id);
	pc_api_write_args(&plan, &a, NULL);
	row = pc_row_datum(0, PC_PRICES);
	made = pc_get_id(0, 1);
	if (amounts != NULL)
		cat_add_amounts(&call, &made, amounts);
	else
		cat_copy_amounts(&call, &id, &made);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

/* add_price_currency(price_id, amounts) */
PG_FUNCTION_INFO_V1(paycore_add_price_currency);
PGDLLEXPORT Datum
paycore_add_price_currency(PG_FUNCTION_ARGS)
{
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "price_id");
	Jsonb	   *amounts = pc_getarg_json(fcinfo, 1);
	PcApiCall	call;
	Datum		row;

	cat_check_amounts(amounts);
	pc_api_begin(&call);
	row = pc_api_read(PC_PRICES, &call, &id);
	cat_add_amounts(&call, &id, amounts);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

/* One version of a code is sold: another one is first taken back. */
static void
check_may_be_active(const PcApiCall *call, const pg_uuid_t *id)
{
	static PcPlan plan = PC_PLAN("ut",
								 "SELECT v.version, v.code FROM paycore.prices p "
								 "JOIN paycore.prices v ON v.code = p.code AND v.tenant_id = p.tenant_id AND v.active "
								 "WHERE p.id = $1 AND p.tenant_id = $2 AND v.id <> p.id");
	Datum		values[2] = {UUIDPGetDatum(id), CStringGetTextDatum(call->tenant)};

	if (pc_execute(&plan, values, NULL, false, 1) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("version %d of price \"%s\" is active", pc_get_int32(0, 1), pc_get_cstring(0, 2)),
				 errhint("One version of a price is sold at a time: set that one's active to false first.")));
}

/* update_price(id, changes) */
PG_FUNCTION_INFO_V1(paycore_update_price);
PGDLLEXPORT Datum
paycore_update_price(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("utj",
									 "UPDATE paycore.prices r SET " PC_CHANGED_TEXT(name) ", " PC_CHANGED_BOOL(active) ", "
									 PC_CHANGED_BOOL(public) ", " PC_CHANGED_TEXT(psp_price_id) ", " PC_CHANGED_METADATA
									 " WHERE id = $1 AND tenant_id = $2 RETURNING %s", PC_PRICES);
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	Jsonb	   *changes = pc_getarg_json(fcinfo, 1);
	PcApiCall	call;
	char	   *model;
	Datum		row;

	check_details(changes, true);
	pc_api_begin(&call);
	if (pc_json_bool(changes, "active", false))
	{
		(void) lock_versions(&call, &id, &model);
		check_may_be_active(&call, &id);
	}
	row = pc_api_change(&call, &plan, "price", &id, changes);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

/* price_of(price_id, currency, quantity) */
PG_FUNCTION_INFO_V1(paycore_price_of);
PGDLLEXPORT Datum
paycore_price_of(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN("utcn",
								 "SELECT paycore.price_amount(p.model, $4, c.currency, c.unit_price, c.tiers, p.package_size, "
								 "p.free_units, c.minimum, c.maximum, p.rounding) "
								 "FROM paycore.prices p JOIN paycore.price_currencies c ON c.price_id = p.id AND c.tenant_id = p.tenant_id "
								 "WHERE p.id = $1 AND p.tenant_id = $2 AND c.currency OPERATOR(paycore.=) $3");
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "price_id");
	PcApiCall	call;
	Datum		values[4] = {PG_GETARG_DATUM(0), (Datum) 0, PG_GETARG_DATUM(1), PG_GETARG_DATUM(2)};
	PcMoney		amount;

	pc_api_begin(&call);
	values[1] = CStringGetTextDatum(call.tenant);
	if (pc_execute(&plan, values, NULL, true, 1) == 0)
	{
		(void) pc_api_read(PC_PRICES, &call, &id);
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("price %s has no amount in %s", pc_uuid_text(&id),
						pc_currency_by_number(PG_GETARG_PC_CURRENCY(1))->code),
				 errhint("Add it with paycore.add_price_currency().")));
	}
	amount = pc_get_money(0, 1);
	pc_api_end(&call);
	PG_RETURN_PC_MONEY(amount);
}
