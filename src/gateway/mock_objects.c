/*
 * mock_objects.c
 *		Objects in Stripe's shape, made of what the call says.
 */
#include "gateway/mock.h"

#include "common/hashfn.h"
#include "gateway/stripe.h"
#include "utils/formatting.h"

#define DAY			INT64CONST(86400)

/* The fee of a charge: 2.9 % and 30 minor units. */
#define FEE_PER_MILLE	29
#define FEE_FIXED		30

char *
gw_mock_id(const char *prefix, const char *our_id)
{
	char	   *id = psprintf("%s_mock_%s", prefix, our_id != NULL ? our_id : "0");
	char	   *to = id;

	for (char *from = id; *from != '\0'; from++)
		if (*from != '-')
			*to++ = *from;
	*to = '\0';
	return id;
}

/* An id the caller knows wins over one made of ours. */
static const char *
known_or_made(const char *known, const char *prefix, const char *our_id)
{
	return known != NULL ? known : gw_mock_id(prefix, our_id);
}

void
gw_mock_add_money(PcJsonBuilder *b, const char *key, PcMoney money)
{
	int64		amount;

	if (gw_stripe_amount_out(money, &amount))
		pc_json_add_int64(b, key, amount);
}

void
gw_mock_add_currency(PcJsonBuilder *b, PcMoney money)
{
	const PcCurrencyInfo *currency = pc_currency_by_number(pc_money_currency(money));

	if (currency != NULL)
		pc_json_add_text(b, "currency", asc_tolower(currency->code, 3));
}

/* The amount the call is about; its parameters know it best. */
static PcMoney
call_amount(const GwCall *call)
{
	PcMoney		money;

	if (call->op != GW_INTENT_CAPTURE && gw_params_money(call->params, &money))
		return money;
	return call->authorized != GW_NO_MONEY ? call->authorized : call->amount;
}

static PcMoney
same_currency(PcMoney money, int64 amount)
{
	return pc_money_pack(pc_money_currency(money), amount);
}

/* In ISO minor units, rounded half up, then up to what the gateway can represent. */
static PcMoney
fee_of(PcMoney gross)
{
	const PcCurrencyInfo *currency = pc_currency_by_number(pc_money_currency(gross));
	int64		amount = pc_money_amount(gross);
	int64		step = currency == NULL ? 1 : gw_stripe_step(currency);
	int64		fee = amount / 1000 * FEE_PER_MILLE +
		(amount % 1000 * FEE_PER_MILLE + 500) / 1000 + FEE_FIXED;

	return same_currency(gross, (fee + step - 1) / step * step);
}

Jsonb *
gw_mock_balance(const char *id, const char *source, const char *category, PcMoney gross,
				PcMoney fee, int64 now)
{
	PcJsonBuilder b;
	PcJsonBuilder detail;
	const Jsonb *details[1];
	bool		has_fee = pc_money_amount(fee) != 0;

	pc_json_begin(&detail);
	gw_mock_add_money(&detail, "amount", fee);
	gw_mock_add_currency(&detail, fee);
	pc_json_add_text(&detail, "type", "stripe_fee");
	details[0] = pc_json_end(&detail);

	pc_json_begin(&b);
	pc_json_add_text(&b, "id", id);
	pc_json_add_text(&b, "object", "balance_transaction");
	gw_mock_add_money(&b, "amount", gross);
	gw_mock_add_money(&b, "fee", fee);
	gw_mock_add_money(&b, "net", same_currency(gross, pc_money_amount(gross) - pc_money_amount(fee)));
	gw_mock_add_currency(&b, gross);
	pc_json_add_json(&b, "fee_details", pc_json_array(details, has_fee ? 1 : 0));
	pc_json_add_text(&b, "type", category);
	pc_json_add_text(&b, "reporting_category", category);
	pc_json_add_text(&b, "source", source);
	pc_json_add_int64(&b, "available_on", now + 2 * DAY);
	pc_json_add_int64(&b, "created", now);
	return pc_json_end(&b);
}

static Jsonb *
checks(const MockCard *card)
{
	static const char *const names[] = {
		"address_line1_check", "address_postal_code_check", "cvc_check"
	};
	PcJsonBuilder b;

	pc_json_begin(&b);
	for (int i = 0; i < lengthof(names); i++)
		if (card->failed_check != NULL && strcmp(card->failed_check, names[i]) == 0)
			pc_json_add_text(&b, names[i], "fail");
		else if (i == 2)
			pc_json_add_text(&b, names[i], "pass");
	return pc_json_end(&b);
}

static const char *
method_type(const MockCard *card)
{
	return card->brand != NULL ? "card" : "us_bank_account";
}

static Jsonb *
method_details(const MockCard *card, int64 capture_before)
{
	PcJsonBuilder b;

	pc_json_begin(&b);
	pc_json_add_text(&b, "last4", card->last4);
	pc_json_add_text(&b, "fingerprint", psprintf("Mock%s", card->last4));
	if (card->brand == NULL)
		pc_json_add_text(&b, "bank_name", "STRIPE TEST BANK");
	else
	{
		pc_json_add_text(&b, "brand", card->brand);
		pc_json_add_text(&b, "funding", card->funding);
		pc_json_add_text(&b, "country", "US");
		pc_json_add_int64(&b, "exp_month", 12);
		pc_json_add_int64(&b, "exp_year", 2040);
		pc_json_add_json(&b, "checks", checks(card));
	}
	if (capture_before > 0)
		pc_json_add_int64(&b, "capture_before", capture_before);
	return pc_json_end(&b);
}

static Jsonb *
charge_method(const MockIntent *i)
{
	PcJsonBuilder b;
	bool		held = strcmp(i->charge_status, "succeeded") == 0 && i->captured == GW_NO_MONEY;

	pc_json_begin(&b);
	pc_json_add_text(&b, "type", method_type(i->card));
	pc_json_add_json(&b, method_type(i->card),
					 method_details(i->card, held ? i->now + 7 * DAY : 0));
	return pc_json_end(&b);
}

/* A decline's charge is not the one that may succeed later: the key tells the tries apart. */
static const char *
charge_id(const MockIntent *i)
{
	const GwCall *call = i->call;
	const char *key = call->idempotency_key;

	if (strcmp(i->charge_status, "failed") != 0)
		return known_or_made(gw_operation_is_read(call->op) || call->op == GW_INTENT_CAPTURE ||
							 call->op == GW_INTENT_CANCEL ? call->psp_charge_id : NULL,
							 "ch", call->intent_id);
	return psprintf("%s%08x", gw_mock_id("ch", call->intent_id),
					key == NULL ? 0 : hash_bytes((const unsigned char *) key, strlen(key)));
}

static void
add_decline(PcJsonBuilder *b, const Jsonb *error)
{
	PcJsonBuilder outcome;
	char	   *decline_code = pc_json_string(error, "decline_code");

	pc_json_begin(&outcome);
	pc_json_add_text(&outcome, "type", "issuer_declined");
	pc_json_add_text(&outcome, "reason", decline_code);
	pc_json_add_text(&outcome, "advice_code", pc_json_string(error, "advice_code"));
	pc_json_add_json(b, "outcome", pc_json_end(&outcome));
	pc_json_add_text(b, "failure_code", pc_json_string(error, "code"));
	pc_json_add_text(b, "failure_message", pc_json_string(error, "message"));
}

Jsonb *
gw_mock_charge(const MockIntent *i)
{
	PcJsonBuilder b;
	PcMoney		amount = call_amount(i->call);
	bool		is_captured = i->captured != GW_NO_MONEY;
	const char *id = charge_id(i);

	pc_json_begin(&b);
	pc_json_add_text(&b, "id", id);
	pc_json_add_text(&b, "object", "charge");
	pc_json_add_text(&b, "status", i->charge_status);
	gw_mock_add_money(&b, "amount", amount);
	gw_mock_add_money(&b, "amount_captured", is_captured ? i->captured : same_currency(amount, 0));
	gw_mock_add_currency(&b, amount);
	pc_json_add_bool(&b, "captured", is_captured);
	pc_json_add_bool(&b, "refunded", false);
	pc_json_add_bool(&b, "disputed", is_captured && i->card != NULL && i->card->dispute != NULL);
	pc_json_add_bool(&b, "livemode", false);
	pc_json_add_text(&b, "payment_intent",
					 known_or_made(i->call->psp_intent_id, "pi", i->call->intent_id));
	pc_json_add_text(&b, "customer", i->call->psp_customer_id);
	pc_json_add_text(&b, "payment_method", gw_mock_method_id(i->call));
	if (i->card != NULL)
		pc_json_add_json(&b, "payment_method_details", charge_method(i));
	if (i->error != NULL)
		add_decline(&b, i->error);
	if (is_captured)
		pc_json_add_json(&b, "balance_transaction",
						 gw_mock_balance(gw_mock_id("txn", i->call->intent_id), id, "charge",
											 i->captured, fee_of(i->captured), i->now));
	pc_json_add_json(&b, "metadata", gw_stripe_metadata(i->call));
	pc_json_add_int64(&b, "created", i->now);
	return pc_json_end(&b);
}

Jsonb *
gw_mock_next_action(const GwCall *call, const char *id)
{
	char	   *return_url = pc_json_string(call->params, "return_url");
	const char *type = return_url != NULL ? "redirect_to_url" : "use_stripe_sdk";
	PcJsonBuilder b;
	PcJsonBuilder inner;

	pc_json_begin(&inner);
	if (return_url != NULL)
		pc_json_add_text(&inner, "url", psprintf("https://mock.invalid/3ds/%s", id));
	pc_json_add_text(&inner, "return_url", return_url);
	pc_json_begin(&b);
	pc_json_add_text(&b, "type", type);
	pc_json_add_json(&b, type, pc_json_end(&inner));
	return pc_json_end(&b);
}

static bool
status_is(const MockIntent *i, const char *status)
{
	return strcmp(i->status, status) == 0;
}

static const char *
capture_method(const GwCall *call)
{
	char	   *asked = pc_json_string(call->params, "capture_method");

	if (asked != NULL)
		return asked;
	return call->capture_method != NULL ? call->capture_method : "automatic_async";
}

Jsonb *
gw_mock_intent(const MockIntent *i)
{
	const GwCall *call = i->call;
	const char *id = known_or_made(call->psp_intent_id, "pi", call->intent_id);
	PcMoney		amount = call_amount(call);
	PcMoney		nothing = same_currency(amount, 0);
	PcJsonBuilder b;

	pc_json_begin(&b);
	pc_json_add_text(&b, "id", id);
	pc_json_add_text(&b, "object", "payment_intent");
	pc_json_add_text(&b, "status", i->status);
	gw_mock_add_money(&b, "amount", amount);
	gw_mock_add_money(&b, "amount_capturable", status_is(i, "requires_capture") ? amount : nothing);
	gw_mock_add_money(&b, "amount_received", status_is(i, "succeeded") ? i->captured : nothing);
	gw_mock_add_currency(&b, amount);
	pc_json_add_text(&b, "customer", call->psp_customer_id);
	if (i->error == NULL)
		pc_json_add_text(&b, "payment_method", gw_mock_method_id(call));
	if (i->charge_status != NULL)
		pc_json_add_json(&b, "latest_charge", gw_mock_charge(i));
	pc_json_add_text(&b, "client_secret", psprintf("%s_secret_mock", id));
	if (status_is(i, "requires_action"))
		pc_json_add_json(&b, "next_action", gw_mock_next_action(call, id));
	pc_json_add_json(&b, "last_payment_error", i->error);
	if (status_is(i, "canceled"))
	{
		pc_json_add_text(&b, "cancellation_reason", pc_json_string(call->params, "reason"));
		pc_json_add_int64(&b, "canceled_at", i->now);
	}
	pc_json_add_text(&b, "capture_method", capture_method(call));
	pc_json_add_text(&b, "confirmation_method", "automatic");
	pc_json_add_text(&b, "setup_future_usage", pc_json_string(call->params, "setup_future_usage"));
	pc_json_add_text(&b, "description", pc_json_string(call->params, "description"));
	pc_json_add_json(&b, "metadata", gw_stripe_metadata(call));
	pc_json_add_int64(&b, "created", i->now);
	pc_json_add_bool(&b, "livemode", false);
	return pc_json_end(&b);
}

Jsonb *
gw_mock_customer(const GwCall *call, int64 now)
{
	PcJsonBuilder b;

	pc_json_begin(&b);
	pc_json_add_text(&b, "id", known_or_made(call->psp_customer_id, "cus", call->account_id));
	pc_json_add_text(&b, "object", "customer");
	pc_json_add_text(&b, "name", pc_json_string(call->params, "name"));
	pc_json_add_text(&b, "email", pc_json_string(call->params, "email"));
	pc_json_add_text(&b, "phone", pc_json_string(call->params, "phone"));
	pc_json_add_json(&b, "address", pc_json_object(call->params, "address"));
	pc_json_add_json(&b, "metadata", gw_stripe_metadata(call));
	pc_json_add_int64(&b, "created", now);
	pc_json_add_bool(&b, "livemode", false);
	return pc_json_end(&b);
}

Jsonb *
gw_mock_method(const GwCall *call, const MockCard *card, int64 now)
{
	PcJsonBuilder b;

	pc_json_begin(&b);
	pc_json_add_text(&b, "id", gw_mock_method_id(call));
	pc_json_add_text(&b, "object", "payment_method");
	pc_json_add_text(&b, "type", method_type(card));
	if (call->op != GW_METHOD_DETACH)
		pc_json_add_text(&b, "customer", call->psp_customer_id);
	pc_json_add_json(&b, method_type(card), method_details(card, 0));
	pc_json_add_int64(&b, "created", now);
	pc_json_add_bool(&b, "livemode", false);
	return pc_json_end(&b);
}

static Jsonb *
card_destination(void)
{
	PcJsonBuilder b;
	PcJsonBuilder card;

	pc_json_begin(&card);
	pc_json_add_text(&card, "reference_status", "pending");
	pc_json_add_text(&card, "type", "refund");
	pc_json_begin(&b);
	pc_json_add_text(&b, "type", "card");
	pc_json_add_json(&b, "card", pc_json_end(&card));
	return pc_json_end(&b);
}

Jsonb *
gw_mock_refund(const GwCall *call, const MockCard *card, const char *status, int64 now)
{
	const char *id = known_or_made(call->psp_refund_id, "re", call->refund_id);
	bool		failed = strcmp(status, "failed") == 0 || strcmp(status, "canceled") == 0;
	PcMoney		amount = call->amount;
	PcJsonBuilder b;

	gw_params_money(call->params, &amount);
	pc_json_begin(&b);
	pc_json_add_text(&b, "id", id);
	pc_json_add_text(&b, "object", "refund");
	pc_json_add_text(&b, "status", status);
	gw_mock_add_money(&b, "amount", amount);
	gw_mock_add_currency(&b, amount);
	pc_json_add_text(&b, "charge", known_or_made(call->psp_charge_id, "ch", call->intent_id));
	pc_json_add_text(&b, "payment_intent",
					 known_or_made(call->psp_intent_id, "pi", call->intent_id));
	pc_json_add_text(&b, "reason", pc_json_string(call->params, "reason"));
	pc_json_add_json(&b, "balance_transaction",
					 gw_mock_balance(gw_mock_id("txn", call->refund_id), id, "refund",
										 same_currency(amount, -pc_money_amount(amount)),
										 same_currency(amount, 0), now));
	if (strcmp(status, "pending") == 0)
		pc_json_add_text(&b, "pending_reason", "processing");
	if (failed)
	{
		pc_json_add_text(&b, "failure_reason", "expired_or_canceled_card");
		pc_json_add_text(&b, "failure_balance_transaction",
						 psprintf("%s_failure", gw_mock_id("txn", call->refund_id)));
	}
	if (card == NULL || card->brand != NULL)
		pc_json_add_json(&b, "destination_details", card_destination());
	pc_json_add_json(&b, "metadata", gw_stripe_metadata(call));
	pc_json_add_int64(&b, "created", now);
	return pc_json_end(&b);
}

Jsonb *
gw_mock_error(const char *type, const char *code, const char *message)
{
	PcJsonBuilder b;

	pc_json_begin(&b);
	pc_json_add_text(&b, "type", type);
	pc_json_add_text(&b, "code", code);
	pc_json_add_text(&b, "message", message);
	return pc_json_end(&b);
}

Jsonb *
gw_mock_card_error(const MockCard *card, const char *code, const char *decline_code,
				const char *message, const char *charge)
{
	PcJsonBuilder b;

	pc_json_begin(&b);
	pc_json_add_text(&b, "type", "card_error");
	pc_json_add_text(&b, "code", code);
	pc_json_add_text(&b, "decline_code", decline_code);
	if (card->code != NULL && strcmp(code, card->code) == 0)
		pc_json_add_text(&b, "advice_code", gw_mock_advice(card));
	pc_json_add_text(&b, "message", message);
	pc_json_add_text(&b, "charge", charge);
	pc_json_add_text(&b, "payment_method", card->id);
	return pc_json_end(&b);
}
