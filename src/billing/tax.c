/*
 * tax.c
 *		The tax on an amount, or within it, at several rates.
 */
#include "billing/number.h"
#include "types/money_allocate.h"

#include "catalog/pg_type.h"

/* A rate as an integer: percent in units of 10^-15, up to 1000 percent. */
#define PERCENT			INT64CONST(1000000000000000)
#define HUNDRED_PERCENT	(100 * PERCENT)
#define MAX_PERCENT		1000
#define MAX_RATES		100

pc_noreturn static void refuse_rates(const char *why, const char *hint) pg_attribute_cold;

static void
refuse_rates(const char *why, const char *hint)
{
	ereport(ERROR,
			errcode(ERRCODE_PC_INVALID_ARGUMENT),
			errmsg("%s", why),
			errhint("%s", hint));
}

static int64
read_rate(Datum rate, int nth)
{
	static Datum highest = 0;
	static Datum percent = 0;
	Datum		scaled;
	int64		units;

	pc_check_number(rate, "rate", NULL, nth);
	if (pc_number_compare(rate, pc_number_keep(&highest, MAX_PERCENT, 0)) > 0)
		pc_refuse_number(rate, "rate", NULL, nth, "is above 1000 percent", "Give percent: 19 for 19 %.");
	scaled = pc_number_multiply(rate, pc_number_keep(&percent, PERCENT, 0));
	units = DatumGetInt64(DirectFunctionCall1(numeric_int8, scaled));
	if (pc_number_compare(scaled, pc_number_from_int(units)) != 0)
		pc_refuse_number(rate, "rate", NULL, nth, "has more than 15 decimals", "Round it first.");
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
	if (count > MAX_RATES)
		refuse_rates(psprintf("%d rates are too many", count), psprintf("Give at most %d.", MAX_RATES));
	for (int i = 0; i < count; i++)
	{
		if (nulls[i])
			refuse_rates(psprintf("rate %d is NULL", i + 1), "Leave it out; 0 is a rate.");
		rates[i] = read_rate(NumericGetDatum(DatumGetNumeric(elements[i])), i + 1);
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
		pc_money_allocate(pc_money_fraction(amount, sum, HUNDRED_PERCENT + sum), rates, count, taxes);
	else
	{
		for (int i = 0; i < count; i++)
			taxes[i] = pc_money_pack(pc_money_currency(amount), 0);
	}
}

PG_FUNCTION_INFO_V1(paycore_tax_amounts);
PGDLLEXPORT Datum
paycore_tax_amounts(PG_FUNCTION_ARGS)
{
	PcMoney		amount = PG_GETARG_PC_MONEY(0);
	int64		rates[MAX_RATES];
	int			count = read_rates(PG_GETARG_ARRAYTYPE_P(1), rates);
	PcMoney		taxes[MAX_RATES];

	if (PG_GETARG_BOOL(2))
		tax_within(amount, rates, count, taxes);
	else
	{
		for (int i = 0; i < count; i++)
			taxes[i] = pc_money_fraction(amount, rates[i], HUNDRED_PERCENT);
	}
	PG_RETURN_ARRAYTYPE_P(pc_money_array(fcinfo, taxes, count));
}
