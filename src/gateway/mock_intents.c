/*
 * mock_intents.c
 *		What becomes of a payment intent, by its test payment method.
 */
#include "common/text.h"
#include "gateway/mock.h"

#include "gateway/stripe.h"
#include "utils/fmgrprotos.h"

static bool
is_manual(const GwCall *call)
{
	char	   *asked = pc_json_string(call->params, "capture_method");

	return pc_is(asked != NULL ? asked : call->capture_method, "manual");
}

static PcMoney
amount_of(const GwCall *call)
{
	PcMoney		money;

	if (gw_params_money(call->params, &money))
		return money;
	return call->captured != GW_NO_MONEY ? call->captured : call->amount;
}

/* The intent as its status alone tells. */
static MockIntent
picture(const GwCall *call, const char *status, int64 now)
{
	MockIntent	i = {.call = call, .status = status, .now = now};

	i.card = gw_mock_card_by_id(gw_mock_method_id(call));
	if (pc_is(status, "succeeded") || pc_is(status, "requires_capture"))
		i.charge_status = "succeeded";
	else if (pc_is(status, "processing"))
		i.charge_status = "pending";
	if (pc_is(status, "succeeded"))
		i.captured = amount_of(call);
	return i;
}

/* 402, with the intent back where it wants another method. */
static int
decline(const GwCall *call, const MockCard *card, const char *code, const char *decline_code,
		bool charged, int64 now, Jsonb **body)
{
	MockIntent	i = {.call = call, .card = card, .status = "requires_payment_method", .now = now};
	const char *message = charged ? "Your card was declined." :
		"The payment could not be authenticated.";
	PcJsonBuilder b;
	PcJsonBuilder whole;

	if (charged)
		i.charge_status = "failed";
	i.error = gw_mock_card_error(card, code, decline_code, message, NULL);
	if (charged)
		i.error = gw_mock_card_error(card, code, decline_code, message,
								  pc_json_string(gw_mock_charge(&i), "id"));
	*body = gw_mock_intent(&i);
	if (gw_operation_is_read(call->op))
		return 200;

	pc_json_begin(&b);
	pc_json_add_json(&b, "payment_intent", *body);
	pc_json_begin(&whole);
	pc_json_add_json(&whole, "error",
					 DatumGetJsonbP(DirectFunctionCall2(jsonb_concat,
														JsonbPGetDatum(i.error),
														JsonbPGetDatum(pc_json_end(&b)))));
	*body = pc_json_end(&whole);
	return 402;
}

/* The bank's word, once nothing stands before it. */
static int
take_money(const GwCall *call, const MockCard *card, int64 now, Jsonb **body)
{
	MockIntent	i;

	if (card->outcome == MOCK_DECLINE)
		return decline(call, card, card->code, card->decline_code, true, now, body);
	if (card->outcome == MOCK_PROCESSING)
		i = picture(call, "processing", now);
	else
		i = picture(call, is_manual(call) ? "requires_capture" : "succeeded", now);
	*body = gw_mock_intent(&i);
	return 200;
}

static int
unknown_method(const GwCall *call, Jsonb **body)
{
	*body = gw_mock_error_body(gw_mock_error("invalid_request_error", "resource_missing",
									   psprintf("No such PaymentMethod: '%s'",
												gw_mock_method_id(call))));
	return 404;
}

static int
confirm(const GwCall *call, int64 now, Jsonb **body)
{
	const MockCard *card = gw_mock_card_by_id(gw_mock_method_id(call));
	bool		off_session = pc_json_bool(call->params, "off_session", false);
	MockIntent	i;

	if (gw_mock_method_id(call) == NULL)
	{
		*body = gw_mock_error_body(gw_mock_error("invalid_request_error",
										   "payment_intent_unexpected_state",
										   "The intent has no payment method to confirm with."));
		return 400;
	}
	if (card == NULL)
		return unknown_method(call, body);
	if (off_session && card->action == MOCK_ACTION_ALWAYS)
		return decline(call, card, "authentication_required", "authentication_required", true,
					   now, body);
	if (card->action == MOCK_ACTION_NEVER || off_session)
		return take_money(call, card, now, body);
	i = picture(call, "requires_action", now);
	*body = gw_mock_intent(&i);
	return 200;
}

static int
create(const GwCall *call, int64 now, Jsonb **body)
{
	MockIntent	i;

	if (pc_json_bool(call->params, "confirm", false))
		return confirm(call, now, body);
	if (gw_mock_method_id(call) != NULL && gw_mock_card_by_id(gw_mock_method_id(call)) == NULL)
		return unknown_method(call, body);
	i = picture(call, gw_mock_method_id(call) != NULL ? "requires_confirmation" :
				"requires_payment_method", now);
	*body = gw_mock_intent(&i);
	return 200;
}

static int
unexpected_state(const GwCall *call, int64 now, Jsonb **body)
{
	MockIntent	i = picture(call, call->object_status, now);
	PcJsonBuilder b;

	pc_json_begin(&b);
	pc_json_add_text(&b, "type", "invalid_request_error");
	pc_json_add_text(&b, "code", "payment_intent_unexpected_state");
	pc_json_add_text(&b, "message", psprintf("The intent is %s.", call->object_status));
	pc_json_add_json(&b, "payment_intent", gw_mock_intent(&i));
	*body = gw_mock_error_body(pc_json_end(&b));
	return 400;
}

static int
capture(const GwCall *call, int64 now, Jsonb **body)
{
	MockIntent	i;
	PcMoney		asked;

	if (call->object_status != NULL && !pc_is(call->object_status, "requires_capture"))
		return unexpected_state(call, now, body);
	i = picture(call, "succeeded", now);
	i.captured = call->authorized != GW_NO_MONEY ? call->authorized : call->amount;
	if (gw_params_money(call->params, &asked))
	{
		if (pc_money_amount(asked) > pc_money_amount(i.captured))
		{
			*body = gw_mock_error_body(
				gw_mock_error("invalid_request_error", "amount_too_large",
							  "The amount to capture exceeds the authorized one."));
			return 400;
		}
		i.captured = asked;
	}
	*body = gw_mock_intent(&i);
	return 200;
}

static bool
is_over(const char *status)
{
	return pc_is(status, "succeeded") || pc_is(status, "canceled");
}

static int
cancel(const GwCall *call, int64 now, Jsonb **body)
{
	MockIntent	i;

	if (is_over(call->object_status))
		return unexpected_state(call, now, body);
	i = picture(call, "canceled", now);
	*body = gw_mock_intent(&i);
	return 200;
}

/* A confirmed intent is not confirmed again. */
static bool
is_confirmable(const char *status)
{
	return !is_over(status) && !pc_is(status, "processing") && !pc_is(status, "requires_capture");
}

static int
update(const GwCall *call, int64 now, Jsonb **body)
{
	MockIntent	i;

	if (is_over(call->object_status))
		return unexpected_state(call, now, body);
	i = picture(call, call->object_status, now);
	*body = gw_mock_intent(&i);
	return 200;
}

/* As it was, unless the payer has acted or the bank has had its time. */
static int
retrieve(const GwCall *call, int64 now, Jsonb **body)
{
	char	   *outcome = pc_json_string(call->params, "outcome");
	const MockCard *card = gw_mock_card_by_id(gw_mock_method_id(call));
	const char *status = call->object_status;
	MockIntent	i;

	if (pc_is(status, "requires_action") && card != NULL && pc_is(outcome, "succeed"))
		return take_money(call, card, now, body);
	if (pc_is(status, "requires_action") && card != NULL && pc_is(outcome, "fail"))
		return decline(call, card, "payment_intent_authentication_failure", NULL, false, now, body);
	i = picture(call, pc_is(status, "processing") ? "succeeded" : status, now);
	*body = gw_mock_intent(&i);
	return 200;
}

int
gw_mock_answer_intent(const GwCall *call, int64 now, Jsonb **body)
{
	GwCall		known = *call;

	/* Our own first state, and where nobody knows, is Stripe's first. */
	if (call->object_status == NULL || pc_is(call->object_status, "created"))
		known.object_status = gw_mock_method_id(call) != NULL ? "requires_confirmation" :
			"requires_payment_method";
	switch (call->op)
	{
		case GW_INTENT_CREATE:
			return create(call, now, body);
		case GW_INTENT_UPDATE:
			return update(&known, now, body);
		case GW_INTENT_CONFIRM:
			return is_confirmable(known.object_status) ? confirm(call, now, body) :
				unexpected_state(&known, now, body);
		case GW_INTENT_CAPTURE:
			return capture(call, now, body);
		case GW_INTENT_CANCEL:
			return cancel(&known, now, body);
		default:
			return retrieve(&known, now, body);
	}
}
