/*
 * tax_rates.c
 *		create_tax_rate(), update_tax_rate().
 */
#include "common/paycore.h"

#include "api/details.h"
#include "catalogue/catalogue.h"
#include "common/args.h"
#include "common/number.h"

static const PcDetail details_of_tax_rate[] = {
	{"name", PC_DETAIL_NAME, PC_DETAIL_CHANGED, 100},
	{"active", PC_DETAIL_BOOL, PC_DETAIL_CHANGED, 0},
	{"inclusive", PC_DETAIL_BOOL, PC_DETAIL_GIVEN, 0},
	{"country", PC_DETAIL_NAME, PC_DETAIL_GIVEN, 2},
	{"state", PC_DETAIL_NAME, PC_DETAIL_GIVEN, 100},
	{"kind", PC_DETAIL_NAME, PC_DETAIL_GIVEN, 0},
	{"invoice_text", PC_DETAIL_NAME, PC_DETAIL_GIVEN, 1000},
	{"metadata", PC_DETAIL_METADATA, PC_DETAIL_ALWAYS, 0},
};

#define MAX_DECIMALS 6

void
cat_check_percent(Datum percent, const char *name)
{
	if (pc_number_compare(percent, pc_number_from_int(0)) < 0 || pc_number_compare(percent, pc_number_from_int(100)) > 0 ||
		pc_number_compare(percent, pc_number_truncate(percent, MAX_DECIMALS)) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("%s is not within 0 and 100 with at most %d decimals", name, MAX_DECIMALS),
				 errdetail("It is %s.", DatumGetCString(DirectFunctionCall1(numeric_out, percent))),
				 errhint("Give it in percent: 19, not 0.19.")));
}

static void
check_kind(const Jsonb *details, Datum percentage)
{
	static const char *const kinds[] = {"standard", "exempt", "reverse_charge", NULL};
	const char *kind = pc_json_string(details, "kind");

	pc_check_one_of(kind, "kind", kinds);
	if (kind == NULL || strcmp(kind, kinds[0]) == 0)
		return;
	if (pc_number_compare(percentage, pc_number_from_int(0)) != 0 || pc_json_string(details, "invoice_text") == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("a tax rate of the kind %s is of 0 percent, and has an invoice_text", kind),
				 errhint("Give percentage => 0, and in details the invoice_text that says why no tax is due.")));
}

/* create_tax_rate(code, name, percentage, details) */
PG_FUNCTION_INFO_V1(paycore_create_tax_rate);
PGDLLEXPORT Datum
paycore_create_tax_rate(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("tttnj",
									 "INSERT INTO paycore.tax_rates (tenant_id, code, name, percentage, inclusive, country, state, kind, "
									 "invoice_text, metadata) "
									 "VALUES ($1, $2, $3, trim_scale($4), coalesce(($5->>'inclusive')::boolean, false), $5->>'country', "
									 "$5->>'state', coalesce($5->>'kind', 'standard'), $5->>'invoice_text', coalesce($5->'metadata', '{}')) "
									 "ON CONFLICT (code, tenant_id) DO NOTHING RETURNING %s", PC_TAX_RATES);
	char	   *code = pc_getarg_given_text(fcinfo, 0, "code");
	char	   *name = pc_getarg_given_text(fcinfo, 1, "name");
	Jsonb	   *details = pc_getarg_json(fcinfo, 3);
	PcApiCall	call;
	PcArgs		a = {0};
	Datum		row;

	cat_check_code(code);
	pc_check_length(name, "name", 100);
	pc_check_details(details, details_of_tax_rate, lengthof(details_of_tax_rate), "a tax rate", false);
	pc_check_given(fcinfo, 2, "percentage");
	cat_check_percent(PG_GETARG_DATUM(2), "percentage");
	pc_check_country(pc_json_string(details, "country"));
	check_kind(details, PG_GETARG_DATUM(2));
	pc_api_begin(&call);
	pc_arg_text(&a, call.tenant);
	pc_arg_text(&a, code);
	pc_arg_text(&a, name);
	pc_arg(&a, PG_GETARG_DATUM(2), false);
	pc_arg_json(&a, details != NULL ? details : pc_json_empty());
	if (pc_api_write_args(&plan, &a, NULL) == 0)
		pc_api_not_written(PC_TAX_RATES, "tax rate", "code", code);
	row = pc_row_datum(0, PC_TAX_RATES);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

/* Locks the row, so that nobody makes it due meanwhile; PY030 where it is due on something. */
static void
check_not_due(const PcApiCall *call, const pg_uuid_t *id)
{
	static PcPlan lock = PC_PLAN("ut", "SELECT code, by_default FROM paycore.tax_rates WHERE id = $1 AND tenant_id = $2 FOR UPDATE");
	static PcPlan count = PC_PLAN("ut", "SELECT count(*) FROM paycore.product_tax_rates WHERE tax_rate_id = $1 AND tenant_id = $2");
	Datum		values[2] = {UUIDPGetDatum(id), CStringGetTextDatum(call->tenant)};
	char	   *code;
	bool		by_default;

	if (pc_execute(&lock, values, NULL, false, 1) == 0)
		pc_not_found("tax rate", id);
	code = pc_get_cstring(0, 1);
	by_default = pc_get_bool(0, 2);
	pc_execute(&count, values, NULL, false, 1);
	if (by_default || pc_get_int64(0, 1) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INTENT_STATE),
				 errmsg("tax rate \"%s\" is due on what is sold", code),
				 errdetail("Products that it is set for: " INT64_FORMAT "; by default: %s.", pc_get_int64(0, 1), by_default ? "yes" : "no"),
				 errhint("First set others in its place, with paycore.set_product_tax_rates() or paycore.set_default_tax_rates().")));
}

/* update_tax_rate(id, changes) */
PG_FUNCTION_INFO_V1(paycore_update_tax_rate);
PGDLLEXPORT Datum
paycore_update_tax_rate(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("utj",
									 "UPDATE paycore.tax_rates r SET " PC_CHANGED_TEXT(name) ", " PC_CHANGED_BOOL(active) ", " PC_CHANGED_METADATA
									 " WHERE id = $1 AND tenant_id = $2 RETURNING %s", PC_TAX_RATES);
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	Jsonb	   *changes = pc_getarg_json(fcinfo, 1);
	PcApiCall	call;
	Datum		row;

	pc_check_details(changes, details_of_tax_rate, lengthof(details_of_tax_rate), "a tax rate", true);
	pc_api_begin(&call);
	if (!pc_json_bool(changes, "active", true))
		check_not_due(&call, &id);
	row = pc_api_change(&call, &plan, "tax rate", &id, changes);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}
