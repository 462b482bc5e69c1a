/*
 * tax_rows.h
 *		Arrays of tax_amount: the taxes of a line of an invoice.
 */
#ifndef PAYCORE_BILLING_TAX_ROWS_H
#define PAYCORE_BILLING_TAX_ROWS_H

#include "billing/tax.h"

#include "access/tupdesc.h"
#include "utils/array.h"

typedef struct PcTaxRows
{
	int			count;
	Oid			type;
	Datum	   *elements;
	TupleDesc	row;
	int64		rates[PC_MAX_RATES];
	PcMoney		amounts[PC_MAX_RATES];
} PcTaxRows;

/* PY042 where there are too many, or one is NULL. */
extern void pc_tax_rows_open(PcTaxRows *taxes, ArrayType *array);

/* Reads the percentages into rates (exempt: 0), or the amounts, whose sum it returns. */
extern void pc_tax_rows_rates(PcTaxRows *taxes, bool exempt);
extern PcMoney pc_tax_rows_sum(PcTaxRows *taxes, PcCurrency currency);

/* The rows with amounts, on so much each; exempt: at 0 percent. */
extern ArrayType *pc_tax_rows_close(PcTaxRows *taxes, PcMoney taxable, bool exempt);

#endif							/* PAYCORE_BILLING_TAX_ROWS_H */
