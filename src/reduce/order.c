/*
 * order.c
 *		Which of two pictures of one object is the newer.
 */
#include "common/paycore.h"

#include "reduce/order.h"
#include "types/lifecycle.h"

/* Two pictures of one second. */
static PcOrder
break_tie(const PcPictures *p)
{
	if (p->is_creation)
		return PC_ORDER_MERGE;
	if (p->growth != 0)
		return p->growth > 0 ? PC_ORDER_APPLY : PC_ORDER_MERGE;
	if (p->previous_matches)
		return PC_ORDER_APPLY;
	switch (p->step)
	{
		case PC_STEP_FORWARD:
			return PC_ORDER_APPLY;
		case PC_STEP_BACKWARD:
			return PC_ORDER_MERGE;
		case PC_STEP_UNKNOWN:
			break;
	}
	return PC_ORDER_DOUBT;
}

PcOrder
pc_order(const PcPictures *p)
{
	/*
	 * A confirmed picture must move the time on: A, B, A again are three
	 * pictures, and a late B must not undo the second A.
	 */
	if (p->same_digest)
		return p->doubt || (p->seen_time > p->known_time && !p->known_final) ?
			PC_ORDER_TOUCH : PC_ORDER_SAME;
	if (p->known_final)
		return PC_ORDER_MERGE;
	if (p->seen_final || !p->known)
		return PC_ORDER_APPLY;
	if (p->seen_time != p->known_time)
		return p->seen_time > p->known_time ? PC_ORDER_APPLY : PC_ORDER_MERGE;
	return break_tie(p);
}

#define TO(state)	(1u << (state))

/*
 * The direct steps, as opposed to the guards' tables, which are the closure
 * over what may be seen when pictures in between were lost.
 */
static const uint32 intent_steps[] = {
	[INTENT_CREATED] = ~0u,
	[INTENT_REQUIRES_PAYMENT_METHOD] = TO(INTENT_REQUIRES_CONFIRMATION) | TO(INTENT_REQUIRES_ACTION) |
	TO(INTENT_PROCESSING) | TO(INTENT_REQUIRES_CAPTURE) | TO(INTENT_SUCCEEDED) | TO(INTENT_CANCELED),
	[INTENT_REQUIRES_CONFIRMATION] = TO(INTENT_REQUIRES_PAYMENT_METHOD) | TO(INTENT_REQUIRES_ACTION) |
	TO(INTENT_PROCESSING) | TO(INTENT_REQUIRES_CAPTURE) | TO(INTENT_SUCCEEDED) | TO(INTENT_CANCELED),
	[INTENT_REQUIRES_ACTION] = TO(INTENT_REQUIRES_PAYMENT_METHOD) | TO(INTENT_REQUIRES_CONFIRMATION) |
	TO(INTENT_PROCESSING) | TO(INTENT_REQUIRES_CAPTURE) | TO(INTENT_SUCCEEDED) | TO(INTENT_CANCELED),
	[INTENT_PROCESSING] = TO(INTENT_REQUIRES_PAYMENT_METHOD) | TO(INTENT_REQUIRES_CAPTURE) |
	TO(INTENT_SUCCEEDED) | TO(INTENT_CANCELED),
	[INTENT_REQUIRES_CAPTURE] = TO(INTENT_PROCESSING) | TO(INTENT_SUCCEEDED) | TO(INTENT_CANCELED),
	[INTENT_SUCCEEDED] = 0,
	[INTENT_CANCELED] = 0,
	[INTENT_FAILED] = ~0u,
};

/* From requires_action a refund is not known to succeed at once, yet neither picture is to be trusted. */
static const uint32 refund_steps[] = {
	[REFUND_REQUESTED] = ~0u,
	[REFUND_PENDING] = TO(REFUND_REQUIRES_ACTION) | TO(REFUND_SUCCEEDED) | TO(REFUND_FAILED) | TO(REFUND_CANCELED),
	[REFUND_REQUIRES_ACTION] = TO(REFUND_PENDING) | TO(REFUND_SUCCEEDED) | TO(REFUND_FAILED) | TO(REFUND_CANCELED),
	[REFUND_SUCCEEDED] = TO(REFUND_REQUIRES_ACTION) | TO(REFUND_FAILED),
	[REFUND_FAILED] = 0,
	[REFUND_CANCELED] = 0,
};

/* Of a charge: succeeded over authorized over pending. */
static const uint32 payment_steps[] = {
	[PAYMENT_PENDING] = TO(PAYMENT_AUTHORIZED) | TO(PAYMENT_SUCCEEDED) | TO(PAYMENT_FAILED) | TO(PAYMENT_CANCELED),
	[PAYMENT_AUTHORIZED] = TO(PAYMENT_SUCCEEDED) | TO(PAYMENT_FAILED) | TO(PAYMENT_CANCELED),
	[PAYMENT_SUCCEEDED] = TO(PAYMENT_FAILED),
	[PAYMENT_FAILED] = 0,
	[PAYMENT_CANCELED] = 0,
};

/* On a tie paid over in_transit over pending. */
static const uint32 payout_steps[] = {
	[PAYOUT_PENDING] = TO(PAYOUT_IN_TRANSIT) | TO(PAYOUT_PAID) | TO(PAYOUT_FAILED) | TO(PAYOUT_CANCELED),
	[PAYOUT_IN_TRANSIT] = TO(PAYOUT_PAID) | TO(PAYOUT_FAILED) | TO(PAYOUT_CANCELED),
	[PAYOUT_PAID] = TO(PAYOUT_FAILED) | TO(PAYOUT_CANCELED),
	[PAYOUT_FAILED] = 0,
	[PAYOUT_CANCELED] = 0,
};

/* Closed over open; won and lost follow each other either way. */
static const uint32 dispute_steps[] = {
	[DISPUTE_WARNING_NEEDS_RESPONSE] = TO(DISPUTE_WARNING_UNDER_REVIEW) | TO(DISPUTE_WARNING_CLOSED) |
	TO(DISPUTE_NEEDS_RESPONSE) | TO(DISPUTE_UNDER_REVIEW) | TO(DISPUTE_WON) | TO(DISPUTE_LOST) | TO(DISPUTE_PREVENTED),
	[DISPUTE_WARNING_UNDER_REVIEW] = TO(DISPUTE_WARNING_CLOSED) | TO(DISPUTE_NEEDS_RESPONSE) |
	TO(DISPUTE_UNDER_REVIEW) | TO(DISPUTE_WON) | TO(DISPUTE_LOST) | TO(DISPUTE_PREVENTED),
	[DISPUTE_WARNING_CLOSED] = TO(DISPUTE_NEEDS_RESPONSE) | TO(DISPUTE_UNDER_REVIEW) | TO(DISPUTE_WON) | TO(DISPUTE_LOST),
	[DISPUTE_NEEDS_RESPONSE] = TO(DISPUTE_UNDER_REVIEW) | TO(DISPUTE_WON) | TO(DISPUTE_LOST),
	[DISPUTE_UNDER_REVIEW] = TO(DISPUTE_WON) | TO(DISPUTE_LOST),
	[DISPUTE_WON] = TO(DISPUTE_LOST),
	[DISPUTE_LOST] = TO(DISPUTE_WON),
	[DISPUTE_PREVENTED] = 0,
};

static PcStep
step(const uint32 *steps, int known, int seen)
{
	bool		forward = (steps[known] & TO(seen)) != 0;
	bool		backward = (steps[seen] & TO(known)) != 0;

	if (known == seen || forward == backward)
		return PC_STEP_UNKNOWN;
	return forward ? PC_STEP_FORWARD : PC_STEP_BACKWARD;
}

PcStep
pc_intent_step(int known, int seen)
{
	return step(intent_steps, known, seen);
}

PcStep
pc_refund_step(int known, int seen)
{
	return step(refund_steps, known, seen);
}

PcStep
pc_payment_step(int known, int seen)
{
	return step(payment_steps, known, seen);
}

PcStep
pc_payout_step(int known, int seen)
{
	return step(payout_steps, known, seen);
}

PcStep
pc_dispute_step(int known, int seen)
{
	return step(dispute_steps, known, seen);
}
