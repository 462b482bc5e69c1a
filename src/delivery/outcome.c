/*
 * outcome.c
 *		What a definite refusal means for the object that the request was about.
 *
 * Nothing here undoes what the gateway has done: each statement applies only
 * while the gateway knows nothing of the object.
 */
#include "common/paycore.h"

#include "common/plan.h"
#include "common/writer.h"
#include "delivery/job.h"
#include "utils/builtins.h"

static PcPlan intent_failed_plan = PC_PLAN("utttt",
	"UPDATE paycore.payment_intents SET status = 'failed', error_type = $3, error_code = $4, error_message = $5,"
	" next_sweep_at = NULL, client_secret = NULL"
	" WHERE id = $1 AND tenant_id = $2 AND psp_intent_id IS NULL AND status::text = 'created'");

static PcPlan intent_error_plan = PC_PLAN("utttt",
	"UPDATE paycore.payment_intents SET error_type = $3, error_code = $4, error_message = $5"
	" WHERE id = $1 AND tenant_id = $2 AND status::text NOT IN ('succeeded', 'canceled', 'failed')");

static PcPlan refund_failed_plan = PC_PLAN("utttt",
	"UPDATE paycore.refunds SET status = 'failed', failure_reason = COALESCE($4, $3, $5), failed_at = pg_catalog.now(),"
	" next_sweep_at = NULL"
	" WHERE id = $1 AND tenant_id = $2 AND psp_refund_id IS NULL AND status::text = 'pending'");

static PcPlan setup_failed_plan = PC_PLAN("utttt",
	"UPDATE paycore.setup_intents SET status = 'failed', error_type = $3, error_code = $4, error_message = $5,"
	" next_sweep_at = NULL, client_secret = NULL"
	" WHERE id = $1 AND tenant_id = $2 AND psp_setup_intent_id IS NULL AND status::text = 'created'");

static PcPlan setup_error_plan = PC_PLAN("utttt",
	"UPDATE paycore.setup_intents SET error_type = $3, error_code = $4, error_message = $5"
	" WHERE id = $1 AND tenant_id = $2 AND status::text NOT IN ('succeeded', 'canceled', 'failed')");

static PcPlan method_failed_plan = PC_PLAN("utttt",
	"UPDATE paycore.payment_methods SET status = 'failed', error_code = COALESCE($4, $3), error_message = $5"
	" WHERE id = $1 AND tenant_id = $2 AND status = 'pending'");

/* The gateway would not have it; the dispute stands where it stood. */
static PcPlan dispute_error_plan = PC_PLAN("utttt",
	"UPDATE paycore.disputes SET error_code = COALESCE($4, $3), error_message = $5"
	" WHERE id = $1 AND tenant_id = $2");

static PcPlan pause_plan = PC_PLAN("tt",
	"UPDATE paycore.gateway_accounts SET status = 'paused', paused_reason = $2, paused_at = pg_catalog.now()"
	" WHERE name = $1 AND status = 'active'");

static Datum
text_or_null(const char *text, char *null)
{
	*null = text == NULL ? 'n' : ' ';
	return text == NULL ? (Datum) 0 : CStringGetTextDatum(text);
}

static void
run(PcPlan *plan, const PcJob *job, const char *type, const char *code, const char *message)
{
	Datum		values[5];
	char		nulls[6] = "     ";

	values[0] = UUIDPGetDatum(&job->object_id);
	values[1] = CStringGetTextDatum(job->tenant);
	values[2] = text_or_null(type, &nulls[2]);
	values[3] = text_or_null(code, &nulls[3]);
	values[4] = text_or_null(message, &nulls[4]);
	PC_WRITE_AS(.source = PC_SOURCE_RESPONSE, .through_api = true, .observed = true, .reason = code);
	{
		pc_execute(plan, values, nulls, false, 0);
	}
	PC_WRITE_END;
}

void
pc_outcome_look(PcJob *job, int64 delay_ms)
{
	PcRequest	request = {0};

	request.tenant = job->tenant;
	request.gateway_account = job->gateway_account;
	request.object_type = job->object_type;
	request.object_id = job->object_id;
	request.lane = job->lane;
	request.delay_ms = delay_ms;
	switch (job->op)
	{
		case GW_INTENT_CREATE:
		case GW_INTENT_UPDATE:
		case GW_INTENT_CONFIRM:
		case GW_INTENT_CAPTURE:
		case GW_INTENT_CANCEL:
			request.op = GW_INTENT_RETRIEVE;
			break;
		case GW_REFUND_CANCEL:
			request.op = GW_REFUND_RETRIEVE;
			break;
		case GW_METHOD_ATTACH:
		case GW_METHOD_DETACH:
			request.op = GW_METHOD_RETRIEVE;
			break;
		case GW_SETUP_CREATE:
		case GW_SETUP_CONFIRM:
		case GW_SETUP_CANCEL:
			request.op = GW_SETUP_RETRIEVE;
			break;
		case GW_CUSTOMER_UPDATE:
			request.op = GW_CUSTOMER_RETRIEVE;
			break;
		case GW_DISPUTE_UPDATE:
		case GW_DISPUTE_SUBMIT:
		case GW_DISPUTE_CLOSE:
			request.op = GW_DISPUTE_RETRIEVE;
			break;
		default:
			return;
	}
	(void) pc_outbox_enqueue_look(&request);
}

void
pc_outcome_refused(PcJob *job, const char *type, const char *code, const char *message)
{
	switch (job->op)
	{
		case GW_INTENT_CREATE:
			run(&intent_failed_plan, job, type, code, message);
			break;
		case GW_INTENT_UPDATE:
		case GW_INTENT_CONFIRM:
			run(&intent_error_plan, job, type, code, message);
			break;
		case GW_INTENT_CAPTURE:
		case GW_INTENT_CANCEL:
			if (job->call.psp_intent_id != NULL)
				pc_outcome_look(job, 0);
			break;
		case GW_REFUND_CREATE:
			run(&refund_failed_plan, job, type, code, message);
			break;
		case GW_SETUP_CREATE:
			run(&setup_failed_plan, job, type, code, message);
			break;
		case GW_SETUP_CONFIRM:
			run(&setup_error_plan, job, type, code, message);
			break;
		case GW_SETUP_CANCEL:
			if (job->call.psp_intent_id != NULL)
				pc_outcome_look(job, 0);
			break;
		case GW_METHOD_ATTACH:
			run(&method_failed_plan, job, type, code, message);
			break;
		case GW_DISPUTE_UPDATE:
		case GW_DISPUTE_SUBMIT:
		case GW_DISPUTE_CLOSE:
			run(&dispute_error_plan, job, type, code, message);
			break;
		default:
			break;
	}
}

void
pc_pause_account(const char *name, const char *reason)
{
	Datum		values[2] = {CStringGetTextDatum(name), CStringGetTextDatum(reason)};

	PC_WRITE_AS(.source = PC_SOURCE_RESPONSE, .through_api = true);
	{
		if (pc_execute(&pause_plan, values, NULL, false, 0) > 0)
			ereport(LOG,
					(errmsg("paycore: gateway account \"%s\" is paused", name),
					 errdetail("%s", reason),
					 errhint("Mend it, then SELECT paycore.resume_gateway('%s').", name)));
	}
	PC_WRITE_END;
}
