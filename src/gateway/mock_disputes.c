/*
 * mock_disputes.c
 *		What becomes of a dispute: the test payment method opens it, and the text
 *		of the evidence decides it, as in Stripe's test mode.
 */
#include "common/text.h"
#include "gateway/mock.h"

#include "gateway/stripe.h"

#define DAY			INT64CONST(86400)
#define DISPUTE_FEE	1500

typedef struct MockDispute
{
	const GwCall *call;
	const char *id;
	const char *status;
	const char *reason;
	const Jsonb *evidence;
	bool		inquiry;		/* it began as one */
	int64		submissions;
	int64		due_by;
	int64		now;
} MockDispute;

static bool
is_inquiry(const char *status)
{
	return strncmp(status, "warning_", strlen("warning_")) == 0;
}

static PcMoney
in_currency_of(PcMoney money, int64 amount)
{
	return pc_money_pack(pc_money_currency(money), amount);
}

static PcMoney
disputed_amount(const GwCall *call)
{
	return call->op == GW_DISPUTE_LIST && call->captured != GW_NO_MONEY ? call->captured : call->amount;
}

/* Withdrawn with the first word of a chargeback, whoever wins; a win brings it back. */
static Jsonb *
balances(const MockDispute *d)
{
	PcMoney		amount = disputed_amount(d->call);
	const Jsonb *items[2];
	int			n = 0;

	if (!is_inquiry(d->status) && !pc_is(d->status, "prevented"))
		items[n++] = gw_mock_balance(psprintf("txn_%s_out", d->id), d->id, "dispute",
									 pc_money_negate(amount), in_currency_of(amount, DISPUTE_FEE), d->now);
	if (pc_is(d->status, "won"))
		items[n++] = gw_mock_balance(psprintf("txn_%s_in", d->id), d->id, "dispute_reversal",
									 amount, in_currency_of(amount, 0), d->now);
	return pc_json_array(items, n);
}

static Jsonb *
evidence_details(const MockDispute *d)
{
	PcJsonBuilder b;

	pc_json_begin(&b);
	pc_json_add_int64(&b, "due_by", d->due_by);
	pc_json_add_bool(&b, "has_evidence", d->evidence != NULL && JB_ROOT_COUNT(d->evidence) > 0);
	pc_json_add_bool(&b, "past_due", d->due_by < d->now);
	pc_json_add_int64(&b, "submission_count", d->submissions);
	return pc_json_end(&b);
}

static Jsonb *
card_case(const MockDispute *d)
{
	PcJsonBuilder card;
	PcJsonBuilder b;

	pc_json_begin(&card);
	pc_json_add_text(&card, "brand", "visa");
	pc_json_add_text(&card, "case_type", d->inquiry ? "inquiry" : "chargeback");
	pc_json_add_text(&card, "network_reason_code", "10.4");
	pc_json_begin(&b);
	pc_json_add_text(&b, "type", "card");
	pc_json_add_json(&b, "card", pc_json_end(&card));
	return pc_json_end(&b);
}

static Jsonb *
body_of(const MockDispute *d)
{
	PcMoney		amount = disputed_amount(d->call);
	PcJsonBuilder b;

	pc_json_begin(&b);
	pc_json_add_text(&b, "id", d->id);
	pc_json_add_text(&b, "object", "dispute");
	pc_json_add_text(&b, "status", d->status);
	gw_mock_add_money(&b, "amount", amount);
	gw_mock_add_currency(&b, amount);
	pc_json_add_text(&b, "charge", d->call->psp_charge_id);
	pc_json_add_text(&b, "payment_intent", d->call->psp_intent_id);
	pc_json_add_text(&b, "reason", d->reason);
	pc_json_add_bool(&b, "is_charge_refundable", is_inquiry(d->status));
	pc_json_add_json(&b, "evidence", d->evidence);
	pc_json_add_json(&b, "evidence_details", evidence_details(d));
	pc_json_add_json(&b, "payment_method_details", card_case(d));
	pc_json_add_json(&b, "balance_transactions", balances(d));
	pc_json_add_int64(&b, "created", d->now);
	pc_json_add_bool(&b, "livemode", false);
	return pc_json_end(&b);
}

static Jsonb *
opened(const GwCall *call, const char *id, const char *reason, int64 now)
{
	bool		inquiry = pc_is(reason, "inquiry");
	MockDispute d = {
		.call = call, .id = id, .inquiry = inquiry, .now = now, .due_by = now + 9 * DAY,
		.status = inquiry ? "warning_needs_response" : "needs_response",
		.reason = inquiry ? "general" : reason
	};

	return body_of(&d);
}

Jsonb *
gw_mock_dispute_list(const GwCall *call, int64 now)
{
	const MockCard *card = gw_mock_card_by_id(gw_mock_method_id(call));
	char	   *id = gw_mock_id("du", call->intent_id);
	const Jsonb *items[2];
	int			n = 0;

	if (card != NULL && card->dispute != NULL)
		items[n++] = opened(call, id, card->dispute, now);
	if (card != NULL && card->second_dispute != NULL)
		items[n++] = opened(call, psprintf("%s_2", id), card->second_dispute, now);
	return gw_mock_list(items, n);
}

/* The bank's word over what was submitted; NULL while it has not spoken. */
static const char *
verdict(const MockDispute *d)
{
	char	   *text = pc_json_string(d->evidence, "uncategorized_text");
	bool		inquiry = is_inquiry(d->status);

	if (pc_is(text, "winning_evidence"))
		return inquiry ? "warning_closed" : "won";
	if (pc_is(text, "losing_evidence"))
		return inquiry ? "needs_response" : "lost";
	if (pc_is(text, "escalate_inquiry_evidence") && inquiry)
		return "needs_response";
	return NULL;
}

static void
look_again(MockDispute *d)
{
	const char *next = pc_is(d->status, "under_review") || pc_is(d->status, "warning_under_review") ? verdict(d) : NULL;

	if (next == NULL)
		return;
	d->inquiry = d->inquiry && is_inquiry(next);
	d->status = next;
}

static int
refuse(const char *message, Jsonb **body)
{
	*body = gw_mock_error_body(gw_mock_error("invalid_request_error", "status_transition_invalid", message));
	return 400;
}

/* What is known of the row has in it what was staged. */
static const Jsonb *
merged_evidence(const GwCall *call)
{
	Jsonb	   *known = pc_json_object(call->details, "evidence");
	Jsonb	   *staged = pc_json_object(call->params, "evidence");

	return known != NULL ? known : staged;
}

int
gw_mock_answer_dispute(const GwCall *call, int64 now, Jsonb **body)
{
	const char *status = call->object_status != NULL ? call->object_status : "needs_response";
	bool		waits = pc_is(status, "needs_response") || pc_is(status, "warning_needs_response");
	bool		open = waits || pc_is(status, "under_review") || pc_is(status, "warning_under_review");
	MockDispute d = {
		.call = call, .id = call->psp_dispute_id, .status = status, .now = now,
		.reason = pc_json_string(call->details, "reason"),
		.inquiry = pc_is(pc_json_string(call->details, "kind"), "inquiry"),
		.evidence = merged_evidence(call)
	};

	(void) pc_json_int64(call->details, "submissions", &d.submissions);
	(void) pc_json_int64(call->details, "due_by", &d.due_by);
	if (call->op == GW_DISPUTE_RETRIEVE)
		look_again(&d);
	else if (call->op == GW_DISPUTE_CLOSE && !waits)
		return refuse("This dispute cannot be closed.", body);
	else if (call->op == GW_DISPUTE_CLOSE)
		d.status = is_inquiry(status) ? "warning_closed" : "lost";
	else if (!open)
		return refuse("This dispute is already closed.", body);
	else if (call->op == GW_DISPUTE_SUBMIT)
	{
		d.status = is_inquiry(status) ? "warning_under_review" : "under_review";
		d.submissions++;
	}
	*body = body_of(&d);
	return 200;
}
