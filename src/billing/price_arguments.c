/*
 * price_arguments.c
 *		Reads a price and a quantity, and refuses what makes no sense.
 */
#include "billing/pricing.h"

#include "billing/number.h"
#include "utils/builtins.h"

enum
{
	ARG_MODEL,
	ARG_QUANTITY,
	ARG_CURRENCY,
	ARG_UNIT_PRICE,
	ARG_TIERS,
	ARG_PACKAGE_SIZE,
	ARG_FREE_UNITS,
	ARG_MINIMUM,
	ARG_MAXIMUM,
	ARG_ROUNDING
};

static const struct
{
	const char *name;
	bool		has_unit_price;
	bool		has_tiers;
	bool		has_package_size;
}			models[] = {
	[PC_PRICE_FLAT] = {"flat", true, false, false},
	[PC_PRICE_PER_UNIT] = {"per_unit", true, false, false},
	[PC_PRICE_GRADUATED] = {"graduated", false, true, false},
	[PC_PRICE_VOLUME] = {"volume", false, true, false},
	[PC_PRICE_PACKAGE] = {"package", true, false, true},
	[PC_PRICE_PERCENTAGE] = {"percentage", true, false, false},
};

static void
check_given(FunctionCallInfo fcinfo, int n, const char *name)
{
	if (PG_ARGISNULL(n))
		ereport(ERROR,
				errcode(ERRCODE_PC_INVALID_ARGUMENT),
				errmsg("%s is missing", name),
				errhint("Give %s => ... a value that is not null.", name));
}

static PcPriceModel
read_model(const text *name)
{
	for (int i = 0; i < lengthof(models); i++)
	{
		if (strlen(models[i].name) == VARSIZE_ANY_EXHDR(name) &&
			memcmp(models[i].name, VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name)) == 0)
			return (PcPriceModel) i;
	}
	ereport(ERROR,
			errcode(ERRCODE_PC_INVALID_ARGUMENT),
			errmsg("unknown price model: \"%s\"", text_to_cstring(name)),
			errhint("Use flat, per_unit, graduated, volume, package or percentage."));
}

/* An argument that the model needs is there, one that it does not use is not: whoever gives it believes that it counts. */
static void
check_use(FunctionCallInfo fcinfo, PcPriceModel model, int n, const char *name, bool used)
{
	if (used && PG_ARGISNULL(n))
		ereport(ERROR,
				errcode(ERRCODE_PC_INVALID_ARGUMENT),
				errmsg("a %s price needs %s", models[model].name, name),
				errhint("Give %s => ... a value that is not null.", name));
	if (!used && !PG_ARGISNULL(n))
		ereport(ERROR,
				errcode(ERRCODE_PC_INVALID_ARGUMENT),
				errmsg("a %s price has no %s", models[model].name, name),
				errhint("Leave it out, or choose another model."));
}

/* 0 where it is null. */
static Datum
read_number(FunctionCallInfo fcinfo, int n, const char *name)
{
	Datum		number;

	if (PG_ARGISNULL(n))
		return 0;
	number = NumericGetDatum(PG_GETARG_NUMERIC(n));
	pc_check_number(number, name, NULL, 0);
	return number;
}

static PcMoney
read_limit(FunctionCallInfo fcinfo, int n, const char *name, PcCurrency currency)
{
	PcMoney		limit = PG_ARGISNULL(n) ? 0 : PG_GETARG_PC_MONEY(n);
	char		text[PC_MONEY_TEXT_LEN];

	if (PG_ARGISNULL(n))
		return 0;
	if (pc_money_currency(limit) != currency)
		ereport(ERROR,
				errcode(ERRCODE_PC_CURRENCY_MISMATCH),
				errmsg("%s is in another currency than the price: %s", name, pc_money_to_text(limit, text)),
				errhint("Give it in %s.", pc_currency_by_number(currency)->code));
	if (pc_money_amount(limit) < 0)
		ereport(ERROR,
				errcode(ERRCODE_PC_INVALID_ARGUMENT),
				errmsg("%s is negative: %s", name, pc_money_to_text(limit, text)),
				errhint("Give an amount from 0 up."));
	return limit;
}

static void
read_limits(FunctionCallInfo fcinfo, PcPrice *price)
{
	char		minimum[PC_MONEY_TEXT_LEN];
	char		maximum[PC_MONEY_TEXT_LEN];

	price->minimum = read_limit(fcinfo, ARG_MINIMUM, "minimum", price->currency);
	price->maximum = read_limit(fcinfo, ARG_MAXIMUM, "maximum", price->currency);
	if (!PG_ARGISNULL(ARG_MINIMUM) && !PG_ARGISNULL(ARG_MAXIMUM) && pc_money_compare(price->minimum, price->maximum) > 0)
		ereport(ERROR,
				errcode(ERRCODE_PC_INVALID_ARGUMENT),
				errmsg("minimum is above maximum: %s and %s", pc_money_to_text(price->minimum, minimum),
					   pc_money_to_text(price->maximum, maximum)),
				errhint("Exchange them, or leave one out."));
}

static void
read_prices(FunctionCallInfo fcinfo, PcPrice *price)
{
	check_use(fcinfo, price->model, ARG_UNIT_PRICE, "unit_price", models[price->model].has_unit_price);
	check_use(fcinfo, price->model, ARG_TIERS, "tiers", models[price->model].has_tiers);
	check_use(fcinfo, price->model, ARG_PACKAGE_SIZE, "package_size", models[price->model].has_package_size);
	price->unit_price = read_number(fcinfo, ARG_UNIT_PRICE, "unit_price");
	price->package_size = read_number(fcinfo, ARG_PACKAGE_SIZE, "package_size");
	if (price->package_size != 0 && pc_number_compare(price->package_size, pc_number_zero()) == 0)
		pc_refuse_number(price->package_size, "package_size", NULL, 0, "is not above zero", "Say how many units are in a package.");
	if (!PG_ARGISNULL(ARG_TIERS))
		price->tier_count = pc_price_tiers(PG_GETARG_ARRAYTYPE_P(ARG_TIERS), &price->tiers);
}

Datum
pc_price_from_arguments(FunctionCallInfo fcinfo, PcPrice *price)
{
	*price = (PcPrice) {.rounding = PC_ROUND_HALF_UP};
	check_given(fcinfo, ARG_MODEL, "model");
	check_given(fcinfo, ARG_QUANTITY, "quantity");
	check_given(fcinfo, ARG_CURRENCY, "currency");
	price->model = read_model(PG_GETARG_TEXT_PP(ARG_MODEL));
	price->currency = PG_GETARG_PC_CURRENCY(ARG_CURRENCY);
	pc_currency_check_active(price->currency);
	read_prices(fcinfo, price);
	price->free_units = read_number(fcinfo, ARG_FREE_UNITS, "free_units");
	read_limits(fcinfo, price);
	if (!PG_ARGISNULL(ARG_ROUNDING))
		price->rounding = pc_rounding_by_name(PG_GETARG_TEXT_PP(ARG_ROUNDING));
	return read_number(fcinfo, ARG_QUANTITY, "quantity");
}
