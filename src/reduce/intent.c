/*
 * intent.c
 *		A gateway's intent becomes our payment_intents row.
 */
#include "common/paycore.h"

#include "access/xact.h"
#include "common/update.h"
#include "outbox/outbox.h"
#include "reduce/internal.h"

static PcUpdate update_intent = PC_UPDATE(PC_PAYMENT_INTENTS, "utItmmmtttttttjtttttjbxzbbzz4zj4zuz",
	"status, psp_intent_id?, amount, amount_capturable, amount_received, capture_method*, confirmation_method*,"
	" setup_future_usage*, payment_method*, description, cancellation_reason, client_secret, next_action,"
	" error_type, error_code, decline_code, error_message, psp_latest_charge_id*, metadata*,"
	" livemode?, gw_digest, gw_time, gw_doubt, duplicate_suspected, succeeded_at?, canceled_at?,"
	" webhook_count+, last_webhook_at*, method_details*, sweeps, next_sweep_at, payment_id*, capture_before*");

static PcPlan bind_intent = PC_PLAN("utt",
	"UPDATE paycore.payment_intents SET psp_intent_id = $3"
	" WHERE id OPERATOR(pg_catalog.=) $1 AND tenant_id OPERATOR(pg_catalog.=) $2 AND psp_intent_id IS NULL");

static PcPlan touch_intent = PC_TOUCH("payment_intents");

static PcPlan insert_intent = PC_PLAN("tutIttmtttjjzb",
	"INSERT INTO paycore.payment_intents (tenant_id, billing_account_id, gateway_account, status, psp_intent_id,"
	" capture_method, amount, confirmation_method, setup_future_usage, description, metadata, method_details,"
	" created_at, livemode)"
	" VALUES ($1, $2, $3, $4, $5, coalesce($6, 'automatic_async'), $7, coalesce($8, 'automatic'), $9, $10,"
	" coalesce($11, '{}'), $12, coalesce($13, pg_catalog.now()), $14)"
	" ON CONFLICT DO NOTHING RETURNING id");

static PcPlan cancel_authorized = PC_PLAN("utz",
	"UPDATE paycore.payments SET status = 'canceled', canceled_at = $3"
	" WHERE payment_intent_id OPERATOR(pg_catalog.=) $1 AND tenant_id OPERATOR(pg_catalog.=) $2"
	" AND status OPERATOR(paycore.=) 'authorized' AND gross IS NULL");

static PcPlan charge_of_intent = PC_PLAN("utt",
	"SELECT 1 FROM paycore.payment_attempts"
	" WHERE payment_intent_id OPERATOR(pg_catalog.=) $1 AND tenant_id OPERATOR(pg_catalog.=) $2"
	" AND psp_charge_id OPERATOR(pg_catalog.=) $3");

/* A value that the row's CHECK would refuse is a word that we do not know yet: it is left out. */
static const char *
known_word(const char *word, const char *a, const char *b, const char *c)
{
	return word != NULL && (strcmp(word, a) == 0 || strcmp(word, b) == 0 ||
							(c != NULL && strcmp(word, c) == 0)) ? word : NULL;
}

static bool
is_over(int status)
{
	return status == INTENT_SUCCEEDED || status == INTENT_CANCELED;
}

/* A picture without the charge we know of, or with an earlier one, is the older. */
static int
growth_of(const PcIntentRow *row, const GwIntent *i)
{
	PcArgs		a = {0};

	if (pc_same_text(row->latest_charge, i->latest_charge_id))
		return 0;
	if (i->latest_charge_id == NULL)
		return -1;
	if (row->latest_charge == NULL)
		return 1;
	pc_arg_uuid(&a, &row->id);
	pc_arg_text(&a, row->tenant);
	pc_arg_text(&a, i->latest_charge_id);
	return pc_execute_args(&charge_of_intent, &a, false) > 0 ? -1 : 1;
}

static PcOrder
order_of(const PcIntentRow *row, const GwIntent *i, int status, const bytea *digest, const PcSighting *s)
{
	PcPictures	p = pc_pictures(&row->known, digest, s);

	p.known_final = is_over(row->status);
	p.seen_final = is_over(status);
	p.step = pc_intent_step(row->status, status);
	p.previous_matches = pc_previous_status_is(s, pc_state_name(&pc_intent_lifecycle, row->status));
	if (p.known && p.seen_time == p.known_time && !p.same_digest)
		p.growth = growth_of(row, i);
	return pc_order(&p);
}

/* An error that made no charge is new where the row did not show it already. */
static void
record_error(const PcIntentRow *row, const GwIntent *i, const PcSighting *s)
{
	const GwError *e = &i->last_error;

	if (e->code == NULL && e->type == NULL)
		return;
	if (e->charge_id == NULL && row->status == INTENT_REQUIRES_PAYMENT_METHOD &&
		pc_same_text(row->error_code, e->code) && pc_same_text(row->decline_code, e->decline_code) &&
		pc_same_text(row->error_message, e->message))
		return;
	pc_record_attempt(row, e->charge_id, false, e->decline_code != NULL || e->charge_id != NULL ? "declined" : "failed",
					  i->amount, e->method_id != NULL ? e->method_id : i->method_id, e, NULL, pc_seen_second(s), s);
}

/*
 * While an update of ours is on its way, what the gateway says of the fields
 * it sets is the state before it.
 */
static void
keep_unsent_changes(const PcIntentRow *row, const GwIntent *i, PcMoney *amount,
					const char **description, Jsonb **metadata)
{
	*amount = i->amount;
	*description = i->description;
	*metadata = pc_same_metadata(row->metadata, i->metadata) ? NULL : pc_users_metadata(i->metadata);
	if (*amount == row->amount && *metadata == NULL && pc_same_text(*description, row->description))
		return;
	if (row->known.time == 0 ||
		pc_outbox_unfinished(GW_INTENT_UPDATE, row->tenant, &row->id, false, NULL, NULL))
	{
		*amount = row->amount;
		*description = row->description;
		*metadata = NULL;
	}
}

static void
add_gateway_facts(PcArgs *a, const PcIntentRow *row, const GwIntent *i, int status)
{
	PcMoney		amount;
	const char *description;
	Jsonb	   *metadata;
	const GwError *e = &i->last_error;

	keep_unsent_changes(row, i, &amount, &description, &metadata);
	pc_arg_uuid(a, &row->id);
	pc_arg_text(a, row->tenant);
	pc_arg_state(a, status);
	pc_arg_text(a, i->id);
	pc_arg_money(a, amount);
	pc_arg_money(a, i->amount_capturable);
	pc_arg_money(a, i->amount_received);
	pc_arg_text(a, known_word(i->capture_method, "automatic", "automatic_async", "manual"));
	pc_arg_text(a, known_word(i->confirmation_method, "automatic", "manual", NULL));
	pc_arg_text(a, known_word(i->setup_future_usage, "on_session", "off_session", NULL));
	pc_arg_text(a, i->method_id);
	pc_arg_text(a, description);
	pc_arg_text(a, i->cancellation_reason);
	pc_arg_text(a, is_over(status) ? NULL : i->client_secret);
	pc_arg_json(a, status == INTENT_REQUIRES_ACTION ? i->next_action : NULL);
	pc_arg_text(a, e->type);
	pc_arg_text(a, e->code);
	pc_arg_text(a, e->decline_code);
	pc_arg_text(a, e->message);
	pc_arg_text(a, i->latest_charge_id);
	pc_arg_json(a, metadata);
}

/* A succeeded one is complete with its payment and the fee. */
static bool
is_to_be_looked_at(const PcIntentRow *row, int status, const PcLink *link)
{
	if (status != INTENT_SUCCEEDED)
		return !is_over(status);
	return link->made ? !link->settled : !row->has_payment;
}

/*
 * Open rows are looked at again within a minute after the gateway was last
 * heard of; so are succeeded ones without their payment.  A time that is near
 * enough stays: it is indexed, and an UPDATE that changes it pays for every index.
 */
static TimestampTz
next_look(const PcIntentRow *row)
{
	TimestampTz latest = GetCurrentTransactionStartTimestamp() + USECS_PER_MINUTE;

	return row->next_look != 0 ? Min(row->next_look, latest) : latest;
}

/* The payment first, where one comes with it: the row then is written once. */
static void
apply(PcIntentRow *row, const GwIntent *i, int status, bytea *digest, const PcSighting *s)
{
	PcArgs		a = {0};
	PcLink		link = {0};
	TimestampTz seen = pc_seen_second(s);
	bool		late = row->status == INTENT_FAILED;

	record_error(row, i, s);
	if (i->latest_charge != NULL)
		(void) pc_reduce_charge_of(i->latest_charge, row, &link, s);
	add_gateway_facts(&a, row, i, status);
	pc_arg_bool(&a, i->livemode);
	pc_arg(&a, PointerGetDatum(digest), false);
	pc_arg_time(&a, Max(seen, row->known.time));
	pc_arg_bool(&a, false);
	pc_arg_bool(&a, row->duplicate || late);
	pc_arg_time(&a, status == INTENT_SUCCEEDED ? seen : 0);
	pc_arg_time(&a, status == INTENT_CANCELED ? (i->canceled_at != 0 ? pc_from_unix(i->canceled_at) : seen) : 0);
	pc_arg(&a, Int32GetDatum(s->source == PC_SOURCE_WEBHOOK ? 1 : 0), false);
	pc_arg_time(&a, s->source == PC_SOURCE_WEBHOOK ? GetCurrentTransactionStartTimestamp() : 0);
	pc_arg_json(&a, i->latest_charge != NULL ? i->latest_charge->method_details : NULL);
	pc_arg(&a, Int32GetDatum(0), false);
	pc_arg_time(&a, is_to_be_looked_at(row, status, &link) ? next_look(row) : 0);
	pc_arg_uuid(&a, link.made ? &row->payment : NULL);
	pc_arg_time(&a, link.capture_before);
	PC_OBSERVE(s)
	{
		(void) pc_update(&update_intent, &a);
	}
	PC_WRITE_END;
	row->psp_id = i->id;
	row->status = status;
	row->latest_charge = i->latest_charge_id != NULL ? i->latest_charge_id : row->latest_charge;
	pc_wake_waiters_at_commit(&row->id);
}

/* The one fact of an intent that only grows and that an older picture may bring. */
void
pc_bind_intent(PcIntentRow *row, const char *psp_id, const PcSighting *s)
{
	PcArgs		a = {0};

	if (row->psp_id != NULL)
		return;
	pc_arg_uuid(&a, &row->id);
	pc_arg_text(&a, row->tenant);
	pc_arg_text(&a, psp_id);
	pc_observe(&bind_intent, &a, s);
	row->psp_id = pstrdup(psp_id);
}

/* The gateway let the authorisation go with the intent. */
static void
release_authorization(const PcIntentRow *row, const PcSighting *s)
{
	PcArgs		a = {0};

	pc_arg_uuid(&a, &row->id);
	pc_arg_text(&a, row->tenant);
	pc_arg_time(&a, pc_seen_second(s));
	pc_observe(&cancel_authorized, &a, s);
}

bool
pc_adopt_intent(const GwIntent *i, const PcSighting *s, PcIntentRow *row)
{
	PcAccountRow account;
	PcArgs		a = {0};
	pg_uuid_t	id;

	if (!pc_adopting_account(i->customer_id, i->amount, s, &account))
		return false;
	pc_arg_text(&a, account.tenant);
	pc_arg_uuid(&a, &account.id);
	pc_arg_text(&a, s->gateway_account);
	pc_arg_state(&a, INTENT_CREATED);
	pc_arg_text(&a, i->id);
	pc_arg_text(&a, known_word(i->capture_method, "automatic", "automatic_async", "manual"));
	pc_arg_money(&a, i->amount);
	pc_arg_text(&a, known_word(i->confirmation_method, "automatic", "manual", NULL));
	pc_arg_text(&a, known_word(i->setup_future_usage, "on_session", "off_session", NULL));
	pc_arg_text(&a, i->description);
	pc_arg_json(&a, pc_users_metadata(i->metadata));
	pc_arg_null(&a);
	pc_arg_time(&a, pc_from_unix(i->created));
	pc_arg_bool(&a, i->livemode);
	pc_observe(&insert_intent, &a, s);

	/* Where another session was faster, its row is the one. */
	if (SPI_processed == 0)
		return pc_lock_intent(i->id, NULL, s, row);
	(void) pc_get_uuid(1, &id);
	return pc_lock_intent_by_id(account.tenant, &id, row);
}

static PcReduced
settle_order(PcIntentRow *row, const GwIntent *i, const PcSighting *s)
{
	int			status = pc_state_by_name(&pc_intent_lifecycle, i->status);
	bytea	   *digest = pc_digest_intent(i);
	PcOrder		order = order_of(row, i, status, digest, s);

	if (order == PC_ORDER_APPLY)
		apply(row, i, status, digest, s);
	if (order == PC_ORDER_MERGE)
		pc_bind_intent(row, i->id, s);
	if (order == PC_ORDER_MERGE && i->last_error.charge_id != NULL)
		record_error(row, i, s);
	if (order == PC_ORDER_DOUBT)
		pc_look_at_intent(row, s, PC_DOUBT_DELAY_MS);
	return pc_note_order(order, &touch_intent, row->tenant, &row->id, &row->known, s);
}

PcReduced
pc_reduce_intent(const GwIntent *i, const PcSighting *s)
{
	PcIntentRow row;
	PcReduced	result;
	PcOrphan	orphan = PC_NO_ORPHAN;
	bool		was_canceled;

	if (!pc_lock_intent(i->id, i->metadata, s, &row))
	{
		if (s->only_hint && pc_may_adopt_unknown(s))
		{
			pc_look_at_unknown(GW_INTENT_RETRIEVE, i->id, s);
			return PC_REDUCED_DOUBT;
		}
		orphan = s->only_hint ? PC_NO_ORPHAN : pc_orphan(i, s);
		if (orphan == PC_ORPHAN_LET_GO)
			return PC_REDUCED_APPLIED;
		if (!pc_adopt_intent(i, s, &row))
			return PC_REDUCED_IGNORED;
	}
	if (s->only_hint)
	{
		pc_bind_intent(&row, i->id, s);
		pc_look_at_intent(&row, s, 0);
		return PC_REDUCED_DOUBT;
	}

	row.duplicate |= orphan == PC_ORPHAN_PAID;
	was_canceled = row.status == INTENT_CANCELED;
	result = settle_order(&row, i, s);
	if (result != PC_REDUCED_APPLIED && i->latest_charge != NULL &&
		pc_reduce_charge_of(i->latest_charge, &row, NULL, s) == PC_REDUCED_APPLIED)
		result = PC_REDUCED_APPLIED;
	if (row.status == INTENT_CANCELED && !was_canceled)
		release_authorization(&row, s);
	if (s->replayed && !is_over(row.status))
		pc_look_at_intent(&row, s, 0);
	return result;
}
