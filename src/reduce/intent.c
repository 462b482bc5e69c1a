/*
 * intent.c
 *		A gateway's intent becomes our payment_intents row.
 */
#include "common/paycore.h"

#include "access/xact.h"
#include "commands/trigger.h"
#include "common/insert.h"
#include "common/update.h"
#include "common/xact_tag.h"
#include "nodes/makefuncs.h"
#include "outbox/outbox.h"
#include "reduce/internal.h"
#include "types/uuid.h"

/* What a picture of the gateway's says, with the marks that update.h has for it. */
#define FACT_TYPES "Itmmmtttttttjtttttjbxzbbzz4zj4zuz"
#define FACTS(first, known, sum) \
	"status, psp_intent_id" first ", amount, amount_capturable, amount_received, capture_method" known "," \
	" confirmation_method" known ", setup_future_usage" known ", payment_method" known ", description," \
	" cancellation_reason, client_secret, next_action, error_type, error_code, decline_code, error_message," \
	" psp_latest_charge_id" known ", metadata" known ", livemode" first ", gw_digest, gw_time, gw_doubt," \
	" duplicate_suspected, succeeded_at" first ", canceled_at" first ", webhook_count" sum "," \
	" last_webhook_at" known ", method_details" known ", sweeps, next_sweep_at, payment_id" known ", capture_before" known

/* Whoever gives the time of the change itself saves its guard the making of another row. */
static PcUpdate update_intent = PC_UPDATE(PC_PAYMENT_INTENTS, "ut" FACT_TYPES "z", FACTS("?", "*", "+") ", updated_at");

/* Of an intent that paycore did not make; what else it has is what the table would fill in by itself. */
static PcInsert insert_intent = PC_INSERT_OR(PC_PAYMENT_INTENTS, "ut" FACT_TYPES "utzzbj",
	"id, tenant_id, " FACTS("", "", "") ", billing_account_id, gateway_account, created_at, updated_at, off_session, gateway_params",
	" ON CONFLICT DO NOTHING");

static PcUpdate link_new_intent = PC_UPDATE(PC_PAYMENT_INTENTS, "utuzz", "payment_id, capture_before*, next_sweep_at");

static PcPlan bind_intent = PC_PLAN("utt",
	"UPDATE paycore.payment_intents SET psp_intent_id = $3"
	" WHERE id OPERATOR(pg_catalog.=) $1 AND tenant_id OPERATOR(pg_catalog.=) $2 AND psp_intent_id IS NULL");

static PcPlan touch_intent = PC_TOUCH("payment_intents");

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

/* Of a row that is still to be written, what the table would fill in. */
static const char *
word_or(const char *word, const PcIntentRow *row, const char *otherwise)
{
	return word == NULL && row->is_new ? otherwise : word;
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
	pc_arg_text(a, word_or(known_word(i->capture_method, "automatic", "automatic_async", "manual"), row, "automatic_async"));
	pc_arg_text(a, word_or(known_word(i->confirmation_method, "automatic", "manual", NULL), row, "automatic"));
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
	pc_arg_json(a, metadata == NULL && row->is_new ? row->metadata : metadata);
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

/* In the order of FACTS, after the key. */
static void
add_facts(PcArgs *a, const PcIntentRow *row, const GwIntent *i, int status, bytea *digest, const PcLink *link,
		  const PcSighting *s)
{
	TimestampTz seen = pc_seen_second(s);
	bool		late = row->status == INTENT_FAILED;

	add_gateway_facts(a, row, i, status);
	pc_arg_bool(a, i->livemode);
	pc_arg(a, PointerGetDatum(digest), false);
	pc_arg_time(a, Max(seen, row->known.time));
	pc_arg_bool(a, false);
	pc_arg_bool(a, row->duplicate || late);
	pc_arg_time(a, status == INTENT_SUCCEEDED ? seen : 0);
	pc_arg_time(a, status == INTENT_CANCELED ? (i->canceled_at != 0 ? pc_from_unix(i->canceled_at) : seen) : 0);
	pc_arg(a, Int32GetDatum(s->source == PC_SOURCE_WEBHOOK ? 1 : 0), false);
	pc_arg_time(a, s->source == PC_SOURCE_WEBHOOK ? GetCurrentTransactionStartTimestamp() : 0);
	pc_arg_json(a, i->latest_charge != NULL ? i->latest_charge->method_details : NULL);
	pc_arg(a, Int32GetDatum(0), false);
	pc_arg_time(a, is_to_be_looked_at(row, status, link) ? next_look(row) : 0);
	pc_arg_uuid(a, row->has_payment && link->made ? &row->payment : NULL);
	pc_arg_time(a, link->capture_before);
}

static void
learn(PcIntentRow *row, const GwIntent *i, int status)
{
	row->psp_id = i->id;
	row->status = status;
	row->latest_charge = i->latest_charge_id != NULL ? i->latest_charge_id : row->latest_charge;
	pc_wake_waiters_at_commit(&row->id);
}

/* The payment first, where one comes with it: the row then is written once. */
static void
apply(PcIntentRow *row, const GwIntent *i, int status, bytea *digest, const PcSighting *s)
{
	PcArgs		a = {0};
	PcLink		link = {0};

	record_error(row, i, s);
	if (i->latest_charge != NULL)
		(void) pc_reduce_charge_of(i->latest_charge, row, &link, s);
	add_facts(&a, row, i, status, digest, &link, s);
	pc_arg_time(&a, GetCurrentTransactionStartTimestamp());
	PC_OBSERVE(s)
	{
		(void) pc_update(&update_intent, &a);
	}
	PC_WRITE_END;
	learn(row, i, status);
}

/* False where another session was faster. */
static bool
insert(PcIntentRow *row, const GwIntent *i, int status, const PcLink *link, const PcSighting *s)
{
	PcArgs		a = {0};
	PcJsonBuilder params;
	volatile bool inserted = false;

	add_facts(&a, row, i, status, pc_digest_intent(i), link, s);
	pc_arg_uuid(&a, &row->account);
	pc_arg_text(&a, s->gateway_account);
	pc_arg_time(&a, i->created > 0 ? pc_from_unix(i->created) : GetCurrentTransactionStartTimestamp());
	pc_arg_time(&a, GetCurrentTransactionStartTimestamp());
	pc_arg_bool(&a, false);
	pc_json_begin(&params);
	pc_arg_json(&a, pc_json_end(&params));
	PC_OBSERVE(s)
	{
		inserted = pc_insert(&insert_intent, a.values, a.nulls) > 0;
	}
	PC_WRITE_END;
	return inserted;
}

static void
link_new(const PcIntentRow *row, int status, const PcLink *link, const PcSighting *s)
{
	PcArgs		a = {0};

	pc_arg_uuid(&a, &row->id);
	pc_arg_text(&a, row->tenant);
	pc_arg_uuid(&a, row->has_payment ? &row->payment : NULL);
	pc_arg_time(&a, link->capture_before);
	pc_arg_time(&a, is_to_be_looked_at(row, status, link) ? next_look(row) : 0);
	PC_OBSERVE(s)
	{
		(void) pc_update(&link_new_intent, &a);
	}
	PC_WRITE_END;
}

/* Where the key to the payment was deferred last; a transaction of 0: nowhere. */
static struct
{
	int64		xact;
	SubTransactionId subxact;
}			deferred;

static bool
is_deferred(void)
{
	return deferred.xact != 0 && deferred.subxact == GetCurrentSubTransactionId() && deferred.xact == pc_xact_tag();
}

static void
set_payment_key(bool defer)
{
	ConstraintsSetStmt *set = makeNode(ConstraintsSetStmt);

	set->constraints = list_make1(makeRangeVar(PC_SCHEMA, "payment_intents_payment_fkey", -1));
	set->deferred = defer;
	AfterTriggerSetState(set);
}

/* From here on a row may point to its payment before that is written. */
static void
defer_payment_key(void)
{
	if (is_deferred())
		return;
	set_payment_key(true);
	deferred.xact = pc_xact_tag();
	deferred.subxact = GetCurrentSubTransactionId();
}

void
pc_reduce_check_links(void)
{
	if (!is_deferred())
		return;
	deferred.xact = 0;
	set_payment_key(false);
}

static PcLink
expected_link(const GwIntent *i, const PcSighting *s)
{
	PcLink		link = {0};

	link.made = i->latest_charge != NULL && pc_charge_has_payment(i->latest_charge, s);
	link.settled = link.made && i->latest_charge->balance != NULL;
	return link;
}

/* With the payment that it is expected to have, which is yet to be written. */
static bool
insert_ahead(PcIntentRow *row, const GwIntent *i, int status, const PcLink *expected, const PcSighting *s)
{
	bool		inserted;

	if (expected->made)
	{
		pc_uuid_v7_at(pc_from_unix(i->latest_charge->created), &row->payment);
		defer_payment_key();
	}
	row->has_payment = expected->made;
	inserted = insert(row, i, status, expected, s);
	row->has_payment = false;
	row->is_new = false;
	return inserted;
}

/*
 * The row first, which attempts and payment point to.  It is written as if its
 * payment came to be just as it is expected to: where it does, that is all.
 */
static bool
begin(PcIntentRow *row, const GwIntent *i, const PcSighting *s)
{
	int			status = pc_state_by_name(&pc_intent_lifecycle, i->status);
	PcLink		expected = expected_link(i, s);
	PcLink		link = {0};

	if (!insert_ahead(row, i, status, &expected, s))
		return false;
	record_error(row, i, s);
	if (i->latest_charge != NULL)
	{
		link.pledged = expected.made ? &row->payment : NULL;
		(void) pc_reduce_charge_of(i->latest_charge, row, &link, s);
		if (link.made != expected.made || link.settled != expected.settled || link.capture_before != 0)
			link_new(row, status, &link, s);
	}
	learn(row, i, status);
	return true;
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

/* The row of an intent that paycore did not make, as it is to be; false where it is to have none. */
static bool
adopt(const GwIntent *i, const PcSighting *s, PcIntentRow *row)
{
	PcAccountRow account;
	PcJsonBuilder metadata;

	if (!pc_adopting_account(i->customer_id, i->amount, s, &account))
		return false;
	memset(row, 0, sizeof(*row));
	row->is_new = true;
	pc_uuid_v7_at(pc_from_unix(i->created), &row->id);
	row->tenant = account.tenant;
	row->account = account.id;
	row->status = INTENT_CREATED;
	row->amount = i->amount;
	row->description = i->description;
	pc_json_begin(&metadata);
	row->metadata = i->metadata != NULL ? pc_users_metadata(i->metadata) : pc_json_end(&metadata);
	return true;
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

static PcReduced
place(PcIntentRow *row, const GwIntent *i, const PcSighting *s)
{
	bool		duplicate = row->duplicate;

	if (row->is_new)
	{
		if (begin(row, i, s))
			return PC_REDUCED_APPLIED;
		if (!pc_lock_intent(i->id, NULL, s, row))
			return PC_REDUCED_IGNORED;
		row->duplicate |= duplicate;
	}
	return settle_order(row, i, s);
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
		if (!adopt(i, s, &row))
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
	result = place(&row, i, s);
	if (result != PC_REDUCED_APPLIED && i->latest_charge != NULL &&
		pc_reduce_charge_of(i->latest_charge, &row, NULL, s) == PC_REDUCED_APPLIED)
		result = PC_REDUCED_APPLIED;
	if (row.status == INTENT_CANCELED && !was_canceled)
		release_authorization(&row, s);
	if (s->replayed && !is_over(row.status))
		pc_look_at_intent(&row, s, 0);
	return result;
}
