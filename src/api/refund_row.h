/*
 * refund_row.h
 *		A refund and its payment under an API call's locks, taken in the order
 *		payment, refund, as everywhere.
 */
#ifndef PAYCORE_REFUND_ROW_H
#define PAYCORE_REFUND_ROW_H

#include "api/api.h"

typedef struct PcRefundRow
{
	pg_uuid_t	id;
	pg_uuid_t	payment_id;
	pg_uuid_t	lane;			/* the intent's, or the payment's where there is none */
	char	   *gateway_account;
	RefundStatus status;
	PcMoney		amount;
	char	   *reason;
	char	   *requested_by;
	Jsonb	   *metadata;
} PcRefundRow;

extern void pc_refund_lock(const PcApiCall *call, const pg_uuid_t *id, PcRefundRow *refund);

/* To the gateway, or where there is none, done at once; the refund's row then.  row is the one before. */
extern Datum pc_refund_submit(const PcApiCall *call, const PcRefundRow *refund,
							  const PcGatewayAccount *gateway, Datum row);

/* Moves the refund and returns its row. */
extern Datum pc_refund_move(const PcApiCall *call, const pg_uuid_t *id, const char *status, const char *reason);

#endif							/* PAYCORE_REFUND_ROW_H */
