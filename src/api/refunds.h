/*
 * refunds.h
 *		Refunds that other rooms make.
 */
#ifndef PAYCORE_API_REFUNDS_H
#define PAYCORE_API_REFUNDS_H

#include "api/api.h"

typedef struct PcNewRefund
{
	pg_uuid_t	id;
	pg_uuid_t	payment_id;
	PcMoney		amount;			/* 0: all that is left of the payment */
	char	   *reason;
	char	   *requested_by;	/* NULL: the actor */
	Jsonb	   *metadata;
	bool		requires_approval;
	const pg_uuid_t *credit_note;	/* that it is for, or NULL */
} PcNewRefund;

/* refunds_create.c: as create_refund() does, its values checked; the row. */
extern Datum pc_refund_create(const PcApiCall *call, const PcNewRefund *wanted);

#endif							/* PAYCORE_API_REFUNDS_H */
