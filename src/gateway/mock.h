/*
 * mock.h
 *		What the files of the mock gateway share.
 */
#ifndef PAYCORE_MOCK_H
#define PAYCORE_MOCK_H

#include "common/json.h"
#include "gateway/gateway.h"

typedef enum MockOutcome
{
	MOCK_OK,
	MOCK_DECLINE,				/* with code and decline_code */
	MOCK_PROCESSING,			/* the bank takes its time, then says yes */
} MockOutcome;

typedef enum MockAction
{
	MOCK_ACTION_NEVER,
	MOCK_ACTION_ALWAYS,			/* off session: authentication_required */
	MOCK_ACTION_ON_SESSION		/* off session the bank waves it through */
} MockAction;

typedef enum MockRefund
{
	MOCK_REFUND_OK,
	MOCK_REFUND_PENDING,		/* pending, then succeeded */
	MOCK_REFUND_FAILS			/* succeeded, then failed */
} MockRefund;

typedef struct MockCard
{
	const char *id;
	const char *brand;
	const char *last4;
	const char *funding;
	MockOutcome outcome;		/* after the action, where there is one */
	const char *code;
	const char *decline_code;
	MockAction	action;
	MockRefund	refund;
	bool		attachable;
	const char *failed_check;	/* of card.checks, or NULL */
	const char *dispute;		/* reason of the dispute that follows ("inquiry" for an inquiry), or NULL */
	const char *second_dispute;
} MockCard;

/* NULL where Stripe would not know the payment method. */
extern const MockCard *gw_mock_card_by_id(const char *id);

/* "confirm_card_data", "try_again_later", "do_not_try_again", or NULL. */
extern const char *gw_mock_advice(const MockCard *card);

/* mock_objects.c: one object in Stripe's shape. */

/* "pi_mock_0190..." from one of our ids. */
extern char *gw_mock_id(const char *prefix, const char *our_id);

typedef struct MockIntent
{
	const GwCall *call;
	const MockCard *card;		/* NULL = no method yet */
	const char *status;
	PcMoney		captured;		/* of the charge */
	const char *charge_status;	/* NULL = no charge */
	const Jsonb *error;			/* last_payment_error, or NULL */
	int64		now;
} MockIntent;

extern Jsonb *gw_mock_intent(const MockIntent *intent);
extern Jsonb *gw_mock_charge(const MockIntent *intent);
/* With somewhere to return to the payer is redirected, else the page's script asks. */
extern Jsonb *gw_mock_next_action(const GwCall *call, const char *id);
extern Jsonb *gw_mock_customer(const GwCall *call, int64 now);
extern Jsonb *gw_mock_method(const GwCall *call, const MockCard *card, int64 now);
extern Jsonb *gw_mock_refund(const GwCall *call, const MockCard *card, const char *status,
							 int64 now);
extern Jsonb *gw_mock_balance(const char *id, const char *source, const char *category, PcMoney gross,
							  PcMoney fee, int64 now);
extern void gw_mock_add_money(PcJsonBuilder *b, const char *key, PcMoney money);
extern void gw_mock_add_currency(PcJsonBuilder *b, PcMoney money);
extern Jsonb *gw_mock_error(const char *type, const char *code, const char *message);
extern Jsonb *gw_mock_card_error(const MockCard *card, const char *code, const char *decline_code,
							  const char *message, const char *charge_id);

/* mock_intents.c, mock_refunds.c: the HTTP status, and the body in *body. */
extern int	gw_mock_answer_intent(const GwCall *call, int64 now, Jsonb **body);
extern int	gw_mock_answer_refund(const GwCall *call, int64 now, Jsonb **body);
extern int	gw_mock_answer_setup(const GwCall *call, int64 now, Jsonb **body);
extern int	gw_mock_answer_mandate(const GwCall *call, int64 now, Jsonb **body);
extern int	gw_mock_answer_dispute(const GwCall *call, int64 now, Jsonb **body);
extern Jsonb *gw_mock_dispute_list(const GwCall *call, int64 now);
extern Jsonb *gw_mock_list(const Jsonb *const *items, int n);
extern Jsonb *gw_mock_error_body(Jsonb *error);

/* Both objects' keys in one. */
extern Jsonb *gw_mock_joined(const Jsonb *a, const Jsonb *b);

/* The payment method that a call is about. */
extern const char *gw_mock_method_id(const GwCall *call);

#endif							/* PAYCORE_MOCK_H */
