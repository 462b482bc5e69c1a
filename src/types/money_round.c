/*
 * money_round.c
 *		Between money and numeric, with rounding that the caller names.
 */
#include "types/money_round.h"

#include "common/number.h"
#include "utils/builtins.h"

static const char *const rounding_names[] = {
	[PC_ROUND_HALF_UP] = "half_up",
	[PC_ROUND_HALF_EVEN] = "half_even",
	[PC_ROUND_HALF_DOWN] = "half_down",
	[PC_ROUND_UP] = "up",
	[PC_ROUND_DOWN] = "down",
	[PC_ROUND_CEILING] = "ceiling",
	[PC_ROUND_FLOOR] = "floor",
};

PcRounding
pc_rounding_by_name(const text *name)
{
	for (int i = 0; i < lengthof(rounding_names); i++)
	{
		if (strlen(rounding_names[i]) == VARSIZE_ANY_EXHDR(name) &&
			memcmp(rounding_names[i], VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name)) == 0)
			return (PcRounding) i;
	}
	ereport(ERROR,
			errcode(ERRCODE_PC_INVALID_ARGUMENT),
			errmsg("unknown rounding mode: \"%s\"", text_to_cstring(name)),
			errhint("Use half_up, half_even, half_down, up, down, ceiling or floor."));
}

/* Whether a number that was cut off to whole is to move one away from zero. */
static bool
rounds_away(PcRounding rounding, int sign, int half, bool odd)
{
	switch (rounding)
	{
		case PC_ROUND_HALF_UP:
			return half >= 0;
		case PC_ROUND_HALF_EVEN:
			return half > 0 || (half == 0 && odd);
		case PC_ROUND_HALF_DOWN:
			return half > 0;
		case PC_ROUND_UP:
			return true;
		case PC_ROUND_DOWN:
			return false;
		case PC_ROUND_CEILING:
			return sign > 0;
		case PC_ROUND_FLOOR:
			return sign < 0;
	}
	return false;
}

/* Whether what was cut off is below, at or above a half. */
static int
compare_with_half(Datum exact, Datum whole)
{
	static Datum half = 0;
	Datum		rest = DirectFunctionCall1(numeric_abs, pc_number_subtract(exact, whole));

	return pc_number_compare(rest, pc_number_keep(&half, 5, 1));
}

pc_noreturn static void refuse_range(Datum exact, PcCurrency currency) pg_attribute_cold;

static void
refuse_range(Datum exact, PcCurrency currency)
{
	char		limit[PC_MONEY_TEXT_LEN];

	ereport(ERROR,
			errcode(ERRCODE_PC_MONEY_RANGE),
			errmsg("amount of money out of range"),
			errdetail("It comes to %s minor units; the largest amount is %s.", pc_number_text(exact),
					  pc_money_format(currency, PC_MONEY_MAX, limit)),
			errhint("Split the amount."));
}

/* Rounds a count of minor units to whole ones. */
static PcMoney
money_from_number(Datum exact, PcCurrency currency, PcRounding rounding)
{
	static Datum limit = 0;
	Datum		whole = pc_number_truncate(exact, 0);
	int			sign = pc_number_compare(exact, whole);
	int64		amount;

	if (pc_number_compare(DirectFunctionCall1(numeric_abs, whole), pc_number_keep(&limit, PC_MONEY_MAX, 0)) > 0)
		refuse_range(exact, currency);
	amount = DatumGetInt64(DirectFunctionCall1(numeric_int8, whole));
	if (sign != 0 && rounds_away(rounding, sign, compare_with_half(exact, whole), amount % 2 != 0))
		amount += sign;
	if (!pc_money_in_range(amount))
		refuse_range(exact, currency);
	return pc_money_pack(currency, amount);
}

PcMoney
pc_round_money(Datum major_units, PcCurrency currency, PcRounding rounding)
{
	static Datum units[PC_CURRENCY_DECIMALS + 1] = {0};
	int			exponent = pc_currency_by_number(currency)->exponent;
	int64		unit = 1;

	for (int i = 0; i < exponent; i++)
		unit *= 10;
	return money_from_number(pc_number_multiply(major_units, pc_number_keep(&units[exponent], unit, 0)), currency, rounding);
}

Datum
pc_money_to_number(PcMoney m)
{
	const PcCurrencyInfo *info = pc_currency_by_number(pc_money_currency(m));

	return NumericGetDatum(int64_div_fast_to_numeric(pc_money_amount(m), info != NULL ? info->exponent : 0));
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
	PcRounding	rounding = pc_rounding_by_name(PG_GETARG_TEXT_PP(2));
	Datum		product;

	check_finite(factor);
	product = pc_number_multiply(pc_number_from_int(pc_money_amount(m)), NumericGetDatum(factor));
	PG_RETURN_PC_MONEY(money_from_number(product, pc_money_currency(m), rounding));
}

PG_FUNCTION_INFO_V1(paycore_round_money);
PGDLLEXPORT Datum
paycore_round_money(PG_FUNCTION_ARGS)
{
	Numeric		major_units = PG_GETARG_NUMERIC(0);
	PcCurrency	currency = PG_GETARG_PC_CURRENCY(1);
	PcRounding	rounding = pc_rounding_by_name(PG_GETARG_TEXT_PP(2));

	pc_currency_check_active(currency);
	check_finite(major_units);
	PG_RETURN_PC_MONEY(pc_round_money(NumericGetDatum(major_units), currency, rounding));
}

PG_FUNCTION_INFO_V1(paycore_money_to_numeric);
PGDLLEXPORT Datum
paycore_money_to_numeric(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATUM(pc_money_to_number(PG_GETARG_PC_MONEY(0)));
}
