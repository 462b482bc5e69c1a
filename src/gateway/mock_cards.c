/*
 * mock_cards.c
 *		Stripe's test payment methods and what is documented to come of them.
 */
#include "gateway/mock.h"

#define OK_CARD(id, brand, last4, funding) \
	{id, brand, last4, funding, MOCK_OK, NULL, NULL, MOCK_ACTION_NEVER, MOCK_REFUND_OK, true, NULL, NULL, NULL}
#define DECLINES(id, last4, code, decline_code, attachable) \
	{id, "visa", last4, "credit", MOCK_DECLINE, code, decline_code, \
	 MOCK_ACTION_NEVER, MOCK_REFUND_OK, attachable, NULL, NULL, NULL}
#define ASKS(id, last4, action, outcome, code, decline_code) \
	{id, "visa", last4, "credit", outcome, code, decline_code, action, MOCK_REFUND_OK, true, NULL, \
	 NULL, NULL}
#define REFUNDS(id, last4, refund) \
	{id, "visa", last4, "credit", MOCK_OK, NULL, NULL, MOCK_ACTION_NEVER, refund, true, NULL, \
	 NULL, NULL}
#define CHECKS(id, last4, check) \
	{id, "visa", last4, "credit", MOCK_OK, NULL, NULL, MOCK_ACTION_NEVER, MOCK_REFUND_OK, \
	 true, check, NULL, NULL}
#define DISPUTED(id, last4, reason, second) \
	{id, "visa", last4, "credit", MOCK_OK, NULL, NULL, MOCK_ACTION_NEVER, MOCK_REFUND_OK, \
	 true, NULL, reason, second}

static const MockCard cards[] = {
	OK_CARD("pm_card_visa", "visa", "4242", "credit"),
	OK_CARD("pm_card_visa_debit", "visa", "5556", "debit"),
	OK_CARD("pm_card_mastercard", "mastercard", "4444", "credit"),
	OK_CARD("pm_card_mastercard_debit", "mastercard", "8210", "debit"),
	OK_CARD("pm_card_mastercard_prepaid", "mastercard", "5100", "prepaid"),
	OK_CARD("pm_card_amex", "amex", "0005", "credit"),
	OK_CARD("pm_card_discover", "discover", "1117", "credit"),
	OK_CARD("pm_card_diners", "diners", "0004", "credit"),
	OK_CARD("pm_card_jcb", "jcb", "0505", "credit"),
	OK_CARD("pm_card_unionpay", "unionpay", "0005", "credit"),

	DECLINES("pm_card_visa_chargeDeclined", "0002", "card_declined", "generic_decline", false),
	DECLINES("pm_card_chargeDeclined", "0002", "card_declined", "generic_decline", false),
	DECLINES("pm_card_visa_chargeDeclinedInsufficientFunds", "9995",
			 "card_declined", "insufficient_funds", false),
	DECLINES("pm_card_chargeDeclinedInsufficientFunds", "9995",
			 "card_declined", "insufficient_funds", false),
	DECLINES("pm_card_visa_chargeDeclinedLostCard", "9987", "card_declined", "lost_card", false),
	DECLINES("pm_card_visa_chargeDeclinedStolenCard", "9979", "card_declined", "stolen_card",
			 false),
	DECLINES("pm_card_visa_chargeDeclinedVelocityLimitExceeded", "6975",
			 "card_declined", "card_velocity_exceeded", false),
	DECLINES("pm_card_chargeDeclinedExpiredCard", "0069", "expired_card", NULL, false),
	DECLINES("pm_card_chargeDeclinedIncorrectCvc", "0127", "incorrect_cvc", NULL, false),
	DECLINES("pm_card_chargeDeclinedProcessingError", "0119", "processing_error", NULL, false),
	DECLINES("pm_card_chargeCustomerFail", "0341", "card_declined", "generic_decline", true),
	DECLINES("pm_card_radarBlock", "0019", "card_declined", "fraudulent", true),

	ASKS("pm_card_authenticationRequired", "3184", MOCK_ACTION_ALWAYS, MOCK_OK, NULL, NULL),
	ASKS("pm_card_authenticationRequiredOnSetup", "3155", MOCK_ACTION_ON_SESSION, MOCK_OK, NULL,
		 NULL),
	ASKS("pm_card_authenticationRequiredSetupForOffSession", "0446",
		 MOCK_ACTION_ON_SESSION, MOCK_OK, NULL, NULL),
	ASKS("pm_card_authenticationRequiredChargeDeclinedInsufficientFunds", "3178",
		 MOCK_ACTION_ALWAYS, MOCK_DECLINE, "card_declined", "insufficient_funds"),
	ASKS("pm_card_threeDSecure2Required", "3220", MOCK_ACTION_ALWAYS, MOCK_OK, NULL, NULL),
	ASKS("pm_card_threeDSecureRequiredChargeDeclined", "1629",
		 MOCK_ACTION_ALWAYS, MOCK_DECLINE, "card_declined", "generic_decline"),
	DECLINES("pm_card_threeDSecureRequiredProcessingError", "1280", "processing_error", NULL, true),
	OK_CARD("pm_card_threeDSecureOptional", "visa", "3055", "credit"),

	DISPUTED("pm_card_createDispute", "0259", "fraudulent", NULL),
	DISPUTED("pm_card_createDisputeProductNotReceived", "2685", "product_not_received", NULL),
	DISPUTED("pm_card_createDisputeInquiry", "1976", "inquiry", NULL),
	DISPUTED("pm_card_createMultipleDisputes", "0079", "fraudulent", "duplicate"),
	DISPUTED("pm_card_createCe3EligibleDispute", "0038", "fraudulent", NULL),
	OK_CARD("pm_card_createIssuerFraudRecord", "visa", "5423", "credit"),

	REFUNDS("pm_card_pendingRefund", "7726", MOCK_REFUND_PENDING),
	REFUNDS("pm_card_refundFail", "5126", MOCK_REFUND_FAILS),

	OK_CARD("pm_card_riskLevelHighest", "visa", "4954", "credit"),
	OK_CARD("pm_card_riskLevelElevated", "visa", "9235", "credit"),
	CHECKS("pm_card_cvcCheckFail", "0101", "cvc_check"),
	CHECKS("pm_card_avsZipFail", "0036", "address_postal_code_check"),
	CHECKS("pm_card_avsFail", "0010", "address_postal_code_check"),
	CHECKS("pm_card_avsLine1Fail", "0028", "address_line1_check"),
	OK_CARD("pm_card_avsUnchecked", "visa", "0044", "credit"),
	OK_CARD("pm_card_bypassPending", "visa", "0077", "credit"),
	OK_CARD("pm_card_bypassPendingInternational", "visa", "0278", "credit"),

	{"pm_usBankAccount_success", NULL, "6789", NULL, MOCK_PROCESSING, NULL, NULL,
	 MOCK_ACTION_NEVER, MOCK_REFUND_PENDING, true, NULL, NULL, NULL},
};

/* pm_card_us, pm_card_de, ...: a plain card of any country. */
static const MockCard country_card = OK_CARD("pm_card_us", "visa", "4242", "credit");

static bool
is_country_card(const char *id)
{
	return strncmp(id, "pm_card_", 8) == 0 && strlen(id) == 10 &&
		id[8] >= 'a' && id[8] <= 'z' && id[9] >= 'a' && id[9] <= 'z';
}

const MockCard *
gw_mock_card_by_id(const char *id)
{
	if (id == NULL)
		return NULL;
	for (int i = 0; i < lengthof(cards); i++)
		if (strcmp(cards[i].id, id) == 0)
			return &cards[i];
	return is_country_card(id) ? &country_card : NULL;
}

const char *
gw_mock_advice(const MockCard *card)
{
	static const char *const final[] = {"fraudulent", "lost_card", "stolen_card"};
	static const char *const later[] = {"insufficient_funds", "card_velocity_exceeded"};

	if (card->code == NULL)
		return NULL;
	if (strcmp(card->code, "expired_card") == 0 || strcmp(card->code, "incorrect_cvc") == 0)
		return "confirm_card_data";
	if (strcmp(card->code, "processing_error") == 0)
		return "try_again_later";
	for (int i = 0; i < lengthof(final); i++)
		if (card->decline_code != NULL && strcmp(card->decline_code, final[i]) == 0)
			return "do_not_try_again";
	for (int i = 0; i < lengthof(later); i++)
		if (card->decline_code != NULL && strcmp(card->decline_code, later[i]) == 0)
			return "try_again_later";
	return NULL;
}
