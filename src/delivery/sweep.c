/*
 * sweep.c
 *		Looks at objects that should have moved on by now, and removes what is
 *		kept no longer.
 */
#include "common/paycore.h"

#include "common/plan.h"
#include "common/secrets.h"
#include "common/settings.h"
#include "common/writer.h"
#include "delivery/sweep.h"
#include "miscadmin.h"
#include "outbox/outbox.h"
#include "utils/builtins.h"
#include "webhooks/webhooks.h"

#define BATCH 200

/* One minute, ten minutes, one hour, then daily; to be counted from now. */
#define NEXT_SWEEP \
	"pg_catalog.now() + CASE s.sweeps WHEN 0 THEN interval '10 minutes' WHEN 1 THEN interval '1 hour' ELSE interval '1 day' END"

/* A succeeded one is wanted until its payment is here, with its fee. */
static PcPlan intents_plan = PC_PLAN("8",
	"UPDATE paycore.payment_intents i SET sweeps = i.sweeps + 1, next_sweep_at = CASE WHEN s.wanted THEN " NEXT_SWEEP " END"
	" FROM (SELECT x.id, x.tenant_id, x.sweeps, CASE x.status::text WHEN 'canceled' THEN false WHEN 'failed' THEN false"
	"  WHEN 'succeeded' THEN NOT EXISTS (SELECT 1 FROM paycore.payments p WHERE p.id = x.payment_id"
	"   AND p.tenant_id = x.tenant_id AND (p.settled_at IS NOT NULL OR p.status::text IN ('failed', 'canceled')))"
	"  ELSE true END AS wanted FROM paycore.payment_intents x WHERE x.next_sweep_at <= pg_catalog.now()"
	" ORDER BY x.next_sweep_at LIMIT $1 FOR UPDATE SKIP LOCKED) s"
	" WHERE i.id = s.id AND i.tenant_id = s.tenant_id"
	" RETURNING i.tenant_id, i.gateway_account, i.id, i.id, i.psp_intent_id IS NOT NULL AND s.wanted");

static PcPlan refunds_plan = PC_PLAN("8",
	"UPDATE paycore.refunds r SET sweeps = r.sweeps + 1, next_sweep_at = CASE"
	" WHEN r.status::text IN ('pending', 'requires_action') THEN " NEXT_SWEEP " END"
	" FROM (SELECT x.id, x.tenant_id, x.sweeps FROM paycore.refunds x WHERE x.next_sweep_at <= pg_catalog.now()"
	" ORDER BY x.next_sweep_at LIMIT $1 FOR UPDATE SKIP LOCKED) s"
	" WHERE r.id = s.id AND r.tenant_id = s.tenant_id"
	" RETURNING r.tenant_id, r.gateway_account, r.id, COALESCE(r.payment_intent_id, r.payment_id),"
	" r.psp_refund_id IS NOT NULL AND r.status::text IN ('pending', 'requires_action')");

/* The open ones, and those won whose money has not come back yet. */
static PcPlan disputes_plan = PC_PLAN("8",
	"UPDATE paycore.disputes d SET sweeps = d.sweeps + 1, next_sweep_at = CASE"
	" WHEN s.wanted THEN " NEXT_SWEEP " END"
	" FROM (SELECT x.id, x.tenant_id, x.sweeps, (x.status::text IN ('warning_needs_response', 'warning_under_review',"
	"  'needs_response', 'under_review') OR x.status::text = 'won' AND x.withdrawn IS NOT NULL AND x.reinstated IS NULL)"
	"  AND EXISTS (SELECT FROM paycore.gateway_accounts g WHERE g.name = x.gateway_account AND g.tenant_id = x.tenant_id"
	"  AND g.gateway <> 'manual') AS wanted"
	"  FROM paycore.disputes x WHERE x.next_sweep_at <= pg_catalog.now()"
	" ORDER BY x.next_sweep_at LIMIT $1 FOR UPDATE SKIP LOCKED) s"
	" WHERE d.id = s.id AND d.tenant_id = s.tenant_id"
	" RETURNING d.tenant_id, d.gateway_account, d.id, d.id, s.wanted");

static PcPlan prune_outbox_plan = PC_PLAN("48",
	"DELETE FROM paycore.outbox WHERE (id, tenant_id) IN (SELECT o.id, o.tenant_id FROM paycore.outbox o"
	" WHERE o.finished_at IS NOT NULL AND o.finished_at < pg_catalog.now() - $1 * interval '1 second'"
	" ORDER BY o.finished_at LIMIT $2 FOR UPDATE SKIP LOCKED)");

static PcPlan prune_keys_plan = PC_PLAN("8",
	"DELETE FROM paycore.idempotency_keys WHERE (tenant_id, key) IN (SELECT k.tenant_id, k.key"
	" FROM paycore.idempotency_keys k WHERE k.expires_at < pg_catalog.now()"
	" ORDER BY k.expires_at LIMIT $1 FOR UPDATE SKIP LOCKED)");

/* The least id of version 7 made at that time: the key is in order of time and serves as its index. */
#define FIRST_ID_SINCE(time) \
	"(pg_catalog.lpad(pg_catalog.to_hex((EXTRACT(epoch FROM " time ") * 1000)::bigint), 12, '0')" \
	" || '00000000000000000000')::uuid"

static PcPlan prune_webhooks_plan = PC_PLAN("48",
	"DELETE FROM paycore.webhook_events WHERE (id, tenant_id) IN (SELECT e.id, e.tenant_id"
	" FROM paycore.webhook_events e WHERE e.status IN ('processed', 'ignored', 'rejected')"
	" AND e.received_at < pg_catalog.now() - $1 * interval '1 second'"
	" AND e.id < " FIRST_ID_SINCE("pg_catalog.now() - $1 * interval '1 second'")
	" ORDER BY e.id LIMIT $2 FOR UPDATE SKIP LOCKED)");

static PcPlan foreign_plan = PC_PLAN("to",
	"SELECT pg_catalog.count(*) FROM paycore.outbox o WHERE o.finished_at IS NULL AND (o.instance <> $1 OR o.database_oid <> $2)");

/* The rows of the last statement, as requests; only those that want a look. */
static int
read_requests(uint64 n, GwOperation op, const char *type, PcRequest *requests)
{
	int			wanted = 0;

	for (uint64 r = 0; r < n; r++)
	{
		bool		isnull;
		PcRequest  *q = &requests[wanted];

		if (!DatumGetBool(pc_get(r, 5, &isnull)))
			continue;
		q->op = op;
		q->object_type = type;
		q->tenant = pc_get_cstring(r, 1);
		q->gateway_account = pc_get_cstring(r, 2);
		q->object_id = pc_get_id(r, 3);
		q->lane = pc_get_id(r, 4);
		wanted++;
	}
	return wanted;
}

static bool
sweep(PcPlan *plan, GwOperation op, const char *type)
{
	Datum		limit = Int64GetDatum(BATCH);
	PcRequest  *requests = palloc0(sizeof(PcRequest) * BATCH);
	uint64		n = 0;
	int			wanted;

	PC_WRITE_AS(.source = PC_SOURCE_POLL, .through_api = true);
	{
		n = pc_execute(plan, &limit, NULL, false, 0);
	}
	PC_WRITE_END;
	wanted = read_requests(n, op, type, requests);
	for (int i = 0; i < wanted; i++)
		(void) pc_outbox_enqueue_look(&requests[i]);
	return n >= BATCH;
}

bool
pc_sweep_intents(void)
{
	return sweep(&intents_plan, GW_INTENT_RETRIEVE, "payment_intent");
}

bool
pc_sweep_refunds(void)
{
	return sweep(&refunds_plan, GW_REFUND_RETRIEVE, "refund");
}

bool
pc_sweep_disputes(void)
{
	return sweep(&disputes_plan, GW_DISPUTE_RETRIEVE, "dispute");
}

bool
pc_sweep_webhooks(void)
{
	return pc_webhook_retry_failed(BATCH) >= BATCH;
}

bool
pc_warn_of_foreign(void)
{
	Datum		values[2] = {CStringGetTextDatum(pc_instance_name()), ObjectIdGetDatum(MyDatabaseId)};
	bool		isnull;
	int64		n;

	pc_execute(&foreign_plan, values, NULL, false, 0);
	n = DatumGetInt64(pc_get(0, 1, &isnull));
	if (n > 0)
		ereport(WARNING,
				(errmsg("paycore: " INT64_FORMAT " requests belong to another instance or database and are not sent", n),
				 errhint("See paycore.foreign_outbox. If this replaces the original: SELECT paycore.adopt_outbox('send'). "
						 "If it is a copy beside it: 'discard'.")));
	return false;
}

static bool
prune(PcPlan *plan, int retention)
{
	Datum		values[2] = {Int32GetDatum(retention), Int64GetDatum(BATCH * 5)};

	return pc_execute(plan, values, NULL, false, 0) >= BATCH * 5;
}

bool
pc_prune_outbox(void)
{
	return prune(&prune_outbox_plan, pc_outbox_retention);
}

bool
pc_prune_webhooks(void)
{
	return prune(&prune_webhooks_plan, pc_webhook_retention);
}

bool
pc_prune_keys(void)
{
	Datum		limit = Int64GetDatum(BATCH * 5);

	return pc_execute(&prune_keys_plan, &limit, NULL, false, 0) >= BATCH * 5;
}
