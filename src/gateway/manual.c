/*
 * manual.c
 *		Cash, bank transfers, or no processor at all: paycore only records.
 */
#include "gateway/stripe.h"

static bool
render(const GwCall *call, GwRequest *request, const char **why)
{
	*why = "a manual gateway takes no requests: record what happened instead";
	return false;
}

/* Nothing is asked, so nothing is answered. */
static void
read_response(const GwCall *call, const GwResponse *response, GwAnswer *answer)
{
	memset(answer, 0, sizeof(*answer));
	answer->verdict = GW_REFUSED;
}

static bool
verify_webhook(const char *payload, size_t len, const char *signature, const PcSecrets *secrets,
			   int64 now, int tolerance, const char **why)
{
	*why = "a manual gateway sends no webhooks";
	return false;
}

static bool
read_event(const Jsonb *payload, GwEvent *event, const char **why)
{
	memset(event, 0, sizeof(*event));
	*why = "a manual gateway sends no events";
	return false;
}

/* Its minor units are ISO's. */
static bool
amount_out(PcMoney money, int64 *amount)
{
	*amount = pc_money_amount(money);
	return pc_currency_by_number(pc_money_currency(money)) != NULL;
}

static bool
amount_in(int64 amount, const char *code, PcMoney *money)
{
	const PcCurrencyInfo *currency = pc_currency_by_code(code, strlen(code));

	if (currency == NULL || !pc_money_in_range(amount))
		return false;
	*money = pc_money_pack(currency->numeric_code, amount);
	return true;
}

static int
key_livemode(const char *api_key)
{
	return -1;
}

const Gateway gw_manual = {
	.name = "manual",
	.networked = false,
	.render = render,
	.read_response = read_response,
	.verify_webhook = verify_webhook,
	.read_event = read_event,
	.amount_out = amount_out,
	.amount_in = amount_in,
	.key_livemode = key_livemode,
};
