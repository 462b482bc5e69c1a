/*
 * stripe_money.c
 *		Stripe's minor units, which are ISO's except where they are not.
 */
#include "gateway/stripe.h"

typedef struct Deviation
{
	char		code[4];
	int			up;				/* Stripe's amount = ours * up / down; up 0 = not at Stripe */
	int			down;
	int			step;			/* ours must be a multiple of this when sent */
} Deviation;

static const Deviation deviations[] = {
	{"ISK", 100, 1, 1},
	{"UGX", 100, 1, 1},
	{"MGA", 1, 100, 100},
	{"BHD", 1, 1, 10},
	{"JOD", 1, 1, 10},
	{"KWD", 1, 1, 10},
	{"OMR", 1, 1, 10},
	{"TND", 1, 1, 10},
	{"IQD", 0, 1, 1},
	{"LYD", 0, 1, 1},
	{"CLF", 0, 1, 1},
	{"UYW", 0, 1, 1},
	{"UYI", 0, 1, 1},
};

static const Deviation usual = {"", 1, 1, 1};

static const Deviation *
deviation_of(const PcCurrencyInfo *currency)
{
	for (int i = 0; i < lengthof(deviations); i++)
		if (strcmp(deviations[i].code, currency->code) == 0)
			return &deviations[i];
	return &usual;
}

/* What it charges at least, in the currency's minor units (https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts). */
static const struct
{
	char		code[4];
	int64		least;
}			minimums[] = {
	{"USD", 50}, {"AED", 200}, {"AUD", 50}, {"BGN", 100}, {"BRL", 50}, {"CAD", 50}, {"CHF", 50}, {"CZK", 1500}, {"DKK", 250},
	{"EUR", 50}, {"GBP", 30}, {"HKD", 400}, {"HUF", 17500}, {"INR", 50}, {"JPY", 50}, {"MXN", 1000}, {"MYR", 200}, {"NOK", 300},
	{"NZD", 50}, {"PLN", 200}, {"RON", 200}, {"SEK", 300}, {"SGD", 50}, {"THB", 1000},
};

int64
gw_stripe_least(const PcCurrencyInfo *currency)
{
	for (int i = 0; i < lengthof(minimums); i++)
		if (strcmp(minimums[i].code, currency->code) == 0)
			return minimums[i].least;
	return 0;
}

int
gw_stripe_step(const PcCurrencyInfo *currency)
{
	return deviation_of(currency)->step;
}

/* Withdrawn currencies go both ways: an old charge can be refunded, and is shown in its own. */
bool
gw_stripe_amount_out(PcMoney money, int64 *amount)
{
	const PcCurrencyInfo *currency = pc_currency_by_number(pc_money_currency(money));
	const Deviation *d;
	int64		ours = pc_money_amount(money);

	if (currency == NULL || currency->exponent < 0)
		return false;
	d = deviation_of(currency);
	if (d->up == 0 || ours % d->step != 0)
		return false;
	*amount = ours * d->up / d->down;	/* |ours| < 2^53: no overflow */
	return pc_money_in_range(*amount);
}

bool
gw_stripe_amount_in(int64 amount, const char *code, PcMoney *money)
{
	const PcCurrencyInfo *currency = pc_currency_by_code(code, strlen(code));
	const Deviation *d;

	if (currency == NULL || currency->exponent < 0 || !pc_money_in_range(amount))
		return false;
	d = deviation_of(currency);
	if (d->up == 0 || amount % d->up != 0 || !pc_money_in_range(amount / d->up * d->down))
		return false;
	*money = pc_money_pack(currency->numeric_code, amount / d->up * d->down);
	return true;
}
