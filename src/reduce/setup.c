/*
 * setup.c
 *		A gateway's setup intent becomes our setup_intents row, and what it
 *		saves our payment_methods and mandates rows.
 */
#include "common/paycore.h"

#include "outbox/outbox.h"
#include "reduce/internal.h"

#define SETUP_COLUMNS \
	"id, tenant_id, billing_account_id, status, psp_setup_intent_id, gw_time, gw_digest, gw_doubt"

static PcPlan setup_by_psp_id = PC_PLAN("tt",
	"SELECT " SETUP_COLUMNS " FROM paycore.setup_intents"
	" WHERE psp_setup_intent_id OPERATOR(pg_catalog.=) $1 AND gateway_account OPERATOR(pg_catalog.=) $2"
	" FOR NO KEY UPDATE");

/* Of the gateway account that speaks. */
static PcPlan setup_by_id = PC_PLAN("utt",
	"SELECT " SETUP_COLUMNS " FROM paycore.setup_intents"
	" WHERE id OPERATOR(pg_catalog.=) $1 AND tenant_id OPERATOR(pg_catalog.=) $2"
	" AND gateway_account OPERATOR(pg_catalog.=) $3 FOR NO KEY UPDATE");

static PcPlan insert_setup = PC_PLAN("tutttjz",
	"INSERT INTO paycore.setup_intents (id, tenant_id, billing_account_id, gateway_account, psp_setup_intent_id, description,"
	" metadata, created_at) VALUES (paycore.uuid_v7($7), $1, $2, $3, $4, $5, coalesce($6, '{}'), coalesce($7, pg_catalog.now()))"
	" ON CONFLICT DO NOTHING");

static PcPlan update_setup = PC_PLAN("utSttttttjttttxzzzbbj",
	"UPDATE paycore.setup_intents SET status = $3, psp_setup_intent_id = coalesce(psp_setup_intent_id, $4),"
	" usage = coalesce($5, usage), payment_method = coalesce($6, payment_method),"
	" psp_mandate_id = coalesce(psp_mandate_id, $7), description = coalesce($8, description), client_secret = $9,"
	" next_action = $10, error_type = $11, error_code = $12, decline_code = $13, error_message = $14,"
	" gw_digest = $15, gw_time = $16, gw_doubt = false, succeeded_at = coalesce(succeeded_at, $17),"
	" canceled_at = coalesce(canceled_at, $18), livemode = coalesce(livemode, $19), sweeps = 0,"
	" next_sweep_at = CASE WHEN $20 THEN least(next_sweep_at, pg_catalog.now() OPERATOR(pg_catalog.+) '1 minute'::pg_catalog.interval) END,"
	" metadata = coalesce($21, metadata)"
	" WHERE id OPERATOR(pg_catalog.=) $1 AND tenant_id OPERATOR(pg_catalog.=) $2");

static PcPlan cancel_reason = PC_PLAN("utt",
	"UPDATE paycore.setup_intents SET cancellation_reason = $3"
	" WHERE id OPERATOR(pg_catalog.=) $1 AND tenant_id OPERATOR(pg_catalog.=) $2 AND cancellation_reason IS NULL");

static PcPlan touch_setup = PC_TOUCH("setup_intents");

typedef struct SetupRow
{
	pg_uuid_t	id;
	char	   *tenant;
	pg_uuid_t	account;
	int			status;
	char	   *psp_id;
	PcKnown		known;
} SetupRow;

static bool
found(PcPlan *plan, PcArgs *a, SetupRow *row)
{
	if (pc_execute_args(plan, a, false) == 0)
		return false;
	(void) pc_get_uuid(0, 1, &row->id);
	row->tenant = pc_get_cstring(0, 2);
	(void) pc_get_uuid(0, 3, &row->account);
	row->status = pc_get_state(0, 4);
	row->psp_id = pc_get_cstring(0, 5);
	pc_read_known(&row->known, 6);
	return true;
}

static bool
lock_by_psp_id(const char *psp_id, const PcSighting *s, SetupRow *row)
{
	PcArgs		a = {0};

	pc_arg_text(&a, psp_id);
	pc_arg_text(&a, s->gateway_account);
	return found(&setup_by_psp_id, &a, row);
}

/* Known by no other id: the gateway's was not known yet, or who was waited for has just learned this very one. */
static bool
lock_unbound(const char *psp_id, const char *tenant, const pg_uuid_t *id, const PcSighting *s, SetupRow *row)
{
	PcArgs		a = {0};

	pc_arg_uuid(&a, id);
	pc_arg_text(&a, tenant);
	pc_arg_text(&a, s->gateway_account);
	return found(&setup_by_id, &a, row) && (row->psp_id == NULL || strcmp(row->psp_id, psp_id) == 0);
}

/* By the gateway's id, the request whose answer it is, the mark in its metadata, or the key that an event names. */
static bool
lock_setup(const GwSetup *i, const PcSighting *s, SetupRow *row)
{
	char	   *tenant;
	pg_uuid_t	id;

	if (lock_by_psp_id(i->id, s, row))
		return true;
	if (s->tenant != NULL && s->op == GW_SETUP_CREATE && strcmp(s->object_type, "setup_intent") == 0 &&
		lock_unbound(i->id, s->tenant, &s->object_id, s, row))
		return true;
	if (pc_marked_id(i->metadata, "paycore_setup_intent", &tenant, &id) && lock_unbound(i->id, tenant, &id, s, row))
		return true;
	return pc_keyed_id(s, GW_SETUP_CREATE, &tenant, &id) && lock_unbound(i->id, tenant, &id, s, row);
}

/* One that paycore did not make, of a customer whom it knows. */
static bool
adopt(const GwSetup *i, const PcSighting *s, SetupRow *row)
{
	PcAccountRow account;
	PcArgs		a = {0};

	if (i->customer_id == NULL || !pc_may_adopt_unknown(s) ||
		!pc_find_account(i->customer_id, NULL, s, false, &account))
		return false;
	pc_arg_text(&a, account.tenant);
	pc_arg_uuid(&a, &account.id);
	pc_arg_text(&a, s->gateway_account);
	pc_arg_text(&a, i->id);
	pc_arg_text(&a, i->description);
	pc_arg_json(&a, pc_users_metadata(i->metadata));
	pc_arg_time(&a, pc_from_unix(i->created));
	pc_observe(&insert_setup, &a, s);
	return lock_by_psp_id(i->id, s, row);
}

static bool
is_over(int status)
{
	return status == SETUP_SUCCEEDED || status == SETUP_CANCELED;
}

static const char *
known_usage(const char *usage)
{
	return usage != NULL && (strcmp(usage, "on_session") == 0 || strcmp(usage, "off_session") == 0) ? usage : NULL;
}

static void
keep_cancel_reason(const SetupRow *row, const char *reason, const PcSighting *s)
{
	PcArgs		a = {0};

	if (reason == NULL)
		return;
	pc_arg_uuid(&a, &row->id);
	pc_arg_text(&a, row->tenant);
	pc_arg_text(&a, reason);
	pc_observe(&cancel_reason, &a, s);
}

static void
add_gateway_facts(PcArgs *a, const SetupRow *row, const GwSetup *i, int status)
{
	const GwError *e = &i->last_error;

	pc_arg_uuid(a, &row->id);
	pc_arg_text(a, row->tenant);
	pc_arg_state(a, status);
	pc_arg_text(a, i->id);
	pc_arg_text(a, known_usage(i->usage));
	pc_arg_text(a, i->method_id);
	pc_arg_text(a, i->mandate_id);
	pc_arg_text(a, i->description);
	pc_arg_text(a, is_over(status) ? NULL : i->client_secret);
	pc_arg_json(a, status == SETUP_REQUIRES_ACTION ? i->next_action : NULL);
	pc_arg_text(a, e->type);
	pc_arg_text(a, e->code);
	pc_arg_text(a, e->decline_code);
	pc_arg_text(a, e->message);
}

static void
apply(SetupRow *row, const GwSetup *i, int status, bytea *digest, const PcSighting *s)
{
	TimestampTz seen = pc_seen_second(s);
	PcArgs		a = {0};

	add_gateway_facts(&a, row, i, status);
	pc_arg(&a, PointerGetDatum(digest), false);
	pc_arg_time(&a, Max(seen, row->known.time));
	pc_arg_time(&a, status == SETUP_SUCCEEDED ? seen : 0);
	pc_arg_time(&a, status == SETUP_CANCELED ? seen : 0);
	pc_arg_bool(&a, i->livemode);
	pc_arg_bool(&a, !is_over(status));
	pc_arg_json(&a, pc_users_metadata(i->metadata));
	pc_observe(&update_setup, &a, s);
	keep_cancel_reason(row, i->cancellation_reason, s);
	row->psp_id = i->id;
	row->status = status;
	pc_wake_waiters_at_commit(&row->id);
}

static void
look(const SetupRow *row, const PcSighting *s, int64 delay_ms)
{
	pc_look(GW_SETUP_RETRIEVE, "setup_intent", row->tenant, &row->id, &row->account, s, delay_ms);
}

/* A setup intent takes the steps of a payment intent, under the same names. */
static PcStep
step_of(int known, int seen)
{
	return pc_intent_step(pc_state_by_name(&pc_intent_lifecycle, pc_state_name(&pc_setup_lifecycle, known)),
						  pc_state_by_name(&pc_intent_lifecycle, pc_state_name(&pc_setup_lifecycle, seen)));
}

static PcOrder
order_of(const SetupRow *row, int status, const bytea *digest, const PcSighting *s)
{
	PcPictures	p = pc_pictures(&row->known, digest, s);

	p.known_final = is_over(row->status);
	p.seen_final = is_over(status);
	p.step = step_of(row->status, status);
	p.previous_matches = pc_previous_status_is(s, pc_state_name(&pc_setup_lifecycle, row->status));
	return pc_order(&p);
}

static PcReduced
settle_order(SetupRow *row, const GwSetup *i, const PcSighting *s)
{
	int			status = pc_state_by_name(&pc_setup_lifecycle, i->status);
	bytea	   *digest = pc_digest_setup(i);
	PcOrder		order = order_of(row, status, digest, s);

	if (order == PC_ORDER_APPLY)
		apply(row, i, status, digest, s);
	if (order == PC_ORDER_DOUBT)
		look(row, s, PC_DOUBT_DELAY_MS);
	return pc_note_order(order, &touch_setup, row->tenant, &row->id, &row->known, s);
}

/* What success leaves behind: the method saved, and where the payer gave one, the mandate. */
static void
keep_what_it_saved(const SetupRow *row, const GwSetup *i, const PcSighting *s)
{
	if (i->customer_id != NULL && i->method_id != NULL)
		pc_save_method(i->method_id, i->method, row->tenant, &row->account, s);
	if (i->mandate != NULL)
		(void) pc_reduce_mandate_of(i->mandate, row->tenant, &row->account, s);
	else if (i->mandate_id != NULL && !pc_knows_mandate(i->mandate_id, s))
		pc_look_at_unknown(GW_MANDATE_RETRIEVE, i->mandate_id, s);
}

PcReduced
pc_reduce_setup(const GwSetup *i, const PcSighting *s)
{
	SetupRow	row;
	PcReduced	result;

	if (!lock_setup(i, s, &row) && !adopt(i, s, &row))
		return PC_REDUCED_IGNORED;
	if (s->only_hint)
	{
		if (row.psp_id != NULL)
			look(&row, s, 0);
		else
			pc_look_at_unknown(GW_SETUP_RETRIEVE, i->id, s);
		return PC_REDUCED_DOUBT;
	}
	result = settle_order(&row, i, s);
	if (row.status == SETUP_SUCCEEDED && strcmp(i->status, "succeeded") == 0 &&
		(result == PC_REDUCED_APPLIED || i->method != NULL))
		keep_what_it_saved(&row, i, s);
	if (s->replayed && !is_over(row.status))
		look(&row, s, 0);
	return result;
}
