/*
 * stripe_read.c
 *		Responses and events: what came back, and about which object.
 */
#include "gateway/stripe.h"

static GwKind
expected_kind(GwOperation op)
{
	switch (op)
	{
		case GW_CUSTOMER_CREATE:
		case GW_CUSTOMER_UPDATE:
		case GW_CUSTOMER_RETRIEVE:
			return GW_KIND_CUSTOMER;
		case GW_METHOD_ATTACH:
		case GW_METHOD_DETACH:
		case GW_METHOD_RETRIEVE:
			return GW_KIND_METHOD;
		case GW_INTENT_CREATE:
		case GW_INTENT_UPDATE:
		case GW_INTENT_CONFIRM:
		case GW_INTENT_CAPTURE:
		case GW_INTENT_CANCEL:
		case GW_INTENT_RETRIEVE:
			return GW_KIND_INTENT;
		case GW_CHARGE_RETRIEVE:
			return GW_KIND_CHARGE;
		case GW_REFUND_CREATE:
		case GW_REFUND_CANCEL:
		case GW_REFUND_RETRIEVE:
			return GW_KIND_REFUND;
		case GW_DISPUTE_UPDATE:
		case GW_DISPUTE_SUBMIT:
		case GW_DISPUTE_CLOSE:
		case GW_DISPUTE_RETRIEVE:
			return GW_KIND_DISPUTE;
		case GW_WARNING_RETRIEVE:
			return GW_KIND_WARNING;
		case GW_REVIEW_RETRIEVE:
			return GW_KIND_REVIEW;
		case GW_CUSTOMER_LIST:
		case GW_INTENT_LIST:
		case GW_REFUND_LIST:
		case GW_BALANCE_LIST:
		case GW_SETUP_LIST:
		case GW_DISPUTE_LIST:
		case GW_EVENT_LIST:
		case GW_CHARGE_LIST:
		case GW_PAYOUT_LIST:
		case GW_METHOD_LIST:
			return GW_KIND_LIST;
		case GW_PAYOUT_RETRIEVE:
			return GW_KIND_PAYOUT;
		case GW_ACCOUNT_RETRIEVE:
			return GW_KIND_ACCOUNT;
		case GW_SETUP_CREATE:
		case GW_SETUP_CONFIRM:
		case GW_SETUP_CANCEL:
		case GW_SETUP_RETRIEVE:
			return GW_KIND_SETUP;
		case GW_MANDATE_RETRIEVE:
			return GW_KIND_MANDATE;
		case GW_WEBHOOK_DELIVER:
		case GW_NOPERATIONS:
			break;
	}
	return GW_KIND_NONE;
}

/* The id in the request's path, where the answer must be about the same one. */
static const char *
asked_id(const GwCall *call, GwKind kind)
{
	switch (kind)
	{
		case GW_KIND_CUSTOMER:
			return call->op == GW_CUSTOMER_CREATE ? NULL : call->psp_customer_id;
		case GW_KIND_INTENT:
			return call->op == GW_INTENT_CREATE ? NULL : call->psp_intent_id;
		case GW_KIND_CHARGE:
			return call->psp_charge_id;
		case GW_KIND_SETUP:
			return call->op == GW_SETUP_CREATE ? NULL : call->psp_intent_id;
		case GW_KIND_MANDATE:
			return call->psp_mandate_id;
		case GW_KIND_REFUND:
			return call->op == GW_REFUND_CREATE ? NULL : call->psp_refund_id;
		case GW_KIND_PAYOUT:
			return call->psp_payout_id;
		case GW_KIND_DISPUTE:
			return call->psp_dispute_id;
		case GW_KIND_WARNING:
		case GW_KIND_REVIEW:
			return call->psp_object_id;
		default:
			return NULL;		/* attaching a test method answers with a new one */
	}
}

static bool
is_about(const GwCall *call, const GwObject *object, GwKind kind)
{
	const char *asked = asked_id(call, kind);

	return object->kind == kind &&
		(asked == NULL || (object->id != NULL && strcmp(asked, object->id) == 0));
}

/* An error carries the intent that it is about. */
static void
read_error_object(const Jsonb *error, GwKind expected, GwObject *object)
{
	GwKind		kind = expected == GW_KIND_SETUP ? GW_KIND_SETUP : GW_KIND_INTENT;

	gw_read_object(pc_json_object(error, kind == GW_KIND_SETUP ? "setup_intent" : "payment_intent"), object);
	if (object->kind != kind)
		memset(object, 0, sizeof(*object));
}

/* The object comes at the top, or inside the error where the request failed. */
static void
read_body(const GwCall *call, const Jsonb *body, const Jsonb *error, GwAnswer *answer)
{
	GwKind		expected = expected_kind(call->op);

	if (error == NULL)
	{
		gw_read_object(body, &answer->object);
		if (is_about(call, &answer->object, expected))
			return;
	}
	else
	{
		gw_read_error(error, &answer->error);
		read_error_object(error, expected, &answer->object);
		if (answer->object.kind != GW_KIND_NONE && (answer->object.kind != expected ||
													is_about(call, &answer->object, expected)))
			return;
	}
	memset(&answer->object, 0, sizeof(answer->object));
}

void
gw_stripe_read_response(const GwCall *call, const GwResponse *response, GwAnswer *answer)
{
	const char *why;
	Jsonb	   *body = pc_json_parse(response->body, response->body_len, &why);
	Jsonb	   *error = pc_json_object(body, "error");

	memset(answer, 0, sizeof(*answer));
	if (body != NULL)
		read_body(call, body, error, answer);
	answer->verdict = gw_stripe_verdict(response, &answer->error, error != NULL,
										error == NULL && answer->object.kind != GW_KIND_NONE);
}

static bool
ends_with(const char *text, const char *end)
{
	size_t		len = strlen(text);

	return len >= strlen(end) && strcmp(text + len - strlen(end), end) == 0;
}

static void
read_event_object(const Jsonb *payload, GwEvent *event)
{
	Jsonb	   *data = pc_json_object(payload, "data");
	Jsonb	   *object = pc_json_object(data, "object");

	event->object_type = pc_json_string(object, "object");
	event->object_id = gw_field_id(object, "id");
	event->previous = pc_json_object(data, "previous_attributes");
	gw_read_object(object, &event->object);
	/* The event carries the customer as it last was, without the mark. */
	if (event->object.kind == GW_KIND_CUSTOMER && strcmp(event->type, "customer.deleted") == 0)
		event->object.u.customer->deleted = true;
}

/* Events of API v2 name their object but do not carry it. */
static void
read_thin_object(const Jsonb *payload, GwEvent *event)
{
	Jsonb	   *related = pc_json_object(payload, "related_object");

	event->object_type = pc_json_string(related, "type");
	event->object_id = gw_field_id(related, "id");
}

bool
gw_stripe_read_event(const Jsonb *payload, GwEvent *event, const char **why)
{
	char	   *object = pc_json_string(payload, "object");

	memset(event, 0, sizeof(*event));
	event->id = gw_field_id(payload, "id");
	event->type = pc_json_string(payload, "type");
	if (event->id == NULL || event->type == NULL)
	{
		*why = "the payload is no event: it has no id or no type";
		return false;
	}
	event->api_version = pc_json_string(payload, "api_version");
	event->same_version = event->api_version != NULL &&
		strcmp(event->api_version, STRIPE_VERSION) == 0;
	event->account = gw_field_id(payload, "account");
	event->livemode = pc_json_bool(payload, "livemode", false);
	event->created = gw_field_time(payload, "created");
	event->request_key = pc_json_string(pc_json_object(payload, "request"), "idempotency_key");
	event->is_creation = ends_with(event->type, ".created");
	if (object != NULL && strcmp(object, "v2.core.event") == 0)
		read_thin_object(payload, event);
	else
		read_event_object(payload, event);
	return true;
}
