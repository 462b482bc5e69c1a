/*
 * apply_balance.c
 *		What of an account's balance goes on each of its invoices, one after the
 *		other.
 *
 * A balance above zero pays; what is owed from before is asked for with the
 * next invoice; an invoice of less than nothing, and an amount too small to be
 * charged, go onto the balance.
 */
#include "common/paycore.h"

#include "types/money.h"
#include "utils/array.h"

typedef struct Amounts
{
	Datum	   *values;
	bool	   *nulls;
	int			count;
} Amounts;

static void
read_amounts(ArrayType *array, Amounts *amounts)
{
	deconstruct_array(array, ARR_ELEMTYPE(array), sizeof(PcMoney), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE, &amounts->values,
					  &amounts->nulls, &amounts->count);
}

static int64
cents_of(const Amounts *amounts, int nth, PcMoney balance)
{
	PcMoney		amount;

	if (amounts->nulls[nth])
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("an amount is NULL"),
				 errhint("Give 0 where there is no minimum.")));
	amount = DatumGetPcMoney(amounts->values[nth]);
	if (pc_money_currency(amount) != pc_money_currency(balance))
		pc_money_mismatch(amount, balance);
	return pc_money_amount(amount);
}

/* What is left to be charged of an invoice; less than least is not worth it. */
static int64
left_to_charge(int64 total, int64 balance, int64 least)
{
	int64		due = total > 0 && total > balance ? total - balance : 0;

	return due < least ? 0 : due;
}

/* apply_balance(balance, totals, minimums) */
PG_FUNCTION_INFO_V1(paycore_apply_balance);
PGDLLEXPORT Datum
paycore_apply_balance(PG_FUNCTION_ARGS)
{
	PcMoney		balance = PG_GETARG_PC_MONEY(0);
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(1);
	PcCurrency	currency = pc_money_currency(balance);
	int64		has = pc_money_amount(balance);
	Amounts		totals,
				least;
	Datum	   *applied;

	read_amounts(array, &totals);
	read_amounts(PG_GETARG_ARRAYTYPE_P(2), &least);
	if (totals.count != least.count)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("totals and minimums are not of one length"),
				 errhint("Give the minimum that is charged of each total, 0 for any.")));
	applied = palloc_array(Datum, Max(totals.count, 1));
	for (int i = 0; i < totals.count; i++)
	{
		int64		total = cents_of(&totals, i, balance);
		int64		goes = total - left_to_charge(total, has, cents_of(&least, i, balance));

		applied[i] = PcMoneyGetDatum(pc_money_make(currency, goes));
		has = pc_money_amount(pc_money_make(currency, has - goes));
	}
	PG_RETURN_ARRAYTYPE_P(construct_array(applied, totals.count, ARR_ELEMTYPE(array), sizeof(PcMoney), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}
