/*
 * stripe_verdict.c
 *		What an HTTP answer of Stripe's means for the request: by status first,
 *		by code where the status does not decide.
 */
#include "gateway/stripe.h"

/* The object is somewhere else in its life than the request assumed. */
static const char *const state_codes[] = {
	"capture_charge_authorization_expired", "capture_unauthorized_payment",
	"charge_already_captured", "charge_already_refunded", "charge_expired_for_capture",
	"intent_invalid_state", "payment_intent_unexpected_state", "payment_method_unexpected_state",
	"setup_intent_unexpected_state", "status_transition_invalid", NULL
};

/* Old and stray forms of "come back later" that do not carry their status. */
static const char *const busy_codes[] = {
	"idempotency_key_in_use", "lock_timeout", "payment_intent_rate_limit_exceeded", "rate_limit",
	NULL
};

/* The key or the account is at fault, not the request. */
static const char *const key_codes[] = {
	"account_invalid", "api_key_expired", "platform_api_key_expired", "secret_key_required",
	"testmode_charges_only", "tls_version_unsupported", NULL
};

static bool
is_one_of(const char *code, const char *const *codes)
{
	for (; code != NULL && *codes != NULL; codes++)
		if (strcmp(code, *codes) == 0)
			return true;
	return false;
}

static GwVerdict
of_client_error(const GwResponse *response, const GwError *error)
{
	if (is_one_of(error->code, busy_codes))
		return GW_BUSY;
	if (error->type != NULL && strcmp(error->type, "idempotency_error") == 0)
		return GW_KEY_REUSED;
	if (is_one_of(error->code, key_codes))
		return GW_UNAUTHORIZED;
	if (is_one_of(error->code, state_codes))
		return GW_UNEXPECTED_STATE;
	return response->should_retry == 1 ? GW_RETRY : GW_REFUSED;
}

/* A failure that Stripe repeats from memory will not get better by asking again. */
static GwVerdict
of_server_error(const GwResponse *response)
{
	return response->should_retry == 0 || response->replayed ? GW_UNKNOWN : GW_RETRY;
}

GwVerdict
gw_stripe_verdict(const GwResponse *response, const GwError *error, bool has_error, bool has_object)
{
	int			status = response->status;

	if (status >= 200 && status <= 299)
		return has_object ? GW_OK : GW_UNKNOWN;
	if (status >= 500)
		return of_server_error(response);
	switch (status)
	{
		case 401:
		case 403:
			return GW_UNAUTHORIZED;
		case 408:
		case 424:
		case 425:
			return of_server_error(response);	/* the server's trouble under a client's number */
		case 409:
			return response->should_retry == 0 && !is_one_of(error->code, busy_codes) ?
				GW_UNKNOWN : GW_BUSY;
		case 429:
			return GW_BUSY;
	}
	/* Without Stripe's error object it is somebody else's page: nothing is definite. */
	if (status < 400 || !has_error)
		return GW_UNKNOWN;
	return status == 402 ? GW_DECLINED : of_client_error(response, error);
}
