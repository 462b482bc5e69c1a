/*
 * mock.c
 *		The gateway without a network: Stripe's test payment methods and their
 *		documented outcomes, answered in Stripe's shapes and read by its readers.
 *
 * It remembers nothing.  What an object is now is what the call says of it.
 */
#include "gateway/mock.h"

#include "common/utf8.h"
#include "gateway/stripe.h"
#include "utils/fmgrprotos.h"

#include <time.h>

const char *
gw_mock_method_id(const GwCall *call)
{
	return call->psp_method_id != NULL ? call->psp_method_id :
		pc_json_string(call->params, "payment_method");
}

Jsonb *
gw_mock_error_body(Jsonb *error)
{
	PcJsonBuilder b;

	pc_json_begin(&b);
	pc_json_add_json(&b, "error", error);
	return pc_json_end(&b);
}

Jsonb *
gw_mock_joined(const Jsonb *a, const Jsonb *b)
{
	return DatumGetJsonbP(DirectFunctionCall2(jsonb_concat, JsonbPGetDatum(a), JsonbPGetDatum(b)));
}

static int
answer_method(const GwCall *call, int64 now, Jsonb **body)
{
	const MockCard *card = gw_mock_card_by_id(gw_mock_method_id(call));

	if (card == NULL)
	{
		*body = gw_mock_error_body(gw_mock_error("invalid_request_error", "resource_missing",
										   "No such PaymentMethod."));
		return 404;
	}
	if (call->op == GW_METHOD_ATTACH && !card->attachable)
	{
		*body = gw_mock_error_body(gw_mock_card_error(card, card->code, card->decline_code,
												"Your card was declined.", NULL));
		return 402;
	}
	*body = gw_mock_method(call, card, now);
	return 200;
}

static int
answer_charge(const GwCall *call, int64 now, Jsonb **body)
{
	const MockCard *card = gw_mock_card_by_id(gw_mock_method_id(call));
	MockIntent	i = {.call = call, .card = card, .now = now};
	const char *status = call->object_status;

	if (status == NULL || strcmp(status, "authorized") == 0 || strcmp(status, "canceled") == 0)
		i.charge_status = "succeeded";
	else
		i.charge_status = status;
	if (status == NULL || strcmp(status, "succeeded") == 0)
		i.captured = call->captured != GW_NO_MONEY ? call->captured : call->amount;
	*body = gw_mock_charge(&i);
	return 200;
}

static Jsonb *
account(void)
{
	PcJsonBuilder b;

	pc_json_begin(&b);
	pc_json_add_text(&b, "id", "acct_mock");
	pc_json_add_text(&b, "object", "account");
	return pc_json_end(&b);
}

Jsonb *
gw_mock_list(const Jsonb *const *items, int n)
{
	PcJsonBuilder b;

	pc_json_begin(&b);
	pc_json_add_text(&b, "object", "list");
	pc_json_add_json(&b, "data", pc_json_array(items, n));
	pc_json_add_bool(&b, "has_more", false);
	return pc_json_end(&b);
}

static int
answer_body(const GwCall *call, int64 now, Jsonb **body)
{
	switch (call->op)
	{
		case GW_CUSTOMER_CREATE:
		case GW_CUSTOMER_UPDATE:
		case GW_CUSTOMER_RETRIEVE:
			*body = gw_mock_customer(call, now);
			return 200;
		case GW_METHOD_ATTACH:
		case GW_METHOD_DETACH:
		case GW_METHOD_RETRIEVE:
			return answer_method(call, now, body);
		case GW_CHARGE_RETRIEVE:
			return answer_charge(call, now, body);
		case GW_REFUND_CREATE:
		case GW_REFUND_CANCEL:
		case GW_REFUND_RETRIEVE:
			return gw_mock_answer_refund(call, now, body);
		case GW_CUSTOMER_LIST:
		case GW_INTENT_LIST:
		case GW_REFUND_LIST:
		case GW_SETUP_LIST:
		case GW_BALANCE_LIST:
		case GW_EVENT_LIST:
		case GW_CHARGE_LIST:
		case GW_PAYOUT_LIST:
		case GW_METHOD_LIST:
			/* Nothing is ever lost on the way here, so there is never anything to find. */
			*body = gw_mock_list(NULL, 0);
			return 200;
		case GW_DISPUTE_UPDATE:
		case GW_DISPUTE_SUBMIT:
		case GW_DISPUTE_CLOSE:
		case GW_DISPUTE_RETRIEVE:
			return gw_mock_answer_dispute(call, now, body);
		case GW_DISPUTE_LIST:
			*body = gw_mock_dispute_list(call, now);
			return 200;
		case GW_PAYOUT_RETRIEVE:
			*body = gw_mock_error_body(gw_mock_error("invalid_request_error", "resource_missing", "No such payout."));
			return 404;
		case GW_SETUP_CREATE:
		case GW_SETUP_CONFIRM:
		case GW_SETUP_CANCEL:
		case GW_SETUP_RETRIEVE:
			return gw_mock_answer_setup(call, now, body);
		case GW_MANDATE_RETRIEVE:
			return gw_mock_answer_mandate(call, now, body);
		case GW_WARNING_RETRIEVE:
		case GW_REVIEW_RETRIEVE:
			*body = gw_mock_error_body(gw_mock_error("invalid_request_error", "resource_missing",
													 "No such object."));
			return 404;
		case GW_ACCOUNT_RETRIEVE:
			*body = account();
			return 200;
		default:
			return gw_mock_answer_intent(call, now, body);
	}
}

static void
answer(const GwCall *call, GwResponse *response)
{
	int64		now = (int64) time(NULL);
	Jsonb	   *body;
	char	   *text;

	memset(response, 0, sizeof(*response));
	response->status = answer_body(call, now, &body);
	text = JsonbToCString(NULL, &body->root, VARSIZE(body));
	response->body = pc_as_utf8(text, "?");
	response->body_len = strlen(response->body);
	response->content_type = "application/json";
	response->should_retry = -1;
	response->date = now;
	response->retry_after_ms = -1;
}

static int
key_livemode(const char *api_key)
{
	return 0;
}

const Gateway gw_mock = {
	.name = "mock",
	.networked = false,
	.api_version = STRIPE_VERSION,
	.render = gw_stripe_render,
	.read_response = gw_stripe_read_response,
	.answer = answer,
	.verify_webhook = gw_stripe_verify_webhook,
	.read_event = gw_stripe_read_event,
	.amount_out = gw_stripe_amount_out,
	.amount_in = gw_stripe_amount_in,
	.key_livemode = key_livemode,
};
