/*
 * credit_notes.h
 *		A credit note that is asked for, and its refunds.
 */
#ifndef PAYCORE_INVOICES_CREDIT_NOTES_H
#define PAYCORE_INVOICES_CREDIT_NOTES_H

#include "invoices/pay.h"

typedef struct CreditNote
{
	pg_uuid_t	id;
	pg_uuid_t	invoice;
	Jsonb	   *lines;			/* or NULL */
	PcMoney		amount;			/* or 0 */
	char	   *reason;
	char	   *credit_to;
	char	   *memo;
	Jsonb	   *metadata;
	const Jsonb *details;
	bool		refunds;		/* some of it may be given back as refunds */
} CreditNote;

/* credit_refunds.c: locks what was paid of the invoice, before the invoice, as by the gateway's word. */
extern void inv_lock_payments(const PcApiCall *call, const pg_uuid_t *invoice);

/* Gives back so much of the invoice's payments, the largest first; PY020 where they are less. */
extern void inv_refund_credit_note(const PcApiCall *call, const CreditNote *note, PcMoney wanted);

#endif							/* PAYCORE_INVOICES_CREDIT_NOTES_H */
