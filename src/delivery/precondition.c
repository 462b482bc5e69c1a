/*
 * precondition.c
 *		Whether a request still makes sense when its turn comes.
 */
#include "common/paycore.h"

#include "common/json.h"
#include "common/settings.h"
#include "common/text.h"
#include "common/unix_time.h"
#include "delivery/job.h"

static PcReadiness
already_so(PcVerdict *verdict)
{
	return pc_verdict_over(verdict, "obsolete", NULL, NULL);
}

static PcReadiness
moved_on(PcVerdict *verdict)
{
	return pc_verdict_over(verdict, "too_late", "moved_on", "The object had moved on before the request was sent.");
}

static PcReadiness
no_object(PcVerdict *verdict)
{
	return pc_verdict_over(verdict, "refused", "no_gateway_object", "The object does not exist at the gateway.");
}

static PcReadiness
account_ready(const PcJob *job, PcVerdict *verdict)
{
	const char *customer = job->call.psp_customer_id;

	if (job->op == GW_CUSTOMER_CREATE)
		return customer != NULL ? already_so(verdict) : PC_READY;
	if (customer == NULL)
		return gw_operation_is_read(job->op) ? already_so(verdict) : no_object(verdict);
	return PC_READY;
}

static PcReadiness
method_ready(const PcJob *job, PcVerdict *verdict)
{
	const char *status = job->call.object_status;

	if (job->op == GW_METHOD_ATTACH)
	{
		if (pc_is(status, "attached"))
			return already_so(verdict);
		if (pc_is(status, "detached"))
			return moved_on(verdict);
		if (job->call.psp_customer_id == NULL)
			return no_object(verdict);
	}
	return PC_READY;
}

static bool
intent_is_over(const char *status)
{
	return pc_is(status, "succeeded") || pc_is(status, "canceled") || pc_is(status, "failed");
}

/* The operation has happened already, or its effect has. */
static bool
intent_is_there(GwOperation op, const char *status)
{
	switch (op)
	{
		case GW_INTENT_CONFIRM:
			return pc_is(status, "succeeded") || pc_is(status, "processing") || pc_is(status, "requires_capture");
		case GW_INTENT_CAPTURE:
			return pc_is(status, "succeeded");
		case GW_INTENT_CANCEL:
			return pc_is(status, "canceled") || pc_is(status, "failed");
		default:
			return false;
	}
}

static PcReadiness
intent_ready(const PcJob *job, PcVerdict *verdict)
{
	const char *status = job->call.object_status;

	if (gw_operation_is_read(job->op))
		return job->call.psp_intent_id != NULL ? PC_READY : already_so(verdict);
	if (job->op == GW_INTENT_CREATE)
	{
		if (job->call.psp_intent_id != NULL)
			return already_so(verdict);
		return intent_is_over(status) ? moved_on(verdict) : PC_READY;
	}
	if (intent_is_there(job->op, status))
		return already_so(verdict);
	if (intent_is_over(status))
		return moved_on(verdict);
	return job->call.psp_intent_id != NULL ? PC_READY : no_object(verdict);
}

static PcReadiness
refund_ready(const PcJob *job, PcVerdict *verdict)
{
	const char *status = job->call.object_status;
	const char *payment = job->parent_status;

	if (gw_operation_is_read(job->op))
		return job->call.psp_refund_id != NULL ? PC_READY : already_so(verdict);
	if (job->op == GW_REFUND_CANCEL)
	{
		if (pc_is(status, "canceled"))
			return already_so(verdict);
		if (pc_is(status, "succeeded") || pc_is(status, "failed"))
			return moved_on(verdict);
		return job->call.psp_refund_id != NULL ? PC_READY : no_object(verdict);
	}
	if (job->call.psp_refund_id != NULL)
		return already_so(verdict);
	if (pc_is(status, "canceled") || pc_is(status, "failed"))
		return moved_on(verdict);
	if (pc_is(payment, "succeeded"))
		return PC_READY;
	if (pc_is(payment, "disputed"))
		return pc_verdict_over(verdict, "refused", "charge_disputed", "The payment is disputed: it cannot be refunded.");
	if (pc_is(payment, "failed") || pc_is(payment, "canceled"))
		return pc_verdict_over(verdict, "refused", "payment_not_succeeded", "The payment did not succeed.");
	return PC_NOT_YET;
}

static bool
dispute_waits(const char *status)
{
	return pc_is(status, "needs_response") || pc_is(status, "warning_needs_response");
}

/* The deadline as it is now: banks move it. */
static bool
is_past_due(const PcJob *job, TimestampTz now)
{
	int64		due_by;

	return pc_json_int64(job->call.details, "due_by", &due_by) && due_by < pc_unix_seconds(now);
}

static PcReadiness
dispute_ready(const PcJob *job, TimestampTz now, PcVerdict *verdict)
{
	if (gw_operation_is_read(job->op))
		return PC_READY;
	if (!dispute_waits(job->call.object_status))
		return pc_verdict_over(verdict, "obsolete", "dispute_answered", "The dispute awaited no answer any more.");
	if (job->op != GW_DISPUTE_CLOSE && is_past_due(job, now))
		return pc_verdict_over(verdict, "obsolete", "past_due", "The time to answer the dispute was over.");
	return PC_READY;
}

static PcReadiness
setup_ready(const PcJob *job, PcVerdict *verdict)
{
	const char *status = job->call.object_status;
	const char *psp_id = job->call.psp_intent_id;

	if (gw_operation_is_read(job->op))
		return psp_id != NULL ? PC_READY : already_so(verdict);
	if (job->op == GW_SETUP_CREATE)
	{
		if (psp_id != NULL)
			return already_so(verdict);
		if (intent_is_over(status))
			return moved_on(verdict);
		return job->call.psp_customer_id != NULL ? PC_READY : no_object(verdict);
	}
	if (pc_is(status, job->op == GW_SETUP_CONFIRM ? "succeeded" : "canceled") || pc_is(status, "failed"))
		return already_so(verdict);
	if (intent_is_over(status))
		return moved_on(verdict);
	return psp_id != NULL ? PC_READY : no_object(verdict);
}

static PcReadiness
object_ready(const PcJob *job, TimestampTz now, PcVerdict *verdict)
{
	/* A list of all. */
	if (strcmp(job->object_type, "gateway_account") == 0)
		return PC_READY;
	switch (job->op)
	{
		case GW_CUSTOMER_CREATE:
		case GW_CUSTOMER_UPDATE:
		case GW_CUSTOMER_RETRIEVE:
		case GW_CUSTOMER_LIST:
			return account_ready(job, verdict);
		case GW_METHOD_ATTACH:
		case GW_METHOD_DETACH:
		case GW_METHOD_RETRIEVE:
			return method_ready(job, verdict);
		case GW_INTENT_CREATE:
		case GW_INTENT_UPDATE:
		case GW_INTENT_CONFIRM:
		case GW_INTENT_CAPTURE:
		case GW_INTENT_CANCEL:
		case GW_INTENT_RETRIEVE:
		case GW_INTENT_LIST:
			return intent_ready(job, verdict);
		case GW_REFUND_CREATE:
		case GW_REFUND_CANCEL:
		case GW_REFUND_RETRIEVE:
			return refund_ready(job, verdict);
		case GW_PAYOUT_RETRIEVE:
			return job->call.psp_payout_id != NULL ? PC_READY : already_so(verdict);
		case GW_SETUP_CREATE:
		case GW_SETUP_CONFIRM:
		case GW_SETUP_CANCEL:
		case GW_SETUP_RETRIEVE:
			return setup_ready(job, verdict);
		case GW_CHARGE_RETRIEVE:
		case GW_DISPUTE_LIST:
			return job->call.psp_charge_id != NULL ? PC_READY : already_so(verdict);
		case GW_DISPUTE_UPDATE:
		case GW_DISPUTE_SUBMIT:
		case GW_DISPUTE_CLOSE:
		case GW_DISPUTE_RETRIEVE:
			return dispute_ready(job, now, verdict);
		default:
			return PC_READY;
	}
}

/* The gateway forgets keys after a day: sent again after that, a request would be a second one. */
static bool
key_is_too_old(const PcJob *job, TimestampTz now)
{
	return !gw_operation_is_read(job->op) &&
		(now - job->previously_sent_at) / USECS_PER_SEC >= pc_resend_horizon;
}

/*
 * A request that was sent before is asked again whatever we think of the
 * object: only its answer tells.  The limits are send_by and the life of its
 * key: after them, the outcome is looked up instead.
 */
PcReadiness
pc_precondition(PcJob *job, TimestampTz now, PcVerdict *verdict)
{
	bool		late = job->send_by != 0 && now > job->send_by;

	verdict->job = job;
	if (job->previously_sent_at != 0)
	{
		if (!late && !key_is_too_old(job, now))
			return PC_READY;
		pc_resolve_begin(job, now, verdict);
		return PC_OVER;
	}
	if (!job->found)
		return pc_verdict_over(verdict, "refused", "no_object", "The object's row is gone.");
	if (late)
		return pc_verdict_over(verdict, "expired", "send_by_passed", "It was not sent in time.");
	return object_ready(job, now, verdict);
}

/* What is known here may end it at once, but not its lateness: the original may have been in time. */
PcReadiness
pc_precondition_adopted(PcJob *job, TimestampTz now, PcVerdict *verdict)
{
	PcReadiness ready = pc_precondition(job, now, verdict);

	if (ready == PC_NOT_YET || (ready == PC_OVER && !pc_is(verdict->status, "expired")))
		return ready;
	memset(verdict, 0, sizeof(*verdict));
	return pc_resolve_prepare(job, verdict);
}
