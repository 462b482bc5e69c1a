/*
 * payout.c
 *		A gateway's payout becomes our row, whoever asked for it: it carries the
 *		money of our payments to the bank.
 */
#include "common/paycore.h"

#include "reduce/internal.h"

#define PAYOUT_COLUMNS \
	"id, tenant_id, status, automatic, reconciliation_status, failure_balance_transaction," \
	" transactions_read_at IS NOT NULL, gw_time, gw_digest, gw_doubt"

static PcPlan payout_by_psp_id = PC_PLAN("tt",
	"SELECT " PAYOUT_COLUMNS " FROM paycore.payouts"
	" WHERE psp_payout_id OPERATOR(pg_catalog.=) $1 AND gateway_account OPERATOR(pg_catalog.=) $2"
	" FOR NO KEY UPDATE");

static PcPlan insert_payout = PC_PLAN("tttOmbttttzttttttttjbxzzzzbz",
	"INSERT INTO paycore.payouts (id, tenant_id, gateway_account, psp_payout_id, status, amount, automatic, type, method,"
	" description, statement_descriptor, arrival_date, reconciliation_status, psp_balance_transaction_id,"
	" failure_balance_transaction, failure_code, failure_message, original_payout, reversed_by, trace_id, metadata,"
	" livemode, gw_digest, gw_time, paid_at, failed_at, canceled_at, next_sweep_at, initiated_at)"
	" VALUES (paycore.uuid_v7($28), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,"
	" coalesce($20, '{}'), $21, $22, $23, $24, $25, $26,"
	" CASE WHEN $27 THEN pg_catalog.now() OPERATOR(pg_catalog.+) '1 hour'::pg_catalog.interval END,"
	" coalesce($28, pg_catalog.now()))"
	" ON CONFLICT (psp_payout_id, gateway_account, tenant_id) DO NOTHING RETURNING id");

/* $3: the picture is the newer one; without it only facts that grow are taken. */
static PcPlan update_payout = PC_PLAN("utbOtzttttttttjxzzzzb",
	"UPDATE paycore.payouts SET"
	" status = CASE WHEN $3 THEN $4 ELSE status END,"
	" description = CASE WHEN $3 THEN $5 ELSE description END,"
	" arrival_date = CASE WHEN $3 THEN coalesce($6, arrival_date) ELSE arrival_date END,"
	" reconciliation_status = CASE WHEN $3 AND reconciliation_status IS DISTINCT FROM 'completed' OR $7 = 'completed'"
	"  THEN coalesce($7, reconciliation_status) ELSE reconciliation_status END,"
	" psp_balance_transaction_id = coalesce(psp_balance_transaction_id, $8),"
	" failure_balance_transaction = coalesce(failure_balance_transaction, $9),"
	" failure_code = coalesce(failure_code, $10), failure_message = coalesce(failure_message, $11),"
	" original_payout = coalesce(original_payout, $12), reversed_by = coalesce(reversed_by, $13),"
	" trace_id = coalesce($14, trace_id),"
	" metadata = CASE WHEN $3 THEN coalesce($15, metadata) ELSE metadata END,"
	" gw_digest = CASE WHEN $3 THEN $16 ELSE gw_digest END, gw_time = CASE WHEN $3 THEN $17 ELSE gw_time END,"
	" gw_doubt = gw_doubt AND NOT $3,"
	" paid_at = coalesce(paid_at, $18), failed_at = coalesce(failed_at, $19), canceled_at = coalesce(canceled_at, $20),"
	" sweeps = CASE WHEN $3 THEN 0 ELSE sweeps END,"
	" next_sweep_at = CASE WHEN NOT $3 THEN next_sweep_at"
	"  WHEN $21 THEN pg_catalog.now() OPERATOR(pg_catalog.+) '1 hour'::pg_catalog.interval END"
	" WHERE id OPERATOR(pg_catalog.=) $1 AND tenant_id OPERATOR(pg_catalog.=) $2");

static PcPlan touch_payout = PC_TOUCH("payouts");

typedef struct PayoutRow
{
	pg_uuid_t	id;
	char	   *tenant;
	int			status;
	bool		automatic;
	bool		complete;		/* the gateway has said which transactions are in it */
	char	   *failure_balance_transaction;
	bool		read;
	PcKnown		known;
} PayoutRow;

static bool
is_complete(const char *reconciliation_status)
{
	return reconciliation_status != NULL && strcmp(reconciliation_status, "completed") == 0;
}

static bool
lock_payout(const char *psp_id, const PcSighting *s, PayoutRow *row)
{
	PcArgs		a = {0};

	pc_arg_text(&a, psp_id);
	pc_arg_text(&a, s->gateway_account);
	if (pc_execute_args(&payout_by_psp_id, &a, false) == 0)
		return false;
	memset(row, 0, sizeof(*row));
	(void) pc_get_uuid(0, 1, &row->id);
	row->tenant = pc_get_cstring(0, 2);
	row->status = pc_get_state(0, 3);
	row->automatic = pc_get_bool(0, 4);
	row->complete = is_complete(pc_get_cstring(0, 5));
	row->failure_balance_transaction = pc_get_cstring(0, 6);
	row->read = pc_get_bool(0, 7);
	pc_read_known(&row->known, 8);
	return true;
}

static bool
is_final(int status)
{
	return status == PAYOUT_FAILED || status == PAYOUT_CANCELED;
}

/* Looked at until nothing more can come: see the sweeps. */
static bool
is_wanted(const PayoutRow *row, int status)
{
	return !is_final(status) || (row->automatic && !row->read);
}

static PcOrder
order_of(const PayoutRow *row, const GwPayout *p, int status, const bytea *digest, const PcSighting *s)
{
	PcPictures	pictures = pc_pictures(&row->known, digest, s);
	int			complete = (int) is_complete(p->reconciliation_status) - (int) row->complete;
	int			failure = (p->failure_balance_transaction != NULL) - (row->failure_balance_transaction != NULL);

	pictures.known_final = is_final(row->status);
	pictures.seen_final = is_final(status);
	pictures.growth = complete == -failure ? 0 : complete + failure > 0 ? 1 : -1;
	pictures.step = pc_payout_step(row->status, status);
	pictures.previous_matches = pc_previous_status_is(s, pc_state_name(&pc_payout_lifecycle, row->status));
	return pc_order(&pictures);
}

static void
add_times(PcArgs *a, int status, const PcSighting *s)
{
	TimestampTz seen = pc_seen_second(s);

	pc_arg_time(a, status == PAYOUT_PAID ? seen : 0);
	pc_arg_time(a, status == PAYOUT_FAILED ? seen : 0);
	pc_arg_time(a, status == PAYOUT_CANCELED ? seen : 0);
}

/* What the gateway may still learn of it. */
static void
add_facts(PcArgs *a, const GwPayout *p)
{
	pc_arg_time(a, pc_from_unix(p->arrival_date));
	pc_arg_text(a, p->reconciliation_status);
	pc_arg_text(a, p->balance_transaction_id);
	pc_arg_text(a, p->failure_balance_transaction);
	pc_arg_text(a, p->failure_code);
	pc_arg_text(a, p->failure_message);
	pc_arg_text(a, p->original_payout);
	pc_arg_text(a, p->reversed_by);
	pc_arg_text(a, p->trace_id);
	pc_arg_json(a, p->metadata);
}

static void
update(PayoutRow *row, const GwPayout *p, int status, bool newer, bytea *digest, const PcSighting *s)
{
	PcArgs		a = {0};

	pc_arg_uuid(&a, &row->id);
	pc_arg_text(&a, row->tenant);
	pc_arg_bool(&a, newer);
	pc_arg_state(&a, status);
	pc_arg_text(&a, p->description);
	add_facts(&a, p);
	pc_arg(&a, PointerGetDatum(digest), false);
	pc_arg_time(&a, Max(pc_seen_second(s), row->known.time));
	add_times(&a, newer ? status : -1, s);
	pc_arg_bool(&a, is_wanted(row, status));
	pc_observe(&update_payout, &a, s);
	row->complete = row->complete || is_complete(p->reconciliation_status);
	if (newer)
		row->status = status;
}

static void
look(const PayoutRow *row, GwOperation op, const PcSighting *s, int64 delay_ms)
{
	pc_look(op, "payout", row->tenant, &row->id, &row->id, s, delay_ms);
}

/* What is in it can be asked for; and whether it has arrived is a matter of its payments. */
static void
follow(const PayoutRow *row, bool moved, const PcSighting *s)
{
	if (row->automatic && row->complete && !row->read)
		look(row, GW_BALANCE_LIST, s, 0);
	if (moved && row->read)
		pc_reconcile_payout(row->tenant, &row->id, false, s->source);
}

static PcReduced
apply_to_known(PayoutRow *row, const GwPayout *p, const PcSighting *s)
{
	int			status = pc_state_by_name(&pc_payout_lifecycle, p->status);
	int			was = row->status;
	bytea	   *digest = pc_digest_payout(p);
	PcOrder		order = order_of(row, p, status, digest, s);

	if (pc_order_is_news(order))
		update(row, p, status, order == PC_ORDER_APPLY, digest, s);
	if (order == PC_ORDER_DOUBT)
		look(row, GW_PAYOUT_RETRIEVE, s, PC_DOUBT_DELAY_MS);
	follow(row, row->status != was, s);
	return pc_note_order(order, &touch_payout, row->tenant, &row->id, &row->known, s);
}

static bool
insert(PayoutRow *row, const GwPayout *p, const char *tenant, const PcSighting *s)
{
	PcArgs		a = {0};

	memset(row, 0, sizeof(*row));
	row->tenant = pstrdup(tenant);
	row->status = pc_state_by_name(&pc_payout_lifecycle, p->status);
	row->automatic = p->automatic;
	row->complete = is_complete(p->reconciliation_status);
	pc_arg_text(&a, tenant);
	pc_arg_text(&a, s->gateway_account);
	pc_arg_text(&a, p->id);
	pc_arg_state(&a, row->status);
	pc_arg_money(&a, p->amount);
	pc_arg_bool(&a, p->automatic);
	pc_arg_text(&a, p->type);
	pc_arg_text(&a, p->method);
	pc_arg_text(&a, p->description);
	pc_arg_text(&a, p->statement_descriptor);
	add_facts(&a, p);
	pc_arg_bool(&a, p->livemode);
	pc_arg(&a, PointerGetDatum(pc_digest_payout(p)), false);
	pc_arg_time(&a, pc_seen_second(s));
	add_times(&a, row->status, s);
	pc_arg_bool(&a, is_wanted(row, row->status));
	pc_arg_time(&a, pc_from_unix(p->created));
	pc_observe(&insert_payout, &a, s);
	return SPI_processed > 0 && pc_get_uuid(0, 1, &row->id);
}

static PcReduced
reduce_new(const GwPayout *p, const PcSighting *s)
{
	const char *tenant = s->tenant != NULL ? s->tenant : pc_home_tenant(s);
	PayoutRow	row;

	if (tenant == NULL)
		return PC_REDUCED_IGNORED;
	if (s->only_hint)
	{
		pc_look_at_unknown(GW_PAYOUT_RETRIEVE, p->id, s);
		return PC_REDUCED_DOUBT;
	}
	if (!insert(&row, p, tenant, s))
		return lock_payout(p->id, s, &row) ? apply_to_known(&row, p, s) : PC_REDUCED_IGNORED;
	follow(&row, false, s);
	return PC_REDUCED_APPLIED;
}

PcReduced
pc_reduce_payout(const GwPayout *p, const PcSighting *s)
{
	PayoutRow	row;

	if (!lock_payout(p->id, s, &row))
		return reduce_new(p, s);
	if (!s->only_hint)
		return apply_to_known(&row, p, s);
	look(&row, GW_PAYOUT_RETRIEVE, s, 0);
	return PC_REDUCED_DOUBT;
}
