/*
 * mock_refunds.c
 *		What becomes of a refund, by the test payment method that was charged.
 */
#include "gateway/mock.h"

static const char *
first_status(const MockCard *card)
{
	return card != NULL && card->refund == MOCK_REFUND_PENDING ? "pending" : "succeeded";
}

/* The second look: what was pending is through, what seemed through is not. */
static const char *
later_status(const MockCard *card, const char *status)
{
	if (strcmp(status, "pending") == 0)
		return "succeeded";
	if (strcmp(status, "succeeded") == 0 && card != NULL && card->refund == MOCK_REFUND_FAILS)
		return "failed";
	return status;
}

int
gw_mock_answer_refund(const GwCall *call, int64 now, Jsonb **body)
{
	const MockCard *card = gw_mock_card_by_id(gw_mock_method_id(call));
	const char *status = call->object_status != NULL ? call->object_status : "pending";

	if (call->op == GW_REFUND_CREATE)
		*body = gw_mock_refund(call, card, first_status(card), now);
	else if (call->op == GW_REFUND_RETRIEVE)
		*body = gw_mock_refund(call, card, later_status(card, status), now);
	else if (strcmp(status, "requires_action") == 0)
		*body = gw_mock_refund(call, card, "canceled", now);
	else
	{
		*body = gw_mock_error_body(
			gw_mock_error("invalid_request_error", "status_transition_invalid",
						  "Only a refund that requires action can be canceled."));
		return 400;
	}
	return 200;
}
