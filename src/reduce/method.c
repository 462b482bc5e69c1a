/*
 * method.c
 *		A gateway's payment method and our payment_methods row.
 */
#include "common/paycore.h"

#include "reduce/internal.h"

#define METHOD_COLUMNS \
	"id, tenant_id, billing_account_id, status, psp_payment_method_id, gw_time, gw_digest, gw_doubt"

static PcPlan method_by_psp_id = PC_PLAN("tt",
	"SELECT " METHOD_COLUMNS " FROM paycore.payment_methods"
	" WHERE psp_payment_method_id OPERATOR(pg_catalog.=) $1 AND gateway_account OPERATOR(pg_catalog.=) $2"
	" ORDER BY status OPERATOR(pg_catalog.=) 'detached', id LIMIT 1 FOR NO KEY UPDATE");

static PcPlan method_by_id = PC_PLAN("ut",
	"SELECT " METHOD_COLUMNS " FROM paycore.payment_methods"
	" WHERE id OPERATOR(pg_catalog.=) $1 AND tenant_id OPERATOR(pg_catalog.=) $2 FOR NO KEY UPDATE");

static PcPlan method_of_account = PC_PLAN("tut",
	"SELECT " METHOD_COLUMNS " FROM paycore.payment_methods"
	" WHERE tenant_id OPERATOR(pg_catalog.=) $1 AND billing_account_id OPERATOR(pg_catalog.=) $2"
	" AND psp_payment_method_id OPERATOR(pg_catalog.=) $3 FOR NO KEY UPDATE");

/* The id is the answer's, unless a row of that id is there already. */
static PcPlan update_method = PC_PLAN("utttttttttjjxz44zzt",
	"UPDATE paycore.payment_methods m SET status = $3, psp_payment_method_id = CASE"
	" WHEN $3 OPERATOR(pg_catalog.=) 'attached' AND m.status OPERATOR(pg_catalog.<>) 'attached' AND NOT EXISTS (SELECT FROM paycore.payment_methods o"
	"  WHERE o.psp_payment_method_id OPERATOR(pg_catalog.=) $19 AND o.gateway_account OPERATOR(pg_catalog.=) m.gateway_account"
	"  AND o.billing_account_id OPERATOR(pg_catalog.=) m.billing_account_id AND o.tenant_id OPERATOR(pg_catalog.=) m.tenant_id)"
	" THEN $19 ELSE m.psp_payment_method_id END, type = $4, brand = $5, last4 = $6, fingerprint = $7, funding = $8,"
	" country = $9, wallet = $10, details = $11, billing_details = $12, gw_digest = $13, gw_time = $14, gw_doubt = false,"
	" is_default = m.is_default AND $3 OPERATOR(pg_catalog.<>) 'detached', exp_month = $15, exp_year = $16, error_code = NULL, error_message = NULL,"
	" attached_at = coalesce(m.attached_at, $17), detached_at = coalesce(m.detached_at, $18)"
	" WHERE m.id OPERATOR(pg_catalog.=) $1 AND m.tenant_id OPERATOR(pg_catalog.=) $2");

static PcPlan touch_method = PC_TOUCH("payment_methods");

static PcPlan insert_method = PC_PLAN("tuttj",
	"INSERT INTO paycore.payment_methods (tenant_id, billing_account_id, gateway_account, psp_payment_method_id,"
	" status, metadata) VALUES ($1, $2, $3, $4, 'pending', coalesce($5, '{}')) ON CONFLICT DO NOTHING");

typedef struct MethodRow
{
	pg_uuid_t	id;
	char	   *tenant;
	pg_uuid_t	account;
	char	   *status;
	char	   *psp_id;
	PcKnown		known;
} MethodRow;

static bool
found(PcPlan *plan, PcArgs *a, MethodRow *row)
{
	if (pc_execute_args(plan, a, false) == 0)
		return false;
	(void) pc_get_uuid(0, 1, &row->id);
	row->tenant = pc_get_cstring(0, 2);
	(void) pc_get_uuid(0, 3, &row->account);
	row->status = pc_get_cstring(0, 4);
	row->psp_id = pc_get_cstring(0, 5);
	pc_read_known(&row->known, 6);
	return true;
}

static bool
lock_by_psp_id(const char *psp_id, const PcSighting *s, MethodRow *row)
{
	PcArgs		a = {0};

	pc_arg_text(&a, psp_id);
	pc_arg_text(&a, s->gateway_account);
	return found(&method_by_psp_id, &a, row);
}

/*
 * The answer to our attach first: the same method may have rows of several
 * accounts, and a test token is answered by a method with an id of its own.
 * So it is with an event that names our request.  Only an attached one is
 * meant: to look at a test token makes yet another method.
 */
static bool
lock_method(const GwMethod *m, const PcSighting *s, MethodRow *row)
{
	PcArgs		a = {0};

	char	   *tenant;
	pg_uuid_t	id;

	if (s->tenant != NULL && s->object_type != NULL && strcmp(s->object_type, "payment_method") == 0 &&
		(s->op == GW_METHOD_ATTACH || s->op == GW_METHOD_DETACH))
	{
		pc_arg_uuid(&a, &s->object_id);
		pc_arg_text(&a, s->tenant);
		if (found(&method_by_id, &a, row) && (m->customer_id != NULL || strcmp(row->psp_id, m->id) == 0))
			return true;
	}
	if (lock_by_psp_id(m->id, s, row))
		return true;
	if (!pc_keyed_id(s, GW_METHOD_ATTACH, &tenant, &id))
		return false;
	memset(&a, 0, sizeof(a));
	pc_arg_uuid(&a, &id);
	pc_arg_text(&a, tenant);
	return found(&method_by_id, &a, row) && strcmp(row->status, "attached") != 0;
}

static bool
adopt(const GwMethod *m, const PcSighting *s, MethodRow *row)
{
	PcAccountRow account;
	PcArgs		a = {0};

	if (m->customer_id == NULL || !pc_may_adopt_unknown(s) ||
		!pc_find_account(m->customer_id, NULL, s, false, &account))
		return false;
	pc_arg_text(&a, account.tenant);
	pc_arg_uuid(&a, &account.id);
	pc_arg_text(&a, s->gateway_account);
	pc_arg_text(&a, m->id);
	pc_arg_json(&a, pc_users_metadata(m->metadata));
	pc_observe(&insert_method, &a, s);
	return lock_by_psp_id(m->id, s, row);
}

/* Of a method that belongs to nobody: it was let go, or was never taken. */
static const char *
status_of(const GwMethod *m, const MethodRow *row)
{
	if (m->customer_id != NULL)
		return "attached";
	return strcmp(row->status, "attached") == 0 ? "detached" : row->status;
}

static void
arg_small(PcArgs *a, int value)
{
	pc_arg(a, Int32GetDatum(value), value == 0);
}

static void
apply(const MethodRow *row, const GwMethod *m, const char *status, bytea *digest, const PcSighting *s)
{
	TimestampTz seen = pc_seen_second(s);
	PcArgs		a = {0};

	pc_arg_uuid(&a, &row->id);
	pc_arg_text(&a, row->tenant);
	pc_arg_text(&a, status);
	pc_arg_text(&a, m->type);
	pc_arg_text(&a, m->brand);
	pc_arg_text(&a, m->last4 != NULL && strlen(m->last4) <= 4 ? m->last4 : NULL);
	pc_arg_text(&a, m->fingerprint);
	pc_arg_text(&a, m->funding);
	pc_arg_text(&a, m->country);
	pc_arg_text(&a, m->wallet);
	pc_arg_json(&a, m->details);
	pc_arg_json(&a, m->billing_details);
	pc_arg(&a, PointerGetDatum(digest), false);
	pc_arg_time(&a, Max(seen, row->known.time));
	arg_small(&a, m->exp_month);
	arg_small(&a, m->exp_year);
	pc_arg_time(&a, strcmp(status, "attached") == 0 ? seen : 0);
	pc_arg_time(&a, strcmp(status, "detached") == 0 ? seen : 0);
	pc_arg_text(&a, m->id);
	pc_observe(&update_method, &a, s);
}

static void
look(const MethodRow *row, const PcSighting *s, int64 delay_ms)
{
	pc_look(GW_METHOD_RETRIEVE, "payment_method", row->tenant, &row->id, &row->account, s, delay_ms);
}

/* payment_method.updated names what it changed, by the old values; attached names the customer it had not. */
static bool
previous_matches(const MethodRow *row, const PcSighting *s)
{
	return s->previous != NULL && pc_json_path(s->previous, "customer", NULL) != NULL &&
		strcmp(row->status, "attached") == 0;
}

static PcOrder
order_of(const MethodRow *row, const char *status, const bytea *digest, const PcSighting *s)
{
	PcPictures	p = pc_pictures(&row->known, digest, s);

	p.known_final = strcmp(row->status, "detached") == 0;
	p.seen_final = strcmp(status, "detached") == 0;
	p.previous_matches = previous_matches(row, s);
	return pc_order(&p);
}

static PcReduced
reduce_row(const MethodRow *row, const GwMethod *m, const PcSighting *s)
{
	bytea	   *digest = pc_digest_method(m);
	const char *status = status_of(m, row);
	PcOrder		order = order_of(row, status, digest, s);

	if (order == PC_ORDER_APPLY)
		apply(row, m, status, digest, s);
	if (order == PC_ORDER_DOUBT)
		look(row, s, PC_DOUBT_DELAY_MS);
	return pc_note_order(order, &touch_method, row->tenant, &row->id, &row->known, s);
}

PcReduced
pc_reduce_method(const GwMethod *m, const PcSighting *s)
{
	MethodRow	row;

	if (!lock_method(m, s, &row) && !adopt(m, s, &row))
		return PC_REDUCED_IGNORED;
	if (s->only_hint)
	{
		look(&row, s, 0);
		return PC_REDUCED_DOUBT;
	}
	return reduce_row(&row, m, s);
}

void
pc_save_method(const char *psp_id, const GwMethod *m, const char *tenant, const pg_uuid_t *account,
			   const PcSighting *s)
{
	MethodRow	row;
	PcArgs		a = {0};
	PcArgs		b = {0};

	pc_arg_text(&a, tenant);
	pc_arg_uuid(&a, account);
	pc_arg_text(&a, s->gateway_account);
	pc_arg_text(&a, psp_id);
	pc_arg_json(&a, m != NULL ? pc_users_metadata(m->metadata) : NULL);
	pc_observe(&insert_method, &a, s);
	pc_arg_text(&b, tenant);
	pc_arg_uuid(&b, account);
	pc_arg_text(&b, psp_id);
	if (!found(&method_of_account, &b, &row))
		return;
	if (m != NULL)
		(void) reduce_row(&row, m, s);
	else if (row.known.time == 0)
		look(&row, s, 0);
}
