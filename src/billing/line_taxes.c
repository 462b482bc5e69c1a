/*
 * line_taxes.c
 *		The taxes of a line of an invoice, as it shows and keeps them.
 */
#include "billing/tax.h"

#include "access/htup_details.h"
#include "common/number.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

/* The columns of tax_amount. */
enum
{
	TAX_RATE_ID,
	TAX_NAME,
	TAX_PERCENTAGE,
	TAX_TAXABLE,
	TAX_AMOUNT,
	TAX_COLUMNS
};

typedef struct Taxes
{
	int			count;
	Datum	   *elements;
	TupleDesc	row;
	int64		rates[PC_MAX_RATES];
	PcMoney		amounts[PC_MAX_RATES];
} Taxes;

static void
deform(const Taxes *taxes, int nth, Datum *values, bool *nulls)
{
	HeapTupleHeader header = DatumGetHeapTupleHeader(taxes->elements[nth]);
	HeapTupleData tuple = {.t_len = HeapTupleHeaderGetDatumLength(header), .t_data = header};

	heap_deform_tuple(&tuple, taxes->row, values, nulls);
}

static void
open_taxes(Taxes *taxes, ArrayType *array)
{
	bool	   *nulls;

	deconstruct_array(array, ARR_ELEMTYPE(array), -1, false, TYPALIGN_DOUBLE, &taxes->elements, &nulls, &taxes->count);
	if (taxes->count > PC_MAX_RATES)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("%d taxes are too many", taxes->count),
				 errhint("Give at most %d.", PC_MAX_RATES)));
	for (int i = 0; i < taxes->count; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_PC_INVALID_ARGUMENT),
					 errmsg("tax %d is NULL", i + 1),
					 errhint("Leave it out.")));
	}
	taxes->row = lookup_rowtype_tupdesc(ARR_ELEMTYPE(array), -1);
}

static void
read_rates(Taxes *taxes, bool exempt)
{
	Datum		values[TAX_COLUMNS];
	bool		nulls[TAX_COLUMNS];

	for (int i = 0; i < taxes->count; i++)
	{
		deform(taxes, i, values, nulls);
		taxes->rates[i] = exempt || nulls[TAX_PERCENTAGE] ? 0 :
			pc_read_percent(NumericGetDatum(DatumGetNumeric(values[TAX_PERCENTAGE])), "percentage of tax", i + 1);
	}
}

/* What the amount adds to the taxes of what came before it. */
static PcMoney
compute(Taxes *taxes, PcMoney before, PcMoney amount, bool inclusive)
{
	PcMoney		upto[PC_MAX_RATES];
	PcMoney		total = pc_money_pack(pc_money_currency(amount), 0);

	pc_taxes(before, taxes->rates, taxes->count, inclusive, taxes->amounts);
	pc_taxes(pc_money_add(before, amount), taxes->rates, taxes->count, inclusive, upto);
	for (int i = 0; i < taxes->count; i++)
	{
		taxes->amounts[i] = pc_money_subtract(upto[i], taxes->amounts[i]);
		total = pc_money_add(total, taxes->amounts[i]);
	}
	return total;
}

static Datum
filled(const Taxes *taxes, int nth, PcMoney taxable)
{
	Datum		values[TAX_COLUMNS];
	bool		nulls[TAX_COLUMNS];

	deform(taxes, nth, values, nulls);
	values[TAX_TAXABLE] = PcMoneyGetDatum(taxable);
	values[TAX_AMOUNT] = PcMoneyGetDatum(taxes->amounts[nth]);
	nulls[TAX_TAXABLE] = nulls[TAX_AMOUNT] = false;
	if (taxes->rates[nth] == 0 && !nulls[TAX_PERCENTAGE])
		values[TAX_PERCENTAGE] = pc_number_zero();
	return HeapTupleGetDatum(heap_form_tuple(taxes->row, values, nulls));
}

/* line_taxes(amount, before, rates, inclusive, exempt) */
PG_FUNCTION_INFO_V1(paycore_line_taxes);
PGDLLEXPORT Datum
paycore_line_taxes(PG_FUNCTION_ARGS)
{
	PcMoney		amount = PG_GETARG_PC_MONEY(0);
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(2);
	bool		inclusive = PG_GETARG_BOOL(3);
	Taxes		taxes;
	PcMoney		within;
	Datum	   *result;

	open_taxes(&taxes, array);
	read_rates(&taxes, PG_GETARG_BOOL(4));
	within = compute(&taxes, PG_GETARG_PC_MONEY(1), amount, inclusive);
	result = palloc_array(Datum, taxes.count);
	for (int i = 0; i < taxes.count; i++)
		result[i] = filled(&taxes, i, inclusive ? pc_money_subtract(amount, within) : amount);
	ReleaseTupleDesc(taxes.row);
	PG_RETURN_ARRAYTYPE_P(construct_array(result, taxes.count, ARR_ELEMTYPE(array), -1, false, TYPALIGN_DOUBLE));
}

/* tax_total(taxes, currency) */
PG_FUNCTION_INFO_V1(paycore_tax_total);
PGDLLEXPORT Datum
paycore_tax_total(PG_FUNCTION_ARGS)
{
	PcMoney		total = pc_money_pack(PG_GETARG_PC_CURRENCY(1), 0);
	Datum		values[TAX_COLUMNS];
	bool		nulls[TAX_COLUMNS];
	Taxes		taxes;

	open_taxes(&taxes, PG_GETARG_ARRAYTYPE_P(0));
	for (int i = 0; i < taxes.count; i++)
	{
		deform(&taxes, i, values, nulls);
		if (!nulls[TAX_AMOUNT])
			total = pc_money_add(total, DatumGetPcMoney(values[TAX_AMOUNT]));
	}
	ReleaseTupleDesc(taxes.row);
	PG_RETURN_PC_MONEY(total);
}
