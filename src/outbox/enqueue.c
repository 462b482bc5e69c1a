/*
 * enqueue.c
 *		Writing requests into the outbox, and taking them back.
 */
#include "common/paycore.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "commands/sequence.h"
#include "common/fault.h"
#include "common/insert.h"
#include "common/json.h"
#include "common/secrets.h"
#include "common/writer.h"
#include "miscadmin.h"
#include "outbox/outbox.h"
#include "types/uuid.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"

static PcPlan account_plan = PC_PLAN("tt",
	"SELECT 1 FROM paycore.gateway_accounts WHERE tenant_id = $1 AND name = $2 AND gateway <> 'manual'");

static PcInsert insert_row = PC_INSERT(PC_OUTBOX, "u8ttttuuUjzzzbtott444z",
	"id, seq, tenant_id, gateway_account, operation, object_type, object_id, lane, depends_on, params, send_by,"
	" next_attempt_at, not_before, is_read, instance, database_oid, idempotency_key, status,"
	" attempts, uncounted, resolve_step, created_at");

static PcPlan waiting_look_plan = PC_PLAN("tutto",
	"SELECT 1 FROM paycore.outbox"
	" WHERE object_id = $2 AND tenant_id = $1 AND operation = $3 AND status = 'pending'"
	" AND instance = $4 AND database_oid = $5 LIMIT 1");

static PcPlan unfinished_plan = PC_PLAN("tut",
	"SELECT id, first_sent_at IS NOT NULL OR status <> 'pending' FROM paycore.outbox"
	" WHERE object_id = $2 AND tenant_id = $1 AND operation = $3 AND finished_at IS NULL"
	" ORDER BY seq DESC LIMIT 1");

static PcPlan unfinished_locked_plan = PC_PLAN("tut",
	"SELECT id, first_sent_at IS NOT NULL OR status <> 'pending' FROM paycore.outbox"
	" WHERE object_id = $2 AND tenant_id = $1 AND operation = $3 AND finished_at IS NULL"
	" ORDER BY seq DESC LIMIT 1 FOR UPDATE");

static PcPlan withdraw_plan = PC_PLAN("tu",
	"UPDATE paycore.outbox SET status = 'withdrawn', finished_at = pg_catalog.now()"
	" WHERE id = $2 AND tenant_id = $1 AND status = 'pending' AND first_sent_at IS NULL");

static PcPlan withdraw_dependents_plan = PC_PLAN("tU",
	"UPDATE paycore.outbox SET status = 'withdrawn', finished_at = pg_catalog.now()"
	" WHERE depends_on && $2 AND depends_on IS NOT NULL AND tenant_id = $1 AND finished_at IS NULL"
	" AND status = 'pending' AND first_sent_at IS NULL"
	" RETURNING id");

static Datum
uuid_array(const pg_uuid_t *ids, int n)
{
	Datum	   *elements = palloc(sizeof(Datum) * Max(n, 1));

	for (int i = 0; i < n; i++)
		elements[i] = UUIDPGetDatum(&ids[i]);
	return PointerGetDatum(construct_array(elements, n, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR));
}

static void
check_account(const PcRequest *request)
{
	Datum		values[2] = {CStringGetTextDatum(request->tenant), CStringGetTextDatum(request->gateway_account)};

	if (pc_execute(&account_plan, values, NULL, false, 1) != 1)
		ereport(ERROR,
				(errcode(ERRCODE_PC_UNKNOWN_GATEWAY),
				 errmsg("gateway account \"%s\" takes no requests", request->gateway_account),
				 errdetail("Tenant \"%s\" has no such account, or it is a manual one.", request->tenant),
				 errhint("See paycore.gateway_accounts.")));
}

static int64
next_seq(void)
{
	return nextval_internal(get_relname_relid("outbox_seq", get_namespace_oid(PC_SCHEMA, false)), true);
}

static void
insert(const PcRequest *request, const pg_uuid_t *id)
{
	TimestampTz now = GetCurrentTransactionStartTimestamp();
	TimestampTz due = TimestampTzPlusMilliseconds(now, request->delay_ms);
	char	   *key = psprintf("paycore-%s-1", DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(id))));
	char		nulls[] = "                      ";
	Datum		values[] = {
		UUIDPGetDatum(id),
		Int64GetDatum(next_seq()),
		CStringGetTextDatum(request->tenant),
		CStringGetTextDatum(request->gateway_account),
		CStringGetTextDatum(gw_operation_name(request->op)),
		CStringGetTextDatum(request->object_type),
		UUIDPGetDatum(&request->object_id),
		UUIDPGetDatum(&request->lane),
		request->ndepends > 0 ? uuid_array(request->depends_on, request->ndepends) : (Datum) 0,
		PointerGetDatum(request->params != NULL ? request->params : pc_json_empty()),
		TimestampTzGetDatum(request->send_by),
		TimestampTzGetDatum(due),
		TimestampTzGetDatum(due),
		BoolGetDatum(gw_operation_is_read(request->op)),
		CStringGetTextDatum(pc_instance_name()),
		ObjectIdGetDatum(MyDatabaseId),
		CStringGetTextDatum(key),
		CStringGetTextDatum("pending"),
		Int32GetDatum(0), Int32GetDatum(0), Int32GetDatum(0),
		TimestampTzGetDatum(now)
	};

	nulls[8] = request->ndepends > 0 ? ' ' : 'n';
	nulls[10] = request->send_by != 0 ? ' ' : 'n';
	nulls[12] = request->delay_ms > 0 ? ' ' : 'n';
	/* Else the caller would wait for an answer to what is never asked. */
	if (pc_insert(&insert_row, values, nulls) == 0)
		pc_row_vetoed(PC_OUTBOX);
}

pg_uuid_t
pc_outbox_enqueue(const PcRequest *request)
{
	PcIdentity	saved;
	pg_uuid_t	id;

	pc_uuid_v7(&id);
	pc_identity_assume(&saved, pc_owner(false));
	if (!request->account_seen)
		check_account(request);
	insert(request, &id);
	pc_identity_drop(&saved);

	PC_FAULT("enqueued");
	if (!request->account_paused)
		pc_wake_worker_at_commit();
	return id;
}

bool
pc_outbox_enqueue_look(const PcRequest *request)
{
	PcIdentity	saved;
	uint64		waiting;
	Datum		values[5] = {
		CStringGetTextDatum(request->tenant),
		UUIDPGetDatum(&request->object_id),
		CStringGetTextDatum(gw_operation_name(request->op)),
		CStringGetTextDatum(pc_instance_name()),
		ObjectIdGetDatum(MyDatabaseId)
	};

	/* One on the wire may bring back an older picture, and one of another instance is never sent: neither counts. */
	pc_identity_assume(&saved, pc_owner(false));
	waiting = pc_execute(&waiting_look_plan, values, NULL, false, 1);
	pc_identity_drop(&saved);
	if (waiting > 0)
		return false;
	(void) pc_outbox_enqueue(request);
	return true;
}

bool
pc_outbox_unfinished(GwOperation op, const char *tenant, const pg_uuid_t *object_id, bool lock,
					 pg_uuid_t *id, bool *ever_sent)
{
	PcIdentity	saved;
	bool		found;
	Datum		values[3] = {
		CStringGetTextDatum(tenant),
		UUIDPGetDatum(object_id),
		CStringGetTextDatum(gw_operation_name(op))
	};

	pc_identity_assume(&saved, pc_owner(false));
	found = pc_execute(lock ? &unfinished_locked_plan : &unfinished_plan, values, NULL, false, 1) > 0;
	pc_identity_drop(&saved);
	if (found && id != NULL)
		*id = pc_get_id(0, 1);
	if (found && ever_sent != NULL)
		*ever_sent = pc_get_bool(0, 2);
	return found;
}

/* What waits for withdrawn rows was never sent either, and goes with them. */
static void
withdraw_dependents(const char *tenant, const pg_uuid_t *id)
{
	pg_uuid_t  *ids = palloc(sizeof(pg_uuid_t));
	int			n = 1;

	ids[0] = *id;
	while (n > 0)
	{
		Datum		values[2] = {CStringGetTextDatum(tenant), uuid_array(ids, n)};

		n = (int) pc_execute(&withdraw_dependents_plan, values, NULL, false, 0);
		ids = palloc(sizeof(pg_uuid_t) * Max(n, 1));
		for (int i = 0; i < n; i++)
			ids[i] = pc_get_id(i, 1);
	}
}

bool
pc_outbox_withdraw(const char *tenant, const pg_uuid_t *id)
{
	PcIdentity	saved;
	bool		withdrawn;
	Datum		values[2] = {CStringGetTextDatum(tenant), UUIDPGetDatum(id)};

	pc_identity_assume(&saved, pc_owner(false));
	withdrawn = pc_execute(&withdraw_plan, values, NULL, false, 0) == 1;
	if (withdrawn)
		withdraw_dependents(tenant, id);
	pc_identity_drop(&saved);

	/* The next one of the lane may go now. */
	if (withdrawn)
		pc_wake_worker_at_commit();
	return withdrawn;
}
