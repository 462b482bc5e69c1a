/*
 * stripe.c
 *		The stripe gateway.
 */
#include "gateway/stripe.h"

static int
key_livemode(const char *api_key)
{
	if (strncmp(api_key, "sk_live_", 8) == 0 || strncmp(api_key, "rk_live_", 8) == 0)
		return 1;
	if (strncmp(api_key, "sk_test_", 8) == 0 || strncmp(api_key, "rk_test_", 8) == 0)
		return 0;
	return -1;
}

const Gateway gw_stripe = {
	.name = "stripe",
	.networked = true,
	.default_base_url = "https://api.stripe.com",
	.api_version = STRIPE_VERSION,
	.render = gw_stripe_render,
	.read_response = gw_stripe_read_response,
	.verify_webhook = gw_stripe_verify_webhook,
	.read_event = gw_stripe_read_event,
	.amount_out = gw_stripe_amount_out,
	.amount_in = gw_stripe_amount_in,
	.key_livemode = key_livemode,
};
