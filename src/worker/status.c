/*
 * status.c
 *		What to watch: worker_status(), health(), metrics().
 */
#include "common/paycore.h"

#include "catalog/pg_type.h"
#include "common/args.h"
#include "common/json.h"
#include "common/search_path.h"
#include "common/secrets.h"
#include "common/settings.h"
#include "common/shmem.h"
#include "common/writer.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/tuplestore.h"

/* $1 instance, NULL where the secrets file cannot be read; $2 database */
#define OURS		"o.instance = COALESCE($1, o.instance) AND o.database_oid = $2"
#define FOREIGN		"(o.instance <> COALESCE($1, o.instance) OR o.database_oid <> $2)"

/*
 * Tried again and again, without being counted, since more than ten minutes: no connection, or 409 and 429 time after time.
 * Endpoints that fail, and accounts that are paused, have words of their own.
 */
#define FAILING \
	"(o.uncounted >= 10 AND o.error_code IS NOT NULL AND o.status IN ('pending', 'sending')" \
	" AND o.created_at < pg_catalog.now() - interval '10 minutes' AND o.operation <> 'webhook.deliver'" \
	" AND NOT EXISTS (SELECT FROM paycore.gateway_accounts g WHERE g.name = o.gateway_account" \
	"  AND g.tenant_id = o.tenant_id AND g.status = 'paused'))"

#define AWAITS_ANSWER	"d.status OPERATOR(paycore.=) ANY ('{needs_response,warning_needs_response}'::paycore.dispute_status[])"
#define UNDECIDED		"d.status OPERATOR(paycore.<>) ALL ('{won,lost,warning_closed,prevented}'::paycore.dispute_status[])"

/* Tenants that this server is to bill, by real time, and what of them is due: from one to the next, however many subscriptions each has. */
#define DUE_TENANTS \
	"named AS ((SELECT s.tenant_id FROM paycore.subscriptions s WHERE s.next_bill_at IS NOT NULL AND s.parked_at IS NULL" \
	"  ORDER BY s.tenant_id LIMIT 1)" \
	" UNION ALL SELECT n.tenant_id FROM named p CROSS JOIN LATERAL (SELECT s.tenant_id FROM paycore.subscriptions s" \
	"  WHERE s.tenant_id > p.tenant_id AND s.next_bill_at IS NOT NULL AND s.parked_at IS NULL ORDER BY s.tenant_id LIMIT 1) n)," \
	" due AS (SELECT n.tenant_id, d.n, d.since FROM named n CROSS JOIN LATERAL (SELECT pg_catalog.count(*) AS n, pg_catalog.min(s.next_bill_at) AS since" \
	"  FROM paycore.subscriptions s WHERE s.tenant_id = n.tenant_id AND s.next_bill_at <= pg_catalog.now() AND s.parked_at IS NULL) d" \
	"  WHERE NOT EXISTS (SELECT FROM paycore.test_clocks c WHERE c.tenant_id = n.tenant_id) AND NOT EXISTS (SELECT FROM paycore.billing_schedules o" \
	"   WHERE o.tenant_id = n.tenant_id AND (o.status = 'paused' OR " FOREIGN ")))"

static PcPlan health_plan = PC_PLAN("to",
	"WITH RECURSIVE " DUE_TENANTS ", u AS (SELECT o.status, o.created_at, o.next_attempt_at, o.depends_on, o.lane, o.seq, o.id, o.tenant_id,"
	"  " FAILING " AS failing, " FOREIGN " AS alien FROM paycore.outbox o WHERE o.finished_at IS NULL)"
	" SELECT pg_catalog.jsonb_build_object("
	"'unsent', (SELECT pg_catalog.count(*) FROM u WHERE NOT alien AND status <> 'dead'),"
	" 'oldest_seconds', (SELECT pg_catalog.extract('epoch', pg_catalog.now() - pg_catalog.min(created_at))::pg_catalog.int8"
	"  FROM u WHERE NOT alien AND status <> 'dead'),"
	" 'resolving', (SELECT pg_catalog.count(*) FROM u WHERE NOT alien AND status = 'resolving'),"
	" 'dead', (SELECT pg_catalog.count(*) FROM u WHERE status = 'dead'),"
	" 'held_by_dead', (SELECT pg_catalog.count(*) FROM u WHERE status <> 'dead' AND EXISTS (SELECT 1 FROM u d"
	"  WHERE d.status = 'dead' AND d.tenant_id = u.tenant_id AND (d.lane = u.lane AND d.seq < u.seq OR d.id = ANY (u.depends_on)))),"
	" 'failing', (SELECT pg_catalog.count(*) FROM u WHERE failing AND NOT alien),"
	" 'foreign', (SELECT pg_catalog.count(*) FROM u WHERE alien),"
	" 'expiring', (SELECT pg_catalog.count(*) FROM paycore.payment_intents i WHERE i.next_sweep_at IS NOT NULL"
	"  AND i.status::text = 'requires_capture' AND i.capture_before < pg_catalog.now() + interval '1 day'),"
	" 'paused', (SELECT COALESCE(pg_catalog.jsonb_object_agg(g.name, g.paused_reason), '{}')"
	"  FROM paycore.gateway_accounts g WHERE g.status = 'paused'),"
	" 'default_methods_expired', (SELECT pg_catalog.count(*) FROM paycore.payment_methods m WHERE m.is_default"
	"  AND m.status = 'attached' AND m.exp_year IS NOT NULL"
	"  AND (m.exp_year, m.exp_month) < (EXTRACT(year FROM pg_catalog.now())::int4, EXTRACT(month FROM pg_catalog.now())::int4)),"
	" 'default_methods_lapsed', (SELECT pg_catalog.count(DISTINCT m.id) FROM paycore.mandates n JOIN paycore.payment_methods m"
	"  ON m.psp_payment_method_id = n.psp_payment_method_id AND m.gateway_account = n.gateway_account AND m.tenant_id = n.tenant_id"
	"  WHERE n.status::text = 'inactive' AND m.is_default AND NOT EXISTS (SELECT FROM paycore.mandates o"
	"   WHERE o.psp_payment_method_id = n.psp_payment_method_id AND o.gateway_account = n.gateway_account"
	"   AND o.tenant_id = n.tenant_id AND o.status::text <> 'inactive')),"
	" 'disputes_due', (SELECT pg_catalog.count(*) FROM paycore.disputes d WHERE " AWAITS_ANSWER
	"  AND d.evidence_due_by < pg_catalog.now() + interval '3 days'),"
	" 'disputes_reopened', (SELECT pg_catalog.count(*) FROM paycore.disputes d"
	"  WHERE d.reopened_at IS NOT NULL AND d.acknowledged_at IS NULL),"
	" 'endpoints_disabled', (SELECT COALESCE(pg_catalog.jsonb_object_agg(e.name, e.disabled_reason), '{}')"
	"  FROM paycore.webhook_endpoints e WHERE e.status = 'disabled'),"
	" 'endpoints_failing', (SELECT COALESCE(pg_catalog.jsonb_object_agg(e.name, e.failing_since), '{}')"
	"  FROM paycore.webhook_endpoints e WHERE e.status = 'enabled' AND e.failing_since < pg_catalog.now() - interval '1 hour'),"
	" 'endpoints_foreign', (SELECT pg_catalog.count(*) FROM paycore.webhook_endpoints o WHERE " FOREIGN "),"
	" 'subscriptions_due', (SELECT COALESCE(pg_catalog.sum(due.n), 0) FROM due),"
	" 'subscriptions_due_seconds', (SELECT pg_catalog.extract('epoch', pg_catalog.now() - pg_catalog.min(due.since))::pg_catalog.int8 FROM due),"
	" 'subscriptions_parked', (SELECT pg_catalog.count(*) FROM paycore.subscriptions s WHERE s.parked_at IS NOT NULL),"
	" 'billing_last_run', (SELECT pg_catalog.max(b.last_run_at) FROM paycore.billing_schedules b),"
	" 'billing_paused', (SELECT pg_catalog.count(*) FROM paycore.billing_schedules b WHERE b.status = 'paused'),"
	" 'billing_foreign', (SELECT pg_catalog.count(*) FROM paycore.billing_schedules o WHERE " FOREIGN "),"
	" 'credit_notes_not_refunded', (SELECT pg_catalog.count(*) FROM paycore.credit_notes n WHERE paycore.cents(n.refund_failed) > 0"
	"  AND n.status = 'issued' AND EXISTS (SELECT FROM paycore.account_balances b WHERE b.billing_account_id = n.billing_account_id"
	"   AND b.tenant_id = n.tenant_id AND b.currency OPERATOR(paycore.=) n.currency AND paycore.cents(b.balance) > 0)),"
	" 'failed_events', (SELECT pg_catalog.count(*) FROM paycore.webhook_events e WHERE e.status = 'failed'))");

static PcPlan networked_plan = PC_PLAN("",
	"SELECT DISTINCT name, gateway = 'push' FROM paycore.gateway_accounts WHERE gateway IN ('stripe', 'push') AND status = 'active'");

static PcPlan endpoints_plan = PC_PLAN("",
	"SELECT e.name, e.disabled_reason, e.failing_since::text FROM paycore.webhook_endpoints e"
	" WHERE e.status = 'disabled' OR e.failing_since < pg_catalog.now() - interval '1 hour' ORDER BY e.name");

static PcPlan paused_plan = PC_PLAN("",
	"SELECT DISTINCT name, COALESCE(paused_reason, 'no reason given') FROM paycore.gateway_accounts WHERE status = 'paused'");

static PcPlan metrics_plan = PC_PLAN("to",
	"WITH RECURSIVE " DUE_TENANTS
	" SELECT 'paycore_outbox_unfinished', pg_catalog.jsonb_build_object('status', o.status, 'operation', o.operation),"
	" pg_catalog.count(*)::pg_catalog.float8 FROM paycore.outbox o WHERE o.finished_at IS NULL AND " OURS " GROUP BY o.status, o.operation"
	" UNION ALL SELECT 'paycore_outbox_oldest_seconds', '{}', COALESCE(pg_catalog.extract('epoch',"
	" pg_catalog.now() - pg_catalog.min(o.created_at)), 0)::pg_catalog.float8"
	" FROM paycore.outbox o WHERE o.finished_at IS NULL AND " OURS
	" UNION ALL SELECT 'paycore_outbox_failing', '{}', pg_catalog.count(*)::pg_catalog.float8"
	" FROM paycore.outbox o WHERE o.finished_at IS NULL AND " OURS " AND " FAILING
	" UNION ALL SELECT 'paycore_outbox_foreign', '{}', pg_catalog.count(*)::pg_catalog.float8"
	" FROM paycore.outbox o WHERE o.finished_at IS NULL AND " FOREIGN
	" UNION ALL SELECT 'paycore_gateway_paused', pg_catalog.jsonb_build_object('account', g.name),"
	" (g.status = 'paused')::pg_catalog.int4::pg_catalog.float8 FROM paycore.gateway_accounts g"
	" UNION ALL SELECT 'paycore_webhook_endpoint_enabled', pg_catalog.jsonb_build_object('tenant', e.tenant_id, 'endpoint', e.name),"
	" (e.status = 'enabled')::pg_catalog.int4::pg_catalog.float8 FROM paycore.webhook_endpoints e"
	" UNION ALL SELECT 'paycore_webhook_endpoint_failing_seconds', pg_catalog.jsonb_build_object('tenant', e.tenant_id, 'endpoint', e.name),"
	" COALESCE(pg_catalog.extract('epoch', pg_catalog.now() - e.failing_since), 0)::pg_catalog.float8 FROM paycore.webhook_endpoints e"
	" UNION ALL SELECT 'paycore_webhook_events_failed', '{}', pg_catalog.count(*)::pg_catalog.float8"
	" FROM paycore.webhook_events e WHERE e.status = 'failed'"
	" UNION ALL SELECT 'paycore_webhook_events_rejected', pg_catalog.jsonb_build_object('account', e.gateway_account, 'reason', e.error_code),"
	" pg_catalog.sum(e.receive_count)::pg_catalog.float8 FROM paycore.webhook_events e"
	" WHERE e.status = 'rejected' AND e.received_at > pg_catalog.now() - interval '1 day' GROUP BY e.gateway_account, e.error_code"
	" UNION ALL SELECT 'paycore_subscriptions_due', '{}', COALESCE(pg_catalog.sum(due.n), 0)::pg_catalog.float8 FROM due"
	" UNION ALL SELECT 'paycore_subscriptions_due_seconds', '{}', COALESCE(pg_catalog.extract('epoch',"
	" pg_catalog.now() - pg_catalog.min(due.since)), 0)::pg_catalog.float8 FROM due"
	" UNION ALL SELECT 'paycore_subscriptions_parked', '{}', pg_catalog.count(*)::pg_catalog.float8"
	" FROM paycore.subscriptions s WHERE s.parked_at IS NOT NULL"
	" UNION ALL SELECT 'paycore_billing_last_run_seconds', '{}', pg_catalog.extract('epoch',"
	" pg_catalog.now() - pg_catalog.max(b.last_run_at))::pg_catalog.float8 FROM paycore.billing_schedules b HAVING pg_catalog.max(b.last_run_at) IS NOT NULL"
	" UNION ALL SELECT 'paycore_billing_paused', '{}', pg_catalog.count(*)::pg_catalog.float8"
	" FROM paycore.billing_schedules b WHERE b.status = 'paused'"
	" UNION ALL SELECT 'paycore_billing_foreign', '{}', pg_catalog.count(*)::pg_catalog.float8"
	" FROM paycore.billing_schedules o WHERE " FOREIGN
	" UNION ALL SELECT 'paycore_disputes_open', pg_catalog.jsonb_build_object('status', d.status::text),"
	" pg_catalog.count(*)::pg_catalog.float8 FROM paycore.disputes d"
	" WHERE " UNDECIDED " GROUP BY d.status::text"
	" UNION ALL SELECT 'paycore_disputes_next_due_seconds', '{}', pg_catalog.extract('epoch',"
	" pg_catalog.min(d.evidence_due_by) - pg_catalog.now())::pg_catalog.float8"
	" FROM paycore.disputes d WHERE " AWAITS_ANSWER " HAVING pg_catalog.min(d.evidence_due_by) IS NOT NULL"
	" UNION ALL SELECT 'paycore_disputes_reopened', '{}', pg_catalog.count(*)::pg_catalog.float8"
	" FROM paycore.disputes d WHERE d.reopened_at IS NOT NULL AND d.acknowledged_at IS NULL");

static uint64
read_as_owner(PcPlan *plan, bool with_instance)
{
	PcIdentity	saved;
	PcArgs		args = {0};
	uint64		n;

	pc_identity_assume(&saved, pc_owner(false));
	if (with_instance)
	{
		pc_arg_text(&args, pc_secrets_error() == NULL ? pc_instance_name() : NULL);
		pc_arg(&args, ObjectIdGetDatum(MyDatabaseId), false);
	}
	n = pc_execute_args(plan, &args, false);
	pc_identity_drop(&saved);
	return n;
}

PG_FUNCTION_INFO_V1(paycore_worker_status);
PGDLLEXPORT Datum
paycore_worker_status(PG_FUNCTION_ARGS)
{
	TupleDesc	desc;
	Datum		values[13] = {0};
	bool		nulls[13];
	PcWorkerStats stats;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "paycore: worker_status() must return a row");
	memset(nulls, true, sizeof(nulls));
	values[0] = Int32GetDatum(pc_shmem_launcher_pid());
	nulls[0] = pc_shmem_launcher_pid() == 0;
	if (pc_shmem_worker_stats(MyDatabaseId, &stats))
	{
		memset(nulls + 1, stats.pid == 0, sizeof(nulls) - 1);
		values[1] = Int32GetDatum(stats.pid);
		values[2] = TimestampTzGetDatum(stats.started_at);
		values[3] = TimestampTzGetDatum(stats.last_turn_at);
		values[4] = Int32GetDatum(stats.in_flight);
		values[5] = Int64GetDatum(stats.sent);
		values[6] = Int64GetDatum(stats.answered);
		values[7] = Int64GetDatum(stats.recorded);
		values[8] = Int64GetDatum(stats.faults);
		values[9] = BoolGetDatum(stats.no_slot);
		nulls[9] = false;
		values[10] = Int64GetDatum(stats.billed);
		values[11] = TimestampTzGetDatum(stats.billing_passed_at);
		nulls[11] |= stats.billing_passed_at == 0;
		values[12] = Int32GetDatum(stats.assistant);
		nulls[12] = stats.assistant == 0;
	}
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}

/* Collected as rows of one statement, so that jsonb is built in one place. */
typedef struct Problems
{
	List	   *texts;
} Problems;

static void
problem(Problems *p, const char *text)
{
	p->texts = lappend(p->texts, pstrdup(text));
}

/* What is wrong where it is not zero. */
static const struct
{
	const char *field;
	const char *text;
}			counted[] = {
	{"dead", INT64_FORMAT " requests are dead: see paycore.outbox, then paycore.retry_outbox()"},
	{"resolving",
		INT64_FORMAT " requests have an unknown outcome and are being looked into; what depends "
		"on them waits"},
	{"held_by_dead", INT64_FORMAT " requests wait for dead ones"},
	{"failing",
		INT64_FORMAT " requests have not got through to the gateway for more than ten minutes, "
		"and others may wait for them: see error_message in paycore.outbox"},
	{"foreign",
		INT64_FORMAT " requests belong to another instance or database and are not sent: see "
		"paycore.foreign_outbox, then paycore.adopt_outbox('send' or 'discard')"},
	{"expiring",
		INT64_FORMAT " authorisations run out within a day (payment_intents.capture_before): "
		"capture or cancel them"},
	{"default_methods_expired",
		INT64_FORMAT " default payment methods have expired: see "
		"paycore.expiring_payment_methods()"},
	{"default_methods_lapsed",
		INT64_FORMAT " default payment methods cannot be charged off session: their mandates "
		"are inactive (paycore.mandates)"},
	{"disputes_due",
		INT64_FORMAT " disputes must be answered within three days (disputes.evidence_due_by): "
		"paycore.submit_dispute_evidence() or paycore.close_dispute()"},
	{"disputes_reopened",
		INT64_FORMAT " decided disputes were opened again or decided otherwise "
		"(disputes.reopened_at): see them, then paycore.acknowledge_dispute()"},
	{"endpoints_foreign",
		INT64_FORMAT " webhook endpoints belong to another instance or database and are sent "
		"nothing: paycore.adopt_outbox('send' or 'discard')"},
	{"subscriptions_parked",
		INT64_FORMAT " subscriptions could not be billed (subscriptions.parked_reason): mend "
		"the cause, then paycore.retry_billing()"},
	{"billing_paused",
		"the billing of " INT64_FORMAT " tenants is paused (billing_schedules.paused_reason): "
		"paycore.resume_billing()"},
	{"billing_foreign",
		"the billing of " INT64_FORMAT " tenants belongs to another instance or database and is "
		"not done here: paycore.adopt_outbox('send' or 'discard')"},
	{"credit_notes_not_refunded",
		"refunds of " INT64_FORMAT " credit notes have failed (credit_notes.refund_failed): "
		"what they were to give back is on the accounts' balances"},
	{"failed_events", INT64_FORMAT " webhook events could not be applied"},
};

static void
find_count_problems(Problems *p, const Jsonb *numbers)
{
	for (size_t i = 0; i < lengthof(counted); i++)
	{
		int64		n;

		if (pc_json_int64(numbers, counted[i].field, &n) && n > 0)
			problem(p, psprintf(counted[i].text, n));
	}
}

/* What is asked for by hand may well be asked for once a day. */
static void
find_late_billing(Problems *p, const Jsonb *numbers)
{
	bool		scheduled = pc_billing_interval > 0 && pc_shmem_ready();
	int64		allowed = scheduled ? Max(SECS_PER_HOUR, 2 * (int64) pc_billing_interval) : SECS_PER_DAY + SECS_PER_HOUR;
	int64		n,
				seconds;

	if (!pc_json_int64(numbers, "subscriptions_due", &n) || !pc_json_int64(numbers, "subscriptions_due_seconds", &seconds) || seconds <= allowed)
		return;
	problem(p, psprintf(INT64_FORMAT " subscriptions are due and not billed, for " INT64_FORMAT " hours: %s", n, seconds / SECS_PER_HOUR,
						scheduled ? "see paycore.billing_progress and the server's log" : "CALL paycore.run_billing_all()"));
}

static void
find_paused_accounts(Problems *p)
{
	uint64		n = read_as_owner(&paused_plan, false);

	for (uint64 r = 0; r < n; r++)
		problem(p, psprintf("gateway account %s is paused, see paycore.resume_gateway(): %s",
							pc_get_cstring(r, 1), pc_get_cstring(r, 2)));
}

static void
find_endpoint_problems(Problems *p)
{
	uint64		n = read_as_owner(&endpoints_plan, false);

	for (uint64 r = 0; r < n; r++)
	{
		char	   *reason = pc_get_cstring(r, 2);

		problem(p, reason != NULL ?
				psprintf("webhook endpoint %s is disabled, see paycore.update_webhook_endpoint(): %s", pc_get_cstring(r, 1), reason) :
				psprintf("webhook endpoint %s has taken nothing since %s", pc_get_cstring(r, 1), pc_get_cstring(r, 3)));
	}
}

static void
find_worker_problems(Problems *p)
{
	PcWorkerStats stats;

	if (!pc_shmem_ready())
		problem(p, "no worker: paycore is not in shared_preload_libraries; CALL paycore.drain_outbox() sends");
	else if (!pc_shmem_worker_stats(MyDatabaseId, &stats) || stats.pid == 0)
		problem(p, pc_shmem_worker_stats(MyDatabaseId, &stats) && stats.no_slot ?
				"the worker is not running: no free slot, raise max_worker_processes" :
				pc_worker_enabled ? "the worker is not running: see the server's log" :
				"the worker is not running: this database is not marked for it, as paycore.init() and ALTER DATABASE ... SET paycore.worker = on do");
}

static void
find_secrets_problems(Problems *p)
{
	uint64		n;

	if (pc_secrets_error() != NULL)
	{
		problem(p, psprintf("the secrets file cannot be used, so nothing is sent: %s", pc_secrets_error()));
		return;
	}
	if (pc_secrets_warning() != NULL)
		problem(p, pc_secrets_warning());
	n = read_as_owner(&networked_plan, false);
	for (uint64 r = 0; r < n; r++)
	{
		char	   *name = pc_get_cstring(r, 1);
		const char *why = NULL;
		const PcSecrets *secrets = pc_secrets_try(name, &why);
		bool		push = pc_get_bool(r, 2);

		if (secrets == NULL || (push ? secrets->nwebhook_secrets == 0 : secrets->api_key == NULL))
			problem(p, psprintf("%s %s has no %s%s%s", push ? "webhook endpoint" : "gateway account", name,
								push ? "webhook_secret" : "API key", why != NULL ? ": " : "", why != NULL ? why : ""));
	}
}

static PcPlan join_plan = PC_PLAN("jT",
	"SELECT $1 || pg_catalog.jsonb_build_object('problems', pg_catalog.to_jsonb($2))");

static void
join_problems(const Jsonb *numbers, const Problems *p)
{
	PcArgs		args = {0};
	int			n = list_length(p->texts);
	Datum	   *texts = palloc(sizeof(Datum) * Max(n, 1));

	for (int i = 0; i < n; i++)
		texts[i] = CStringGetTextDatum(list_nth(p->texts, i));
	pc_arg_json(&args, numbers);
	pc_arg(&args, PointerGetDatum(construct_array(texts, n, TEXTOID, -1, false, TYPALIGN_INT)), false);
	(void) pc_execute_args(&join_plan, &args, true);
}

PG_FUNCTION_INFO_V1(paycore_health);
PGDLLEXPORT Datum
paycore_health(PG_FUNCTION_ARGS)
{
	Problems	p = {0};
	Jsonb	   *numbers;
	int			level;

	pc_tables_check();
	SPI_connect();
	level = pc_search_path_pin();
	(void) read_as_owner(&health_plan, true);
	numbers = pc_get_json(0, 1);
	find_worker_problems(&p);
	find_count_problems(&p, numbers);
	find_late_billing(&p, numbers);
	find_paused_accounts(&p);
	find_endpoint_problems(&p);
	find_secrets_problems(&p);
	join_problems(numbers, &p);
	numbers = pc_get_json(0, 1);
	numbers = (Jsonb *) DatumGetPointer(SPI_datumTransfer(JsonbPGetDatum(numbers), false, -1));
	pc_search_path_unpin(level);
	SPI_finish();
	PG_RETURN_JSONB_P(numbers);
}

PG_FUNCTION_INFO_V1(paycore_metrics);
PGDLLEXPORT Datum
paycore_metrics(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *set = (ReturnSetInfo *) fcinfo->resultinfo;
	uint64		n;

	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	n = read_as_owner(&metrics_plan, true);
	for (uint64 r = 0; r < n; r++)
	{
		Datum		values[3];
		bool		nulls[3];

		for (int i = 0; i < 3; i++)
			values[i] = pc_get(r, i + 1, &nulls[i]);
		tuplestore_putvalues(set->setResult, set->setDesc, values, nulls);
	}
	SPI_finish();
	return (Datum) 0;
}
