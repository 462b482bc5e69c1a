/*
 * advice_table.c
 *		Every code that an error or a decline carries, and what is to be done.
 *
 * The one place for it: paycore.explain_error(), paycore.gateway_error_codes()
 * and docs/declines.md all read this table.
 */
#include "gateway/advice.h"

#define MINUTE	60
#define HOUR	3600
#define DAY		86400

/* Kinds, short. */
#define A	GW_CODE_ADVICE
#define N	GW_CODE_NETWORK_ADVICE
#define D	GW_CODE_DECLINE
#define C	GW_CODE_ERROR
#define T	GW_CODE_TYPE

#define LATER(kind, code, most, after, message) \
	{kind, code, GW_RETRY_LATER, GW_PAYER, false, most, after, false, message}
#define FROM_NETWORK(code, after) \
	{N, code, GW_RETRY_LATER, GW_PAYER, false, GW_RETRIES_OF_NETWORKS, after, true, TRY_LATER}
#define BY_ITSELF(kind, code, after) \
	{kind, code, GW_RETRY_LATER, GW_GATEWAY, false, GW_RETRIES_OF_NETWORKS, after, false, TRY_SHORTLY}
#define METHOD(kind, code, message) \
	{kind, code, GW_NEW_METHOD, GW_PAYER, false, 0, 0, false, message}
#define CONFIRM(kind, code, message) \
	{kind, code, GW_AUTHENTICATE, GW_PAYER, false, 0, 0, false, message}
#define STOP(kind, code, message) \
	{kind, code, GW_NEVER, GW_PAYER, false, 0, 0, false, message}
#define SECRET(kind, code) \
	{kind, code, GW_NEVER, GW_PAYER, true, 0, 0, false, DECLINED}
#define OURS(code, party) \
	{C, code, GW_NEVER, party, false, 0, 0, false, NOT_POSSIBLE}

#define ANY GW_RETRIES_OF_NETWORKS

#define DECLINED		"The card was declined. Contact your bank or use another card."
#define TRY_LATER		"The bank declined for now. Please try later."
#define TRY_SHORTLY		"Something went wrong while processing. Please try again shortly."
#define NOT_POSSIBLE	"This payment is not possible at the moment."
#define BANK_CONFIRM	"Your bank wants you to confirm this payment."
#define NOT_CONFIRMED	"The payment was not confirmed. Please try again, or use another method."
#define BAD_NUMBER		"The card number is wrong."
#define BAD_CVC			"The security code is wrong."
#define BAD_EXPIRY		"The expiry date is wrong."
#define BAD_ADDRESS		"The billing address or postal code does not match."
#define BAD_PIN			"The PIN is wrong."
#define EXPIRED			"The card has expired."
#define OUT_OF_DATE		"The card details are out of date. Please use another card."
#define NOT_ALLOWED		"The bank does not allow this payment. Use another method."
#define LIMIT			"The card's limit is reached. Try later or use another card."
#define NO_FUNDS		"Not enough funds. Try later or use another method."
#define INSERT_CARD		"Please insert the card and enter your PIN."
#define OTHER_METHOD	"This payment method cannot be used here. Please use another one."
#define ENTER_AGAIN		"Please enter your payment details again."
#define NO_MANDATE		"The permission to charge this method has ended. Please add it again."
#define BANK_ACCOUNT	"The bank account cannot be charged. Please use another method."
#define BANK_STOPPED	"The bank stopped this payment. Use another method."

const GwAdvice gw_advice[] = {
	/* advice_code */
	METHOD(A, "confirm_card_data", "Please check your card details, or use another card."),
	STOP(A, "do_not_try_again", "The card was declined. Use another method."),
	LATER(A, "try_again_later", ANY, HOUR, TRY_LATER),

	/* network_advice_code: Mastercard's merchant advice codes */
	METHOD(N, "01", OUT_OF_DATE),
	FROM_NETWORK("02", HOUR),
	STOP(N, "03", "The card was declined. Use another method."),
	STOP(N, "04", "The card was declined. Use another method."),
	STOP(N, "21", BANK_STOPPED),
	FROM_NETWORK("24", HOUR),
	FROM_NETWORK("25", DAY),
	FROM_NETWORK("26", 2 * DAY),
	FROM_NETWORK("27", 4 * DAY),
	FROM_NETWORK("28", 6 * DAY),
	FROM_NETWORK("29", 8 * DAY),
	FROM_NETWORK("30", 10 * DAY),
	METHOD(N, "40", "This card cannot be used for this purchase."),
	METHOD(N, "41", "This card cannot be used for this purchase."),
	METHOD(N, "43", "This card cannot be used for this purchase."),

	/* decline_code */
	CONFIRM(D, "authentication_required", BANK_CONFIRM),
	CONFIRM(D, "authentication_not_handled", "Please confirm the payment with your bank."),
	CONFIRM(D, "mobile_device_authentication_required", "Please tap your device again to confirm."),
	CONFIRM(D, "offline_pin_required", INSERT_CARD),
	CONFIRM(D, "online_or_offline_pin_required", INSERT_CARD),
	LATER(D, "approve_with_id", ANY, HOUR, "The bank could not approve this now. Please try again."),
	LATER(D, "issuer_not_available", ANY, HOUR, "Your bank could not be reached. Please try again shortly."),
	LATER(D, "processing_error", ANY, HOUR, "Something went wrong while processing. Please try again."),
	LATER(D, "reenter_transaction", ANY, HOUR, "The bank could not process this. Please try again."),
	LATER(D, "try_again_later", ANY, HOUR, TRY_LATER),
	LATER(D, "insufficient_funds", ANY, DAY, NO_FUNDS),
	LATER(D, "card_velocity_exceeded", ANY, DAY, LIMIT),
	LATER(D, "withdrawal_count_limit_exceeded", ANY, DAY, "The card's limit is reached. Use another card or wait."),
	LATER(D, "generic_decline", 2, DAY, DECLINED),
	LATER(D, "do_not_honor", 2, DAY, DECLINED),
	LATER(D, "no_action_taken", 2, DAY, "The card was declined. Contact your bank."),
	LATER(D, "duplicate_transaction", 1, DAY, "A similar payment was just made. Please check before paying again."),
	METHOD(D, "call_issuer", "Please call your bank or use another card."),
	METHOD(D, "card_not_supported", "This card cannot be used for this purchase."),
	METHOD(D, "currency_not_supported", "This card does not support the currency."),
	METHOD(D, "expired_card", EXPIRED),
	METHOD(D, "incorrect_number", BAD_NUMBER),
	METHOD(D, "invalid_number", BAD_NUMBER),
	METHOD(D, "incorrect_cvc", BAD_CVC),
	METHOD(D, "invalid_cvc", BAD_CVC),
	METHOD(D, "invalid_expiry_month", BAD_EXPIRY),
	METHOD(D, "invalid_expiry_year", BAD_EXPIRY),
	METHOD(D, "incorrect_zip", BAD_ADDRESS),
	METHOD(D, "incorrect_address", BAD_ADDRESS),
	METHOD(D, "incorrect_pin", BAD_PIN),
	METHOD(D, "invalid_pin", BAD_PIN),
	METHOD(D, "pin_try_exceeded", "Too many PIN tries. Use another card."),
	METHOD(D, "invalid_account", OUT_OF_DATE),
	METHOD(D, "new_account_information_available", OUT_OF_DATE),
	METHOD(D, "invalid_amount", "The bank does not allow this amount."),
	METHOD(D, "not_permitted", NOT_ALLOWED),
	METHOD(D, "service_not_allowed", NOT_ALLOWED),
	METHOD(D, "transaction_not_allowed", NOT_ALLOWED),
	METHOD(D, "testmode_decline", "A test card cannot be used here."),
	STOP(D, "do_not_try_again", "The card was declined. Use another method."),
	SECRET(D, "fraudulent"),
	SECRET(D, "merchant_blacklist"),
	SECRET(D, "lost_card"),
	SECRET(D, "stolen_card"),
	SECRET(D, "pickup_card"),
	SECRET(D, "restricted_card"),
	SECRET(D, "security_violation"),
	SECRET(D, "highest_risk_level"),
	STOP(D, "revocation_of_all_authorizations", BANK_STOPPED),
	STOP(D, "revocation_of_authorization", BANK_STOPPED),
	STOP(D, "stop_payment_order", BANK_STOPPED),

	/* code: the payer's side */
	LATER(C, "card_declined", 2, DAY, DECLINED),
	METHOD(C, "expired_card", EXPIRED),
	METHOD(C, "incorrect_cvc", BAD_CVC),
	METHOD(C, "invalid_cvc", BAD_CVC),
	METHOD(C, "incorrect_number", BAD_NUMBER),
	METHOD(C, "invalid_number", BAD_NUMBER),
	METHOD(C, "invalid_expiry_month", BAD_EXPIRY),
	METHOD(C, "invalid_expiry_year", BAD_EXPIRY),
	METHOD(C, "incorrect_zip", BAD_ADDRESS),
	METHOD(C, "incorrect_postal_code", BAD_ADDRESS),
	METHOD(C, "postal_code_invalid", BAD_ADDRESS),
	METHOD(C, "incorrect_address", BAD_ADDRESS),
	LATER(C, "processing_error", ANY, HOUR, "Something went wrong while processing. Please try again."),
	CONFIRM(C, "authentication_required", BANK_CONFIRM),
	CONFIRM(C, "authentication_failure", NOT_CONFIRMED),
	CONFIRM(C, "payment_intent_authentication_failure", NOT_CONFIRMED),
	CONFIRM(C, "setup_intent_authentication_failure", NOT_CONFIRMED),
	CONFIRM(C, "payment_intent_action_required", BANK_CONFIRM),
	CONFIRM(C, "invoice_payment_intent_requires_action", BANK_CONFIRM),
	LATER(C, "payment_intent_payment_attempt_failed", 2, DAY, "The payment failed. Please try again, or use another method."),
	METHOD(C, "payment_intent_payment_attempt_expired", "The payment was not completed in time. Please try again."),
	METHOD(C, "payment_intent_incompatible_payment_method", OTHER_METHOD),
	METHOD(C, "payment_method_unsupported_type", OTHER_METHOD),
	METHOD(C, "payment_method_not_available", OTHER_METHOD),
	METHOD(C, "payment_method_unactivated", OTHER_METHOD),
	METHOD(C, "payment_method_currency_mismatch", OTHER_METHOD),
	METHOD(C, "payment_method_unexpected_state", ENTER_AGAIN),
	METHOD(C, "payment_intent_mandate_invalid", NO_MANDATE),
	METHOD(C, "setup_intent_mandate_invalid", NO_MANDATE),
	METHOD(C, "billing_invalid_mandate", NO_MANDATE),
	METHOD(C, "payment_method_customer_decline", "You declined the payment. Please try again, or use another method."),
	METHOD(C, "payment_method_provider_decline", "The provider declined the payment. Please use another method."),
	LATER(C, "payment_method_provider_timeout", ANY, HOUR, "The provider could not be reached. Please try again shortly."),
	LATER(C, "card_decline_rate_limit_exceeded", ANY, DAY, "This card was declined too often. Try tomorrow or use another card."),
	LATER(C, "insufficient_funds", ANY, DAY, NO_FUNDS),
	METHOD(C, "bank_account_declined", BANK_ACCOUNT),
	METHOD(C, "bank_account_unusable", BANK_ACCOUNT),
	METHOD(C, "debit_not_authorized", NO_MANDATE),
	METHOD(C, "account_closed", BANK_ACCOUNT),
	METHOD(C, "no_account", BANK_ACCOUNT),
	METHOD(C, "refer_to_customer", "Please call your bank or use another method."),
	METHOD(C, "expired_payment_method", "The payment method has expired."),
	SECRET(C, "payment_method_restricted"),
	METHOD(C, "token_already_used", ENTER_AGAIN),
	METHOD(C, "token_in_use", ENTER_AGAIN),
	METHOD(C, "charge_exceeds_source_limit", LIMIT),
	METHOD(C, "charge_exceeds_transaction_limit", LIMIT),

	/* code: what passes by itself */
	BY_ITSELF(C, "idempotency_key_in_use", MINUTE),
	BY_ITSELF(C, "lock_timeout", MINUTE),
	BY_ITSELF(C, "rate_limit", MINUTE),
	BY_ITSELF(C, "payment_intent_rate_limit_exceeded", HOUR),
	{C, "balance_insufficient", GW_RETRY_LATER, GW_MERCHANT, false, ANY, DAY, false, TRY_SHORTLY},

	/* code: the object is elsewhere in its life */
	OURS("payment_intent_unexpected_state", GW_STATE),
	OURS("setup_intent_unexpected_state", GW_STATE),
	OURS("intent_invalid_state", GW_STATE),
	OURS("capture_charge_authorization_expired", GW_STATE),
	OURS("charge_expired_for_capture", GW_STATE),
	OURS("charge_already_captured", GW_STATE),
	OURS("capture_unauthorized_payment", GW_STATE),
	OURS("charge_already_refunded", GW_STATE),
	OURS("charge_disputed", GW_STATE),
	OURS("refund_disputed_payment", GW_STATE),
	OURS("charge_not_refundable", GW_STATE),
	OURS("status_transition_invalid", GW_STATE),
	OURS("invoice_not_editable", GW_STATE),
	OURS("invoice_upcoming_none", GW_STATE),
	OURS("resource_already_exists", GW_STATE),

	/* code: the request is wrong */
	OURS("amount_too_small", GW_CALLER),
	OURS("amount_too_large", GW_CALLER),
	OURS("invalid_charge_amount", GW_CALLER),
	OURS("invalid_charge_amount_no_decimal_compatible", GW_CALLER),
	OURS("customer_max_payment_methods", GW_CALLER),
	OURS("customer_max_subscriptions", GW_CALLER),
	OURS("coupon_expired", GW_CALLER),
	OURS("invoice_no_customer_line_items", GW_CALLER),
	OURS("parameter_missing", GW_CALLER),
	OURS("parameter_unknown", GW_CALLER),
	OURS("parameter_invalid_empty", GW_CALLER),
	OURS("parameter_invalid_integer", GW_CALLER),
	OURS("parameter_invalid_string_blank", GW_CALLER),
	OURS("parameter_invalid_string_empty", GW_CALLER),
	OURS("parameters_exclusive", GW_CALLER),
	OURS("resource_missing", GW_CALLER),
	OURS("url_invalid", GW_CALLER),
	OURS("email_invalid", GW_CALLER),
	OURS("invalid_canceled_subscription_fields", GW_CALLER),

	/* code: keys and capabilities */
	OURS("api_key_expired", GW_MERCHANT),
	OURS("platform_api_key_expired", GW_MERCHANT),
	OURS("secret_key_required", GW_MERCHANT),
	OURS("livemode_mismatch", GW_MERCHANT),
	OURS("testmode_charges_only", GW_MERCHANT),
	OURS("tls_version_unsupported", GW_MERCHANT),
	OURS("account_invalid", GW_MERCHANT),
	OURS("capability_not_active", GW_MERCHANT),

	/* code: paycore's own, of requests that were never answered or never sent */
	METHOD(C, "outcome_unknown", "We could not confirm the payment. Please check before paying again."),
	METHOD(C, "send_by_passed", "The payment was not sent in time. You have not been charged. Please try again."),
	OURS("no_gateway_object", GW_STATE),
	OURS("moved_on", GW_STATE),

	/* type: where no code is known */
	LATER(T, "card_error", 2, DAY, DECLINED),
	BY_ITSELF(T, "api_error", HOUR),
	BY_ITSELF(T, "api_connection_error", HOUR),
	BY_ITSELF(T, "rate_limit", MINUTE),
	BY_ITSELF(T, "rate_limit_error", MINUTE),
	{T, "invalid_request_error", GW_NEVER, GW_CALLER, false, 0, 0, false, NOT_POSSIBLE},
	{T, "idempotency_error", GW_NEVER, GW_CALLER, false, 0, 0, false, NOT_POSSIBLE},
	{T, "authentication_error", GW_NEVER, GW_MERCHANT, false, 0, 0, false, NOT_POSSIBLE},
	{T, "temporary_session_expired", GW_NEVER, GW_CALLER, false, 0, 0, false, NOT_POSSIBLE},
	{T, "paycore_error", GW_NEVER, GW_CALLER, false, 0, 0, false, NOT_POSSIBLE},
};

const int	gw_advice_count = lengthof(gw_advice);
