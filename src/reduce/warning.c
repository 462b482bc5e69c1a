/*
 * warning.c
 *		Early fraud warnings and reviews: what the gateway says of a payment
 *		without moving money.
 */
#include "common/paycore.h"

#include "reduce/internal.h"

static PcPlan warning_by_psp_id = PC_PLAN("tt",
	"SELECT id, tenant_id, gw_time, gw_digest, false FROM paycore.early_fraud_warnings"
	" WHERE psp_warning_id OPERATOR(pg_catalog.=) $1 AND gateway_account OPERATOR(pg_catalog.=) $2 FOR NO KEY UPDATE");

static PcPlan update_warning = PC_PLAN("uttbxz",
	"UPDATE paycore.early_fraud_warnings SET fraud_type = $3, actionable = $4, gw_digest = $5, gw_time = $6"
	" WHERE id OPERATOR(pg_catalog.=) $1 AND tenant_id OPERATOR(pg_catalog.=) $2");

static PcPlan insert_warning = PC_PLAN("tuuutttbbxzz",
	"INSERT INTO paycore.early_fraud_warnings (tenant_id, payment_id, payment_intent_id, billing_account_id,"
	" gateway_account, psp_warning_id, fraud_type, actionable, livemode, gw_digest, gw_time, warned_at)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, coalesce($12, pg_catalog.now()))"
	" ON CONFLICT (psp_warning_id, gateway_account, tenant_id) DO NOTHING");

static PcPlan review_by_psp_id = PC_PLAN("tt",
	"SELECT id, tenant_id, gw_time, gw_digest, false, is_open FROM paycore.reviews"
	" WHERE psp_review_id OPERATOR(pg_catalog.=) $1 AND gateway_account OPERATOR(pg_catalog.=) $2 FOR NO KEY UPDATE");

static PcPlan update_review = PC_PLAN("utbtttxzzu",
	"UPDATE paycore.reviews SET is_open = $3, reason = $4, opened_reason = coalesce($5, opened_reason), closed_reason = $6,"
	" gw_digest = $7, gw_time = $8, closed_at = $9, payment_id = coalesce(payment_id, $10)"
	" WHERE id OPERATOR(pg_catalog.=) $1 AND tenant_id OPERATOR(pg_catalog.=) $2");

static PcPlan insert_review = PC_PLAN("tuuuttbtttbxzzz",
	"INSERT INTO paycore.reviews (tenant_id, payment_id, payment_intent_id, billing_account_id, gateway_account,"
	" psp_review_id, is_open, reason, opened_reason, closed_reason, livemode, gw_digest, gw_time, opened_at, closed_at)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, coalesce($14, pg_catalog.now()), $15)"
	" ON CONFLICT (psp_review_id, gateway_account, tenant_id) DO NOTHING");

typedef struct Row
{
	pg_uuid_t	id;
	char	   *tenant;
	PcKnown		known;
	bool		is_open;		/* of a review */
} Row;

static bool
lock_row(PcPlan *plan, const char *psp_id, const PcSighting *s, Row *row)
{
	PcArgs		a = {0};

	pc_arg_text(&a, psp_id);
	pc_arg_text(&a, s->gateway_account);
	if (pc_execute_args(plan, &a, false) == 0)
		return false;
	memset(row, 0, sizeof(*row));
	(void) pc_get_uuid(0, 1, &row->id);
	row->tenant = pc_get_cstring(0, 2);
	pc_read_known(&row->known, 3);
	return true;
}

static bool
lock_review(const char *psp_id, const PcSighting *s, Row *row)
{
	if (!lock_row(&review_by_psp_id, psp_id, s, row))
		return false;
	row->is_open = pc_get_bool(0, 6);
	return true;
}

/* They change once at most, so the second of two pictures in one second is the change. */
static bool
is_older(const Row *row, const PcSighting *s)
{
	TimestampTz seen = pc_seen_second(s);

	return seen < row->known.time || (seen == row->known.time && s->is_creation);
}

static PcReduced
apply_warning(const Row *row, const GwWarning *w, bytea *digest, const PcSighting *s)
{
	PcArgs		a = {0};

	if (pc_digest_equal(row->known.digest, digest))
		return PC_REDUCED_UNCHANGED;
	if (is_older(row, s))
		return PC_REDUCED_STALE;
	pc_arg_uuid(&a, &row->id);
	pc_arg_text(&a, row->tenant);
	pc_arg_text(&a, w->fraud_type);
	pc_arg_bool(&a, w->actionable);
	pc_arg(&a, PointerGetDatum(digest), false);
	pc_arg_time(&a, pc_seen_second(s));
	pc_observe(&update_warning, &a, s);
	return PC_REDUCED_APPLIED;
}

static PcReduced
new_warning(const GwWarning *w, bytea *digest, const PcSighting *s)
{
	PcPaymentRow payment;
	Row			row;
	PcArgs		a = {0};

	if (!pc_lock_payment(w->charge_id, s, &payment))
		return pc_seek_payment(w->intent_id, w->charge_id, s);
	pc_arg_text(&a, payment.tenant);
	pc_arg_uuid(&a, &payment.id);
	pc_arg_uuid(&a, payment.has_intent ? &payment.intent : NULL);
	pc_arg_uuid(&a, &payment.account);
	pc_arg_text(&a, s->gateway_account);
	pc_arg_text(&a, w->id);
	pc_arg_text(&a, w->fraud_type);
	pc_arg_bool(&a, w->actionable);
	pc_arg_bool(&a, w->livemode);
	pc_arg(&a, PointerGetDatum(digest), false);
	pc_arg_time(&a, pc_seen_second(s));
	pc_arg_time(&a, pc_from_unix(w->created));
	pc_observe(&insert_warning, &a, s);
	if (SPI_processed == 0)
		return lock_row(&warning_by_psp_id, w->id, s, &row) ? apply_warning(&row, w, digest, s) : PC_REDUCED_IGNORED;
	return PC_REDUCED_APPLIED;
}

PcReduced
pc_reduce_warning(const GwWarning *w, const PcSighting *s)
{
	bytea	   *digest = pc_digest_warning(w);
	Row			row;

	if (s->only_hint)
	{
		pc_look_at_unknown(GW_WARNING_RETRIEVE, w->id, s);
		return PC_REDUCED_DOUBT;
	}
	return lock_row(&warning_by_psp_id, w->id, s, &row) ? apply_warning(&row, w, digest, s) : new_warning(w, digest, s);
}

static PcReduced
apply_review(const Row *row, const GwReview *r, const pg_uuid_t *payment, bytea *digest, const PcSighting *s)
{
	PcArgs		a = {0};

	if (pc_digest_equal(row->known.digest, digest))
		return PC_REDUCED_UNCHANGED;
	if (!row->is_open || is_older(row, s))
		return PC_REDUCED_STALE;
	pc_arg_uuid(&a, &row->id);
	pc_arg_text(&a, row->tenant);
	pc_arg_bool(&a, r->open);
	pc_arg_text(&a, r->reason);
	pc_arg_text(&a, r->opened_reason);
	pc_arg_text(&a, r->closed_reason);
	pc_arg(&a, PointerGetDatum(digest), false);
	pc_arg_time(&a, pc_seen_second(s));
	pc_arg_time(&a, r->open ? 0 : pc_seen_second(s));
	pc_arg_uuid(&a, payment);
	pc_observe(&update_review, &a, s);
	return PC_REDUCED_APPLIED;
}

static PcReduced
new_review(const GwReview *r, const char *tenant, const pg_uuid_t *account, const pg_uuid_t *intent,
		   const pg_uuid_t *payment, bytea *digest, const PcSighting *s)
{
	Row			row;
	PcArgs		a = {0};

	pc_arg_text(&a, tenant);
	pc_arg_uuid(&a, payment);
	pc_arg_uuid(&a, intent);
	pc_arg_uuid(&a, account);
	pc_arg_text(&a, s->gateway_account);
	pc_arg_text(&a, r->id);
	pc_arg_bool(&a, r->open);
	pc_arg_text(&a, r->reason);
	pc_arg_text(&a, r->opened_reason);
	pc_arg_text(&a, r->closed_reason);
	pc_arg_bool(&a, r->livemode);
	pc_arg(&a, PointerGetDatum(digest), false);
	pc_arg_time(&a, pc_seen_second(s));
	pc_arg_time(&a, pc_from_unix(r->created));
	pc_arg_time(&a, r->open ? 0 : pc_seen_second(s));
	pc_observe(&insert_review, &a, s);
	if (SPI_processed == 0)
		return lock_review(r->id, s, &row) ? apply_review(&row, r, payment, digest, s) : PC_REDUCED_IGNORED;
	return PC_REDUCED_APPLIED;
}

/* A review may come before its charge does: it hangs on the intent then. */
PcReduced
pc_reduce_review(const GwReview *r, const PcSighting *s)
{
	bytea	   *digest = pc_digest_review(r);
	PcIntentRow intent;
	PcPaymentRow payment;
	bool		has_payment;
	Row			row;

	if (s->only_hint)
	{
		pc_look_at_unknown(GW_REVIEW_RETRIEVE, r->id, s);
		return PC_REDUCED_DOUBT;
	}
	has_payment = r->charge_id != NULL && pc_lock_payment(r->charge_id, s, &payment);
	if (lock_review(r->id, s, &row))
		return apply_review(&row, r, has_payment ? &payment.id : NULL, digest, s);
	if (has_payment)
		return new_review(r, payment.tenant, &payment.account, payment.has_intent ? &payment.intent : NULL,
						  &payment.id, digest, s);
	if (r->intent_id != NULL && pc_lock_intent(r->intent_id, NULL, s, &intent))
		return new_review(r, intent.tenant, &intent.account, &intent.id,
						  intent.has_payment ? &intent.payment : NULL, digest, s);
	return pc_seek_payment(r->intent_id, r->charge_id, s);
}
