/*
 * taxes_due.c
 *		set_product_tax_rates(), set_default_tax_rates(), tax_rates_of(): which
 *		taxes are due on what.
 */
#include "common/paycore.h"

#include "catalog/pg_type.h"
#include "catalogue/catalogue.h"
#include "common/args.h"
#include "funcapi.h"
#include "utils/array.h"

#define MAX_RATES 10

/* codes without nulls, of a number that a line can show. */
static void
check_codes(FunctionCallInfo fcinfo, int arg)
{
	ArrayType  *codes;

	pc_check_given(fcinfo, arg, "codes");
	codes = PG_GETARG_ARRAYTYPE_P(arg);
	if (ARR_NDIM(codes) > 1 || array_contains_nulls(codes) || ArrayGetNItems(ARR_NDIM(codes), ARR_DIMS(codes)) > MAX_RATES)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("codes must be an array of up to %d codes of tax rates", MAX_RATES),
				 errhint("Give ARRAY['vat'], or '{}' for none.")));
}

/* The rows stay active until the end of the transaction; PY040, PY042 where they are not to be had, or not together. */
static void
lock_rates(const PcApiCall *call, Datum codes)
{
	static PcPlan lock = PC_PLAN("tT",
								 "SELECT r.inclusive FROM paycore.tax_rates r "
								 "WHERE r.tenant_id = $1 AND r.code = ANY ($2) ORDER BY r.id FOR SHARE");
	static PcPlan find = PC_PLAN("tT",
								 "SELECT c.code, r.id IS NULL FROM unnest($2) c(code) "
								 "LEFT JOIN paycore.tax_rates r ON r.code = c.code AND r.tenant_id = $1 "
								 "WHERE r.active IS NOT TRUE ORDER BY 1");
	Datum		values[2] = {CStringGetTextDatum(call->tenant), codes};
	uint64		found = pc_execute(&lock, values, NULL, false, 0);

	for (uint64 i = 1; i < found; i++)
	{
		if (pc_get_bool(i, 1) != pc_get_bool(0, 1))
			ereport(ERROR,
					(errcode(ERRCODE_PC_INVALID_ARGUMENT),
					 errmsg("some of the tax rates are inclusive and some are not"),
					 errhint("An amount either contains its taxes or it does not: choose rates of one kind.")));
	}
	if (pc_execute(&find, values, NULL, false, 1) == 0)
		return;
	if (pc_get_bool(0, 2))
		ereport(ERROR,
				(errcode(ERRCODE_PC_NOT_FOUND),
				 errmsg("tenant \"%s\" has no tax rate \"%s\"", call->tenant, pc_get_cstring(0, 1)),
				 errhint("See paycore.list_tax_rates().")));
	ereport(ERROR,
			(errcode(ERRCODE_PC_INVALID_ARGUMENT),
			 errmsg("tax rate \"%s\" is not active", pc_get_cstring(0, 1)),
			 errhint("Take another one, or make it active again with paycore.update_tax_rate().")));
}

/* product NULL: the default ones. */
static void
give_rates_of(FunctionCallInfo fcinfo, const PcApiCall *call, const pg_uuid_t *product, bool changed)
{
	static PcPlan own = PC_PLAN_ROW("ut",
									"SELECT %s FROM paycore.tax_rates r WHERE r.tenant_id = $2 AND EXISTS (SELECT FROM paycore.product_tax_rates p "
									"WHERE p.product_id = $1 AND p.tenant_id = $2 AND p.tax_rate_id = r.id) ORDER BY r.code", PC_TAX_RATES);
	static PcPlan by_default = PC_PLAN_ROW("ut",
										   "SELECT %s FROM paycore.tax_rates r WHERE r.tenant_id = $2 AND r.by_default ORDER BY r.code", PC_TAX_RATES);
	Datum		values[2] = {UUIDPGetDatum(product), CStringGetTextDatum(call->tenant)};
	char		nulls[] = {product == NULL ? 'n' : ' ', ' ', '\0'};
	uint64		found = product == NULL ? 0 : pc_execute(&own, values, nulls, !changed, 0);

	if (found == 0)
		found = pc_execute(&by_default, values, nulls, !changed, 0);
	pc_api_give(fcinfo, found);
}

static void
lock_product(const PcApiCall *call, const pg_uuid_t *product)
{
	static PcPlan plan = PC_PLAN("ut", "SELECT 1 FROM paycore.products WHERE id = $1 AND tenant_id = $2 FOR NO KEY UPDATE");
	Datum		values[2] = {UUIDPGetDatum(product), CStringGetTextDatum(call->tenant)};

	if (pc_execute(&plan, values, NULL, false, 1) == 0)
		pc_not_found("product", product);
}

/* set_product_tax_rates(product_id, codes) */
PG_FUNCTION_INFO_V1(paycore_set_product_tax_rates);
PGDLLEXPORT Datum
paycore_set_product_tax_rates(PG_FUNCTION_ARGS)
{
	static PcPlan clear = PC_PLAN("utT",
								  "DELETE FROM paycore.product_tax_rates p WHERE p.product_id = $1 AND p.tenant_id = $2 AND NOT EXISTS "
								  "(SELECT FROM paycore.tax_rates r WHERE r.id = p.tax_rate_id AND r.tenant_id = $2 AND r.code = ANY ($3))");
	static PcPlan add = PC_PLAN("utT",
								"INSERT INTO paycore.product_tax_rates (product_id, tenant_id, tax_rate_id) "
								"SELECT $1, $2, r.id FROM paycore.tax_rates r WHERE r.tenant_id = $2 AND r.code = ANY ($3) "
								"ON CONFLICT (product_id, tax_rate_id, tenant_id) DO NOTHING");
	pg_uuid_t	product = pc_getarg_uuid(fcinfo, 0, "product_id");
	PcApiCall	call;
	Datum		values[3];

	check_codes(fcinfo, 1);
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	pc_api_begin(&call);
	values[0] = UUIDPGetDatum(&product);
	values[1] = CStringGetTextDatum(call.tenant);
	values[2] = PG_GETARG_DATUM(1);
	lock_product(&call, &product);
	lock_rates(&call, values[2]);
	pc_api_plumbing(&clear, values, NULL);
	pc_api_write(&add, values, NULL, NULL);
	give_rates_of(fcinfo, &call, &product, true);
	pc_api_end(&call);
	return (Datum) 0;
}

/* set_default_tax_rates(codes) */
PG_FUNCTION_INFO_V1(paycore_set_default_tax_rates);
PGDLLEXPORT Datum
paycore_set_default_tax_rates(PG_FUNCTION_ARGS)
{
	static PcPlan lock = PC_PLAN("t", "SELECT 1 FROM paycore.tax_rates WHERE tenant_id = $1 ORDER BY id FOR UPDATE");
	static PcPlan set = PC_PLAN("tT",
								"UPDATE paycore.tax_rates SET by_default = (code = ANY ($2)) "
								"WHERE tenant_id = $1 AND by_default <> (code = ANY ($2))");
	PcApiCall	call;
	Datum		values[2];

	check_codes(fcinfo, 0);
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	pc_api_begin(&call);
	values[0] = CStringGetTextDatum(call.tenant);
	values[1] = PG_GETARG_DATUM(0);
	pc_execute(&lock, values, NULL, false, 0);
	lock_rates(&call, values[1]);
	pc_api_write(&set, values, NULL, NULL);
	give_rates_of(fcinfo, &call, NULL, true);
	pc_api_end(&call);
	return (Datum) 0;
}

/* tax_rates_of(product_id) */
PG_FUNCTION_INFO_V1(paycore_tax_rates_of);
PGDLLEXPORT Datum
paycore_tax_rates_of(PG_FUNCTION_ARGS)
{
	pg_uuid_t	product = pc_getarg_uuid(fcinfo, 0, "product_id");
	PcApiCall	call;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	pc_api_begin(&call);
	(void) pc_api_read(PC_PRODUCTS, &call, &product);
	give_rates_of(fcinfo, &call, &product, false);
	pc_api_end(&call);
	return (Datum) 0;
}
