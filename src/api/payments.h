/*
 * payments.h
 *		Recording money that came in without a gateway's help.
 */
#ifndef PAYCORE_PAYMENTS_H
#define PAYCORE_PAYMENTS_H

#include "api/api.h"

typedef struct PcNewPayment
{
	pg_uuid_t	id;
	pg_uuid_t	account_id;
	bool		has_intent;
	pg_uuid_t	intent_id;
	PcMoney		gross;
	PcMoney		fee;			/* currency 0: none */
	TimestampTz received_at;
	char	   *gateway_account;	/* NULL = the intent's, or the account's */
	char	   *method_type;
	char	   *external_ref;
	char	   *description;
	Jsonb	   *metadata;
} PcNewPayment;

/* PY042 and its like, without a look at rows. */
extern void pc_payment_check(PcNewPayment *payment);

/* The row. */
extern Datum pc_payment_record(const PcApiCall *call, const PcNewPayment *payment);

#endif							/* PAYCORE_PAYMENTS_H */
