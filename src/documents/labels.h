/*
 * labels.h
 *		The words that documents are made of, in the languages we have them in.
 */
#ifndef PAYCORE_LABELS_H
#define PAYCORE_LABELS_H

#include "common/paycore.h"

typedef enum PcLabel
{
	PC_LABEL_RECEIPT,
	PC_LABEL_REFUND_RECEIPT,
	PC_LABEL_NUMBER,
	PC_LABEL_ISSUED_ON,
	PC_LABEL_PAID_ON,
	PC_LABEL_REFUNDED_ON,
	PC_LABEL_METHOD,
	PC_LABEL_TIME_ZONE,
	PC_LABEL_FROM,
	PC_LABEL_BILL_TO,
	PC_LABEL_TAX_ID,
	PC_LABEL_DESCRIPTION,
	PC_LABEL_DATE,
	PC_LABEL_AMOUNT,
	PC_LABEL_PAYMENT,
	PC_LABEL_REFUND,
	PC_LABEL_PENDING,
	PC_LABEL_PAID,
	PC_LABEL_REFUNDED,
	PC_LABEL_BALANCE,
	PC_LABEL_FAILED,
	PC_LABEL_REFUND_FAILED,
	PC_LABEL_TEST,
	PC_LABEL_CARD,
	PC_LABEL_CASH,
	PC_LABEL_TRANSFER,
	PC_LABEL_CHEQUE,
	PC_NLABELS
} PcLabel;

typedef struct PcLabels
{
	const char *language;		/* "de" */
	const char *words[PC_NLABELS];	/* UTF-8 */
} PcLabels;

/* English where a language has none. */
extern const PcLabels *pc_labels(const char *language);

#endif							/* PAYCORE_LABELS_H */
