/*
 * coupons.c
 *		create_coupon(), update_coupon().
 */
#include "common/paycore.h"

#include "api/details.h"
#include "catalogue/catalogue.h"
#include "common/args.h"
#include "common/number.h"
#include "types/money_args.h"

enum
{
	ARG_CODE, ARG_NAME, ARG_PERCENT, ARG_AMOUNT, ARG_DURATION, ARG_DETAILS
};

static const PcDetail details_of_coupon[] = {
	{"name", PC_DETAIL_NAME, PC_DETAIL_CHANGED, 100},
	{"active", PC_DETAIL_BOOL, PC_DETAIL_CHANGED, 0},
	{"duration_periods", PC_DETAIL_COUNT, PC_DETAIL_GIVEN, 0},
	{"products", PC_DETAIL_TEXTS, PC_DETAIL_GIVEN, 0},
	{"max_redemptions", PC_DETAIL_COUNT, PC_DETAIL_GIVEN, 0},
	{"redeem_by", PC_DETAIL_NAME, PC_DETAIL_GIVEN, 0},
	{"metadata", PC_DETAIL_METADATA, PC_DETAIL_ALWAYS, 0},
};

static void
check_terms(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(ARG_PERCENT) == PG_ARGISNULL(ARG_AMOUNT))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("a coupon takes off either a percentage or an amount"),
				 errhint("Give percent_off => 20, or amount_off => '5.00 EUR'.")));
	if (!PG_ARGISNULL(ARG_AMOUNT))
	{
		pc_check_positive(PG_GETARG_PC_MONEY(ARG_AMOUNT), "amount_off");
		pc_currency_check_active(pc_money_currency(PG_GETARG_PC_MONEY(ARG_AMOUNT)));
		return;
	}
	cat_check_percent(PG_GETARG_DATUM(ARG_PERCENT), "percent_off");
	if (pc_number_compare(PG_GETARG_DATUM(ARG_PERCENT), pc_number_from_int(0)) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("percent_off must be above zero")));
}

void
cat_check_at_least_one(const Jsonb *details, const char *key)
{
	int64		value;

	if (pc_json_int64(details, key, &value) && value < 1)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("%s must be at least 1", key)));
}

static void
check_duration(const char *duration, const Jsonb *details)
{
	static const char *const durations[] = {"once", "repeating", "forever", NULL};
	int64		periods;

	pc_check_one_of(duration, "duration", durations);
	cat_check_at_least_one(details, "duration_periods");
	if ((strcmp(duration, "repeating") == 0) != pc_json_int64(details, "duration_periods", &periods))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("duration_periods is for the duration repeating, which needs it"),
				 errdetail("The duration is %s.", duration)));
}

#define PRODUCTS "jsonb_array_elements_text(coalesce(nullif($2->'products', 'null'), '[]'))"

static void
check_products(const PcApiCall *call, const Jsonb *details)
{
	static PcPlan plan = PC_PLAN("tj",
								 "SELECT c.code FROM " PRODUCTS " c(code) WHERE NOT EXISTS "
								 "(SELECT FROM paycore.products o WHERE o.code = c.code AND o.tenant_id = $1)");
	Datum		values[2] = {CStringGetTextDatum(call->tenant), PointerGetDatum(details)};

	if (pc_execute(&plan, values, NULL, true, 1) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_NOT_FOUND),
				 errmsg("tenant \"%s\" has no product \"%s\"", call->tenant, pc_get_cstring(0, 1)),
				 errhint("Name products by their codes; see paycore.list_products().")));
}

/* create_coupon(code, name, percent_off, amount_off, duration, details) */
PG_FUNCTION_INFO_V1(paycore_create_coupon);
PGDLLEXPORT Datum
paycore_create_coupon(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("tjttnmt",
									 "INSERT INTO paycore.coupons (tenant_id, code, name, percent_off, amount_off, duration, duration_periods, "
									 "product_ids, max_redemptions, redeem_by, metadata) "
									 "VALUES ($1, $3, $4, trim_scale($5), $6, $7, ($2->>'duration_periods')::integer, "
									 "ARRAY(SELECT o.id FROM paycore.products o WHERE o.tenant_id = $1 AND o.code IN (SELECT " PRODUCTS ") ORDER BY o.id), "
									 "($2->>'max_redemptions')::integer, ($2->>'redeem_by')::timestamptz, coalesce($2->'metadata', '{}')) "
									 "ON CONFLICT (code, tenant_id) DO NOTHING RETURNING %s", PC_COUPONS);
	char	   *code = pc_getarg_given_text(fcinfo, ARG_CODE, "code");
	char	   *name = pc_getarg_given_text(fcinfo, ARG_NAME, "name");
	char	   *duration = PG_ARGISNULL(ARG_DURATION) ? "once" : pc_getarg_text(fcinfo, ARG_DURATION);
	Jsonb	   *given = pc_getarg_json(fcinfo, ARG_DETAILS);
	const Jsonb *details = given != NULL ? given : pc_json_empty();
	PcApiCall	call;
	PcArgs		a = {0};
	Datum		row;

	cat_check_code(code);
	pc_check_length(name, "name", 100);
	pc_check_details(details, details_of_coupon, lengthof(details_of_coupon), "a coupon", false);
	check_terms(fcinfo);
	check_duration(duration, details);
	cat_check_at_least_one(details, "max_redemptions");
	pc_api_begin(&call);
	check_products(&call, details);
	pc_arg_text(&a, call.tenant);
	pc_arg_json(&a, details);
	pc_arg_text(&a, code);
	pc_arg_text(&a, name);
	pc_arg(&a, PG_GETARG_DATUM(ARG_PERCENT), PG_ARGISNULL(ARG_PERCENT));
	pc_arg(&a, PG_GETARG_DATUM(ARG_AMOUNT), PG_ARGISNULL(ARG_AMOUNT));
	pc_arg_text(&a, duration);
	if (pc_api_write_args(&plan, &a, NULL) == 0)
		pc_api_not_written(PC_COUPONS, "coupon", "code", code);
	row = pc_row_datum(0, PC_COUPONS);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

/* update_coupon(id, changes) */
PG_FUNCTION_INFO_V1(paycore_update_coupon);
PGDLLEXPORT Datum
paycore_update_coupon(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("utj",
									 "UPDATE paycore.coupons r SET " PC_CHANGED_TEXT(name) ", " PC_CHANGED_BOOL(active) ", " PC_CHANGED_METADATA
									 " WHERE id = $1 AND tenant_id = $2 RETURNING %s", PC_COUPONS);
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	Jsonb	   *changes = pc_getarg_json(fcinfo, 1);
	PcApiCall	call;
	PcArgs		a = {0};
	Datum		row;

	pc_check_details(changes, details_of_coupon, lengthof(details_of_coupon), "a coupon", true);
	pc_api_begin(&call);
	pc_arg_uuid(&a, &id);
	pc_arg_text(&a, call.tenant);
	pc_arg_json(&a, changes != NULL ? changes : pc_json_empty());
	pc_api_write_args(&plan, &a, NULL);
	row = pc_api_row(PC_COUPONS, "coupon", &id);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}
