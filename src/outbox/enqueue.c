/*
 * enqueue.c
 *		Writing requests into the outbox, and taking them back.
 */
#include "common/paycore.h"

#include "catalog/pg_type.h"
#include "common/fault.h"
#include "common/plan.h"
#include "common/secrets.h"
#include "common/writer.h"
#include "miscadmin.h"
#include "outbox/outbox.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

/* The account's row is asked for too: a manual one takes no requests. */
static PcPlan insert_plan = PC_PLAN("tttuuUjzzttob8",
	"INSERT INTO paycore.outbox (id, tenant_id, gateway_account, operation, object_type, object_id, lane,"
	" depends_on, params, send_by, next_attempt_at, not_before, instance, database_oid, is_read, idempotency_key)"
	" SELECT n.id, $1, $2, $3, $11, $4, $5, $6, $7, $8, $9, CASE WHEN $14 > 0 THEN $9 END,"
	" $10, $12, $13, 'paycore-' || n.id || '-1'"
	" FROM (SELECT paycore.uuid_v7() AS id) n, paycore.gateway_accounts g"
	" WHERE g.tenant_id = $1 AND g.name = $2 AND g.gateway <> 'manual'"
	" RETURNING id");

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

static Datum
empty_object(void)
{
	return DirectFunctionCall1(jsonb_in, CStringGetDatum("{}"));
}

static void
refuse_account(const PcRequest *request)
{
	ereport(ERROR,
			(errcode(ERRCODE_PC_UNKNOWN_GATEWAY),
			 errmsg("gateway account \"%s\" takes no requests", request->gateway_account),
			 errdetail("Tenant \"%s\" has no such account, or it is a manual one.", request->tenant),
			 errhint("See paycore.gateway_accounts.")));
}

pg_uuid_t
pc_outbox_enqueue(const PcRequest *request)
{
	TimestampTz due = TimestampTzPlusMilliseconds(GetCurrentTransactionStartTimestamp(), request->delay_ms);
	Datum		values[14];
	char		nulls[15] = "              ";
	PcIdentity	saved;
	pg_uuid_t	id;

	values[0] = CStringGetTextDatum(request->tenant);
	values[1] = CStringGetTextDatum(request->gateway_account);
	values[2] = CStringGetTextDatum(gw_operation_name(request->op));
	values[3] = UUIDPGetDatum(&request->object_id);
	values[4] = UUIDPGetDatum(&request->lane);
	values[5] = request->ndepends > 0 ? uuid_array(request->depends_on, request->ndepends) : (Datum) 0;
	nulls[5] = request->ndepends > 0 ? ' ' : 'n';
	values[6] = request->params != NULL ? PointerGetDatum(request->params) : empty_object();
	values[7] = TimestampTzGetDatum(request->send_by);
	nulls[7] = request->send_by != 0 ? ' ' : 'n';
	values[8] = TimestampTzGetDatum(due);
	values[9] = CStringGetTextDatum(pc_instance_name());
	values[10] = CStringGetTextDatum(request->object_type);
	values[11] = ObjectIdGetDatum(MyDatabaseId);
	values[12] = BoolGetDatum(gw_operation_is_read(request->op));
	values[13] = Int64GetDatum(request->delay_ms);

	pc_identity_assume(&saved, pc_owner(false));
	if (pc_execute(&insert_plan, values, nulls, false, 0) != 1)
		refuse_account(request);
	id = pc_get_id(0, 1);
	pc_identity_drop(&saved);

	PC_FAULT("enqueued");
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
	bool		isnull;
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
		*ever_sent = DatumGetBool(pc_get(0, 2, &isnull));
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
