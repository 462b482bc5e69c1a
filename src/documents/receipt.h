/*
 * receipt.h
 *		The document of a payment, or of a refund.
 */
#ifndef PAYCORE_RECEIPT_H
#define PAYCORE_RECEIPT_H

#include "common/paycore.h"
#include "documents/locale.h"
#include "utils/jsonb.h"

/* Given back, or about to be, when the document is written. */
typedef struct PcReceiptRefund
{
	PcMoney		amount;
	TimestampTz date;
	bool		pending;
} PcReceiptRefund;

typedef struct PcReceipt
{
	const char *number;
	bool		of_refund;
	PcMoney		amount;
	TimestampTz issued_at;
	TimestampTz paid_at;
	TimestampTz refunded_at;	/* of a refund's receipt, else 0 */
	TimestampTz failed_at;		/* money that was taken or given back and did not stay so; else 0 */
	bool		test;			/* of a gateway in test mode */
	const Jsonb *data;			/* as it was issued: seller, account, payment, locale, time_zone */
	const char *logo;			/* or NULL */
	int			nrefunds;
	const PcReceiptRefund *refunds;
} PcReceipt;

/* locale NULL: the receipt's own, else its seller's, else English. */
extern text *pc_receipt_html(const PcReceipt *receipt, const char *locale);

#endif							/* PAYCORE_RECEIPT_H */
