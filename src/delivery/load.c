/*
 * load.c
 *		What is known of the objects that requests are about: their ids at the
 *		gateway and their states, one query per batch.
 */
#include "common/paycore.h"

#include "common/database.h"
#include "common/json.h"
#include "common/plan.h"
#include "delivery/job.h"
#include "types/money_args.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"

/*
 * Each gives: position, account, intent, refund, customer, method, intent,
 * charge, refund or payout (the gateway's), status, parent's status, amount,
 * authorized, created, captured, capture method; of disputes also the
 * gateway's id and what else is known.
 */
#define OF_JOBS " FROM unnest($1, $2) WITH ORDINALITY AS u(id, tenant, n) "

static PcPlan account_plan = PC_PLAN("UT",
	"SELECT u.n::int4, a.id::text, NULL::text, NULL::text, a.psp_customer_id, NULL::text, NULL::text, NULL::text,"
	" NULL::text, CASE WHEN a.gw_deleted THEN 'deleted' ELSE a.status END, NULL::text, NULL::int8, NULL::int8, a.created_at, NULL::int8, NULL::text"
	OF_JOBS "JOIN paycore.billing_accounts a ON a.id = u.id AND a.tenant_id = u.tenant");

static PcPlan method_plan = PC_PLAN("UT",
	"SELECT u.n::int4, a.id::text, NULL::text, NULL::text, a.psp_customer_id, m.psp_payment_method_id, NULL::text,"
	" NULL::text, NULL::text, m.status, NULL::text, NULL::int8, NULL::int8, m.created_at, NULL::int8, NULL::text"
	OF_JOBS "JOIN paycore.payment_methods m ON m.id = u.id AND m.tenant_id = u.tenant"
	" JOIN paycore.billing_accounts a ON a.id = m.billing_account_id AND a.tenant_id = m.tenant_id");

static PcPlan intent_plan = PC_PLAN("UT",
	"SELECT u.n::int4, a.id::text, i.id::text, NULL::text, a.psp_customer_id, i.payment_method, i.psp_intent_id,"
	" i.psp_latest_charge_id, NULL::text, i.status::text, NULL::text, i.amount,"
	" CASE WHEN paycore.cents(i.amount_capturable) > 0 THEN i.amount_capturable ELSE i.amount END, i.created_at,"
	" CASE WHEN paycore.cents(i.amount_received) > 0 THEN i.amount_received END, i.capture_method"
	OF_JOBS "JOIN paycore.payment_intents i ON i.id = u.id AND i.tenant_id = u.tenant"
	" JOIN paycore.billing_accounts a ON a.id = i.billing_account_id AND a.tenant_id = i.tenant_id");

/* A dispute that takes no refund of its payment bars those that were not sent yet. */
#define PAYMENT_STATUS \
	"CASE WHEN paycore.cents(p.dispute_held) > 0 AND EXISTS (SELECT FROM paycore.disputes d WHERE d.payment_id = p.id" \
	" AND d.tenant_id = p.tenant_id AND NOT d.is_charge_refundable" \
	" AND d.status::text NOT IN ('won', 'warning_closed', 'prevented')) THEN 'disputed' ELSE p.status::text END"

static PcPlan refund_plan = PC_PLAN("UT",
	"SELECT u.n::int4, p.billing_account_id::text, p.payment_intent_id::text, r.id::text, NULL::text, NULL::text,"
	" i.psp_intent_id, p.psp_charge_id, r.psp_refund_id, r.status::text, " PAYMENT_STATUS ", r.amount, p.gross, r.created_at, p.gross, i.capture_method"
	OF_JOBS "JOIN paycore.refunds r ON r.id = u.id AND r.tenant_id = u.tenant"
	" JOIN paycore.payments p ON p.id = r.payment_id AND p.tenant_id = r.tenant_id"
	" LEFT JOIN paycore.payment_intents i ON i.id = p.payment_intent_id AND i.tenant_id = p.tenant_id");

static PcPlan payment_plan = PC_PLAN("UT",
	"SELECT u.n::int4, p.billing_account_id::text, p.payment_intent_id::text, NULL::text, NULL::text, NULL::text,"
	" i.psp_intent_id, p.psp_charge_id, NULL::text, p.status::text, NULL::text, p.authorized, p.gross, p.created_at, p.gross, i.capture_method"
	OF_JOBS "JOIN paycore.payments p ON p.id = u.id AND p.tenant_id = u.tenant"
	" LEFT JOIN paycore.payment_intents i ON i.id = p.payment_intent_id AND i.tenant_id = p.tenant_id");

static PcPlan payout_plan = PC_PLAN("UT",
	"SELECT u.n::int4, NULL::text, NULL::text, NULL::text, NULL::text, NULL::text, NULL::text, NULL::text, o.psp_payout_id,"
	" o.status::text, NULL::text, o.amount, NULL::int8, o.created_at, NULL::int8, NULL::text"
	OF_JOBS "JOIN paycore.payouts o ON o.id = u.id AND o.tenant_id = u.tenant");
static PcPlan setup_plan = PC_PLAN("UT",
	"SELECT u.n::int4, a.id::text, i.id::text, NULL::text, a.psp_customer_id, i.payment_method, i.psp_setup_intent_id,"
	" NULL::text, NULL::text, i.status::text, NULL::text, NULL::int8, NULL::int8, i.created_at, NULL::int8, NULL::text"
	OF_JOBS "JOIN paycore.setup_intents i ON i.id = u.id AND i.tenant_id = u.tenant"
	" JOIN paycore.billing_accounts a ON a.id = i.billing_account_id AND a.tenant_id = i.tenant_id");

static PcPlan mandate_plan = PC_PLAN("UT",
	"SELECT u.n::int4, m.billing_account_id::text, NULL::text, NULL::text, NULL::text, m.psp_payment_method_id, NULL::text,"
	" NULL::text, NULL::text, m.status::text, NULL::text, NULL::int8, NULL::int8, m.created_at, NULL::int8, NULL::text"
	OF_JOBS "JOIN paycore.mandates m ON m.id = u.id AND m.tenant_id = u.tenant");

static PcPlan payment_method_plan = PC_PLAN("UT",
	"SELECT u.n::int4, p.billing_account_id::text, p.payment_intent_id::text, NULL::text, NULL::text, i.payment_method,"
	" i.psp_intent_id, p.psp_charge_id, NULL::text, p.status::text, NULL::text, p.authorized, p.gross, p.created_at, p.gross, i.capture_method"
	OF_JOBS "JOIN paycore.payments p ON p.id = u.id AND p.tenant_id = u.tenant"
	" LEFT JOIN paycore.payment_intents i ON i.id = p.payment_intent_id AND i.tenant_id = p.tenant_id");

static PcPlan dispute_plan = PC_PLAN("UT",
	"SELECT u.n::int4, d.billing_account_id::text, d.payment_intent_id::text, NULL::text, NULL::text, NULL::text,"
	" i.psp_intent_id, p.psp_charge_id, NULL::text, d.status::text, p.status::text, d.amount, p.gross, d.created_at, p.gross, NULL::text,"
	" d.psp_dispute_id, pg_catalog.jsonb_build_object('reason', d.reason, 'kind', d.kind, 'evidence', d.evidence,"
	" 'submissions', d.submission_count, 'due_by', pg_catalog.extract('epoch', d.evidence_due_by)::pg_catalog.int8)"
	OF_JOBS "JOIN paycore.disputes d ON d.id = u.id AND d.tenant_id = u.tenant"
	" JOIN paycore.payments p ON p.id = d.payment_id AND p.tenant_id = d.tenant_id"
	" LEFT JOIN paycore.payment_intents i ON i.id = d.payment_intent_id AND i.tenant_id = d.tenant_id");

static PcPlan *
plan_of(GwOperation op)
{
	switch (op)
	{
		case GW_CUSTOMER_CREATE:
		case GW_CUSTOMER_UPDATE:
		case GW_CUSTOMER_RETRIEVE:
		case GW_CUSTOMER_LIST:
		case GW_METHOD_LIST:
			return &account_plan;
		case GW_METHOD_ATTACH:
		case GW_METHOD_DETACH:
		case GW_METHOD_RETRIEVE:
			return &method_plan;
		case GW_INTENT_CREATE:
		case GW_INTENT_UPDATE:
		case GW_INTENT_CONFIRM:
		case GW_INTENT_CAPTURE:
		case GW_INTENT_CANCEL:
		case GW_INTENT_RETRIEVE:
		case GW_INTENT_LIST:
			return &intent_plan;
		case GW_REFUND_CREATE:
		case GW_REFUND_CANCEL:
		case GW_REFUND_RETRIEVE:
			return &refund_plan;
		case GW_CHARGE_RETRIEVE:
		case GW_REFUND_LIST:
			return &payment_plan;
		case GW_PAYOUT_RETRIEVE:
		case GW_BALANCE_LIST:
			return &payout_plan;
		case GW_SETUP_CREATE:
		case GW_SETUP_CONFIRM:
		case GW_SETUP_CANCEL:
		case GW_SETUP_RETRIEVE:
		case GW_SETUP_LIST:
			return &setup_plan;
		case GW_MANDATE_RETRIEVE:
			return &mandate_plan;
		case GW_DISPUTE_LIST:
			return &payment_method_plan;
		case GW_DISPUTE_UPDATE:
		case GW_DISPUTE_SUBMIT:
		case GW_DISPUTE_CLOSE:
		case GW_DISPUTE_RETRIEVE:
			return &dispute_plan;
		default:
			return NULL;
	}
}

static void
fill(PcJob *job, uint64 r)
{
	MemoryContext old = MemoryContextSwitchTo(job->context);
	bool		isnull;

	job->found = true;
	job->call.account_id = pc_get_cstring(r, 2);
	job->call.intent_id = pc_get_cstring(r, 3);
	job->call.refund_id = pc_get_cstring(r, 4);
	job->call.psp_customer_id = pc_get_cstring(r, 5);
	job->call.psp_method_id = pc_get_cstring(r, 6);
	job->call.psp_intent_id = pc_get_cstring(r, 7);
	job->call.psp_charge_id = pc_get_cstring(r, 8);
	if (job->op == GW_PAYOUT_RETRIEVE || job->op == GW_BALANCE_LIST)
		job->call.psp_payout_id = pc_get_cstring(r, 9);
	else
		job->call.psp_refund_id = pc_get_cstring(r, 9);
	job->call.object_status = pc_get_cstring(r, 10);
	job->parent_status = pc_get_cstring(r, 11);
	job->call.amount = pc_get_money(r, 12);
	job->call.authorized = pc_get_money(r, 13);
	job->object_created = pc_get_time(r, 14);
	job->call.captured = pc_get_money(r, 15);
	job->call.capture_method = pc_get_cstring(r, 16);
	if (SPI_tuptable->tupdesc->natts > 16)
	{
		job->call.psp_dispute_id = pc_get_cstring(r, 17);
		job->call.details = DatumGetJsonbPCopy(pc_get(r, 18, &isnull));
	}
	MemoryContextSwitchTo(old);
}

/* An object without a row here is named by the gateway's id in the parameters. */
static void
name_by_parameter(PcJob *job)
{
	MemoryContext old = MemoryContextSwitchTo(job->context);
	char	   *psp_id = pc_json_text(job->params, "psp_id");

	MemoryContextSwitchTo(old);
	if (psp_id == NULL)
		return;
	job->found = true;
	switch (job->op)
	{
		case GW_CUSTOMER_RETRIEVE:
			job->call.psp_customer_id = psp_id;
			break;
		case GW_METHOD_RETRIEVE:
			job->call.psp_method_id = psp_id;
			break;
		case GW_INTENT_RETRIEVE:
		case GW_INTENT_CANCEL:
			job->call.psp_intent_id = psp_id;
			job->call.object_status = NULL;
			break;
		case GW_CHARGE_RETRIEVE:
			job->call.psp_charge_id = psp_id;
			break;
		case GW_SETUP_RETRIEVE:
			job->call.psp_intent_id = psp_id;
			break;
		case GW_MANDATE_RETRIEVE:
			job->call.psp_mandate_id = psp_id;
			break;
		case GW_REFUND_RETRIEVE:
			job->call.psp_refund_id = psp_id;
			break;
		case GW_PAYOUT_RETRIEVE:
			job->call.psp_payout_id = psp_id;
			break;
		case GW_DISPUTE_RETRIEVE:
			job->call.psp_dispute_id = psp_id;
			break;
		case GW_WARNING_RETRIEVE:
		case GW_REVIEW_RETRIEVE:
			job->call.psp_object_id = psp_id;
			break;
		default:
			break;
	}
}

static void
load_rows(List *jobs, PcPlan *plan)
{
	Datum		values[2];
	uint64		found;

	pc_job_objects(jobs, values);
	found = pc_execute(plan, values, NULL, false, 0);
	for (uint64 r = 0; r < found; r++)
		fill(list_nth(jobs, pc_get_int32(r, 1) - 1), r);
	SPI_freetuptable(SPI_tuptable);
}

void
pc_jobs_load(List *jobs, GwOperation op)
{
	PcPlan	   *plan = plan_of(op);
	List	   *with_rows = NIL;
	ListCell   *lc;

	foreach(lc, jobs)
	{
		PcJob	   *job = lfirst(lc);

		/* Gateway accounts are asked about as they are. */
		if (strcmp(job->object_type, "gateway_account") == 0)
			job->found = true;
		else
			with_rows = lappend(with_rows, job);
	}
	if (plan != NULL && with_rows != NIL)
		load_rows(with_rows, plan);
	foreach(lc, jobs)
	{
		PcJob	   *job = lfirst(lc);

		job->call.op = job->op;
		job->call.params = job->params;
		job->call.tenant = job->tenant;
		/* The original may have sent the same request under the same key: the bytes must be the same. */
		job->call.database = MemoryContextStrdup(job->context, job->origin != NULL ? job->origin : pc_database_mark());
		job->call.idempotency_key = job->idempotency_key;
		name_by_parameter(job);
		pc_page_prepare(job);
	}
	if (op == GW_WEBHOOK_DELIVER)
		pc_push_load(jobs);
}
