/*
 * refund.c
 *		A gateway's refund becomes our refunds row.  The payment is locked
 *		before the refund, as the reservation guard will write to it.
 */
#include "common/paycore.h"

#include "outbox/outbox.h"
#include "reduce/internal.h"

#define REFUND_COLUMNS \
	"r.id, r.tenant_id, r.payment_id, r.billing_account_id, r.payment_intent_id, r.psp_refund_id, r.kind, r.status," \
	" r.balance_transaction_id, r.failure_balance_transaction, r.duplicate_suspected," \
	" r.gw_time, r.gw_digest, r.gw_doubt"

#define FROM_LOCKED \
	" FROM paycore.payments p JOIN paycore.refunds r" \
	" ON r.payment_id OPERATOR(pg_catalog.=) p.id AND r.tenant_id OPERATOR(pg_catalog.=) p.tenant_id"

static PcPlan refund_by_psp_id = PC_PLAN("tt",
	"SELECT " REFUND_COLUMNS FROM_LOCKED
	" WHERE r.psp_refund_id OPERATOR(pg_catalog.=) $1 AND r.gateway_account OPERATOR(pg_catalog.=) $2"
	" FOR NO KEY UPDATE OF p, r");

static PcPlan refund_of_gateway = PC_PLAN("utt",
	"SELECT " REFUND_COLUMNS FROM_LOCKED
	" WHERE r.id OPERATOR(pg_catalog.=) $1 AND r.tenant_id OPERATOR(pg_catalog.=) $2"
	" AND r.gateway_account OPERATOR(pg_catalog.=) $3"
	" FOR NO KEY UPDATE OF p, r");

/* $3: the picture is the newer one; without it only facts that grow are taken. */
static PcPlan update_refund = PC_PLAN("utbRttttttjjxzzzzbb",
	"UPDATE paycore.refunds SET"
	" status = CASE WHEN $3 THEN $4 ELSE status END, psp_refund_id = coalesce(psp_refund_id, $5),"
	" balance_transaction_id = coalesce(balance_transaction_id, $6),"
	" failure_balance_transaction = coalesce(failure_balance_transaction, $7),"
	" receipt_number = coalesce(receipt_number, $8),"
	" failure_reason = CASE WHEN $3 THEN $9 ELSE failure_reason END,"
	" pending_reason = CASE WHEN $3 THEN $10 ELSE pending_reason END,"
	" next_action = CASE WHEN $3 THEN $11 ELSE next_action END,"
	" destination_details = CASE WHEN $3 THEN coalesce($12, destination_details) ELSE coalesce(destination_details, $12) END,"
	" gw_digest = CASE WHEN $3 THEN $13 ELSE gw_digest END, gw_time = CASE WHEN $3 THEN $14 ELSE gw_time END,"
	" gw_doubt = gw_doubt AND NOT $3,"
	" succeeded_at = CASE WHEN $3 THEN coalesce($15, succeeded_at) ELSE succeeded_at END,"
	" failed_at = CASE WHEN $3 THEN $16 ELSE failed_at END, canceled_at = CASE WHEN $3 THEN $17 ELSE canceled_at END,"
	" duplicate_suspected = $18, sweeps = CASE WHEN $3 THEN 0 ELSE sweeps END,"
	" next_sweep_at = CASE WHEN NOT $3 THEN next_sweep_at"
	"   WHEN $19 THEN pg_catalog.now() OPERATOR(pg_catalog.+) '1 minute'::pg_catalog.interval END"
	" WHERE id OPERATOR(pg_catalog.=) $1 AND tenant_id OPERATOR(pg_catalog.=) $2");

static PcPlan touch_refund = PC_TOUCH("refunds");

static PcPlan insert_refund = PC_PLAN("tuuuttRmtttttttjjxzzzzbzb",
	"INSERT INTO paycore.refunds (id, tenant_id, payment_id, payment_intent_id, billing_account_id, gateway_account, kind,"
	" status, amount, psp_refund_id, reason, balance_transaction_id, failure_balance_transaction, receipt_number,"
	" failure_reason, pending_reason, next_action, destination_details, gw_digest, gw_time, succeeded_at, failed_at,"
	" canceled_at, next_sweep_at, submitted_at, created_at, duplicate_suspected)"
	" VALUES (paycore.uuid_v7($24), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,"
	" $21, $22,"
	" CASE WHEN $23 THEN pg_catalog.now() OPERATOR(pg_catalog.+) '1 minute'::pg_catalog.interval END,"
	" $24, coalesce($24, pg_catalog.now()), $25)"
	" ON CONFLICT (psp_refund_id, gateway_account, tenant_id) WHERE psp_refund_id IS NOT NULL DO NOTHING"
	" RETURNING id");

static PcPlan release_known = PC_PLAN("ut",
	"SELECT 1 FROM paycore.refunds WHERE payment_id OPERATOR(pg_catalog.=) $1"
	" AND tenant_id OPERATOR(pg_catalog.=) $2 AND kind OPERATOR(pg_catalog.=) 'auth_release' LIMIT 1");

typedef struct RefundRow
{
	pg_uuid_t	id;
	char	   *tenant;
	pg_uuid_t	payment;
	pg_uuid_t	account;
	bool		has_intent;
	pg_uuid_t	intent;
	char	   *psp_id;
	bool		auth_release;
	int			status;
	char	   *balance_transaction;
	char	   *failure_balance_transaction;
	bool		duplicate;
	PcKnown		known;
} RefundRow;

static bool
found(PcPlan *plan, PcArgs *a, RefundRow *row)
{
	if (pc_execute_args(plan, a, false) == 0)
		return false;
	memset(row, 0, sizeof(*row));
	(void) pc_get_uuid(0, 1, &row->id);
	row->tenant = pc_get_cstring(0, 2);
	(void) pc_get_uuid(0, 3, &row->payment);
	(void) pc_get_uuid(0, 4, &row->account);
	row->has_intent = pc_get_uuid(0, 5, &row->intent);
	row->psp_id = pc_get_cstring(0, 6);
	row->auth_release = strcmp(pc_get_cstring(0, 7), "auth_release") == 0;
	row->status = pc_get_state(0, 8);
	row->balance_transaction = pc_get_cstring(0, 9);
	row->failure_balance_transaction = pc_get_cstring(0, 10);
	row->duplicate = pc_get_bool(0, 11);
	pc_read_known(&row->known, 12);
	return true;
}

static bool
lock_unbound(const char *tenant, const pg_uuid_t *id, const Jsonb *metadata, const PcSighting *s, RefundRow *row)
{
	PcArgs		a = {0};

	pc_arg_uuid(&a, id);
	pc_arg_text(&a, tenant);
	pc_arg_text(&a, s->gateway_account);
	if (!found(&refund_of_gateway, &a, row) || row->psp_id != NULL)
		return false;
	return pc_account_mark(metadata, &row->account) != PC_ACCOUNT_OTHER;
}

static bool
lock_refund(const GwRefund *r, const PcSighting *s, RefundRow *row)
{
	PcArgs		a = {0};
	char	   *tenant;
	pg_uuid_t	id;

	pc_arg_text(&a, r->id);
	pc_arg_text(&a, s->gateway_account);
	if (found(&refund_by_psp_id, &a, row))
		return true;
	if (s->tenant != NULL && s->op == GW_REFUND_CREATE && strcmp(s->object_type, "refund") == 0 &&
		lock_unbound(s->tenant, &s->object_id, NULL, s, row))
		return true;
	if (pc_marked_id(r->metadata, "paycore_refund", &tenant, &id) && lock_unbound(tenant, &id, r->metadata, s, row))
		return true;
	return pc_keyed_id(s, GW_REFUND_CREATE, &tenant, &id) && lock_unbound(tenant, &id, NULL, s, row);
}

static bool
is_final(int status)
{
	return status == REFUND_FAILED || status == REFUND_CANCELED;
}

static bool
is_open(int status)
{
	return status == REFUND_PENDING || status == REFUND_REQUIRES_ACTION;
}

static int
compare(const char *known, const char *seen)
{
	return (seen != NULL) - (known != NULL);
}

static PcOrder
order_of(const RefundRow *row, const GwRefund *r, int status, const bytea *digest, const PcSighting *s)
{
	PcPictures	p = pc_pictures(&row->known, digest, s);
	int			balance = compare(row->balance_transaction, r->balance_transaction_id);
	int			failure = compare(row->failure_balance_transaction, r->failure_balance_transaction);

	/* One that never reached the gateway, as we thought, has failed only in our eyes. */
	p.known_final = is_final(row->status) && row->psp_id != NULL;
	p.seen_final = is_final(status);
	p.growth = balance == -failure ? 0 : balance + failure > 0 ? 1 : -1;
	p.step = pc_refund_step(row->status, status);
	p.previous_matches = pc_previous_status_is(s, pc_state_name(&pc_refund_lifecycle, row->status));
	return pc_order(&p);
}

static void
update(RefundRow *row, const GwRefund *r, int status, bool newer, bytea *digest, const PcSighting *s)
{
	TimestampTz seen = pc_seen_second(s);
	bool		late = newer && row->psp_id == NULL && is_final(row->status);
	PcArgs		a = {0};

	pc_arg_uuid(&a, &row->id);
	pc_arg_text(&a, row->tenant);
	pc_arg_bool(&a, newer);
	pc_arg_state(&a, status);
	pc_arg_text(&a, r->id);
	pc_arg_text(&a, r->balance_transaction_id);
	pc_arg_text(&a, r->failure_balance_transaction);
	pc_arg_text(&a, r->receipt_number);
	pc_arg_text(&a, r->failure_reason);
	pc_arg_text(&a, r->pending_reason);
	pc_arg_json(&a, status == REFUND_REQUIRES_ACTION ? r->next_action : NULL);
	pc_arg_json(&a, r->destination_details);
	pc_arg(&a, PointerGetDatum(digest), false);
	pc_arg_time(&a, Max(seen, row->known.time));
	pc_arg_time(&a, status == REFUND_SUCCEEDED ? seen : 0);
	pc_arg_time(&a, status == REFUND_FAILED ? seen : 0);
	pc_arg_time(&a, status == REFUND_CANCELED ? seen : 0);
	pc_arg_bool(&a, row->duplicate || late);
	pc_arg_bool(&a, is_open(status));
	pc_observe(&update_refund, &a, s);
	row->psp_id = r->id;
	if (newer)
		row->status = status;
	if (newer && row->has_intent)
		pc_wake_waiters_at_commit(&row->intent);
}

static void
look(const RefundRow *row, const PcSighting *s, int64 delay_ms)
{
	pc_look(GW_REFUND_RETRIEVE, "refund", row->tenant, &row->id,
			row->has_intent ? &row->intent : &row->payment, s, delay_ms);
}

/* The released rest is part of what the payment brought in. */
static void
settle_release(const RefundRow *row, const GwRefund *r, const PcSighting *s)
{
	PcPaymentRow payment;

	if (!row->auth_release || r->balance_transaction_id == NULL ||
		!pc_lock_payment_by_id(row->tenant, &row->payment, &payment) ||
		pc_settlement_knows(&payment, r->balance_transaction_id))
		return;
	if (r->balance != NULL)
		pc_settle(&payment, r->balance, GW_NO_MONEY, s);
	else
		look(row, s, 0);
}

static bool
brings_growth(const RefundRow *row, const GwRefund *r)
{
	return row->psp_id == NULL || r->receipt_number != NULL ||
		compare(row->balance_transaction, r->balance_transaction_id) > 0 ||
		compare(row->failure_balance_transaction, r->failure_balance_transaction) > 0;
}

static PcReduced
apply_to_known(RefundRow *row, const GwRefund *r, const PcSighting *s)
{
	int			status = pc_state_by_name(&pc_refund_lifecycle, r->status);
	bytea	   *digest = pc_digest_refund(r);
	PcOrder		order = order_of(row, r, status, digest, s);

	if (order == PC_ORDER_APPLY || (pc_order_is_news(order) && brings_growth(row, r)))
		update(row, r, status, order == PC_ORDER_APPLY, digest, s);
	if (order == PC_ORDER_DOUBT)
		look(row, s, PC_DOUBT_DELAY_MS);
	settle_release(row, r, s);
	if (s->replayed && is_open(row->status))
		look(row, s, 0);
	return pc_note_order(order, &touch_refund, row->tenant, &row->id, &row->known, s);
}

typedef enum Kind
{
	KIND_REFUND,
	KIND_AUTH_RELEASE,
	KIND_UNSURE					/* its balance transaction must be read first */
} Kind;

static bool
has_release(const PcPaymentRow *payment)
{
	PcArgs		a = {0};

	pc_arg_uuid(&a, &payment->id);
	pc_arg_text(&a, payment->tenant);
	return pc_execute_args(&release_known, &a, false) > 0;
}

/*
 * Money given back, or an authorisation let go?  The balance transaction's
 * category decides; where only its id came along and the amount is that of an
 * uncaptured rest, it must be read.
 */
static Kind
kind_of(const GwRefund *r, const PcPaymentRow *payment)
{
	bool		uncaptured = pc_money_currency(payment->gross) == 0;

	if (r->auth_release)
		return KIND_AUTH_RELEASE;
	if (r->balance != NULL)
		return KIND_REFUND;
	if (uncaptured)
		return r->balance_transaction_id == NULL ? KIND_AUTH_RELEASE : KIND_UNSURE;
	if (r->balance_transaction_id != NULL && payment->gross != payment->authorized &&
		pc_money_amount(r->amount) == pc_money_amount(payment->authorized) - pc_money_amount(payment->gross) &&
		!has_release(payment))
		return KIND_UNSURE;
	return KIND_REFUND;
}

static PcReduced
insert(const GwRefund *r, PcPaymentRow *payment, Kind kind, const PcSighting *s)
{
	int			status = pc_state_by_name(&pc_refund_lifecycle, r->status);
	TimestampTz seen = pc_seen_second(s);
	RefundRow	row = {0};
	PcArgs		a = {0};
	char	   *tenant;
	pg_uuid_t	meant;

	pc_arg_text(&a, payment->tenant);
	pc_arg_uuid(&a, &payment->id);
	pc_arg_uuid(&a, payment->has_intent ? &payment->intent : NULL);
	pc_arg_uuid(&a, &payment->account);
	pc_arg_text(&a, s->gateway_account);
	pc_arg_text(&a, kind == KIND_AUTH_RELEASE ? "auth_release" : "refund");
	pc_arg_state(&a, status);
	pc_arg_money(&a, r->amount);
	pc_arg_text(&a, r->id);
	pc_arg_text(&a, r->reason);
	pc_arg_text(&a, r->balance_transaction_id);
	pc_arg_text(&a, r->failure_balance_transaction);
	pc_arg_text(&a, r->receipt_number);
	pc_arg_text(&a, r->failure_reason);
	pc_arg_text(&a, r->pending_reason);
	pc_arg_json(&a, r->next_action);
	pc_arg_json(&a, r->destination_details);
	pc_arg(&a, PointerGetDatum(pc_digest_refund(r)), false);
	pc_arg_time(&a, seen);
	pc_arg_time(&a, status == REFUND_SUCCEEDED ? seen : 0);
	pc_arg_time(&a, status == REFUND_FAILED ? seen : 0);
	pc_arg_time(&a, status == REFUND_CANCELED ? seen : 0);
	pc_arg_bool(&a, is_open(status));
	pc_arg_time(&a, pc_from_unix(r->created));
	/* One of ours whose row belongs to another by now: it was sent again under a new key. */
	pc_arg_bool(&a, pc_marked_id(r->metadata, "paycore_refund", &tenant, &meant));
	pc_observe(&insert_refund, &a, s);
	if (SPI_processed == 0)
		return lock_refund(r, s, &row) ? apply_to_known(&row, r, s) : PC_REDUCED_IGNORED;

	(void) pc_get_uuid(0, 1, &row.id);
	row.tenant = payment->tenant;
	row.payment = payment->id;
	row.has_intent = payment->has_intent;
	row.intent = payment->intent;
	row.auth_release = kind == KIND_AUTH_RELEASE;
	settle_release(&row, r, s);
	return PC_REDUCED_APPLIED;
}

/* Made at the gateway: in its dashboard, by another system, or by itself. */
static PcReduced
reduce_strange(const GwRefund *r, const PcSighting *s)
{
	PcPaymentRow payment;
	Kind		kind;

	if (r->charge_id == NULL || !pc_lock_payment(r->charge_id, s, &payment))
		return pc_seek_payment(r->intent_id, r->charge_id, s);
	kind = kind_of(r, &payment);
	if (kind != KIND_UNSURE && !s->only_hint)
		return insert(r, &payment, kind, s);
	if (s->op != GW_REFUND_RETRIEVE)
		pc_look_at_unknown(GW_REFUND_RETRIEVE, r->id, s);
	return PC_REDUCED_PARENT_MISSING;
}

PcReduced
pc_reduce_refund(const GwRefund *r, const PcSighting *s)
{
	RefundRow	row;

	if (!lock_refund(r, s, &row))
		return reduce_strange(r, s);
	if (!s->only_hint)
		return apply_to_known(&row, r, s);
	if (row.psp_id == NULL)
		update(&row, r, row.status, false, pc_digest_refund(r), s);
	look(&row, s, 0);
	return PC_REDUCED_DOUBT;
}
