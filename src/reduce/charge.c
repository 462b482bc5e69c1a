/*
 * charge.c
 *		A gateway's charge becomes our payments row.  One that failed at once
 *		took no money: it makes an attempt, not a payment.
 */
#include "common/paycore.h"

#include "access/xact.h"
#include "common/insert.h"
#include "outbox/outbox.h"
#include "reduce/internal.h"
#include "types/uuid.h"

static PcPlan peek = PC_PLAN("tt",
	"SELECT gw_time, gw_digest, gw_doubt, settled_at IS NOT NULL FROM paycore.payments"
	" WHERE psp_charge_id OPERATOR(pg_catalog.=) $1 AND gateway_account OPERATOR(pg_catalog.=) $2");

static PcInsert insert_payment = PC_INSERT_OR(PC_PAYMENTS, "tuuttPmmztjttttbmxzztttzzmmjmmnTzzummbbjbz",
	"tenant_id, billing_account_id, payment_intent_id, gateway_account, psp_charge_id,"
	" status, authorized, gross, captured_at, method_type, method_details, description, receipt_number,"
	" receipt_email, receipt_url, livemode, refund_reserved, gw_digest, gw_time,"
	" authorized_at, failure_code, failure_message, failure_balance_transaction, canceled_at, created_at,"
	" settled_gross, fee, fee_details, platform_fee, net, exchange_rate, balance_transaction_ids, available_on, settled_at,"
	" id, refunded, dispute_held, over_returned, reconciled, metadata, gw_doubt, updated_at",
	" ON CONFLICT (psp_charge_id, gateway_account, tenant_id) WHERE psp_charge_id IS NOT NULL DO NOTHING");

/* $4: the picture is the newer one; without it only facts that grow are taken. */
static PcPlan update_payment = PC_PLAN("utPbmzttttjttttzxzzz",
	"UPDATE paycore.payments SET"
	" status = CASE WHEN $4 THEN $3 ELSE status END,"
	" gross = coalesce(gross, $5), captured_at = coalesce(captured_at, $6),"
	" failure_code = coalesce(failure_code, $7), failure_message = coalesce(failure_message, $8),"
	" failure_balance_transaction = coalesce(failure_balance_transaction, $9),"
	" method_type = coalesce(method_type, $10),"
	" method_details = CASE WHEN $4 THEN coalesce($11, method_details) ELSE coalesce(method_details, $11) END,"
	" description = CASE WHEN $4 THEN coalesce($12, description) ELSE description END,"
	" receipt_number = coalesce(receipt_number, $13),"
	" receipt_email = CASE WHEN $4 THEN coalesce($14, receipt_email) ELSE receipt_email END,"
	" receipt_url = CASE WHEN $4 THEN coalesce($15, receipt_url) ELSE receipt_url END,"
	" gw_time = CASE WHEN $4 THEN $16 ELSE gw_time END,"
	" gw_digest = CASE WHEN $4 THEN $17 ELSE gw_digest END,"
	" gw_doubt = gw_doubt AND NOT $4,"
	" authorized_at = coalesce(authorized_at, $18), failed_at = coalesce(failed_at, $19),"
	" canceled_at = coalesce(canceled_at, $20)"
	" WHERE id OPERATOR(pg_catalog.=) $1 AND tenant_id OPERATOR(pg_catalog.=) $2");

static PcPlan touch_payment = PC_TOUCH("payments");

static PcPlan link_intent = PC_PLAN("utuztjb",
	"UPDATE paycore.payment_intents SET payment_id = $3, capture_before = coalesce($4, capture_before),"
	" psp_latest_charge_id = coalesce(psp_latest_charge_id, $5), method_details = coalesce($6, method_details),"
	" next_sweep_at = CASE WHEN $7 AND status OPERATOR(paycore.=) 'succeeded' THEN NULL ELSE next_sweep_at END"
	" WHERE id OPERATOR(pg_catalog.=) $1 AND tenant_id OPERATOR(pg_catalog.=) $2");

static int
status_of(const GwCharge *c, const PcSighting *s)
{
	if (strcmp(c->status, "failed") == 0)
		return PAYMENT_FAILED;
	if (strcmp(c->status, "pending") == 0)
		return PAYMENT_PENDING;
	if (c->captured)
		return PAYMENT_SUCCEEDED;
	if (c->refunded || (s->event_type != NULL && strcmp(s->event_type, "charge.expired") == 0))
		return PAYMENT_CANCELED;
	return PAYMENT_AUTHORIZED;
}

/* A pending debit says captured as well: nothing is taken before it succeeds. */
static PcMoney
captured_amount(const GwCharge *c)
{
	if (!c->captured || strcmp(c->status, "succeeded") != 0)
		return GW_NO_MONEY;
	return pc_money_amount(c->amount_captured) > 0 ? c->amount_captured : c->amount;
}

/* When: the balance transaction knows; a charge that never waited was captured as it was made. */
static TimestampTz
captured_at(const GwCharge *c, bool waited, const PcSighting *s)
{
	if (captured_amount(c) == GW_NO_MONEY)
		return 0;
	if (c->balance != NULL && c->balance->created != 0)
		return pc_from_unix(c->balance->created);
	return waited || c->created == 0 ? pc_seen_second(s) : pc_from_unix(c->created);
}

static int
compare(bool known, bool seen)
{
	return (int) seen - (int) known;
}

/* Facts that only grow tell which picture is older. */
static int
growth_of(const PcPaymentRow *row, const GwCharge *c)
{
	int			facts[3] = {
		compare(pc_money_currency(row->gross) != 0, captured_amount(c) != GW_NO_MONEY),
		compare(row->settled || row->parts != NULL, c->balance_transaction_id != NULL),
		compare(row->failure_balance_transaction != NULL, c->failure_balance_transaction != NULL)
	};
	bool		more = false,
				less = false;

	for (int i = 0; i < (int) lengthof(facts); i++)
	{
		more |= facts[i] > 0;
		less |= facts[i] < 0;
	}
	return more == less ? 0 : more ? 1 : -1;
}

static bool
is_final(int status)
{
	return status == PAYMENT_FAILED || status == PAYMENT_CANCELED;
}

static PcOrder
order_of(const PcPaymentRow *row, const GwCharge *c, int status, const bytea *digest, const PcSighting *s)
{
	PcPictures	p = pc_pictures(&row->known, digest, s);
	int			was = row->status;
	const char *known_status = was == PAYMENT_PENDING ? "pending" : was == PAYMENT_FAILED ? "failed" : "succeeded";

	/* What is captured stays captured: a picture that says otherwise is older, whatever its time. */
	if (row->status == PAYMENT_SUCCEEDED && (status == PAYMENT_AUTHORIZED || status == PAYMENT_PENDING))
		return PC_ORDER_MERGE;
	p.known_final = is_final(row->status);
	p.seen_final = is_final(status);
	p.growth = growth_of(row, c);
	p.step = pc_payment_step(row->status, status);
	p.previous_matches = pc_previous_status_is(s, known_status);
	return pc_order(&p);
}

/* True where this very picture is known, and the fee it may bring too. */
static bool
is_known_picture(const GwCharge *c, const bytea *digest, const PcSighting *s)
{
	PcArgs		a = {0};
	PcKnown		known;

	pc_arg_text(&a, c->id);
	pc_arg_text(&a, s->gateway_account);
	if (pc_execute_args(&peek, &a, false) == 0)
		return false;
	pc_read_known(&known, 1);
	return pc_digest_equal(known.digest, digest) && !known.doubt && known.time >= pc_seen_second(s) &&
		(pc_get_bool(0, 4) || c->balance_transaction_id == NULL);
}

/* A debit that came back had succeeded: its attempt did, and there is a payment of it. */
static bool
never_paid(const GwCharge *c, int status)
{
	return status == PAYMENT_FAILED && c->failure_balance_transaction == NULL;
}

bool
pc_charge_has_payment(const GwCharge *c, const PcSighting *s)
{
	return !never_paid(c, status_of(c, s));
}

/* False where an attempt of the charge is known already. */
static bool
record_outcome(const PcIntentRow *intent, const GwCharge *c, bool is_new, int status, const PcSighting *s)
{
	bool		failed = never_paid(c, status);
	const char *outcome = !failed ? "succeeded" : c->failure.code != NULL ? "declined" : "failed";

	if (intent == NULL || status == PAYMENT_CANCELED)
		return true;
	if (status == PAYMENT_PENDING)
		return !pc_attempt_is_known(intent, c->id);
	return pc_record_attempt(intent, c->id, is_new, outcome, c->amount, c->method_id, failed ? &c->failure : NULL,
							 c->method_details, c->created != 0 ? pc_from_unix(c->created) : pc_seen_second(s), s);
}

static void
write_link(const PcIntentRow *intent, const GwCharge *c, const PcLink *link, const PcSighting *s)
{
	PcArgs		a = {0};

	pc_arg_uuid(&a, &intent->id);
	pc_arg_text(&a, intent->tenant);
	pc_arg_uuid(&a, &intent->payment);
	pc_arg_time(&a, link->capture_before);
	pc_arg_text(&a, c->id);
	pc_arg_json(&a, c->method_details);
	pc_arg_bool(&a, link->settled);
	pc_observe(&link_intent, &a, s);
	pc_wake_waiters_at_commit(&intent->id);
}

/* A new payment becomes its intent's. */
static void
link_to_intent(PcIntentRow *intent, const PcPaymentRow *payment, const GwCharge *c, PcLink *link, const PcSighting *s)
{
	PcLink		made = {.made = true, .settled = payment->settled, .capture_before = pc_from_unix(c->capture_before)};

	intent->has_payment = true;
	intent->payment = payment->id;
	if (link != NULL)
		*link = made;
	else
		write_link(intent, c, &made, s);
	if (intent->latest_charge == NULL)
		intent->latest_charge = pstrdup(c->id);
}

static void
add_insert_facts(PcArgs *a, const GwCharge *c, int status, bytea *digest, const PcSighting *s)
{
	TimestampTz seen = pc_seen_second(s);

	pc_arg_text(a, s->gateway_account);
	pc_arg_text(a, c->id);
	pc_arg_state(a, status);
	pc_arg_money(a, c->amount);
	pc_arg_money(a, captured_amount(c));
	pc_arg_time(a, captured_at(c, false, s));
	pc_arg_text(a, c->method_type);
	pc_arg_json(a, c->method_details);
	pc_arg_text(a, c->description);
	pc_arg_text(a, c->receipt_number);
	pc_arg_text(a, c->receipt_email);
	pc_arg_text(a, c->receipt_url);
	pc_arg_bool(a, c->livemode);
	pc_arg_money(a, pc_money_make(pc_money_currency(c->amount), 0));
	pc_arg(a, PointerGetDatum(digest), false);
	pc_arg_time(a, seen);
	pc_arg_time(a, status == PAYMENT_AUTHORIZED ? seen : 0);
	pc_arg_text(a, c->failure.code);
	pc_arg_text(a, c->failure.message);
	pc_arg_text(a, c->failure_balance_transaction);
	pc_arg_time(a, status == PAYMENT_CANCELED ? seen : 0);
	pc_arg_time(a, c->created > 0 ? pc_from_unix(c->created) : GetCurrentTransactionStartTimestamp());
}

/* What the table would fill in by itself. */
static void
add_defaults(PcArgs *a, const GwCharge *c)
{
	PcMoney		zero = pc_money_make(pc_money_currency(c->amount), 0);
	PcJsonBuilder metadata;

	pc_json_begin(&metadata);
	pc_arg_money(a, zero);
	pc_arg_money(a, zero);
	pc_arg_bool(a, false);
	pc_arg_bool(a, false);
	pc_arg_json(a, pc_json_end(&metadata));
	pc_arg_bool(a, false);
	pc_arg_time(a, GetCurrentTransactionStartTimestamp());
}

/* False where another session inserted it meanwhile. */
static bool
insert(const char *tenant, const pg_uuid_t *account, PcIntentRow *intent, const PcLink *link, const GwCharge *c, int status,
	   bytea *digest, const PcSighting *s, PcPaymentRow *row)
{
	PcArgs		a = {0};
	volatile bool inserted = false;

	memset(row, 0, sizeof(*row));
	if (link != NULL && link->pledged != NULL)
		row->id = *link->pledged;
	else
		pc_uuid_v7_at(pc_from_unix(c->created), &row->id);
	row->tenant = pstrdup(tenant);
	row->account = *account;
	row->has_intent = intent != NULL;
	if (intent != NULL)
		row->intent = intent->id;
	row->charge_id = c->id;
	row->status = status;
	row->authorized = c->amount;
	row->gross = captured_amount(c);

	pc_arg_text(&a, tenant);
	pc_arg_uuid(&a, account);
	pc_arg_uuid(&a, intent != NULL ? &intent->id : NULL);
	add_insert_facts(&a, c, status, digest, s);
	pc_settlement_args(&a, row, c->balance, c->application_fee, s);
	pc_arg_uuid(&a, &row->id);
	add_defaults(&a, c);
	PC_OBSERVE(s)
	{
		inserted = pc_insert(&insert_payment, a.values, a.nulls) > 0;
	}
	PC_WRITE_END;
	return inserted;
}

static void
update(PcPaymentRow *row, const GwCharge *c, int status, bool newer, bytea *digest, const PcSighting *s)
{
	TimestampTz seen = pc_seen_second(s);
	PcArgs		a = {0};

	pc_arg_uuid(&a, &row->id);
	pc_arg_text(&a, row->tenant);
	pc_arg_state(&a, status);
	pc_arg_bool(&a, newer);
	pc_arg_money(&a, captured_amount(c));
	pc_arg_time(&a, captured_at(c, row->status == PAYMENT_AUTHORIZED, s));
	pc_arg_text(&a, c->failure.code);
	pc_arg_text(&a, c->failure.message);
	pc_arg_text(&a, c->failure_balance_transaction);
	pc_arg_text(&a, c->method_type);
	pc_arg_json(&a, c->method_details);
	pc_arg_text(&a, c->description);
	pc_arg_text(&a, c->receipt_number);
	pc_arg_text(&a, c->receipt_email);
	pc_arg_text(&a, c->receipt_url);
	pc_arg_time(&a, Max(seen, row->known.time));
	pc_arg(&a, PointerGetDatum(digest), false);
	pc_arg_time(&a, newer && status == PAYMENT_AUTHORIZED ? seen : 0);
	pc_arg_time(&a, newer && status == PAYMENT_FAILED ? seen : 0);
	pc_arg_time(&a, newer && status == PAYMENT_CANCELED ? seen : 0);
	pc_observe(&update_payment, &a, s);
	if (newer)
		row->status = status;
	if (pc_money_currency(row->gross) == 0)
		row->gross = captured_amount(c);
}

/* The fee: at hand, known by name only, or not yet there. */
static void
settle(PcPaymentRow *row, const GwCharge *c, const PcSighting *s)
{
	if (row->settled)
		return;
	if (c->balance != NULL)
		pc_settle(row, c->balance, c->application_fee, s);
	else if (c->balance_transaction_id != NULL && !pc_settlement_knows(row, c->balance_transaction_id))
		pc_look_at_payment(row, s, 0);
	pc_settle_if_whole(row, s);
}

static bool
brings_growth(const PcPaymentRow *row, const GwCharge *c)
{
	return (pc_money_currency(row->gross) == 0 && captured_amount(c) != GW_NO_MONEY) ||
		(row->failure_balance_transaction == NULL && c->failure_balance_transaction != NULL) ||
		c->receipt_number != NULL;
}

static PcReduced
apply_to_known(PcPaymentRow *row, PcIntentRow *intent, const GwCharge *c, bytea *digest, const PcSighting *s)
{
	int			status = status_of(c, s);
	bool		was_settled = row->settled;
	PcOrder		order = order_of(row, c, status, digest, s);
	PcReduced	result = pc_note_order(order, &touch_payment, row->tenant, &row->id, &row->known, s);

	if (order == PC_ORDER_APPLY && row->status != status)
		(void) record_outcome(intent, c, false, status, s);
	if (order == PC_ORDER_APPLY || (pc_order_is_news(order) && brings_growth(row, c)))
		update(row, c, status, order == PC_ORDER_APPLY, digest, s);
	if (order == PC_ORDER_DOUBT)
		pc_look_at_payment(row, s, PC_DOUBT_DELAY_MS);
	settle(row, c, s);
	if (row->settled && !was_settled && result == PC_REDUCED_UNCHANGED)
		result = PC_REDUCED_APPLIED;
	if (s->replayed && !is_final(row->status))
		pc_look_at_payment(row, s, 0);
	if (c->disputed)
		pc_look_for_disputes(row, s);
	return result;
}

/* An intent without a payment has none of this charge, or hardly ever: its INSERT finds that out. */
static bool
is_surely_new(const GwCharge *c, const PcIntentRow *intent, const PcSighting *s)
{
	return !intent->has_payment && status_of(c, s) != PAYMENT_FAILED;
}

/* A charge that is new to us, under an account and mostly an intent. */
static PcReduced
apply_new(const char *tenant, const pg_uuid_t *account, PcIntentRow *intent, PcLink *link, const GwCharge *c,
		  bytea *digest, const PcSighting *s)
{
	int			status = status_of(c, s);
	bool		is_first = record_outcome(intent, c, intent != NULL && is_surely_new(c, intent, s), status, s);
	PcPaymentRow row;

	if (never_paid(c, status))
		return PC_REDUCED_APPLIED;
	if (!insert(tenant, account, intent, link, c, status, digest, s, &row))
		return pc_lock_payment(c->id, s, &row) ? apply_to_known(&row, intent, c, digest, s) : PC_REDUCED_IGNORED;
	if (intent != NULL)
		link_to_intent(intent, &row, c, link, s);
	settle(&row, c, s);
	/* An older picture of one that failed since, and had no row because of that. */
	if (!is_first && !is_final(status))
		pc_look_at_payment(&row, s, 0);
	if (c->disputed)
		pc_look_for_disputes(&row, s);
	return PC_REDUCED_APPLIED;
}

PcReduced
pc_reduce_charge_of(const GwCharge *c, PcIntentRow *intent, PcLink *link, const PcSighting *s)
{
	bytea	   *digest = pc_digest_charge(c);
	PcPaymentRow row;

	if (!is_surely_new(c, intent, s))
	{
		if (!c->disputed && is_known_picture(c, digest, s))
			return PC_REDUCED_UNCHANGED;
		if (pc_lock_payment(c->id, s, &row))
			return apply_to_known(&row, intent, c, digest, s);
	}
	return apply_new(intent->tenant, &intent->account, intent, link, c, digest, s);
}

/* Its intent is unknown here: ask for it, if it could become ours. */
static PcReduced
without_intent_row(const GwCharge *c, const PcSighting *s)
{
	if (!pc_would_adopt(c->customer_id, s))
		return PC_REDUCED_IGNORED;
	if (!s->parent_sought)
		pc_look_at_unknown(GW_INTENT_RETRIEVE, c->intent_id, s);
	return PC_REDUCED_PARENT_MISSING;
}

static PcReduced
reduce_bare_charge(const GwCharge *c, bytea *digest, const PcSighting *s)
{
	PcPaymentRow row;
	PcAccountRow account;

	if (pc_lock_payment(c->id, s, &row))
	{
		if (!s->only_hint)
			return apply_to_known(&row, NULL, c, digest, s);
		pc_look_at_payment(&row, s, 0);
		return PC_REDUCED_DOUBT;
	}
	if (!pc_adopting_account(c->customer_id, c->amount, s, &account))
		return PC_REDUCED_IGNORED;
	if (s->only_hint)
	{
		pc_look_at_unknown(GW_CHARGE_RETRIEVE, c->id, s);
		return PC_REDUCED_DOUBT;
	}
	return apply_new(account.tenant, &account.id, NULL, NULL, c, digest, s);
}

PcReduced
pc_reduce_charge(const GwCharge *c, const PcSighting *s)
{
	bytea	   *digest = pc_digest_charge(c);
	PcIntentRow intent;

	if (!c->disputed && is_known_picture(c, digest, s))
		return PC_REDUCED_UNCHANGED;
	if (c->intent_id == NULL)
		return reduce_bare_charge(c, digest, s);
	if (!pc_lock_intent(c->intent_id, c->metadata, s, &intent))
		return without_intent_row(c, s);
	pc_bind_intent(&intent, c->intent_id, s);
	if (s->only_hint)
	{
		pc_look_at_intent(&intent, s, 0);
		return PC_REDUCED_DOUBT;
	}
	return pc_reduce_charge_of(c, &intent, NULL, s);
}
