/*
 * tax_rows.c
 *		Arrays of tax_amount: the taxes of a line of an invoice, as it shows and
 *		keeps them.
 */
#include "billing/tax_rows.h"

#include "access/htup_details.h"
#include "common/number.h"
#include "funcapi.h"
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

static void
deform(const PcTaxRows *taxes, int nth, Datum *values, bool *nulls)
{
	HeapTupleHeader header = DatumGetHeapTupleHeader(taxes->elements[nth]);
	HeapTupleData tuple = {.t_len = HeapTupleHeaderGetDatumLength(header), .t_data = header};

	heap_deform_tuple(&tuple, taxes->row, values, nulls);
}

void
pc_tax_rows_open(PcTaxRows *taxes, ArrayType *array)
{
	bool	   *nulls;

	taxes->type = ARR_ELEMTYPE(array);
	deconstruct_array(array, taxes->type, -1, false, TYPALIGN_DOUBLE, &taxes->elements, &nulls, &taxes->count);
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
	taxes->row = lookup_rowtype_tupdesc(taxes->type, -1);
}

PcMoney
pc_tax_rows_sum(PcTaxRows *taxes, PcCurrency currency)
{
	PcMoney		total = pc_money_pack(currency, 0);
	Datum		values[TAX_COLUMNS];
	bool		nulls[TAX_COLUMNS];

	for (int i = 0; i < taxes->count; i++)
	{
		deform(taxes, i, values, nulls);
		taxes->amounts[i] = nulls[TAX_AMOUNT] ? pc_money_pack(currency, 0) : DatumGetPcMoney(values[TAX_AMOUNT]);
		total = pc_money_add(total, taxes->amounts[i]);
	}
	return total;
}

static Datum
filled(const PcTaxRows *taxes, int nth, PcMoney taxable, bool exempt)
{
	Datum		values[TAX_COLUMNS];
	bool		nulls[TAX_COLUMNS];

	deform(taxes, nth, values, nulls);
	values[TAX_TAXABLE] = PcMoneyGetDatum(taxable);
	values[TAX_AMOUNT] = PcMoneyGetDatum(taxes->amounts[nth]);
	nulls[TAX_TAXABLE] = nulls[TAX_AMOUNT] = false;
	if (exempt && !nulls[TAX_PERCENTAGE])
		values[TAX_PERCENTAGE] = pc_number_zero();
	return HeapTupleGetDatum(heap_form_tuple(taxes->row, values, nulls));
}

ArrayType *
pc_tax_rows_close(PcTaxRows *taxes, PcMoney taxable, bool exempt)
{
	Datum	   *result = palloc_array(Datum, taxes->count);

	for (int i = 0; i < taxes->count; i++)
		result[i] = filled(taxes, i, taxable, exempt);
	ReleaseTupleDesc(taxes->row);
	return construct_array(result, taxes->count, taxes->type, -1, false, TYPALIGN_DOUBLE);
}

void
pc_tax_rows_rates(PcTaxRows *taxes, bool exempt)
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
