/*
 * features.c
 *		set_product_feature(), remove_product_feature(): what a product entitles to.
 */
#include "common/paycore.h"

#include "catalogue/catalogue.h"
#include "common/args.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

static void
check_allowance(Datum allowance)
{
	Datum		zero = NumericGetDatum(int64_to_numeric(0));
	Numeric		number = DatumGetNumeric(allowance);

	if (numeric_is_nan(number) || numeric_is_inf(number) || DatumGetBool(DirectFunctionCall2(numeric_lt, allowance, zero)))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("allowance must be a number from 0 on"),
				 errhint("A feature without a limit has none: leave it out.")));
}

/* set_product_feature(product_id, feature, allowance, per_unit) */
PG_FUNCTION_INFO_V1(paycore_set_product_feature);
PGDLLEXPORT Datum
paycore_set_product_feature(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("uttnb",
									 "INSERT INTO paycore.product_features AS f (product_id, tenant_id, feature, allowance, per_unit) "
									 "SELECT p.id, p.tenant_id, $3, $4, $5 FROM paycore.products p WHERE p.id = $1 AND p.tenant_id = $2 "
									 "ON CONFLICT (product_id, feature, tenant_id) DO UPDATE SET allowance = excluded.allowance, per_unit = excluded.per_unit "
									 "RETURNING %s", PC_PRODUCT_FEATURES);
	pg_uuid_t	product = pc_getarg_uuid(fcinfo, 0, "product_id");
	char	   *feature = pc_getarg_given_text(fcinfo, 1, "feature");
	PcApiCall	call;
	PcArgs		a = {0};
	Datum		row;

	pc_check_length(feature, "feature", 100);
	if (!PG_ARGISNULL(2))
		check_allowance(PG_GETARG_DATUM(2));
	pc_api_begin(&call);
	pc_arg_uuid(&a, &product);
	pc_arg_text(&a, call.tenant);
	pc_arg_text(&a, feature);
	pc_arg(&a, PG_GETARG_DATUM(2), PG_ARGISNULL(2));
	pc_arg_bool(&a, pc_getarg_bool(fcinfo, 3, false));
	if (pc_api_write_args(&plan, &a, NULL) == 0)
		pc_not_found("product", &product);
	row = pc_row_datum(0, PC_PRODUCT_FEATURES);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

/* remove_product_feature(product_id, feature) */
PG_FUNCTION_INFO_V1(paycore_remove_product_feature);
PGDLLEXPORT Datum
paycore_remove_product_feature(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN("utt",
								 "DELETE FROM paycore.product_features WHERE product_id = $1 AND tenant_id = $2 AND feature = $3");
	PcApiCall	call;
	Datum		values[3];
	bool		removed;

	pc_api_begin(&call);
	values[0] = PG_GETARG_DATUM(0);
	values[1] = CStringGetTextDatum(call.tenant);
	values[2] = PG_GETARG_DATUM(1);
	removed = pc_api_plumbing(&plan, values, NULL) > 0;
	pc_api_end(&call);
	PG_RETURN_BOOL(removed);
}
