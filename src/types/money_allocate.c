/*
 * money_allocate.c
 *		Splits an amount by weights, so that the shares add up to it exactly.
 */
#include "types/money_allocate.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/lsyscache.h"

typedef struct Share
{
	int			position;
	int64		amount;
	uint128		remainder;
} Share;

static void
refuse_weights(const char *detail)
{
	ereport(ERROR,
			errcode(ERRCODE_PC_INVALID_ARGUMENT),
			errmsg("invalid weights"),
			errdetail_internal("%s", detail),
			errhint("Give a one-dimensional array of weights from 0 up, at least one above 0."));
}

/* Checks the weights and returns how many there are. */
static int
check_weights(ArrayType *weights)
{
	const int64 *weight = (int64 *) ARR_DATA_PTR(weights);
	bool		any = false;

	if (ARR_NDIM(weights) != 1)
		refuse_weights("The array is empty or has more than one dimension.");
	if (array_contains_nulls(weights))
		refuse_weights("A weight is NULL.");
	for (int i = 0; i < ARR_DIMS(weights)[0]; i++)
	{
		if (weight[i] < 0)
			refuse_weights("A weight is negative.");
		any |= weight[i] > 0;
	}
	if (!any)
		refuse_weights("All weights are zero.");
	return ARR_DIMS(weights)[0];
}

/* Largest remainder first; of equals, the first in the array. */
static int
share_order(const void *left, const void *right)
{
	const Share *a = left;
	const Share *b = right;

	if (a->remainder != b->remainder)
		return a->remainder > b->remainder ? -1 : 1;
	return a->position - b->position;
}

/*
 * Deals out the amount (not negative): each share cut off to whole units, and
 * the rest one by one to those that lost most.  A weight of zero leaves no
 * remainder, so it never gets one.
 */
static void
deal_out(int64 amount, const int64 *weight, Share *shares, int count)
{
	int64		rest = amount;
	uint128		sum = 0;

	for (int i = 0; i < count; i++)
		sum += weight[i];
	for (int i = 0; i < count; i++)
	{
		uint128		product = (uint128) amount * (uint128) weight[i];

		shares[i].position = i;
		shares[i].amount = (int64) (product / sum);
		shares[i].remainder = product % sum;
		rest -= shares[i].amount;
	}
	qsort(shares, count, sizeof(Share), share_order);
	for (int i = 0; i < rest; i++)
		shares[i].amount++;
}

void
pc_money_allocate(PcMoney m, const int64 *weights, int count, PcMoney *shares)
{
	int64		amount = pc_money_amount(m);
	Share	   *dealt = palloc_array(Share, count);

	deal_out(amount < 0 ? -amount : amount, weights, dealt, count);
	for (int i = 0; i < count; i++)
		shares[dealt[i].position] = pc_money_pack(pc_money_currency(m), amount < 0 ? -dealt[i].amount : dealt[i].amount);
	pfree(dealt);
}

PcMoney
pc_money_fraction(PcMoney m, uint128 part, uint128 whole)
{
	int64		amount = pc_money_amount(m);
	uint128		product = (uint128) (amount < 0 ? -amount : amount) * part;
	uint128		units = product / whole;

	if ((product % whole) * 2 >= whole)
		units++;
	if (units > PC_MONEY_MAX)
		pc_money_overflow(pc_money_currency(m));
	return pc_money_pack(pc_money_currency(m), amount < 0 ? -(int64) units : (int64) units);
}

ArrayType *
pc_money_array(FunctionCallInfo fcinfo, const PcMoney *amounts, int count)
{
	Oid		   *type = fcinfo->flinfo->fn_extra;

	StaticAssertStmt(sizeof(PcMoney) == sizeof(Datum), "an amount is a datum");
	if (type == NULL)
	{
		type = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, sizeof(Oid));
		*type = get_element_type(get_func_rettype(fcinfo->flinfo->fn_oid));
		fcinfo->flinfo->fn_extra = type;
	}
	return construct_array((Datum *) amounts, count, *type, sizeof(PcMoney), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE);
}

PG_FUNCTION_INFO_V1(paycore_money_allocate);
PGDLLEXPORT Datum
paycore_money_allocate(PG_FUNCTION_ARGS)
{
	ArrayType  *weights = PG_GETARG_ARRAYTYPE_P(1);
	int			count = check_weights(weights);
	PcMoney    *shares = palloc_array(PcMoney, count);

	pc_money_allocate(PG_GETARG_PC_MONEY(0), (int64 *) ARR_DATA_PTR(weights), count, shares);
	PG_RETURN_ARRAYTYPE_P(pc_money_array(fcinfo, shares, count));
}
