/*
 * invoice_payment.h
 *		What is applied to an invoice, and what it moves of its account's balance.
 */
#ifndef PAYCORE_INVOICE_PAYMENT_H
#define PAYCORE_INVOICE_PAYMENT_H

#include "common/paycore.h"
#include "types/money.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

typedef struct PcApplication
{
	const char *tenant;
	pg_uuid_t	invoice;
	pg_uuid_t	account;
	const char *kind;			/* payment, bounce or balance */
	PcMoney		amount;			/* below zero: taken back */
	PcMoney		surplus;		/* of the payment: what is the account's, since it is not due */
	bool		has_payment;
	pg_uuid_t	payment;
	PcMoney		to_balance;		/* below zero: off it; 0, or of no currency: it does not move */
	const char *reason;			/* why it moves */
	TimestampTz applied_at;
} PcApplication;

/* Moves the balance, and writes the row that says so.  Through the door that the caller has opened (PC_WRITE_AS). */
extern void pc_invoice_apply(const PcApplication *it);

#endif							/* PAYCORE_INVOICE_PAYMENT_H */
