/*
 * mandate.c
 *		A gateway's mandate and our mandates row.
 */
#include "common/paycore.h"

#include "reduce/internal.h"

static PcPlan mandate_by_psp_id = PC_PLAN("tt",
	"SELECT id, tenant_id, status, gw_time, gw_digest, gw_doubt, billing_account_id FROM paycore.mandates"
	" WHERE psp_mandate_id OPERATOR(pg_catalog.=) $1 AND gateway_account OPERATOR(pg_catalog.=) $2"
	" ORDER BY id LIMIT 1 FOR NO KEY UPDATE");

static PcPlan account_of_method = PC_PLAN("tt",
	"SELECT tenant_id, billing_account_id FROM paycore.payment_methods"
	" WHERE psp_payment_method_id OPERATOR(pg_catalog.=) $1 AND gateway_account OPERATOR(pg_catalog.=) $2"
	" ORDER BY id LIMIT 1");

static PcPlan insert_mandate = PC_PLAN("tutttN",
	"INSERT INTO paycore.mandates (tenant_id, billing_account_id, gateway_account, psp_mandate_id,"
	" psp_payment_method_id, status) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING");

static PcPlan update_mandate = PC_PLAN("utNtttzxzzzb",
	"UPDATE paycore.mandates SET status = $3, type = coalesce($4, type), method_type = coalesce($5, method_type),"
	" acceptance = coalesce($6, acceptance), accepted_at = coalesce($7, accepted_at), gw_digest = $8, gw_time = $9,"
	" gw_doubt = false, activated_at = coalesce(activated_at, $10), ended_at = coalesce(ended_at, $11), livemode = $12"
	" WHERE id OPERATOR(pg_catalog.=) $1 AND tenant_id OPERATOR(pg_catalog.=) $2");

static PcPlan touch_mandate = PC_TOUCH("mandates");

typedef struct MandateRow
{
	pg_uuid_t	id;
	char	   *tenant;
	int			status;
	PcKnown		known;
} MandateRow;

static bool
lock_mandate(const char *psp_id, const PcSighting *s, MandateRow *row)
{
	PcArgs		a = {0};

	pc_arg_text(&a, psp_id);
	pc_arg_text(&a, s->gateway_account);
	if (pc_execute_args(&mandate_by_psp_id, &a, false) == 0)
		return false;
	(void) pc_get_uuid(0, 1, &row->id);
	row->tenant = pc_get_cstring(0, 2);
	row->status = pc_get_state(0, 3);
	pc_read_known(&row->known, 4);
	return true;
}

bool
pc_knows_mandate(const char *psp_id, const PcSighting *s)
{
	MandateRow	row;

	return lock_mandate(psp_id, s, &row);
}

static void
insert(const GwMandate *m, const char *tenant, const pg_uuid_t *account, const PcSighting *s)
{
	PcArgs		a = {0};

	pc_arg_text(&a, tenant);
	pc_arg_uuid(&a, account);
	pc_arg_text(&a, s->gateway_account);
	pc_arg_text(&a, m->id);
	pc_arg_text(&a, m->method_id);
	pc_arg_state(&a, pc_state_by_name(&pc_mandate_lifecycle, m->status));
	pc_observe(&insert_mandate, &a, s);
}

static void
apply(const MandateRow *row, const GwMandate *m, int status, bytea *digest, const PcSighting *s)
{
	TimestampTz seen = pc_seen_second(s);
	PcArgs		a = {0};

	pc_arg_uuid(&a, &row->id);
	pc_arg_text(&a, row->tenant);
	pc_arg_state(&a, status);
	pc_arg_text(&a, m->type);
	pc_arg_text(&a, m->method_type);
	pc_arg_text(&a, m->acceptance);
	pc_arg_time(&a, pc_from_unix(m->accepted_at));
	pc_arg(&a, PointerGetDatum(digest), false);
	pc_arg_time(&a, Max(seen, row->known.time));
	pc_arg_time(&a, status == MANDATE_ACTIVE ? seen : 0);
	pc_arg_time(&a, status == MANDATE_INACTIVE ? seen : 0);
	pc_arg_bool(&a, m->livemode);
	pc_observe(&update_mandate, &a, s);
}

/* In one second, active came after pending. */
static PcOrder
order_of(const MandateRow *row, int status, const bytea *digest, const PcSighting *s)
{
	PcPictures	p = pc_pictures(&row->known, digest, s);

	p.known_final = row->status == MANDATE_INACTIVE;
	p.seen_final = status == MANDATE_INACTIVE;
	if (row->status != status)
		p.step = row->status < status ? PC_STEP_FORWARD : PC_STEP_BACKWARD;
	p.previous_matches = pc_previous_status_is(s, pc_state_name(&pc_mandate_lifecycle, row->status));
	return pc_order(&p);
}

static PcReduced
reduce_row(const MandateRow *row, const GwMandate *m, const PcSighting *s)
{
	int			status = pc_state_by_name(&pc_mandate_lifecycle, m->status);
	bytea	   *digest = pc_digest_mandate(m);
	PcOrder		order;

	if (s->only_hint)
	{
		pc_look_at_unknown(GW_MANDATE_RETRIEVE, m->id, s);
		return PC_REDUCED_DOUBT;
	}
	order = order_of(row, status, digest, s);
	if (order == PC_ORDER_APPLY)
		apply(row, m, status, digest, s);
	if (order == PC_ORDER_DOUBT)
		pc_look_at_unknown(GW_MANDATE_RETRIEVE, m->id, s);
	return pc_note_order(order, &touch_mandate, row->tenant, &row->id, &row->known, s);
}

PcReduced
pc_reduce_mandate_of(const GwMandate *m, const char *tenant, const pg_uuid_t *account, const PcSighting *s)
{
	MandateRow	row;

	if (!lock_mandate(m->id, s, &row))
	{
		insert(m, tenant, account, s);
		if (!lock_mandate(m->id, s, &row))
			return PC_REDUCED_IGNORED;
	}
	return reduce_row(&row, m, s);
}

/* A mandate belongs to whoever has its method; one that is unknown here is asked for once. */
PcReduced
pc_reduce_mandate(const GwMandate *m, const PcSighting *s)
{
	MandateRow	row;
	PcArgs		a = {0};
	char	   *tenant;
	pg_uuid_t	account;

	if (lock_mandate(m->id, s, &row))
		return reduce_row(&row, m, s);
	pc_arg_text(&a, m->method_id);
	pc_arg_text(&a, s->gateway_account);
	if (pc_execute_args(&account_of_method, &a, false) > 0)
	{
		tenant = pc_get_cstring(0, 1);
		(void) pc_get_uuid(0, 2, &account);
		return pc_reduce_mandate_of(m, tenant, &account, s);
	}
	if (s->parent_sought || !pc_may_adopt_unknown(s))
		return PC_REDUCED_IGNORED;
	pc_look_at_unknown(GW_METHOD_RETRIEVE, m->method_id, s);
	return PC_REDUCED_PARENT_MISSING;
}
