/*
 * mock_setups.c
 *		Setup intents and mandates of the mock gateway: an intent without
 *		money, whose success saves the method.
 */
#include "common/text.h"
#include "gateway/mock.h"

#include "gateway/stripe.h"

static char *
mandate_id(const GwCall *call)
{
	return gw_mock_id("mandate", call->intent_id);
}

static Jsonb *
mandate(const char *id, const char *method, int64 now)
{
	PcJsonBuilder b;
	PcJsonBuilder acceptance;

	pc_json_begin(&acceptance);
	pc_json_add_text(&acceptance, "type", "online");
	pc_json_add_int64(&acceptance, "accepted_at", now);
	pc_json_begin(&b);
	pc_json_add_text(&b, "id", id);
	pc_json_add_text(&b, "object", "mandate");
	pc_json_add_text(&b, "status", "active");
	pc_json_add_text(&b, "type", "multi_use");
	pc_json_add_text(&b, "payment_method", method);
	pc_json_add_json(&b, "customer_acceptance", pc_json_end(&acceptance));
	pc_json_add_bool(&b, "livemode", false);
	return pc_json_end(&b);
}

/* The method, saved by success; of an account that is debited, with its mandate. */
static void
add_method(PcJsonBuilder *b, const GwCall *call, const MockCard *card, bool saved, int64 now)
{
	GwCall		of_method = *call;
	const char *id = gw_mock_method_id(call);

	if (card == NULL)
		return;
	if (!saved)
	{
		pc_json_add_text(b, "payment_method", id);
		return;
	}
	of_method.op = GW_METHOD_ATTACH;
	pc_json_add_json(b, "payment_method", gw_mock_method(&of_method, card, now));
	if (card->brand == NULL)
		pc_json_add_json(b, "mandate", mandate(mandate_id(call), id, now));
}

static Jsonb *
picture(const GwCall *call, const char *status, const Jsonb *error, int64 now)
{
	const MockCard *card = gw_mock_card_by_id(gw_mock_method_id(call));
	const char *id = call->psp_intent_id != NULL ? call->psp_intent_id : gw_mock_id("seti", call->intent_id);
	char	   *usage = pc_json_string(call->params, "usage");
	PcJsonBuilder b;

	pc_json_begin(&b);
	pc_json_add_text(&b, "id", id);
	pc_json_add_text(&b, "object", "setup_intent");
	pc_json_add_text(&b, "status", status);
	pc_json_add_text(&b, "usage", usage);
	pc_json_add_text(&b, "customer", call->psp_customer_id);
	if (error == NULL)
		add_method(&b, call, card, pc_is(status, "succeeded"), now);
	pc_json_add_text(&b, "client_secret", psprintf("%s_secret_mock", id));
	if (pc_is(status, "requires_action"))
		pc_json_add_json(&b, "next_action", gw_mock_next_action(call, id));
	pc_json_add_json(&b, "last_setup_error", error);
	if (pc_is(status, "canceled"))
		pc_json_add_text(&b, "cancellation_reason", pc_json_string(call->params, "reason"));
	pc_json_add_text(&b, "description", pc_json_string(call->params, "description"));
	pc_json_add_json(&b, "metadata", gw_stripe_metadata(call));
	pc_json_add_int64(&b, "created", now);
	pc_json_add_bool(&b, "livemode", false);
	return pc_json_end(&b);
}

static int
refuse(int http_status, Jsonb *error, const Jsonb *setup, Jsonb **body)
{
	PcJsonBuilder b;
	PcJsonBuilder whole;

	pc_json_begin(&b);
	pc_json_add_json(&b, "setup_intent", setup);
	pc_json_begin(&whole);
	pc_json_add_json(&whole, "error", gw_mock_joined(error, pc_json_end(&b)));
	*body = pc_json_end(&whole);
	return http_status;
}

static int
unexpected_state(const GwCall *call, int64 now, Jsonb **body)
{
	return refuse(400, gw_mock_error("invalid_request_error", "setup_intent_unexpected_state",
									 psprintf("The setup intent is %s.", call->object_status)),
				  picture(call, call->object_status, NULL, now), body);
}

static int
fail(const GwCall *call, Jsonb *error, int64 now, Jsonb **body)
{
	Jsonb	   *setup = picture(call, "requires_payment_method", error, now);

	if (!gw_operation_is_read(call->op))
		return refuse(402, error, setup, body);
	*body = setup;
	return 200;
}

static int
save(const GwCall *call, const MockCard *card, int64 now, Jsonb **body)
{
	if (!card->attachable)
		return fail(call, gw_mock_card_error(card, card->code, card->decline_code, "Your card was declined.", NULL),
					now, body);
	*body = picture(call, "succeeded", NULL, now);
	return 200;
}

static int
confirm(const GwCall *call, int64 now, Jsonb **body)
{
	const MockCard *card = gw_mock_card_by_id(gw_mock_method_id(call));

	if (card == NULL)
	{
		*body = gw_mock_error_body(gw_mock_error("invalid_request_error", "resource_missing", "No such PaymentMethod."));
		return 404;
	}
	if (card->action == MOCK_ACTION_NEVER)
		return save(call, card, now, body);
	*body = picture(call, "requires_action", NULL, now);
	return 200;
}

static const char *
first_status(const GwCall *call)
{
	return gw_mock_method_id(call) != NULL ? "requires_confirmation" : "requires_payment_method";
}

/* As it was, unless the payer has acted. */
static int
retrieve(const GwCall *call, int64 now, Jsonb **body)
{
	char	   *outcome = pc_json_string(call->params, "outcome");
	const MockCard *card = gw_mock_card_by_id(gw_mock_method_id(call));

	if (pc_is(call->object_status, "requires_action") && card != NULL && pc_is(outcome, "succeed"))
		return save(call, card, now, body);
	if (pc_is(call->object_status, "requires_action") && pc_is(outcome, "fail"))
		return fail(call, gw_mock_error("invalid_request_error", "setup_intent_authentication_failure",
										"The payment method could not be authenticated."), now, body);
	*body = picture(call, call->object_status, NULL, now);
	return 200;
}

int
gw_mock_answer_setup(const GwCall *call, int64 now, Jsonb **body)
{
	GwCall		known = *call;
	bool		over = pc_is(call->object_status, "succeeded") || pc_is(call->object_status, "canceled");

	if (call->object_status == NULL || pc_is(call->object_status, "created"))
		known.object_status = first_status(call);
	switch (call->op)
	{
		case GW_SETUP_CREATE:
			if (pc_json_bool(call->params, "confirm", false))
				return confirm(call, now, body);
			*body = picture(call, first_status(call), NULL, now);
			return 200;
		case GW_SETUP_CONFIRM:
			return over ? unexpected_state(&known, now, body) : confirm(&known, now, body);
		case GW_SETUP_CANCEL:
			if (over)
				return unexpected_state(&known, now, body);
			*body = picture(call, "canceled", NULL, now);
			return 200;
		default:
			return retrieve(&known, now, body);
	}
}

int
gw_mock_answer_mandate(const GwCall *call, int64 now, Jsonb **body)
{
	*body = mandate(call->psp_mandate_id, gw_mock_method_id(call), now);
	return 200;
}
