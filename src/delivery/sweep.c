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
#include "outbox/feed.h"
#include "outbox/outbox.h"
#include "utils/builtins.h"
#include "webhooks/webhooks.h"

#define BATCH 200

/* One minute, ten minutes, one hour, then daily; to be counted from now. */
#define NEXT_SWEEP \
	"pg_catalog.now() + CASE s.sweeps WHEN 0 THEN interval '10 minutes' WHEN 1 THEN interval '1 hour' ELSE interval '1 day' END"

/* Fees that have not come for so long are asked for one by one. */
#define FEES_IN_PAGES "interval '2 days'"

/* A succeeded one is wanted until its payment is here, with its fee. */
static PcPlan intents_plan = PC_PLAN("8",
	"UPDATE paycore.payment_intents i SET sweeps = i.sweeps + 1, next_sweep_at = CASE WHEN s.wanted THEN " NEXT_SWEEP " END"
	" FROM (SELECT x.id, x.tenant_id, x.sweeps, CASE x.status::text WHEN 'canceled' THEN false WHEN 'failed' THEN false"
	"  WHEN 'succeeded' THEN NOT EXISTS (SELECT 1 FROM paycore.payments p WHERE p.id = x.payment_id"
	"   AND p.tenant_id = x.tenant_id AND (p.settled_at IS NOT NULL OR p.status::text IN ('failed', 'canceled')))"
	"  ELSE true END AS wanted FROM paycore.payment_intents x WHERE x.next_sweep_at <= pg_catalog.now()"
	" ORDER BY x.next_sweep_at LIMIT $1 FOR UPDATE SKIP LOCKED) s"
	" WHERE i.id = s.id AND i.tenant_id = s.tenant_id"
	" RETURNING i.tenant_id, i.gateway_account, i.id, i.id, i.psp_intent_id IS NOT NULL AND s.wanted,"
	" (SELECT p.captured_at FROM paycore.payments p WHERE p.id = i.payment_id AND p.tenant_id = i.tenant_id"
	"  AND i.status::text = 'succeeded' AND p.status::text = 'succeeded' AND p.captured_at > pg_catalog.now() - " FEES_IN_PAGES ")");

static PcPlan refunds_plan = PC_PLAN("8",
	"UPDATE paycore.refunds r SET sweeps = r.sweeps + 1, next_sweep_at = CASE"
	" WHEN r.status::text IN ('pending', 'requires_action') THEN " NEXT_SWEEP " END"
	" FROM (SELECT x.id, x.tenant_id, x.sweeps FROM paycore.refunds x WHERE x.next_sweep_at <= pg_catalog.now()"
	" ORDER BY x.next_sweep_at LIMIT $1 FOR UPDATE SKIP LOCKED) s"
	" WHERE r.id = s.id AND r.tenant_id = s.tenant_id"
	" RETURNING r.tenant_id, r.gateway_account, r.id, COALESCE(r.payment_intent_id, r.payment_id),"
	" r.psp_refund_id IS NOT NULL AND r.status::text IN ('pending', 'requires_action'), NULL::timestamptz");

static PcPlan setups_plan = PC_PLAN("8",
	"UPDATE paycore.setup_intents i SET sweeps = i.sweeps + 1, next_sweep_at = CASE"
	" WHEN i.status::text NOT IN ('succeeded', 'canceled', 'failed') THEN " NEXT_SWEEP " END"
	" FROM (SELECT x.id, x.tenant_id, x.sweeps FROM paycore.setup_intents x WHERE x.next_sweep_at <= pg_catalog.now()"
	" ORDER BY x.next_sweep_at LIMIT $1 FOR UPDATE SKIP LOCKED) s"
	" WHERE i.id = s.id AND i.tenant_id = s.tenant_id"
	" RETURNING i.tenant_id, i.gateway_account, i.id, i.billing_account_id,"
	" i.psp_setup_intent_id IS NOT NULL AND i.status::text NOT IN ('succeeded', 'canceled', 'failed')");

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

/* A bank can send money back for some days; what is in a payout is wanted until it is read. */
static PcPlan payouts_plan = PC_PLAN("8",
	"UPDATE paycore.payouts o SET sweeps = o.sweeps + 1, next_sweep_at = CASE WHEN s.wanted THEN pg_catalog.now() + interval '1 day' END"
	" FROM (SELECT x.id, x.tenant_id, x.sweeps < 60 AND ((x.automatic AND x.transactions_read_at IS NULL)"
	"  OR x.status::text IN ('pending', 'in_transit') OR (x.status::text = 'paid' AND x.paid_at > pg_catalog.now() - interval '10 days')) AS wanted"
	"  FROM paycore.payouts x WHERE x.next_sweep_at <= pg_catalog.now()"
	" ORDER BY x.next_sweep_at LIMIT $1 FOR UPDATE SKIP LOCKED) s"
	" WHERE o.id = s.id AND o.tenant_id = s.tenant_id"
	" RETURNING o.tenant_id, o.gateway_account, o.id, o.id, s.wanted, NULL::timestamptz");

/* A look at an object, or, where only the fee of its payment is missing, a search for fees since then. */
typedef struct Wanted
{
	PcRequest	look;
	TimestampTz fee_since;		/* 0 = a look */
} Wanted;

/* The rows of the last statement; only those that want something. */
static int
read_wanted(uint64 n, GwOperation op, const char *type, Wanted *all)
{
	int			wanted = 0;

	for (uint64 r = 0; r < n; r++)
	{
		PcRequest  *q = &all[wanted].look;

		if (!pc_get_bool(r, 5))
			continue;
		q->op = op;
		q->object_type = type;
		q->tenant = pc_get_cstring(r, 1);
		q->gateway_account = pc_get_cstring(r, 2);
		q->object_id = pc_get_id(r, 3);
		q->lane = pc_get_id(r, 4);
		all[wanted].fee_since = pc_get_time(r, 6);
		wanted++;
	}
	return wanted;
}

static TimestampTz
first_fee(const Wanted *all, int n)
{
	TimestampTz first = 0;

	for (int i = 0; i < n; i++)
		if (all[i].fee_since != 0 && (first == 0 || all[i].fee_since < first))
			first = all[i].fee_since;
	return first;
}

/* Fees come in pages, many in one answer, where the gateway has such a list. */
static void
seek(const Wanted *all, int n)
{
	TimestampTz since = first_fee(all, n);

	for (int i = 0; i < n; i++)
		if (all[i].fee_since == 0 || !pc_feed_seek_fees(all[i].look.gateway_account, since))
			(void) pc_outbox_enqueue_look(&all[i].look);
}

static bool
sweep(PcPlan *plan, GwOperation op, const char *type)
{
	Datum		limit = Int64GetDatum(BATCH);
	Wanted	   *all = palloc0(sizeof(Wanted) * BATCH);
	uint64		n = 0;

	PC_WRITE_AS(.source = PC_SOURCE_POLL, .through_api = true);
	{
		n = pc_execute(plan, &limit, NULL, false, 0);
	}
	PC_WRITE_END;
	seek(all, read_wanted(n, op, type, all));
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
pc_sweep_payouts(void)
{
	return sweep(&payouts_plan, GW_PAYOUT_RETRIEVE, "payout");
}

bool
pc_start_feeds(void)
{
	pc_feeds_start_due();
	return false;
}

bool
pc_sweep_setups(void)
{
	return sweep(&setups_plan, GW_SETUP_RETRIEVE, "setup_intent");
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
	int64		n;

	pc_execute(&foreign_plan, values, NULL, false, 0);
	n = pc_get_int64(0, 1);
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
