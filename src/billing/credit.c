/*
 * credit.c
 *		What giving back a part of a line of an invoice comes to, in the terms of
 *		that line.
 *
 * The part is shared out by what is left of the line: so nothing of it is
 * given back twice, and whoever gives back the last part takes all that is
 * left, to the cent, of each tax.
 */
#include "billing/tax_rows.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "types/money_allocate.h"

typedef struct Part
{
	PcMoney		amount;
	PcMoney		discount;
	PcMoney		tax;
} Part;

pc_noreturn static void
refuse(PcMoney gross, PcMoney left)
{
	char		text[2][PC_MONEY_TEXT_LEN];

	ereport(ERROR,
			(errcode(ERRCODE_PC_OVER_CREDIT),
			 errmsg("%s is more than what is left of the line", pc_money_to_text(gross, text[0])),
			 errdetail("%s is left.", pc_money_to_text(left, text[1])),
			 errhint("Credit at most that.")));
}

/* What of the net amount and of each tax makes up gross; leaves the taxes in their rows. */
static PcMoney
share_out(PcMoney gross, PcMoney net, PcTaxRows *taxes, PcMoney tax, bool inclusive)
{
	int64		sign = pc_money_amount(gross) < 0 ? -1 : 1;
	int64		weights[PC_MAX_RATES + 1];
	PcMoney		shares[PC_MAX_RATES + 1];

	weights[0] = Max(0, sign * pc_money_amount(inclusive ? pc_money_subtract(net, tax) : net));
	for (int i = 0; i < taxes->count; i++)
		weights[i + 1] = Max(0, sign * pc_money_amount(taxes->amounts[i]));
	pc_money_allocate(gross, weights, taxes->count + 1, shares);
	for (int i = 0; i < taxes->count; i++)
		taxes->amounts[i] = shares[i + 1];
	return inclusive ? gross : shares[0];
}

static PcMoney
sum_of(const PcTaxRows *taxes, PcCurrency currency)
{
	PcMoney		sum = pc_money_pack(currency, 0);

	for (int i = 0; i < taxes->count; i++)
		sum = pc_money_add(sum, taxes->amounts[i]);
	return sum;
}

static int64
size_of(PcMoney m)
{
	return pc_money_amount(m) < 0 ? -pc_money_amount(m) : pc_money_amount(m);
}

static void
check_part(PcMoney gross, PcMoney whole)
{
	if (!pc_money_same_currency(gross, whole))
		pc_money_mismatch(gross, whole);
	if (pc_money_amount(gross) == 0 || (pc_money_amount(gross) < 0) != (pc_money_amount(whole) < 0) || size_of(gross) > size_of(whole))
		refuse(gross, whole);
}

/* Of what is left of a line: all, or the part that comes to gross. */
static Part
take(Part left, PcTaxRows *taxes, bool inclusive, PcMoney gross)
{
	PcMoney		net = pc_money_subtract(left.amount, left.discount);
	PcMoney		whole = inclusive ? net : pc_money_add(net, left.tax);
	PcMoney		given;
	Part		part;

	if (gross == whole)
		return left;
	check_part(gross, whole);
	given = share_out(gross, net, taxes, left.tax, inclusive);
	part.amount = pc_money_amount(net) == 0 ? given : pc_money_fraction(left.amount, (uint128) size_of(given), (uint128) size_of(net));
	part.discount = pc_money_subtract(part.amount, given);
	part.tax = sum_of(taxes, pc_money_currency(gross));
	return part;
}

/* credit_line(left_amount, left_discount, left_taxes, inclusive, gross) */
PG_FUNCTION_INFO_V1(paycore_credit_line);
PGDLLEXPORT Datum
paycore_credit_line(PG_FUNCTION_ARGS)
{
	Part		left = {.amount = PG_GETARG_PC_MONEY(0), .discount = PG_GETARG_PC_MONEY(1)};
	bool		inclusive = PG_GETARG_BOOL(3);
	PcTaxRows	taxes;
	TupleDesc	row;
	Part		part;
	PcMoney		net;
	Datum		values[4];
	bool		nulls[4] = {false};

	if (get_call_result_type(fcinfo, NULL, &row) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "paycore: credit_line() returns a row");
	pc_tax_rows_open(&taxes, PG_GETARG_ARRAYTYPE_P(2));
	left.tax = pc_tax_rows_sum(&taxes, pc_money_currency(left.amount));
	part = take(left, &taxes, inclusive, PG_GETARG_PC_MONEY(4));
	net = pc_money_subtract(part.amount, part.discount);
	values[0] = PcMoneyGetDatum(part.amount);
	values[1] = PcMoneyGetDatum(part.discount);
	values[2] = PcMoneyGetDatum(part.tax);
	values[3] = PointerGetDatum(pc_tax_rows_close(&taxes, inclusive ? pc_money_subtract(net, part.tax) : net, false));
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(row), values, nulls));
}
