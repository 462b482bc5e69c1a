/*
 * pricing.c
 *		What a price makes of a quantity: paycore.price_amount(), price_steps().
 *
 * Both add up the same steps, exactly, and round their sum once.
 */
#include "billing/pricing.h"

#include "billing/number.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"

typedef struct Account
{
	Datum		free_units;		/* what was free of the quantity; 0 = none */
	PcPriceStep *steps;
	int			count;
	PcMoney		priced;			/* their sum, rounded */
	PcMoney		amount;			/* within minimum and maximum */
} Account;

static bool
is_zero(Datum number)
{
	return pc_number_compare(number, pc_number_zero()) == 0;
}

static Datum
smaller(Datum a, Datum b)
{
	return pc_number_compare(a, b) <= 0 ? a : b;
}

static void
add_step(Account *account, PcPriceStep step)
{
	if (step.unit_price == 0)
		step.exact = step.flat_fee;
	else
		step.exact = pc_number_multiply(step.quantity, step.unit_price);
	if (step.unit_price != 0 && step.flat_fee != 0)
		step.exact = pc_number_add(step.exact, step.flat_fee);
	account->steps[account->count++] = step;
}

/* Each tier that the quantity enters prices its part. */
static void
add_graduated(Account *account, const PcPrice *price, Datum quantity)
{
	Datum		from = pc_number_zero();

	for (int i = 0; i < price->tier_count && pc_number_compare(quantity, from) > 0; i++)
	{
		const PcPriceTier *tier = &price->tiers[i];
		Datum		end = tier->up_to != 0 ? smaller(quantity, tier->up_to) : quantity;

		add_step(account, (PcPriceStep) {
			.from = from, .up_to = tier->up_to, .quantity = pc_number_subtract(end, from),
			.unit_price = tier->unit_price, .flat_fee = tier->flat_fee
		});
		from = tier->up_to;
	}
}

/* The tier that the whole quantity lies in prices all of it. */
static void
add_volume(Account *account, const PcPrice *price, Datum quantity)
{
	const PcPriceTier *tier = price->tiers;
	Datum		from = pc_number_zero();

	while (tier->up_to != 0 && pc_number_compare(quantity, tier->up_to) > 0)
		from = (tier++)->up_to;
	add_step(account, (PcPriceStep) {
		.from = from, .up_to = tier->up_to, .quantity = quantity,
		.unit_price = tier->unit_price, .flat_fee = tier->flat_fee
	});
}

/* How many packages are begun.  Division of numerics is not exact, but this one is. */
static Datum
begun_packages(Datum quantity, Datum size)
{
	Datum		full = DirectFunctionCall2(numeric_div_trunc, quantity, size);

	if (is_zero(DirectFunctionCall2(numeric_mod, quantity, size)))
		return full;
	return pc_number_add(full, pc_number_from_int(1));
}

/* The steps of a quantity above zero, free units taken off. */
static void
add_steps(Account *account, const PcPrice *price, Datum quantity)
{
	static Datum hundredth = 0;
	PcPriceStep step = {.quantity = quantity, .unit_price = price->unit_price};

	switch (price->model)
	{
		case PC_PRICE_GRADUATED:
			add_graduated(account, price, quantity);
			return;
		case PC_PRICE_VOLUME:
			add_volume(account, price, quantity);
			return;
		case PC_PRICE_FLAT:
			step.unit_price = 0;
			step.flat_fee = price->unit_price;
			break;
		case PC_PRICE_PER_UNIT:
			break;
		case PC_PRICE_PACKAGE:
			step.quantity = begun_packages(quantity, price->package_size);
			break;
		case PC_PRICE_PERCENTAGE:
			step.unit_price = pc_number_multiply(price->unit_price, pc_number_keep(&hundredth, 1, 2));
			break;
	}
	add_step(account, step);
}

static PcMoney
round_sum(const Account *account, const PcPrice *price)
{
	Datum		sum;

	if (account->count == 0)
		return pc_money_pack(price->currency, 0);
	sum = account->steps[0].exact;
	for (int i = 1; i < account->count; i++)
		sum = pc_number_add(sum, account->steps[i].exact);
	return pc_round_money(sum, price->currency, price->rounding);
}

static PcMoney
clamp(PcMoney amount, const PcPrice *price)
{
	if (price->minimum != 0 && pc_money_compare(amount, price->minimum) < 0)
		return price->minimum;
	if (price->maximum != 0 && pc_money_compare(amount, price->maximum) > 0)
		return price->maximum;
	return amount;
}

static void
draw_up(Account *account, const PcPrice *price, Datum quantity)
{
	*account = (Account) {.steps = palloc_array(PcPriceStep, Max(price->tier_count, 1))};
	if (price->free_units != 0)
	{
		account->free_units = smaller(quantity, price->free_units);
		quantity = pc_number_subtract(quantity, account->free_units);
	}
	if (!is_zero(quantity))
		add_steps(account, price, quantity);
	account->priced = round_sum(account, price);
	account->amount = clamp(account->priced, price);
}

PG_FUNCTION_INFO_V1(paycore_price_amount);
PGDLLEXPORT Datum
paycore_price_amount(PG_FUNCTION_ARGS)
{
	PcPrice		price;
	Datum		quantity = pc_price_from_arguments(fcinfo, &price);
	Account		account;

	draw_up(&account, &price, quantity);
	PG_RETURN_PC_MONEY(account.amount);
}

/* Indexes of steps, by what was cut off each: most first; of equals, the first. */
static int
remainder_order(const void *left, const void *right, void *remainders)
{
	int			a = *(const int *) left;
	int			b = *(const int *) right;
	int			order = pc_number_compare(((Datum *) remainders)[b], ((Datum *) remainders)[a]);

	return order != 0 ? order : a - b;
}

/* Amounts of the steps, which add up to their sum as it was rounded. */
static PcMoney *
step_amounts(const Account *account)
{
	PcMoney    *amounts = palloc_array(PcMoney, account->count);
	Datum	   *remainders = palloc_array(Datum, account->count);
	int		   *order = palloc_array(int, account->count);
	int64		rest = pc_money_amount(account->priced);

	for (int i = 0; i < account->count; i++)
	{
		amounts[i] = pc_round_money(account->steps[i].exact, pc_money_currency(account->priced), PC_ROUND_DOWN);
		remainders[i] = pc_number_subtract(account->steps[i].exact, pc_money_to_number(amounts[i]));
		order[i] = i;
		rest -= pc_money_amount(amounts[i]);
	}
	qsort_arg(order, account->count, sizeof(int), remainder_order, remainders);
	for (int i = 0; i < rest; i++)
		amounts[order[i]]++;
	return amounts;
}

/* A row of price_steps(): kind, from_quantity, up_to, quantity, unit_price, flat_fee, amount. */
static void
put_step(ReturnSetInfo *result, const char *kind, const PcPriceStep *step, PcMoney amount)
{
	Datum		values[] = {
		CStringGetTextDatum(kind), step->from, step->up_to, step->quantity, step->unit_price, step->flat_fee,
		PcMoneyGetDatum(amount)
	};
	bool		nulls[lengthof(values)];

	for (int i = 0; i < lengthof(values); i++)
		nulls[i] = values[i] == 0;
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

PG_FUNCTION_INFO_V1(paycore_price_steps);
PGDLLEXPORT Datum
paycore_price_steps(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	PcPrice		price;
	Datum		quantity = pc_price_from_arguments(fcinfo, &price);
	Account		account;
	PcMoney    *amounts;
	PcMoney		beyond;

	draw_up(&account, &price, quantity);
	amounts = step_amounts(&account);
	beyond = pc_money_subtract(account.amount, account.priced);
	InitMaterializedSRF(fcinfo, 0);
	if (account.free_units != 0 && !is_zero(account.free_units))
		put_step(result, "free_units", &(PcPriceStep) {.quantity = account.free_units}, pc_money_pack(price.currency, 0));
	for (int i = 0; i < account.count; i++)
		put_step(result, "price", &account.steps[i], amounts[i]);
	if (pc_money_amount(beyond) != 0)
		put_step(result, pc_money_amount(beyond) > 0 ? "minimum" : "maximum", &(PcPriceStep) {0}, beyond);
	return (Datum) 0;
}
