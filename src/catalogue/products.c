/*
 * products.c
 *		create_product(), update_product().
 */
#include "common/paycore.h"

#include "api/details.h"
#include "catalogue/catalogue.h"
#include "common/args.h"

static const PcDetail details_of_product[] = {
	{"name", PC_DETAIL_NAME, PC_DETAIL_CHANGED, 256},
	{"description", PC_DETAIL_TEXT, PC_DETAIL_ALWAYS, 2000},
	{"tier", PC_DETAIL_TEXT, PC_DETAIL_ALWAYS, 100},
	{"unit_label", PC_DETAIL_TEXT, PC_DETAIL_ALWAYS, 100},
	{"tax_code", PC_DETAIL_TEXT, PC_DETAIL_ALWAYS, 100},
	{"active", PC_DETAIL_BOOL, PC_DETAIL_ALWAYS, 0},
	{"public", PC_DETAIL_BOOL, PC_DETAIL_ALWAYS, 0},
	{"psp_product_id", PC_DETAIL_TEXT, PC_DETAIL_ALWAYS, 255},
	{"metadata", PC_DETAIL_METADATA, PC_DETAIL_ALWAYS, 0},
};

void
cat_check_code(const char *code)
{
	pg_uuid_t	id;

	pc_check_code(code);
	if (code != NULL && pc_uuid_parse(code, &id))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("code \"%s\" would be taken for an id", code)));
}

/* create_product(code, name, details) */
PG_FUNCTION_INFO_V1(paycore_create_product);
PGDLLEXPORT Datum
paycore_create_product(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("tttj",
									 "INSERT INTO paycore.products (tenant_id, code, name, description, tier, unit_label, tax_code, "
									 "active, public, psp_product_id, metadata) "
									 "VALUES ($1, $2, $3, $4->>'description', $4->>'tier', $4->>'unit_label', $4->>'tax_code', "
									 "coalesce(($4->>'active')::boolean, true), coalesce(($4->>'public')::boolean, true), "
									 "$4->>'psp_product_id', coalesce($4->'metadata', '{}')) "
									 "ON CONFLICT (code, tenant_id) DO NOTHING RETURNING %s", PC_PRODUCTS);
	char	   *code = pc_getarg_given_text(fcinfo, 0, "code");
	char	   *name = pc_getarg_given_text(fcinfo, 1, "name");
	Jsonb	   *details = pc_getarg_json(fcinfo, 2);
	PcApiCall	call;
	PcArgs		a = {0};
	Datum		row;

	cat_check_code(code);
	pc_check_length(name, "name", 256);
	pc_check_details(details, details_of_product, lengthof(details_of_product), "a product", false);
	pc_api_begin(&call);
	pc_arg_text(&a, call.tenant);
	pc_arg_text(&a, code);
	pc_arg_text(&a, name);
	pc_arg_json(&a, details != NULL ? details : pc_json_empty());
	if (pc_api_write_args(&plan, &a, NULL) == 0)
		pc_api_not_written(PC_PRODUCTS, "product", "code", code);
	row = pc_row_datum(0, PC_PRODUCTS);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

/* update_product(id, changes) */
PG_FUNCTION_INFO_V1(paycore_update_product);
PGDLLEXPORT Datum
paycore_update_product(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("utj",
									 "UPDATE paycore.products r SET " PC_CHANGED_TEXT(name) ", " PC_CHANGED_TEXT(description) ", "
									 PC_CHANGED_TEXT(tier) ", " PC_CHANGED_TEXT(unit_label) ", " PC_CHANGED_TEXT(tax_code) ", "
									 PC_CHANGED_BOOL(active) ", " PC_CHANGED_BOOL(public) ", " PC_CHANGED_TEXT(psp_product_id) ", "
									 PC_CHANGED_METADATA " WHERE id = $1 AND tenant_id = $2 RETURNING %s", PC_PRODUCTS);
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	Jsonb	   *changes = pc_getarg_json(fcinfo, 1);
	PcApiCall	call;
	Datum		row;

	pc_check_details(changes, details_of_product, lengthof(details_of_product), "a product", true);
	pc_api_begin(&call);
	row = pc_api_change(&call, &plan, "product", &id, changes);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}
