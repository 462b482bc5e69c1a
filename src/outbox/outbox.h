/*
 * outbox.h
 *		Requests to a gateway, from the transaction that wants them to their end.
 *
 * Status of a row:
 *	pending		to be sent, or sent again, from next_attempt_at on
 *	sending		claimed by a worker until lease_until
 *	resolving	outcome unknown: looked up, by lists and GETs, before anything else
 *	dead		given up, outcome unknown: holds its lane, needs retry_outbox()
 * and finished (finished_at set):
 *	done		the gateway did it (or shows that it was done)
 *	declined	the payer's bank said no: an answer
 *	refused		definite 4xx, or what it depends on was refused
 *	obsolete	already so when its turn came
 *	too_late	the object had moved on
 *	withdrawn	taken back before it was ever sent
 *	expired		send_by passed before it was sent
 *	discarded	an administrator let go of it (adopt_outbox)
 */
#ifndef PAYCORE_OUTBOX_H
#define PAYCORE_OUTBOX_H

#include "common/paycore.h"
#include "gateway/gateway.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

/* As SQL, of a row named o: sent again, it has no second effect, so there is nothing to look up. */
#define PC_OUTBOX_REPEATABLE "(o.is_read OR o.operation = 'webhook.deliver')"

typedef struct PcRequest
{
	GwOperation op;
	const char *tenant;
	const char *gateway_account;
	const char *object_type;	/* billing_account, payment_method, payment_intent, refund, payment */
	pg_uuid_t	object_id;
	pg_uuid_t	lane;			/* account id, or intent id (payment id where there is none) */
	int			ndepends;
	pg_uuid_t	depends_on[4];	/* outbox rows of other lanes that must be done first */
	const Jsonb *params;		/* NULL = {} */
	TimestampTz send_by;		/* 0 = whenever */
	int64		delay_ms;		/* not before so long from now */
	bool		account_seen;	/* the caller knows that the gateway account takes requests */
	bool		account_paused; /* and that nothing goes out now: the worker is not woken */
} PcRequest;

/*
 * Inserts the row in the caller's transaction, as the owner of the outbox, and
 * has the worker woken at commit.  SPI must be connected.  Returns its id.
 * An enqueue for a manual gateway account is an error: callers ask first.
 */
extern pg_uuid_t pc_outbox_enqueue(const PcRequest *request);

/*
 * Enqueues a GET of the object unless one is waiting already (coalesced): at
 * most one unfinished retrieve per object.  Returns false where one was there.
 *
 * An object that has no row here is named by the gateway's id in params.psp_id,
 * which goes before the ids of any row; object_id is then made from that id
 * (pc_look_id()) and names no row.
 */
extern bool pc_outbox_enqueue_look(const PcRequest *request);

/* An unfinished row of this operation for this object, if any (locked FOR UPDATE where lock). */
extern bool pc_outbox_unfinished(GwOperation op, const char *tenant, const pg_uuid_t *object_id,
								 bool lock, pg_uuid_t *id, bool *ever_sent);

/* Ends a row that was never sent, as withdrawn, and its dependents with it.  False where it is being or was sent. */
extern bool pc_outbox_withdraw(const char *tenant, const pg_uuid_t *id);

/* Marks this transaction: the database's worker is woken when it commits. */
extern void pc_wake_worker_at_commit(void);

/* Marks this transaction: sleepers of await_payment_intent() and await_setup_intent() look again when it commits. */
extern void pc_wake_waiters_at_commit(const pg_uuid_t *intent_id);

#endif							/* PAYCORE_OUTBOX_H */
