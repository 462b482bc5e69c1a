/*
 * money_round.c
 *		Between money and numeric, with rounding that the caller names.
 */
#include "types/money.h"

#include "utils/builtins.h"
#include "utils/numeric.h"

typedef enum Rounding
{
	ROUND_HALF_UP,				/* a half goes away from zero, as on invoices */
	ROUND_HALF_EVEN,
	ROUND_HALF_DOWN,
	ROUND_UP,					/* away from zero */
	ROUND_DOWN,					/* towards zero */
	ROUND_CEILING,
	ROUND_FLOOR
} Rounding;

static const char *const rounding_names[] = {
	[ROUND_HALF_UP] = "half_up",
	[ROUND_HALF_EVEN] = "half_even",
	[ROUND_HALF_DOWN] = "half_down",
	[ROUND_UP] = "up",
	[ROUND_DOWN] = "down",
	[ROUND_CEILING] = "ceiling",
	[ROUND_FLOOR] = "floor",
};

static Rounding
rounding_by_name(text *name)
{
	char	   *wanted = text_to_cstring(name);

	for (int i = 0; i < lengthof(rounding_names); i++)
	{
		if (strcmp(wanted, rounding_names[i]) == 0)
			return (Rounding) i;
	}
	ereport(ERROR,
			errcode(ERRCODE_PC_INVALID_ARGUMENT),
			errmsg("unknown rounding mode: \"%s\"", wanted),
			errhint("Use half_up, half_even, half_down, up, down, ceiling or floor."));
}

static int
compare_numeric(Datum a, Datum b)
{
	return DatumGetInt32(DirectFunctionCall2(numeric_cmp, a, b));
}

/* Whether a number that was cut off to whole is to move one away from zero. */
static bool
rounds_away(Rounding rounding, int sign, int half, bool odd)
{
	switch (rounding)
	{
		case ROUND_HALF_UP:
			return half >= 0;
		case ROUND_HALF_EVEN:
			return half > 0 || (half == 0 && odd);
		case ROUND_HALF_DOWN:
			return half > 0;
		case ROUND_UP:
			return true;
		case ROUND_DOWN:
			return false;
		case ROUND_CEILING:
			return sign > 0;
		case ROUND_FLOOR:
			return sign < 0;
	}
	return false;
}

/* Rounds a count of minor units to whole ones. */
static PcMoney
money_from_numeric(Numeric minor_units, PcCurrency currency, Rounding rounding)
{
	Datum		exact = NumericGetDatum(minor_units);
	Datum		limit = NumericGetDatum(int64_to_numeric(PC_MONEY_MAX));
	Datum		half = NumericGetDatum(int64_div_fast_to_numeric(5, 1));
	Datum		whole = DirectFunctionCall2(numeric_trunc, exact, Int32GetDatum(0));
	Datum		rest = DirectFunctionCall1(numeric_abs, DirectFunctionCall2(numeric_sub, exact, whole));
	int			sign = compare_numeric(exact, NumericGetDatum(int64_to_numeric(0)));
	int64		amount;

	if (compare_numeric(DirectFunctionCall1(numeric_abs, whole), limit) > 0)
		pc_money_overflow(currency);
	amount = DatumGetInt64(DirectFunctionCall1(numeric_int8, whole));
	if (compare_numeric(exact, whole) != 0 &&
		rounds_away(rounding, sign, compare_numeric(rest, half), amount % 2 != 0))
		amount += sign;
	return pc_money_make(currency, amount);
}

static void
check_finite(Numeric number)
{
	if (numeric_is_nan(number) || numeric_is_inf(number))
		ereport(ERROR,
				errcode(ERRCODE_PC_INVALID_ARGUMENT),
				errmsg("money cannot be made from %s",
					   DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(number)))));
}

PG_FUNCTION_INFO_V1(paycore_money_multiply);
PGDLLEXPORT Datum
paycore_money_multiply(PG_FUNCTION_ARGS)
{
	PcMoney		m = PG_GETARG_PC_MONEY(0);
	Numeric		factor = PG_GETARG_NUMERIC(1);
	Rounding	rounding = rounding_by_name(PG_GETARG_TEXT_PP(2));
	Datum		product;

	check_finite(factor);
	product = DirectFunctionCall2(numeric_mul, NumericGetDatum(int64_to_numeric(pc_money_amount(m))),
								  NumericGetDatum(factor));
	PG_RETURN_PC_MONEY(money_from_numeric(DatumGetNumeric(product), pc_money_currency(m), rounding));
}

PG_FUNCTION_INFO_V1(paycore_round_money);
PGDLLEXPORT Datum
paycore_round_money(PG_FUNCTION_ARGS)
{
	Numeric		major_units = PG_GETARG_NUMERIC(0);
	PcCurrency	currency = PG_GETARG_PC_CURRENCY(1);
	Rounding	rounding = rounding_by_name(PG_GETARG_TEXT_PP(2));
	int64		unit = 1;
	Datum		product;

	pc_currency_check_active(currency);
	check_finite(major_units);
	for (int i = 0; i < pc_currency_by_number(currency)->exponent; i++)
		unit *= 10;
	product = DirectFunctionCall2(numeric_mul, NumericGetDatum(major_units),
								  NumericGetDatum(int64_to_numeric(unit)));
	PG_RETURN_PC_MONEY(money_from_numeric(DatumGetNumeric(product), currency, rounding));
}

PG_FUNCTION_INFO_V1(paycore_money_to_numeric);
PGDLLEXPORT Datum
paycore_money_to_numeric(PG_FUNCTION_ARGS)
{
	PcMoney		m = PG_GETARG_PC_MONEY(0);
	const PcCurrencyInfo *info = pc_currency_by_number(pc_money_currency(m));
	int			exponent = info != NULL ? info->exponent : 0;

	PG_RETURN_NUMERIC(int64_div_fast_to_numeric(pc_money_amount(m), exponent));
}
