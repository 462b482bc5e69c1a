/*
 * dispute.c
 *		A gateway's dispute becomes our disputes row.  The payment is locked
 *		before the dispute, as the guard of its share will write to it.
 */
#include "common/paycore.h"

#include "outbox/outbox.h"
#include "reduce/internal.h"
#include "types/uuid.h"

static PcPlan dispute_by_psp_id = PC_PLAN("tt",
	"SELECT d.id, d.tenant_id, d.status, d.submission_count, d.balance_transactions, d.closed_at,"
	" d.gw_time, d.gw_digest, d.gw_doubt"
	" FROM paycore.payments p JOIN paycore.disputes d"
	" ON d.payment_id OPERATOR(pg_catalog.=) p.id AND d.tenant_id OPERATOR(pg_catalog.=) p.tenant_id"
	" WHERE d.psp_dispute_id OPERATOR(pg_catalog.=) $1 AND d.gateway_account OPERATOR(pg_catalog.=) $2"
	" FOR NO KEY UPDATE OF p, d");

/* $3: the picture is the newer one; without it only facts that grow are taken.  $22: evidence and metadata are the gateway's. */
static PcPlan update_dispute = PC_PLAN("utbDmtttbzbb4jmTzmTzmbjjjxzzzb",
	"UPDATE paycore.disputes SET"
	" status = CASE WHEN $3 THEN $4 ELSE status END, amount = CASE WHEN $3 THEN $5 ELSE amount END,"
	" kind = CASE WHEN $3 THEN coalesce($6, kind) ELSE kind END, reason = CASE WHEN $3 THEN $7 ELSE reason END,"
	" network_reason_code = CASE WHEN $3 THEN coalesce($8, network_reason_code) ELSE coalesce(network_reason_code, $8) END,"
	" is_charge_refundable = CASE WHEN $3 THEN $9 ELSE is_charge_refundable END,"
	" evidence_due_by = CASE WHEN $3 THEN $10 ELSE evidence_due_by END,"
	" has_evidence = CASE WHEN $3 THEN $11 ELSE has_evidence END, past_due = CASE WHEN $3 THEN $12 ELSE past_due END,"
	" submission_count = greatest(submission_count, $13),"
	" enhanced_eligibility = CASE WHEN $3 THEN $14 ELSE enhanced_eligibility END,"
	" withdrawn = $15, withdrawal_ids = $16, withdrawn_at = $17,"
	" reinstated = $18, reinstatement_ids = $19, reinstated_at = $20, fee = $21,"
	" evidence = CASE WHEN $3 AND $22 THEN coalesce($23, evidence) ELSE evidence END,"
	" metadata = CASE WHEN $3 AND $22 THEN coalesce($24, metadata) ELSE metadata END,"
	" balance_transactions = $25,"
	" gw_digest = CASE WHEN $3 THEN $26 ELSE gw_digest END, gw_time = CASE WHEN $3 THEN $27 ELSE gw_time END,"
	" gw_doubt = gw_doubt AND NOT $3,"
	" closed_at = CASE WHEN status OPERATOR(paycore.=) $4 THEN least(closed_at, $28) WHEN $3 THEN $28 ELSE closed_at END,"
	" reopened_at = coalesce($29, reopened_at), acknowledged_at = CASE WHEN $29 IS NULL OR reopened_at OPERATOR(pg_catalog.>=) $29 THEN acknowledged_at END,"
	" error_code = CASE WHEN $3 THEN NULL ELSE error_code END, error_message = CASE WHEN $3 THEN NULL ELSE error_message END,"
	" sweeps = CASE WHEN $3 THEN 0 ELSE sweeps END,"
	" next_sweep_at = CASE WHEN NOT $3 THEN next_sweep_at"
	"   WHEN $30 THEN pg_catalog.now() OPERATOR(pg_catalog.+) '1 minute'::pg_catalog.interval END"
	" WHERE id OPERATOR(pg_catalog.=) $1 AND tenant_id OPERATOR(pg_catalog.=) $2");

static PcPlan step_dispute = PC_PLAN("utDz",
	"UPDATE paycore.disputes SET status = $3, closed_at = $4"
	" WHERE id OPERATOR(pg_catalog.=) $1 AND tenant_id OPERATOR(pg_catalog.=) $2");

static PcPlan touch_dispute = PC_TOUCH("disputes");

static PcPlan insert_dispute = PC_PLAN("utuuuttDmtttbzbb4jmTzmTzmjjjxzzzbb",
	"INSERT INTO paycore.disputes (id, tenant_id, payment_id, payment_intent_id, billing_account_id, gateway_account,"
	" psp_dispute_id, status, amount, kind, reason, network_reason_code, is_charge_refundable, evidence_due_by, has_evidence, past_due,"
	" submission_count, enhanced_eligibility, withdrawn, withdrawal_ids, withdrawn_at, reinstated, reinstatement_ids,"
	" reinstated_at, fee, evidence, metadata, balance_transactions, gw_digest, gw_time, closed_at, opened_at,"
	" next_sweep_at, livemode)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,"
	" $24, $25, coalesce($26, '{}'), coalesce($27, '{}'), $28, $29, $30, $31, coalesce($32, pg_catalog.now()),"
	" CASE WHEN $33 THEN pg_catalog.now() OPERATOR(pg_catalog.+) '1 minute'::pg_catalog.interval END, $34)"
	" ON CONFLICT (psp_dispute_id, gateway_account, tenant_id) DO NOTHING");

static PcPlan known_step = PC_PLAN("utt",
	"SELECT 1 FROM paycore.status_changes WHERE object_id OPERATOR(pg_catalog.=) $1::pg_catalog.text"
	" AND tenant_id OPERATOR(pg_catalog.=) $2 AND object_type OPERATOR(pg_catalog.=) 'dispute'"
	" AND to_status OPERATOR(pg_catalog.=) $3 LIMIT 1");

static PcPlan known_of_payment = PC_PLAN("ut",
	"SELECT 1 FROM paycore.disputes WHERE payment_id OPERATOR(pg_catalog.=) $1"
	" AND tenant_id OPERATOR(pg_catalog.=) $2 LIMIT 1");

typedef struct DisputeRow
{
	pg_uuid_t	id;
	char	   *tenant;
	int			status;
	int			submission_count;
	Jsonb	   *balances;
	TimestampTz closed_at;		/* 0: it is not */
	PcKnown		known;
} DisputeRow;

/* The way from one status to another, whose steps between are certain even where nobody saw them. */
typedef struct Path
{
	int			n;
	int			states[4];
} Path;

static bool
lock_dispute(const char *psp_id, const PcSighting *s, DisputeRow *row)
{
	PcArgs		a = {0};

	pc_arg_text(&a, psp_id);
	pc_arg_text(&a, s->gateway_account);
	if (pc_execute_args(&dispute_by_psp_id, &a, false) == 0)
		return false;
	memset(row, 0, sizeof(*row));
	(void) pc_get_uuid(0, 1, &row->id);
	row->tenant = pc_get_cstring(0, 2);
	row->status = pc_get_state(0, 3);
	row->submission_count = pc_get_int32(0, 4);
	row->balances = pc_get_json(0, 5);
	row->closed_at = pc_get_time(0, 6);
	pc_read_known(&row->known, 7);
	return true;
}

static bool
is_inquiry(int status)
{
	return status == DISPUTE_WARNING_NEEDS_RESPONSE || status == DISPUTE_WARNING_UNDER_REVIEW ||
		status == DISPUTE_WARNING_CLOSED;
}

static bool
is_decided(int status)
{
	return status == DISPUTE_WON || status == DISPUTE_LOST;
}

static bool
is_closed(int status)
{
	return is_decided(status) || status == DISPUTE_WARNING_CLOSED || status == DISPUTE_PREVENTED;
}

static void
go(Path *path, int status)
{
	path->states[path->n++] = status;
}

/* Events come in any order: a history must not depend on which of them came first. */
static void
find_path(Path *path, int from, int to, bool submitted, bool retaken)
{
	path->n = 0;
	if (is_inquiry(from) && (to == DISPUTE_UNDER_REVIEW || is_decided(to)))
	{
		go(path, DISPUTE_NEEDS_RESPONSE);
		from = DISPUTE_NEEDS_RESPONSE;
	}
	if (submitted && from == DISPUTE_NEEDS_RESPONSE && is_decided(to))
		go(path, DISPUTE_UNDER_REVIEW);
	if (retaken && !is_decided(from) && to == DISPUTE_LOST)
		go(path, DISPUTE_WON);
	if (submitted && from == DISPUTE_WARNING_NEEDS_RESPONSE && to == DISPUTE_WARNING_CLOSED)
		go(path, DISPUTE_WARNING_UNDER_REVIEW);
	go(path, to);
}

static int
first_status(int status)
{
	if (status == DISPUTE_PREVENTED)
		return status;
	return is_inquiry(status) ? DISPUTE_WARNING_NEEDS_RESPONSE : DISPUTE_NEEDS_RESPONSE;
}

static PcOrder
order_of(const DisputeRow *row, const GwDispute *d, int status, const PcDisputeMoney *money, const bytea *digest,
		 const PcSighting *s)
{
	PcPictures	p = pc_pictures(&row->known, digest, s);
	int			submissions = (d->submission_count > row->submission_count) - (d->submission_count < row->submission_count);
	int			balances = (money->nnew > 0) - (money->nunseen > 0);

	p.known_final = row->status == DISPUTE_PREVENTED;
	p.seen_final = status == DISPUTE_PREVENTED;
	p.growth = submissions == -balances ? 0 : submissions + balances > 0 ? 1 : -1;
	p.step = pc_dispute_step(row->status, status);
	p.previous_matches = pc_previous_status_is(s, pc_state_name(&pc_dispute_lifecycle, row->status));
	return pc_order(&p);
}

/* While a change of ours is on its way, what comes back of its fields is older than it. */
static bool
is_settled(const DisputeRow *row)
{
	return !pc_outbox_unfinished(GW_DISPUTE_UPDATE, row->tenant, &row->id, false, NULL, NULL) &&
		!pc_outbox_unfinished(GW_DISPUTE_SUBMIT, row->tenant, &row->id, false, NULL, NULL);
}

/* What the gateway says beside its money. */
static void
add_facts(PcArgs *a, const GwDispute *d)
{
	pc_arg_text(a, d->reason);
	pc_arg_text(a, d->network_reason_code);
	pc_arg_bool(a, d->is_charge_refundable);
	pc_arg_time(a, pc_from_unix(d->due_by));
	pc_arg_bool(a, d->has_evidence);
	pc_arg_bool(a, d->past_due);
	pc_arg(a, Int32GetDatum(d->submission_count), false);
	pc_arg_json(a, d->enhanced_eligibility);
}

static void
add_money(PcArgs *a, const PcDisputeMoney *money)
{
	pc_arg_money(a, money->withdrawn);
	pc_arg(a, money->withdrawal_ids, money->withdrawal_ids == 0);
	pc_arg_time(a, money->withdrawn_at);
	pc_arg_money(a, money->reinstated);
	pc_arg(a, money->reinstatement_ids, money->reinstatement_ids == 0);
	pc_arg_time(a, money->reinstated_at);
	pc_arg_money(a, money->fee);
}

static void
step_to(const DisputeRow *row, int status, TimestampTz closed_at, const PcSighting *s)
{
	PcArgs		a = {0};

	pc_arg_uuid(&a, &row->id);
	pc_arg_text(&a, row->tenant);
	pc_arg_state(&a, status);
	pc_arg_time(&a, is_closed(status) ? closed_at : 0);
	pc_observe(&step_dispute, &a, s);
}

static void
walk(const DisputeRow *row, const Path *path, int first, TimestampTz closed_at, const PcSighting *s)
{
	for (int i = first; i < path->n; i++)
		step_to(row, path->states[i], closed_at, s);
}

/* More may come of it without an event that reaches us. */
static bool
wants_looks(int status, const PcDisputeMoney *money)
{
	return !is_closed(status) || (status == DISPUTE_WON && money->withdrawn != 0 && money->reinstated == 0);
}

/* An outcome that did not last, and that is learned after the one that came of it. */
static void
visit(const DisputeRow *row, int status, TimestampTz seen, const PcSighting *s)
{
	PcArgs		a = {0};

	if (!is_decided(status) || row->status == status ||
		(row->status != DISPUTE_NEEDS_RESPONSE && row->status != DISPUTE_UNDER_REVIEW && !is_decided(row->status)))
		return;
	pc_arg_uuid(&a, &row->id);
	pc_arg_text(&a, row->tenant);
	pc_arg_text(&a, pc_state_name(&pc_dispute_lifecycle, status));
	if (pc_execute_args(&known_step, &a, false) > 0)
		return;
	step_to(row, status, seen, s);
	step_to(row, row->status, row->closed_at, s);
}

/* An outcome that did not last, learned in either order: somebody must look at it. */
static TimestampTz
reopened_at(const DisputeRow *row, const Path *path, int status, bool newer, TimestampTz seen)
{
	int			before = !newer ? status : path->n > 1 ? path->states[path->n - 2] : row->status;
	int			after = newer ? status : row->status;

	if (!is_decided(before) || before == after || (!newer && seen >= row->known.time))
		return 0;
	ereport(LOG,
			(errmsg("paycore: a dispute that was %s is %s now",
					pc_state_name(&pc_dispute_lifecycle, before), pc_state_name(&pc_dispute_lifecycle, after)),
			 errdetail("It is dispute %s of tenant \"%s\".",
					   DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(&row->id))), row->tenant)));
	return newer ? seen : row->known.time;
}

static void
update(DisputeRow *row, const GwDispute *d, int status, bool newer, const PcDisputeMoney *money, bytea *digest,
	   const PcSighting *s)
{
	TimestampTz seen = pc_seen_second(s);
	TimestampTz closed_at = is_closed(status) ? seen : 0;
	Path		path;
	PcArgs		a = {0};

	find_path(&path, row->status, status, d->submission_count > row->submission_count, money->retaken);
	pc_arg_uuid(&a, &row->id);
	pc_arg_text(&a, row->tenant);
	pc_arg_bool(&a, newer);
	pc_arg_state(&a, newer ? path.states[0] : status);
	pc_arg_money(&a, d->amount);
	pc_arg_text(&a, d->kind);
	add_facts(&a, d);
	add_money(&a, money);
	pc_arg_bool(&a, newer && is_settled(row));
	pc_arg_json(&a, d->evidence);
	pc_arg_json(&a, pc_users_metadata(d->metadata));
	pc_arg_json(&a, money->list);
	pc_arg(&a, PointerGetDatum(digest), false);
	pc_arg_time(&a, Max(seen, row->known.time));
	pc_arg_time(&a, closed_at);
	pc_arg_time(&a, reopened_at(row, &path, status, newer, seen));
	pc_arg_bool(&a, wants_looks(status, money));
	pc_observe(&update_dispute, &a, s);
	if (money->nnew > 0)
		pc_match_movements(d->id, row->tenant, &row->id, money->list, s);
	if (!newer && seen < row->known.time)
		visit(row, status, seen, s);
	if (!newer)
		return;
	walk(row, &path, 1, closed_at, s);
	row->status = status;
}

static void
look(const DisputeRow *row, const PcSighting *s, int64 delay_ms)
{
	pc_look(GW_DISPUTE_RETRIEVE, "dispute", row->tenant, &row->id, &row->id, s, delay_ms);
}

static PcReduced
apply_to_known(DisputeRow *row, const GwDispute *d, const PcSighting *s)
{
	int			status = pc_state_by_name(&pc_dispute_lifecycle, d->status);
	bytea	   *digest = pc_digest_dispute(d);
	PcDisputeMoney money;
	PcOrder		order;

	pc_dispute_money(row->balances, d, &money);
	order = order_of(row, d, status, &money, digest, s);
	if (pc_order_is_news(order))
		update(row, d, status, order == PC_ORDER_APPLY, &money, digest, s);
	if (order == PC_ORDER_DOUBT)
		look(row, s, PC_DOUBT_DELAY_MS);
	if (s->replayed && !is_closed(row->status))
		look(row, s, 0);
	return pc_note_order(order, &touch_dispute, row->tenant, &row->id, &row->known, s);
}

static const char *
kind_of(const GwDispute *d, int status)
{
	if (d->kind != NULL)
		return d->kind;
	return is_inquiry(status) ? "inquiry" : "chargeback";
}

static PcReduced
insert(const GwDispute *d, const PcPaymentRow *payment, const PcSighting *s)
{
	int			status = pc_state_by_name(&pc_dispute_lifecycle, d->status);
	TimestampTz closed_at = is_closed(status) ? pc_seen_second(s) : 0;
	PcDisputeMoney money;
	DisputeRow	row = {0};
	Path		path;
	PcArgs		a = {0};

	pc_dispute_money(NULL, d, &money);
	pc_uuid_v7_at(pc_from_unix(d->created), &row.id);
	row.tenant = payment->tenant;
	pc_arg_uuid(&a, &row.id);
	pc_arg_text(&a, payment->tenant);
	pc_arg_uuid(&a, &payment->id);
	pc_arg_uuid(&a, payment->has_intent ? &payment->intent : NULL);
	pc_arg_uuid(&a, &payment->account);
	pc_arg_text(&a, s->gateway_account);
	pc_arg_text(&a, d->id);
	pc_arg_state(&a, first_status(status));
	pc_arg_money(&a, d->amount);
	pc_arg_text(&a, kind_of(d, status));
	add_facts(&a, d);
	add_money(&a, &money);
	pc_arg_json(&a, d->evidence);
	pc_arg_json(&a, pc_users_metadata(d->metadata));
	pc_arg_json(&a, money.list);
	pc_arg(&a, PointerGetDatum(pc_digest_dispute(d)), false);
	pc_arg_time(&a, pc_seen_second(s));
	pc_arg_time(&a, first_status(status) == status ? closed_at : 0);
	pc_arg_time(&a, pc_from_unix(d->created));
	pc_arg_bool(&a, wants_looks(status, &money));
	pc_arg_bool(&a, d->livemode);
	pc_observe(&insert_dispute, &a, s);
	if (SPI_processed == 0)
		return lock_dispute(d->id, s, &row) ? apply_to_known(&row, d, s) : PC_REDUCED_IGNORED;
	if (money.n > 0)
		pc_match_movements(d->id, row.tenant, &row.id, money.list, s);
	find_path(&path, first_status(status), status, d->submission_count > 0, money.retaken);
	if (first_status(status) != status)
		walk(&row, &path, 0, closed_at, s);
	return PC_REDUCED_APPLIED;
}

/* A dispute of a payment whose capture has not been heard of would hold a share of the wrong sum. */
static PcReduced
reduce_new(const GwDispute *d, const PcSighting *s)
{
	PcPaymentRow payment;

	if (!pc_lock_payment(d->charge_id, s, &payment))
		return pc_seek_payment(d->intent_id, d->charge_id, s);
	if (pc_money_currency(payment.gross) == 0)
	{
		pc_look_at_payment(&payment, s, 0);
		return PC_REDUCED_PARENT_MISSING;
	}
	if (!s->only_hint)
		return insert(d, &payment, s);
	pc_look_at_unknown(GW_DISPUTE_RETRIEVE, d->id, s);
	return PC_REDUCED_PARENT_MISSING;
}

PcReduced
pc_reduce_dispute(const GwDispute *d, const PcSighting *s)
{
	DisputeRow	row;

	if (d->nbalances > 0)
		pc_lock_movements(d->id);
	if (!lock_dispute(d->id, s, &row))
		return reduce_new(d, s);
	if (!s->only_hint)
		return apply_to_known(&row, d, s);
	look(&row, s, 0);
	return PC_REDUCED_DOUBT;
}

void
pc_look_for_disputes(const PcPaymentRow *payment, const PcSighting *s)
{
	PcArgs		a = {0};

	/* In a list of all: that of all disputes comes after it. */
	if (s->object_type != NULL && strcmp(s->object_type, "gateway_account") == 0)
		return;
	pc_arg_uuid(&a, &payment->id);
	pc_arg_text(&a, payment->tenant);
	if (pc_execute_args(&known_of_payment, &a, false) == 0)
		pc_look(GW_DISPUTE_LIST, "payment", payment->tenant, &payment->id,
				payment->has_intent ? &payment->intent : &payment->id, s, 0);
}
