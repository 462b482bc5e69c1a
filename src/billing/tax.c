/*
 * tax.c
 *		The tax on an amount, or within it, at several rates.
 */
#include "billing/tax.h"

#include "billing/number.h"
#include "catalog/pg_type.h"
#include "types/money_allocate.h"

pc_noreturn static void refuse_rates(const char *why, const char *hint) pg_attribute_cold;

static void
refuse_rates(const char *why, const char *hint)
{
	ereport(ERROR,
			errcode(ERRCODE_PC_INVALID_ARGUMENT),
			errmsg("%s", why),
			errhint("%s", hint));
}

int64
pc_read_percent(Datum rate, const char *what, int nth)
{
	static Datum highest = 0;
	static Datum percent = 0;
	Datum		scaled;
	int64		units;

	pc_check_number(rate, what, NULL, nth);
	if (pc_number_compare(rate, pc_number_keep(&highest, PC_MAX_PERCENT, 0)) > 0)
		pc_refuse_number(rate, what, NULL, nth, "is above 1000 percent", "Give percent: 19 for 19 %.");
	scaled = pc_number_multiply(rate, pc_number_keep(&percent, PC_PERCENT, 0));
	units = DatumGetInt64(DirectFunctionCall1(numeric_int8, scaled));
	if (pc_number_compare(scaled, pc_number_from_int(units)) != 0)
		pc_refuse_number(rate, what, NULL, nth, "has more than 15 decimals", "Round it first.");
	return units;
}

/* Reads the rates and returns how many there are. */
static int
read_rates(ArrayType *array, int64 *rates)
{
	Datum	   *elements;
	bool	   *nulls;
	int			count;

	if (ARR_NDIM(array) > 1)
		refuse_rates("rates have more than one dimension", "Give a one-dimensional array.");
	deconstruct_array(array, NUMERICOID, -1, false, TYPALIGN_INT, &elements, &nulls, &count);
	if (count > PC_MAX_RATES)
		refuse_rates(psprintf("%d rates are too many", count), psprintf("Give at most %d.", PC_MAX_RATES));
	for (int i = 0; i < count; i++)
	{
		if (nulls[i])
			refuse_rates(psprintf("rate %d is NULL", i + 1), "Leave it out; 0 is a rate.");
		rates[i] = pc_read_percent(NumericGetDatum(DatumGetNumeric(elements[i])), "rate", i + 1);
	}
	return count;
}

/* The tax within an amount at all rates together, rounded once and split by rate. */
static void
tax_within(PcMoney amount, const int64 *rates, int count, PcMoney *taxes)
{
	uint128		sum = 0;

	for (int i = 0; i < count; i++)
		sum += rates[i];
	if (sum > 0)
		pc_money_allocate(pc_money_fraction(amount, sum, PC_HUNDRED_PERCENT + sum), rates, count, taxes);
	else
	{
		for (int i = 0; i < count; i++)
			taxes[i] = pc_money_pack(pc_money_currency(amount), 0);
	}
}

void
pc_taxes(PcMoney amount, const int64 *rates, int count, bool inclusive, PcMoney *taxes)
{
	if (inclusive)
		tax_within(amount, rates, count, taxes);
	else
	{
		for (int i = 0; i < count; i++)
			taxes[i] = pc_money_fraction(amount, rates[i], PC_HUNDRED_PERCENT);
	}
}

PG_FUNCTION_INFO_V1(paycore_tax_amounts);
PGDLLEXPORT Datum
paycore_tax_amounts(PG_FUNCTION_ARGS)
{
	PcMoney		amount = PG_GETARG_PC_MONEY(0);
	int64		rates[PC_MAX_RATES];
	int			count = read_rates(PG_GETARG_ARRAYTYPE_P(1), rates);
	PcMoney		taxes[PC_MAX_RATES];

	pc_taxes(amount, rates, count, PG_GETARG_BOOL(2), taxes);
	PG_RETURN_ARRAYTYPE_P(pc_money_array(fcinfo, taxes, count));
}
