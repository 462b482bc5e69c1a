/*
 * reduce.h
 *		One function applies a gateway's object to our rows, whether it came as
 *		a response, a webhook or a polled event.
 */
#ifndef PAYCORE_REDUCE_H
#define PAYCORE_REDUCE_H

#include "common/paycore.h"
#include "common/writer.h"
#include "gateway/gateway.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

/* How and when the object was seen. */
typedef struct PcSighting
{
	const char *gateway_account;
	PcSource	source;			/* webhook, response, poll */
	TimestampTz seen_at;		/* the gateway's clock: event.created, Date header, or the first dispatch of a repeated POST */
	bool		replayed;		/* response: a repeated POST's old picture; if not final, a GET follows */
	bool		is_creation;	/* event *.created */
	bool		only_hint;		/* rendered in another API version: GET instead of applying */
	bool		parent_sought;	/* tried before, PARENT_MISSING: its parent was asked for already */
	bool		in_parts;		/* the objects of a list each by itself: one that cannot be recorded is asked for again */
	const Jsonb *previous;		/* event: previous_attributes, or NULL */
	const char *event_type;		/* or NULL */
	const char *request_key;	/* Idempotency-Key that caused it, or NULL: our own echo */

	/* The outbox row whose answer this is: binds the object while its gateway id is unknown. */
	const char *tenant;			/* NULL for events */
	const char *object_type;	/* NULL for events */
	pg_uuid_t	object_id;
	GwOperation op;
} PcSighting;

typedef enum PcReduced
{
	PC_REDUCED_APPLIED,
	PC_REDUCED_UNCHANGED,		/* same picture */
	PC_REDUCED_STALE,			/* older than what we know; facts that only grow were merged */
	PC_REDUCED_DOUBT,			/* a tie that only a GET can break: one was enqueued */
	PC_REDUCED_IGNORED,			/* not ours, and not to be adopted */
	PC_REDUCED_PARENT_MISSING	/* its parent is unknown here: a GET was enqueued, come back later */
} PcReduced;

/*
 * Runs inside a transaction, with SPI connected, as the owner of the tables
 * (the caller has assumed that identity).  Takes its row locks in the order
 * account, intent, payment, refund.  Raises only on faults of ours.
 */
extern PcReduced pc_reduce(const GwObject *object, const PcSighting *sighting);

/* What pc_reduce() leaves to the end of the transaction, checked now. */
extern void pc_reduce_check_links(void);

extern const char *pc_reduced_name(PcReduced reduced);

/*
 * reconcile.c: once all balance transactions of a payout are read (read), or
 * where its status has changed: says on the payout whether they add up to it,
 * and on its payments whether they have reached the bank.  As pc_reduce().
 */
extern void pc_reconcile_payout(const char *tenant, const pg_uuid_t *id, bool read, PcSource source);

#endif							/* PAYCORE_REDUCE_H */
