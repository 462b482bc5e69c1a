/*
 * promotion_codes.c
 *		create_promotion_code(), update_promotion_code().
 */
#include "common/paycore.h"

#include "api/details.h"
#include "catalogue/catalogue.h"
#include "common/args.h"
#include "types/money_args.h"

static const PcDetail details_of_promotion_code[] = {
	{"active", PC_DETAIL_BOOL, PC_DETAIL_CHANGED, 0},
	{"billing_account_id", PC_DETAIL_NAME, PC_DETAIL_GIVEN, 0},
	{"first_time_only", PC_DETAIL_BOOL, PC_DETAIL_GIVEN, 0},
	{"minimum", PC_DETAIL_NAME, PC_DETAIL_GIVEN, 0},
	{"max_redemptions", PC_DETAIL_COUNT, PC_DETAIL_GIVEN, 0},
	{"expires_at", PC_DETAIL_NAME, PC_DETAIL_GIVEN, 0},
	{"metadata", PC_DETAIL_METADATA, PC_DETAIL_ALWAYS, 0},
};

#define MAX_CODE 64

/* What anybody can type, and reads the same in any case. */
static void
check_code(const char *code)
{
	pc_check_length(code, "code", MAX_CODE);
	if (strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != strlen(code))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("promotion code \"%s\" has characters that are hard to type", code),
				 errhint("Use the letters A to Z, digits, - and _.")));
}

static pg_uuid_t
coupon_of(const PcApiCall *call, const char *coupon)
{
	static PcPlan plan = PC_PLAN("tt", "SELECT id FROM paycore.coupons WHERE code = $1 AND tenant_id = $2");
	Datum		values[2] = {CStringGetTextDatum(coupon), CStringGetTextDatum(call->tenant)};

	if (pc_execute(&plan, values, NULL, true, 1) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_NOT_FOUND),
				 errmsg("tenant \"%s\" has no coupon \"%s\"", call->tenant, coupon),
				 errhint("See paycore.list_coupons().")));
	return pc_get_id(0, 1);
}

/* The account that the code is for, if it is for one. */
static bool
account_of(const PcApiCall *call, const Jsonb *details, pg_uuid_t *id, PcCurrency *currency)
{
	char	   *given = pc_json_string(details, "billing_account_id");
	PcAccount	account;

	if (given == NULL)
		return false;
	if (!pc_uuid_parse(given, id))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("billing_account_id \"%s\" is no id", given)));
	pc_account_get(call, id, &account);
	*currency = account.currency;
	return true;
}

static void
check_minimum(const char *minimum, bool for_account, PcCurrency currency)
{
	static PcPlan plan = PC_PLAN("t", "SELECT $1::paycore.money_cents");
	Datum		value = CStringGetTextDatum(minimum);
	PcMoney		amount;

	pc_execute(&plan, &value, NULL, true, 1);
	amount = pc_get_money(0, 1);
	pc_check_positive(amount, "minimum");
	if (for_account)
		pc_check_same_currency(amount, currency, "billing account");
}

/* create_promotion_code(code, coupon, details) */
PG_FUNCTION_INFO_V1(paycore_create_promotion_code);
PGDLLEXPORT Datum
paycore_create_promotion_code(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("ttuuj",
									 "INSERT INTO paycore.promotion_codes (tenant_id, code, coupon_id, billing_account_id, first_time_only, "
									 "minimum, max_redemptions, expires_at, metadata) "
									 "VALUES ($1, $2, $3, $4, coalesce(($5->>'first_time_only')::boolean, false), "
									 "($5->>'minimum')::paycore.money_cents, ($5->>'max_redemptions')::integer, "
									 "($5->>'expires_at')::timestamptz, coalesce($5->'metadata', '{}')) "
									 "ON CONFLICT (lower(code COLLATE \"C\"), tenant_id) DO NOTHING RETURNING %s", PC_PROMOTION_CODES);
	char	   *code = pc_getarg_given_text(fcinfo, 0, "code");
	char	   *coupon = pc_getarg_given_text(fcinfo, 1, "coupon");
	Jsonb	   *details = pc_getarg_json(fcinfo, 2);
	char	   *minimum = pc_json_string(details, "minimum");
	pg_uuid_t	coupon_id;
	pg_uuid_t	account_id;
	PcCurrency	currency = 0;
	bool		for_account;
	PcApiCall	call;
	PcArgs		a = {0};
	Datum		row;

	check_code(code);
	pc_check_details(details, details_of_promotion_code, lengthof(details_of_promotion_code), "a promotion code", false);
	cat_check_at_least_one(details, "max_redemptions");
	pc_api_begin(&call);
	coupon_id = coupon_of(&call, coupon);
	for_account = account_of(&call, details, &account_id, &currency);
	if (minimum != NULL)
		check_minimum(minimum, for_account, currency);
	pc_arg_text(&a, call.tenant);
	pc_arg_text(&a, code);
	pc_arg_uuid(&a, &coupon_id);
	pc_arg_uuid(&a, for_account ? &account_id : NULL);
	pc_arg_json(&a, details != NULL ? details : pc_json_empty());
	if (pc_api_write_args(&plan, &a, NULL) == 0)
		pc_taken("promotion code", "code", code);
	row = pc_row_datum(0, PC_PROMOTION_CODES);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

/* update_promotion_code(id, changes) */
PG_FUNCTION_INFO_V1(paycore_update_promotion_code);
PGDLLEXPORT Datum
paycore_update_promotion_code(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("utj",
									 "UPDATE paycore.promotion_codes r SET " PC_CHANGED_BOOL(active) ", " PC_CHANGED_METADATA
									 " WHERE id = $1 AND tenant_id = $2 RETURNING %s", PC_PROMOTION_CODES);
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	Jsonb	   *changes = pc_getarg_json(fcinfo, 1);
	PcApiCall	call;
	PcArgs		a = {0};
	Datum		row;

	pc_check_details(changes, details_of_promotion_code, lengthof(details_of_promotion_code), "a promotion code", true);
	pc_api_begin(&call);
	pc_arg_uuid(&a, &id);
	pc_arg_text(&a, call.tenant);
	pc_arg_json(&a, changes != NULL ? changes : pc_json_empty());
	pc_api_write_args(&plan, &a, NULL);
	row = pc_api_row(PC_PROMOTION_CODES, "promotion code", &id);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}
