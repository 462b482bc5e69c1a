/*
 * bind.c
 *		Which row of ours is this object?  By the gateway's id; else, while the
 *		row has none yet, by the request whose answer it is, by the mark in its
 *		metadata, or by the key of the request that an event names.
 */
#include "common/paycore.h"

#include "common/find.h"
#include "reduce/internal.h"
#include "utils/fmgrprotos.h"

#define INTENT_COLUMNS \
	"id, tenant_id, billing_account_id, psp_intent_id, status, amount, psp_latest_charge_id, " \
	"payment_method, error_code, decline_code, error_message, description, metadata, payment_id, " \
	"duplicate_suspected, gw_time, gw_digest, gw_doubt, next_sweep_at"

static PcFind intent_by_psp_id = PC_FIND(PC_PAYMENT_INTENTS, "tt", "psp_intent_id, gateway_account", INTENT_COLUMNS);
static PcFind intent_by_id = PC_FIND(PC_PAYMENT_INTENTS, "ut", "id, tenant_id", INTENT_COLUMNS);
static PcFind holder_of_psp_id = PC_FIND_UNLOCKED(PC_PAYMENT_INTENTS, "tt", "psp_intent_id, gateway_account", "id");

/* Whoever signs for one gateway account says nothing of another's objects. */
static PcPlan intent_of_gateway = PC_PLAN("utt",
	"SELECT " INTENT_COLUMNS " FROM paycore.payment_intents"
	" WHERE id OPERATOR(pg_catalog.=) $1 AND tenant_id OPERATOR(pg_catalog.=) $2"
	" AND gateway_account OPERATOR(pg_catalog.=) $3"
	" FOR NO KEY UPDATE");

#define PAYMENT_COLUMNS \
	"id, tenant_id, billing_account_id, payment_intent_id, psp_charge_id, status, authorized, gross, " \
	"settled_at IS NOT NULL, settlement_parts, failure_balance_transaction, gw_time, gw_digest, gw_doubt"

static PcPlan payment_by_psp_id = PC_PLAN("tt",
	"SELECT " PAYMENT_COLUMNS " FROM paycore.payments"
	" WHERE psp_charge_id OPERATOR(pg_catalog.=) $1 AND gateway_account OPERATOR(pg_catalog.=) $2"
	" FOR NO KEY UPDATE");

static PcPlan payment_by_id = PC_PLAN("ut",
	"SELECT " PAYMENT_COLUMNS " FROM paycore.payments"
	" WHERE id OPERATOR(pg_catalog.=) $1 AND tenant_id OPERATOR(pg_catalog.=) $2"
	" FOR NO KEY UPDATE");

#define ACCOUNT_COLUMNS \
	"id, tenant_id, psp_customer_id, name, email, phone, metadata, gw_deleted, gw_time, gw_digest, gw_doubt"

static PcFind account_by_psp_id = PC_FIND_UNLOCKED(PC_BILLING_ACCOUNTS, "tt", "psp_customer_id, gateway_account", ACCOUNT_COLUMNS);
static PcFind account_by_psp_id_locked = PC_FIND(PC_BILLING_ACCOUNTS, "tt", "psp_customer_id, gateway_account", ACCOUNT_COLUMNS);

static PcPlan account_of_gateway_locked = PC_PLAN("utt",
	"SELECT " ACCOUNT_COLUMNS " FROM paycore.billing_accounts"
	" WHERE id OPERATOR(pg_catalog.=) $1 AND tenant_id OPERATOR(pg_catalog.=) $2"
	" AND gateway_account OPERATOR(pg_catalog.=) $3"
	" FOR NO KEY UPDATE");

static PcPlan object_by_key = PC_PLAN("ttt",
	"SELECT tenant_id, object_id FROM paycore.outbox"
	" WHERE idempotency_key OPERATOR(pg_catalog.=) $1 AND gateway_account OPERATOR(pg_catalog.=) $2"
	" AND operation OPERATOR(pg_catalog.=) $3");

/* From the last result. */
static void
read_intent(PcIntentRow *row)
{
	memset(row, 0, sizeof(*row));
	(void) pc_get_uuid(0, 1, &row->id);
	row->tenant = pc_get_cstring(0, 2);
	(void) pc_get_uuid(0, 3, &row->account);
	row->psp_id = pc_get_cstring(0, 4);
	row->status = pc_get_state(0, 5);
	row->amount = pc_get_money(0, 6);
	row->latest_charge = pc_get_cstring(0, 7);
	row->method = pc_get_cstring(0, 8);
	row->error_code = pc_get_cstring(0, 9);
	row->decline_code = pc_get_cstring(0, 10);
	row->error_message = pc_get_cstring(0, 11);
	row->description = pc_get_cstring(0, 12);
	row->metadata = pc_get_json(0, 13);
	row->has_payment = pc_get_uuid(0, 14, &row->payment);
	row->duplicate = pc_get_bool(0, 15);
	pc_read_known(&row->known, 16);
	row->next_look = pc_get_time(0, 19);
}

static bool
intent_found(PcPlan *plan, PcArgs *a, PcIntentRow *row)
{
	if (pc_execute_args(plan, a, false) == 0)
		return false;
	read_intent(row);
	return true;
}

static bool
intent_with(PcFind *find, PcArgs *a, PcIntentRow *row)
{
	if (!pc_find(find, a))
		return false;
	read_intent(row);
	return true;
}

bool
pc_lock_intent_by_id(const char *tenant, const pg_uuid_t *id, PcIntentRow *row)
{
	PcArgs		a = {0};

	pc_arg_uuid(&a, id);
	pc_arg_text(&a, tenant);
	return intent_with(&intent_by_id, &a, row);
}

bool
pc_keyed_id(const PcSighting *s, GwOperation op, char **tenant, pg_uuid_t *id)
{
	PcArgs		a = {0};

	if (s->request_key == NULL)
		return false;
	pc_arg_text(&a, s->request_key);
	pc_arg_text(&a, s->gateway_account);
	pc_arg_text(&a, gw_operation_name(op));
	if (pc_execute_args(&object_by_key, &a, false) == 0)
		return false;
	*tenant = pc_get_cstring(0, 1);
	return pc_get_uuid(0, 2, id);
}

/* Known by no other id: the gateway's was not known yet, or who was waited for has just learned this very one. */
static bool
may_be(const char *known, const char *psp_id)
{
	return known == NULL || strcmp(known, psp_id) == 0;
}

/* The mark's account must be its account. */
static bool
lock_unbound_intent(const char *psp_id, const char *tenant, const pg_uuid_t *id, const Jsonb *metadata, const PcSighting *s,
					PcIntentRow *row)
{
	PcArgs		a = {0};

	pc_arg_uuid(&a, id);
	pc_arg_text(&a, tenant);
	pc_arg_text(&a, s->gateway_account);
	if (!intent_found(&intent_of_gateway, &a, row) || !may_be(row->psp_id, psp_id))
		return false;
	return pc_account_mark(metadata, &row->account) != PC_ACCOUNT_OTHER;
}

/* What a list brings is not the answer to a request about one row. */
static bool
answers_create(const PcSighting *s)
{
	return s->tenant != NULL && s->op == GW_INTENT_CREATE && strcmp(s->object_type, "payment_intent") == 0;
}

/* The row that asked for the object, unless another one has it: mostly the answer is the first that is heard of it. */
static bool
lock_intent_that_asked(const char *psp_id, const PcSighting *s, PcIntentRow *row)
{
	PcArgs		a = {0};

	if (!pc_lock_intent_by_id(s->tenant, &s->object_id, row) || row->psp_id != NULL)
		return false;
	pc_arg_text(&a, psp_id);
	pc_arg_text(&a, s->gateway_account);
	return !pc_find(&holder_of_psp_id, &a);
}

bool
pc_lock_intent(const char *psp_id, const Jsonb *metadata, const PcSighting *s, PcIntentRow *row)
{
	PcArgs		a = {0};
	char	   *tenant;
	pg_uuid_t	id;

	if (answers_create(s) && lock_intent_that_asked(psp_id, s, row))
		return true;
	pc_arg_text(&a, psp_id);
	pc_arg_text(&a, s->gateway_account);
	if (intent_with(&intent_by_psp_id, &a, row))
		return true;

	if (answers_create(s) && lock_unbound_intent(psp_id, s->tenant, &s->object_id, NULL, s, row))
		return true;
	if (pc_marked_id(metadata, "paycore_intent", &tenant, &id) &&
		lock_unbound_intent(psp_id, tenant, &id, metadata, s, row))
		return true;
	return pc_keyed_id(s, GW_INTENT_CREATE, &tenant, &id) &&
		lock_unbound_intent(psp_id, tenant, &id, NULL, s, row);
}

static bool
payment_found(PcPlan *plan, PcArgs *a, PcPaymentRow *row)
{
	if (pc_execute_args(plan, a, false) == 0)
		return false;
	memset(row, 0, sizeof(*row));
	(void) pc_get_uuid(0, 1, &row->id);
	row->tenant = pc_get_cstring(0, 2);
	(void) pc_get_uuid(0, 3, &row->account);
	row->has_intent = pc_get_uuid(0, 4, &row->intent);
	row->charge_id = pc_get_cstring(0, 5);
	row->status = pc_get_state(0, 6);
	row->authorized = pc_get_money(0, 7);
	row->gross = pc_get_money(0, 8);
	row->settled = pc_get_bool(0, 9);
	row->parts = pc_get_json(0, 10);
	row->failure_balance_transaction = pc_get_cstring(0, 11);
	pc_read_known(&row->known, 12);
	return true;
}

bool
pc_lock_payment(const char *psp_id, const PcSighting *s, PcPaymentRow *row)
{
	PcArgs		a = {0};

	pc_arg_text(&a, psp_id);
	pc_arg_text(&a, s->gateway_account);
	return payment_found(&payment_by_psp_id, &a, row);
}

bool
pc_lock_payment_by_id(const char *tenant, const pg_uuid_t *id, PcPaymentRow *row)
{
	PcArgs		a = {0};

	pc_arg_uuid(&a, id);
	pc_arg_text(&a, tenant);
	return payment_found(&payment_by_id, &a, row);
}

static void
read_account(PcAccountRow *row)
{
	memset(row, 0, sizeof(*row));
	(void) pc_get_uuid(0, 1, &row->id);
	row->tenant = pc_get_cstring(0, 2);
	row->psp_id = pc_get_cstring(0, 3);
	row->name = pc_get_cstring(0, 4);
	row->email = pc_get_cstring(0, 5);
	row->phone = pc_get_cstring(0, 6);
	row->metadata = pc_get_json(0, 7);
	row->deleted = pc_get_bool(0, 8);
	pc_read_known(&row->known, 9);
}

static bool
lock_unbound_account(const char *psp_id, const char *tenant, const pg_uuid_t *id, const PcSighting *s, PcAccountRow *row)
{
	PcArgs		a = {0};

	pc_arg_uuid(&a, id);
	pc_arg_text(&a, tenant);
	pc_arg_text(&a, s->gateway_account);
	if (pc_execute_args(&account_of_gateway_locked, &a, false) == 0)
		return false;
	read_account(row);
	return may_be(row->psp_id, psp_id);
}

bool
pc_find_account(const char *psp_id, const Jsonb *metadata, const PcSighting *s, bool lock, PcAccountRow *row)
{
	PcArgs		a = {0};
	char	   *tenant;
	pg_uuid_t	id;

	if (psp_id == NULL)
		return false;
	pc_arg_text(&a, psp_id);
	pc_arg_text(&a, s->gateway_account);
	if (pc_find(lock ? &account_by_psp_id_locked : &account_by_psp_id, &a))
	{
		read_account(row);
		return true;
	}
	if (!lock)
		return false;
	if (s->tenant != NULL && s->op == GW_CUSTOMER_CREATE && strcmp(s->object_type, "billing_account") == 0 &&
		lock_unbound_account(psp_id, s->tenant, &s->object_id, s, row))
		return true;
	if (pc_marked_id(metadata, "paycore_account", &tenant, &id) && lock_unbound_account(psp_id, tenant, &id, s, row))
		return true;
	return pc_keyed_id(s, GW_CUSTOMER_CREATE, &tenant, &id) && lock_unbound_account(psp_id, tenant, &id, s, row);
}
