/*
 * internal.h
 *		What the files of reduce share: rows as they were found and locked.
 */
#ifndef PAYCORE_REDUCE_INTERNAL_H
#define PAYCORE_REDUCE_INTERNAL_H

#include "common/args.h"
#include "common/json.h"
#include "common/settings.h"
#include "reduce/digest.h"
#include "reduce/order.h"
#include "reduce/reduce.h"
#include "types/lifecycle.h"
#include "types/money_args.h"

/* What a row remembers of its last picture. */
typedef struct PcKnown
{
	TimestampTz time;			/* 0 = the gateway has not spoken yet */
	bytea	   *digest;
	bool		doubt;
} PcKnown;

typedef struct PcIntentRow
{
	bool		is_new;			/* still to be written */
	pg_uuid_t	id;
	char	   *tenant;
	pg_uuid_t	account;
	char	   *psp_id;
	int			status;
	PcMoney		amount;
	char	   *latest_charge;
	char	   *method;
	char	   *error_code;
	char	   *decline_code;
	char	   *error_message;
	char	   *description;
	Jsonb	   *metadata;
	bool		has_payment;
	pg_uuid_t	payment;
	bool		duplicate;
	PcKnown		known;
	TimestampTz next_look;		/* 0 = none */
} PcIntentRow;

typedef struct PcPaymentRow
{
	pg_uuid_t	id;
	char	   *tenant;
	pg_uuid_t	account;
	bool		has_intent;
	pg_uuid_t	intent;
	char	   *charge_id;
	int			status;
	PcMoney		authorized;
	PcMoney		gross;
	bool		settled;
	Jsonb	   *parts;
	char	   *failure_balance_transaction;
	PcKnown		known;
} PcPaymentRow;

typedef struct PcAccountRow
{
	pg_uuid_t	id;
	char	   *tenant;
	char	   *psp_id;
	char	   *name;
	char	   *email;
	char	   *phone;
	Jsonb	   *metadata;
	bool		deleted;
	PcKnown		known;
} PcAccountRow;

/* seen_at in the whole seconds that gateways count in. */
extern TimestampTz pc_seen_second(const PcSighting *s);
extern TimestampTz pc_from_unix(int64 seconds);	/* 0 stays 0 */

extern void pc_read_known(PcKnown *known, int first_column);

/* The picture's side of pc_order(), from what every kind has; the rest is the caller's. */
extern PcPictures pc_pictures(const PcKnown *known, const bytea *digest, const PcSighting *s);

/* event.previous_attributes.status is this. */
extern bool pc_previous_status_is(const PcSighting *s, const char *status);

/* The user's metadata, without our own keys; NULL stays NULL. */
extern Jsonb *pc_users_metadata(const Jsonb *metadata);

/* The gateway's values are texts: 42 and "42" are the same. */
extern bool pc_same_metadata(const Jsonb *ours, const Jsonb *theirs);

/* Texts, NULL equal to NULL. */
extern bool pc_same_text(const char *a, const char *b);

/*
 * bind.c: our row of an object, locked FOR NO KEY UPDATE; false where there is
 * none.  Never binds a row that has another gateway id.
 */
extern bool pc_lock_intent(const char *psp_id, const Jsonb *metadata, const PcSighting *s, PcIntentRow *row);
extern bool pc_lock_intent_by_id(const char *tenant, const pg_uuid_t *id, PcIntentRow *row);
extern bool pc_lock_payment(const char *psp_id, const PcSighting *s, PcPaymentRow *row);
extern bool pc_lock_payment_by_id(const char *tenant, const pg_uuid_t *id, PcPaymentRow *row);
extern bool pc_find_account(const char *psp_id, const Jsonb *metadata, const PcSighting *s, bool lock, PcAccountRow *row);

/* What an object's mark says of us: false where it is another database's or has none. */
extern bool pc_marked_id(const Jsonb *metadata, const char *key, char **tenant, pg_uuid_t *id);

/* What an object's mark says of its account. */
typedef enum PcAccountMark
{
	PC_ACCOUNT_UNMARKED,
	PC_ACCOUNT_SAME,
	PC_ACCOUNT_OTHER
} PcAccountMark;

extern PcAccountMark pc_account_mark(const Jsonb *metadata, const pg_uuid_t *account);

/* The object of ours whose request carried the key that an event names. */
extern bool pc_keyed_id(const PcSighting *s, GwOperation op, char **tenant, pg_uuid_t *id);

/*
 * adopt.c: the account to hang an object on that paycore did not make, by
 * gateway_accounts.adopt; false where it is to be ignored.
 */
extern bool pc_adopting_account(const char *customer_id, PcMoney amount, const PcSighting *s, PcAccountRow *row);
extern bool pc_would_adopt(const char *customer_id, const PcSighting *s);
extern bool pc_may_adopt_unknown(const PcSighting *s);	/* adopt is not none */
extern const char *pc_home_tenant(const PcSighting *s);	/* of the gateway account; NULL where there is none */

/* look.c: GETs. */
extern void pc_look_at_intent(const PcIntentRow *row, const PcSighting *s, int64 delay_ms);
extern void pc_look_at_payment(const PcPaymentRow *row, const PcSighting *s, int64 delay_ms);
/* Also its cancel, which coalesces in the same way. */
extern void pc_look_at_unknown(GwOperation op, const char *psp_id, const PcSighting *s);
extern void pc_look_at_unknown_later(GwOperation op, const char *psp_id, const PcSighting *s, int64 delay_ms);
extern void pc_look(GwOperation op, const char *type, const char *tenant, const pg_uuid_t *id,
					const pg_uuid_t *lane, const PcSighting *s, int64 delay_ms);

/* After a doubt: late enough for the answer's Date to be of another second. */
#define PC_DOUBT_DELAY_MS 1100

/* A parent that was asked for should be here by then. */
#define PC_PARENT_DELAY_MS 5000

/*
 * attempt.c: one row for each charge, or each error that made none; false where
 * it is there already.  is_new: nothing is recorded of the charge yet, most likely.
 */
extern bool pc_record_attempt(const PcIntentRow *intent, const char *charge_id, bool is_new, const char *outcome,
							  PcMoney amount, const char *method, const GwError *error,
							  const Jsonb *details, TimestampTz at, const PcSighting *s);

extern bool pc_attempt_is_known(const PcIntentRow *intent, const char *charge_id);

/* settlement.c: takes a balance transaction of the payment; writes the group once all are there. */
extern void pc_settle(PcPaymentRow *row, const GwBalance *balance, PcMoney platform_fee, const PcSighting *s);
/* For the INSERT of row: the nine columns of the group, null where balance (may be NULL) does not make it whole. */
extern void pc_settlement_args(PcArgs *a, PcPaymentRow *row, const GwBalance *balance, PcMoney platform_fee,
							   const PcSighting *s);
extern void pc_settle_if_whole(PcPaymentRow *row, const PcSighting *s);
extern bool pc_settlement_knows(const PcPaymentRow *row, const char *balance_id);

/* One file each. */
extern PcReduced pc_reduce_intent(const GwIntent *intent, const PcSighting *s);
extern PcReduced pc_reduce_charge(const GwCharge *charge, const PcSighting *s);
extern PcReduced pc_reduce_refund(const GwRefund *refund, const PcSighting *s);
extern PcReduced pc_reduce_customer(const GwCustomer *customer, const PcSighting *s);
extern PcReduced pc_reduce_method(const GwMethod *method, const PcSighting *s);
extern PcReduced pc_reduce_payout(const GwPayout *payout, const PcSighting *s);
extern PcReduced pc_reduce_balance(const GwBalance *balance, const PcSighting *s);
extern PcReduced pc_reduce_setup(const GwSetup *setup, const PcSighting *s);
extern PcReduced pc_reduce_mandate(const GwMandate *mandate, const PcSighting *s);

/* mandate.c: of a known account. */
extern PcReduced pc_reduce_mandate_of(const GwMandate *mandate, const char *tenant, const pg_uuid_t *account,
									  const PcSighting *s);
extern bool pc_knows_mandate(const char *psp_id, const PcSighting *s);

/* method.c: a method that was saved for the account; method NULL: only its id is known, and it is asked for. */
extern void pc_save_method(const char *psp_id, const GwMethod *method, const char *tenant, const pg_uuid_t *account,
						   const PcSighting *s);
extern PcReduced pc_reduce_dispute(const GwDispute *dispute, const PcSighting *s);
extern PcReduced pc_reduce_warning(const GwWarning *warning, const PcSighting *s);
extern PcReduced pc_reduce_review(const GwReview *review, const PcSighting *s);

/* parent.c: an object's payment is not known here: ask for its intent or charge, if it is or could become ours. */
extern PcReduced pc_seek_payment(const char *intent_id, const char *charge_id, const PcSighting *s);

/* dispute.c: the charge says that it is disputed; where no dispute of it is known, they are asked for. */
extern void pc_look_for_disputes(const PcPaymentRow *payment, const PcSighting *s);

/* dispute_money.c: what a dispute took and gave back, by all of its balance transactions that were ever seen. */
typedef struct PcDisputeMoney
{
	Jsonb	   *list;			/* in the order of their times */
	int			n;
	int			nnew;			/* of these, not known before */
	int			nunseen;		/* of these, not in the snapshot */
	PcMoney		withdrawn;		/* 0: nothing was yet */
	PcMoney		reinstated;
	PcMoney		fee;
	bool		retaken;		/* all was given back, then taken again: it was won meanwhile */
	TimestampTz withdrawn_at;	/* of the first */
	TimestampTz reinstated_at;	/* of the last */
	Datum		withdrawal_ids; /* text[] */
	Datum		reinstatement_ids;
} PcDisputeMoney;

extern void pc_dispute_money(const Jsonb *known, const GwDispute *dispute, PcDisputeMoney *money);

/* balance.c: held until the transaction ends; before the dispute, its payment, or a transaction of its list is looked for. */
extern void pc_lock_movements(const char *psp_dispute_id);

/* balance.c: the transactions of a dispute's list that have come before it are its own. */
extern void pc_match_movements(const char *psp_dispute_id, const char *tenant, const pg_uuid_t *id, const Jsonb *movements,
							   const PcSighting *s);

/* What a new payment means for its intent. */
typedef struct PcLink
{
	bool		made;			/* intent.payment is it */
	bool		settled;
	TimestampTz capture_before; /* 0 = unknown */
	const pg_uuid_t *pledged;	/* the id that it is to have; NULL = any */
} PcLink;

/* charge.c: whether a charge that is new has a payment. */
extern bool pc_charge_has_payment(const GwCharge *charge, const PcSighting *s);

/*
 * charge.c: under an intent that is locked already.  Where link is given, the
 * caller writes what it says into the intent's row, with what else it writes.
 */
extern PcReduced pc_reduce_charge_of(const GwCharge *charge, PcIntentRow *intent, PcLink *link,
									 const PcSighting *s);

/* intent.c: learns the gateway id, which is known once and for all. */
extern void pc_bind_intent(PcIntentRow *row, const char *psp_id, const PcSighting *s);

typedef enum PcOrphan
{
	PC_NO_ORPHAN,
	PC_ORPHAN_LET_GO,			/* canceled, or about to be */
	PC_ORPHAN_PAID				/* money moves twice: it needs a row of its own */
} PcOrphan;

/* orphan.c: of an intent that has no row; has an open one canceled and flags the row it was meant for. */
extern PcOrphan pc_orphan(const GwIntent *intent, const PcSighting *s);

/* Moves the time of a row's last picture on, and says whether it is in doubt. */
#define PC_TOUCH(table) \
	PC_PLAN("utzb", "UPDATE paycore." table " SET gw_time = greatest(gw_time, $3), gw_doubt = $4" \
			" WHERE id OPERATOR(pg_catalog.=) $1 AND tenant_id OPERATOR(pg_catalog.=) $2")

/*
 * observe.c: notes in the row, by a PC_TOUCH, what the order asks for; the
 * facts themselves and the look after a doubt are the caller's.
 */
extern PcReduced pc_note_order(PcOrder order, PcPlan *touch, const char *tenant, const pg_uuid_t *id,
							   const PcKnown *known, const PcSighting *s);

/* observe.c: runs a plan as an observation of the gateway. */
extern void pc_observe(PcPlan *plan, PcArgs *a, const PcSighting *s);

/* Writes rows as an observation of the gateway. */
#define PC_OBSERVE(s) \
	PC_WRITE_AS(.source = (s)->source, .through_api = true, .observed = true, \
				.reason = (s)->event_type != NULL ? (s)->event_type : gw_operation_name((s)->op))

#endif							/* PAYCORE_REDUCE_INTERNAL_H */
