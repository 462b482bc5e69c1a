/*
 * line_taxes.c
 *		The taxes on a line of an invoice, and their sum.
 */
#include "billing/tax_rows.h"

/* What the amount adds to the taxes of what came before it. */
static PcMoney
compute(PcTaxRows *taxes, PcMoney before, PcMoney amount, bool inclusive)
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

/* line_taxes(amount, before, rates, inclusive, exempt) */
PG_FUNCTION_INFO_V1(paycore_line_taxes);
PGDLLEXPORT Datum
paycore_line_taxes(PG_FUNCTION_ARGS)
{
	PcMoney		amount = PG_GETARG_PC_MONEY(0);
	bool		inclusive = PG_GETARG_BOOL(3);
	bool		exempt = PG_GETARG_BOOL(4);
	PcTaxRows	taxes;
	PcMoney		within;

	pc_tax_rows_open(&taxes, PG_GETARG_ARRAYTYPE_P(2));
	pc_tax_rows_rates(&taxes, exempt);
	within = compute(&taxes, PG_GETARG_PC_MONEY(1), amount, inclusive);
	PG_RETURN_ARRAYTYPE_P(pc_tax_rows_close(&taxes, inclusive ? pc_money_subtract(amount, within) : amount, exempt));
}

/* tax_total(taxes, currency) */
PG_FUNCTION_INFO_V1(paycore_tax_total);
PGDLLEXPORT Datum
paycore_tax_total(PG_FUNCTION_ARGS)
{
	PcTaxRows	taxes;
	PcMoney		total;

	pc_tax_rows_open(&taxes, PG_GETARG_ARRAYTYPE_P(0));
	total = pc_tax_rows_sum(&taxes, PG_GETARG_PC_CURRENCY(1));
	ReleaseTupleDesc(taxes.row);
	PG_RETURN_PC_MONEY(total);
}
