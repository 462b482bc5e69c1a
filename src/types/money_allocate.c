/*
 * money_allocate.c
 *		Splits an amount by weights, so that the shares add up to it exactly.
 */
#include "types/money.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/lsyscache.h"

#ifndef HAVE_INT128
#error "paycore needs 128-bit integers"
#endif

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

/* Checks the weights and returns their sum. */
static uint128
sum_weights(ArrayType *weights, int *count)
{
	int64	   *weight = (int64 *) ARR_DATA_PTR(weights);
	uint128		sum = 0;

	if (ARR_NDIM(weights) != 1)
		refuse_weights("The array is empty or has more than one dimension.");
	if (array_contains_nulls(weights))
		refuse_weights("A weight is NULL.");
	*count = ARR_DIMS(weights)[0];
	for (int i = 0; i < *count; i++)
	{
		if (weight[i] < 0)
			refuse_weights("A weight is negative.");
		sum += weight[i];
	}
	if (sum == 0)
		refuse_weights("All weights are zero.");
	return sum;
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
deal_out(int64 amount, const int64 *weight, uint128 sum, Share *shares, int count)
{
	int64		rest = amount;

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

PG_FUNCTION_INFO_V1(paycore_money_allocate);
PGDLLEXPORT Datum
paycore_money_allocate(PG_FUNCTION_ARGS)
{
	PcMoney		m = PG_GETARG_PC_MONEY(0);
	ArrayType  *weights = PG_GETARG_ARRAYTYPE_P(1);
	int64		amount = pc_money_amount(m);
	int			count;
	uint128		sum = sum_weights(weights, &count);
	Share	   *shares = palloc_array(Share, count);
	Datum	   *elements = palloc_array(Datum, count);

	deal_out(amount < 0 ? -amount : amount, (int64 *) ARR_DATA_PTR(weights), sum, shares, count);
	for (int i = 0; i < count; i++)
	{
		int64		share = amount < 0 ? -shares[i].amount : shares[i].amount;

		elements[shares[i].position] = PcMoneyGetDatum(pc_money_pack(pc_money_currency(m), share));
	}
	PG_RETURN_ARRAYTYPE_P(construct_array(elements, count,
										  get_element_type(get_func_rettype(fcinfo->flinfo->fn_oid)),
										  sizeof(PcMoney), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}
