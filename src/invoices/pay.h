/*
 * pay.h
 *		An invoice and its one open payment intent, for what pays it or ends it.
 */
#ifndef PAYCORE_INVOICES_PAY_H
#define PAYCORE_INVOICES_PAY_H

#include "api/intents.h"
#include "invoices/invoices.h"

typedef struct Payable
{
	pg_uuid_t	id;
	pg_uuid_t	account;
	bool		has_subscription;
	pg_uuid_t	subscription;
	InvoiceStatus status;
	char	   *number;
	PcMoney		due;
	PcMoney		applied;		/* paid, and of the account's balance */
	bool		has_intent;		/* an open one */
	PcIntent	intent;
} Payable;

/*
 * Locks the subscription of an invoice, if it is of one, before anything is
 * locked of the invoice: who changes a subscription reads which of its invoices
 * stand, and holds it while they bill it.
 */
extern void inv_lock_subscription_of(const PcApiCall *call, const pg_uuid_t *invoice);

/* Locks the open intent, if there is one, and then the invoice; PY040 where there is none. */
extern void inv_lock_payable(const PcApiCall *call, const pg_uuid_t *id, Payable *payable);

/* The payment method that an invoice is charged to where none is named. */
typedef struct PayMethod
{
	char	   *given;			/* NULL: there is none */
	char	   *looks;			/* its token and expiry: another text, another card */
	char	   *brand;
	char	   *fingerprint;
} PayMethod;

extern void inv_find_method(const PcApiCall *call, const Payable *payable, PayMethod *method);

/* How it is to be charged. */
typedef struct Charge
{
	pg_uuid_t	id;				/* of a new intent */
	char	   *given_method;	/* NULL: the intent's own */
	bool		confirm;
	bool		off_session;
	char	   *return_url;
	Jsonb	   *gateway_params;
	Jsonb	   *metadata;
} Charge;

/* Whether money is on its way, or the payer is asked, so that nobody else is to try. */
extern bool inv_in_flight(const PcApiCall *call, const Payable *payable);

/* Charges what is due through the open intent, or a new one; its row, and its id in charge. */
extern Datum inv_charge(const PcApiCall *call, Payable *payable, Charge *charge);

/* Once more or less is due: the open intent asks for that, or is canceled where the invoice is paid or over. */
extern void inv_align_intent(const PcApiCall *call, const pg_uuid_t *invoice);

/* apply.c: what was applied to an invoice that is to be void is the account's again. */
extern void inv_take_off(const PcApiCall *call, const Payable *payable);

#endif							/* PAYCORE_INVOICES_PAY_H */
