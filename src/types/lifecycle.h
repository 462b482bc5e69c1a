/*
 * lifecycle.h
 *		The states of an intent, a payment, a subscription and the like, and the
 *		steps between them: one table per type, which the input function, the guards, the
 *		API, the tests and the docs all read.
 */
#ifndef PAYCORE_LIFECYCLE_H
#define PAYCORE_LIFECYCLE_H

#include "common/paycore.h"

typedef enum IntentStatus
{
	INTENT_CREATED,
	INTENT_REQUIRES_PAYMENT_METHOD,
	INTENT_REQUIRES_CONFIRMATION,
	INTENT_REQUIRES_ACTION,
	INTENT_PROCESSING,
	INTENT_REQUIRES_CAPTURE,
	INTENT_SUCCEEDED,
	INTENT_CANCELED,
	INTENT_FAILED
} IntentStatus;

typedef enum PaymentStatus
{
	PAYMENT_PENDING,
	PAYMENT_AUTHORIZED,
	PAYMENT_SUCCEEDED,
	PAYMENT_FAILED,
	PAYMENT_CANCELED
} PaymentStatus;

typedef enum RefundStatus
{
	REFUND_REQUESTED,
	REFUND_PENDING,
	REFUND_REQUIRES_ACTION,
	REFUND_SUCCEEDED,
	REFUND_FAILED,
	REFUND_CANCELED
} RefundStatus;

typedef enum PayoutStatus
{
	PAYOUT_PENDING,
	PAYOUT_IN_TRANSIT,
	PAYOUT_PAID,
	PAYOUT_FAILED,
	PAYOUT_CANCELED
} PayoutStatus;

typedef enum SetupStatus
{
	SETUP_CREATED,
	SETUP_REQUIRES_PAYMENT_METHOD,
	SETUP_REQUIRES_CONFIRMATION,
	SETUP_REQUIRES_ACTION,
	SETUP_PROCESSING,
	SETUP_SUCCEEDED,
	SETUP_CANCELED,
	SETUP_FAILED
} SetupStatus;

typedef enum MandateStatus
{
	MANDATE_PENDING,
	MANDATE_ACTIVE,
	MANDATE_INACTIVE
} MandateStatus;

typedef enum DisputeStatus
{
	DISPUTE_WARNING_NEEDS_RESPONSE,
	DISPUTE_WARNING_UNDER_REVIEW,
	DISPUTE_WARNING_CLOSED,
	DISPUTE_NEEDS_RESPONSE,
	DISPUTE_UNDER_REVIEW,
	DISPUTE_WON,
	DISPUTE_LOST,
	DISPUTE_PREVENTED
} DisputeStatus;

/* SQL over a row d of disputes: the gateway takes no refund of its payment meanwhile. */
#define PC_DISPUTE_BARS_REFUND \
	"NOT d.is_charge_refundable" \
	" AND d.status OPERATOR(paycore.<>) 'won'::paycore.dispute_status" \
	" AND d.status OPERATOR(paycore.<>) 'warning_closed'::paycore.dispute_status" \
	" AND d.status OPERATOR(paycore.<>) 'prevented'::paycore.dispute_status"

typedef enum SubscriptionStatus
{
	SUBSCRIPTION_SCHEDULED,
	SUBSCRIPTION_TRIALING,
	SUBSCRIPTION_ACTIVE,
	SUBSCRIPTION_PAST_DUE,
	SUBSCRIPTION_PAUSED,
	SUBSCRIPTION_CANCELED
} SubscriptionStatus;

typedef enum InvoiceStatus
{
	INVOICE_DRAFT,
	INVOICE_OPEN,
	INVOICE_PAID,
	INVOICE_VOID,
	INVOICE_UNCOLLECTIBLE
} InvoiceStatus;

typedef struct PcState
{
	const char *name;
	uint32		next;			/* bit n: a user's statement may move to state n */
	uint32		observed;		/* further states that only a gateway's word may lead to */
} PcState;

typedef struct PcLifecycle
{
	const char *type_name;		/* the SQL type, without schema */
	int			nstates;
	const PcState *states;
} PcLifecycle;

extern const PcLifecycle pc_intent_lifecycle;
extern const PcLifecycle pc_payment_lifecycle;
extern const PcLifecycle pc_refund_lifecycle;
extern const PcLifecycle pc_payout_lifecycle;
extern const PcLifecycle pc_setup_lifecycle;
extern const PcLifecycle pc_mandate_lifecycle;
extern const PcLifecycle pc_dispute_lifecycle;
extern const PcLifecycle pc_subscription_lifecycle;
extern const PcLifecycle pc_invoice_lifecycle;

/* All of the above, NULL-terminated. */
extern const PcLifecycle *const pc_lifecycles[];

/* NULL where the type (an oid of schema paycore) is no lifecycle. */
extern const PcLifecycle *pc_lifecycle_of_type(Oid type);

/* -1 where the name is unknown. */
extern int	pc_state_by_name(const PcLifecycle *lifecycle, const char *name);
extern const char *pc_state_name(const PcLifecycle *lifecycle, int state);

/* observed = the gateway says that it has happened.  Staying put is always legal. */
extern bool pc_can_transition(const PcLifecycle *lifecycle, int from, int to, bool observed);

#define DatumGetPcState(d)	((int) DatumGetUInt8(d))
#define PcStateGetDatum(s)	UInt8GetDatum((uint8) (s))

#endif							/* PAYCORE_LIFECYCLE_H */
