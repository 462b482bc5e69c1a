/*
 * money_order.c
 *		Comparing amounts of money.
 *
 * Two families.  What a person writes (<, <=, >, >=, min, max) raises across
 * currencies.  What sorts, indexes, joins and statistics need (#<, #<=, #>=,
 * #>, =) is a total order and never raises.
 */
#include "types/money.h"

#include "access/stratnum.h"
#include "common/hashfn.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/selfuncs.h"
#include "utils/sortsupport.h"
#include "utils/typcache.h"

#define MONEY_COMPARISON(name, compare, op) \
	PG_FUNCTION_INFO_V1(paycore_money_##name); \
	PGDLLEXPORT Datum \
	paycore_money_##name(PG_FUNCTION_ARGS) \
	{ \
		PG_RETURN_BOOL(compare(PG_GETARG_PC_MONEY(0), PG_GETARG_PC_MONEY(1)) op 0); \
	}

MONEY_COMPARISON(lt, pc_money_compare, <)
MONEY_COMPARISON(le, pc_money_compare, <=)
MONEY_COMPARISON(gt, pc_money_compare, >)
MONEY_COMPARISON(ge, pc_money_compare, >=)

MONEY_COMPARISON(order_lt, pc_money_order, <)
MONEY_COMPARISON(order_le, pc_money_order, <=)
MONEY_COMPARISON(order_gt, pc_money_order, >)
MONEY_COMPARISON(order_ge, pc_money_order, >=)

PG_FUNCTION_INFO_V1(paycore_money_eq);
PGDLLEXPORT Datum
paycore_money_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(PG_GETARG_PC_MONEY(0) == PG_GETARG_PC_MONEY(1));
}

PG_FUNCTION_INFO_V1(paycore_money_ne);
PGDLLEXPORT Datum
paycore_money_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(PG_GETARG_PC_MONEY(0) != PG_GETARG_PC_MONEY(1));
}

PG_FUNCTION_INFO_V1(paycore_money_smaller);
PGDLLEXPORT Datum
paycore_money_smaller(PG_FUNCTION_ARGS)
{
	PcMoney		a = PG_GETARG_PC_MONEY(0);
	PcMoney		b = PG_GETARG_PC_MONEY(1);

	PG_RETURN_PC_MONEY(pc_money_compare(a, b) <= 0 ? a : b);
}

PG_FUNCTION_INFO_V1(paycore_money_larger);
PGDLLEXPORT Datum
paycore_money_larger(PG_FUNCTION_ARGS)
{
	PcMoney		a = PG_GETARG_PC_MONEY(0);
	PcMoney		b = PG_GETARG_PC_MONEY(1);

	PG_RETURN_PC_MONEY(pc_money_compare(a, b) >= 0 ? a : b);
}

PG_FUNCTION_INFO_V1(paycore_money_cmp);
PGDLLEXPORT Datum
paycore_money_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(pc_money_order(PG_GETARG_PC_MONEY(0), PG_GETARG_PC_MONEY(1)));
}

static int
money_sort_order(Datum a, Datum b, SortSupport support)
{
	return pc_money_order(DatumGetPcMoney(a), DatumGetPcMoney(b));
}

PG_FUNCTION_INFO_V1(paycore_money_sortsupport);
PGDLLEXPORT Datum
paycore_money_sortsupport(PG_FUNCTION_ARGS)
{
	((SortSupport) PG_GETARG_POINTER(0))->comparator = money_sort_order;
	PG_RETURN_VOID();
}

PG_FUNCTION_INFO_V1(paycore_money_hash);
PGDLLEXPORT Datum
paycore_money_hash(PG_FUNCTION_ARGS)
{
	PcMoney		m = PG_GETARG_PC_MONEY(0);

	return hash_any((unsigned char *) &m, sizeof(m));
}

PG_FUNCTION_INFO_V1(paycore_money_hash_extended);
PGDLLEXPORT Datum
paycore_money_hash_extended(PG_FUNCTION_ARGS)
{
	PcMoney		m = PG_GETARG_PC_MONEY(0);

	return hash_any_extended((unsigned char *) &m, sizeof(m), PG_GETARG_INT64(1));
}

/*
 * Estimates a raising comparison by its twin in the total order: the
 * estimators call their operator on histogram values of any currency, and
 * planning must not fail where running would not.
 */
static Datum
estimate_by_order(FunctionCallInfo fcinfo, PGFunction estimator, StrategyNumber strategy)
{
	Oid			left;
	Oid			right;
	Oid			twin;

	op_input_types(PG_GETARG_OID(1), &left, &right);
	twin = get_opfamily_member(lookup_type_cache(left, TYPECACHE_BTREE_OPFAMILY)->btree_opf,
							   left, right, strategy);
	if (!OidIsValid(twin))
		PG_RETURN_FLOAT8(DEFAULT_INEQ_SEL);
	return DirectFunctionCall4Coll(estimator, PG_GET_COLLATION(),
								   PG_GETARG_DATUM(0), ObjectIdGetDatum(twin),
								   PG_GETARG_DATUM(2), PG_GETARG_DATUM(3));
}

#define MONEY_ESTIMATOR(name, estimator, strategy) \
	PG_FUNCTION_INFO_V1(paycore_money_##name); \
	PGDLLEXPORT Datum \
	paycore_money_##name(PG_FUNCTION_ARGS) \
	{ \
		return estimate_by_order(fcinfo, estimator, strategy); \
	}

MONEY_ESTIMATOR(ltsel, scalarltsel, BTLessStrategyNumber)
MONEY_ESTIMATOR(lesel, scalarlesel, BTLessEqualStrategyNumber)
MONEY_ESTIMATOR(gtsel, scalargtsel, BTGreaterStrategyNumber)
MONEY_ESTIMATOR(gesel, scalargesel, BTGreaterEqualStrategyNumber)
