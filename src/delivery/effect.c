/*
 * effect.c
 *		Whether an object of the gateway shows what a request was to do to it.
 */
#include "common/paycore.h"

#include "common/json.h"
#include "common/text.h"
#include "common/unix_time.h"
#include "delivery/job.h"

/* A decline leaves its charge behind: one that was made since we asked. */
static bool
was_declined(const PcJob *job, const GwIntent *intent)
{
	if (intent->last_error.code == NULL || !pc_is(intent->status, "requires_payment_method"))
		return false;
	if (intent->latest_charge == NULL)
		return intent->latest_charge_id == NULL || job->call.psp_charge_id == NULL ||
			strcmp(intent->latest_charge_id, job->call.psp_charge_id) != 0;
	return intent->latest_charge->created >= pc_unix_seconds(job->first_sent_at != 0 ? job->first_sent_at : job->created_at) - 1;
}

static PcEffect
effect_on_intent(const PcJob *job, const GwIntent *intent)
{
	const char *status = intent->status;

	switch (job->op)
	{
		case GW_INTENT_CONFIRM:
			if (pc_is(status, "canceled"))
				return PC_EFFECT_IMPOSSIBLE;
			if (was_declined(job, intent))
				return PC_EFFECT_DECLINED;
			return pc_is(status, "requires_payment_method") || pc_is(status, "requires_confirmation") ?
				PC_EFFECT_NONE : PC_EFFECT_VISIBLE;
		case GW_INTENT_CAPTURE:
			if (pc_is(status, "canceled"))
				return PC_EFFECT_IMPOSSIBLE;
			return pc_is(status, "succeeded") || pc_is(status, "processing") ? PC_EFFECT_VISIBLE : PC_EFFECT_NONE;
		case GW_INTENT_CANCEL:
			if (pc_is(status, "succeeded"))
				return PC_EFFECT_IMPOSSIBLE;
			return pc_is(status, "canceled") ? PC_EFFECT_VISIBLE : PC_EFFECT_NONE;
		default:
			return pc_is(status, "succeeded") || pc_is(status, "canceled") ? PC_EFFECT_IMPOSSIBLE : PC_EFFECT_NONE;
	}
}

static PcEffect
effect_on_method(const PcJob *job, const GwMethod *method)
{
	if (job->op == GW_METHOD_DETACH)
		return method->customer_id == NULL ? PC_EFFECT_VISIBLE : PC_EFFECT_NONE;
	return pc_is(method->customer_id, job->call.psp_customer_id != NULL ? job->call.psp_customer_id : "") ?
		PC_EFFECT_VISIBLE : PC_EFFECT_NONE;
}

static PcEffect
effect_on_setup(const PcJob *job, const GwSetup *setup)
{
	if (job->op == GW_SETUP_CANCEL)
		return pc_is(setup->status, "canceled") ? PC_EFFECT_VISIBLE :
			pc_is(setup->status, "succeeded") ? PC_EFFECT_IMPOSSIBLE : PC_EFFECT_NONE;
	if (pc_is(setup->status, "canceled"))
		return PC_EFFECT_IMPOSSIBLE;
	if (pc_is(setup->status, "requires_payment_method") && setup->last_error.code != NULL)
		return PC_EFFECT_DECLINED;
	return pc_is(setup->status, "requires_payment_method") || pc_is(setup->status, "requires_confirmation") ?
		PC_EFFECT_NONE : PC_EFFECT_VISIBLE;
}

/* Each piece that was staged shows; what was to be removed does not. */
static bool
shows_evidence(const Jsonb *staged, const Jsonb *shown)
{
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue	v;
	char	   *key = NULL;

	if (staged == NULL || !JB_ROOT_IS_OBJECT(staged))
		return true;
	it = JsonbIteratorInit(unconstify(JsonbContainer *, &staged->root));
	while ((token = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
	{
		char	   *text;

		if (token == WJB_KEY)
			key = pnstrdup(v.val.string.val, v.val.string.len);
		if (token != WJB_VALUE || v.type == jbvBinary)
			continue;
		text = pc_json_text(shown, key);
		if (v.type == jbvNull ? text != NULL : !pc_is(text, pc_json_value_text(&v)))
			return false;
	}
	return true;
}

static PcEffect
effect_on_dispute(const PcJob *job, const GwDispute *dispute)
{
	const char *status = dispute->status;
	bool		waits = pc_is(status, "needs_response") || pc_is(status, "warning_needs_response");
	int64		before = 0;

	switch (job->op)
	{
		case GW_DISPUTE_CLOSE:
			if (pc_is(status, "lost") || pc_is(status, "warning_closed"))
				return PC_EFFECT_VISIBLE;
			break;
		case GW_DISPUTE_SUBMIT:
			(void) pc_json_int64(job->params, "submissions", &before);
			if (dispute->submission_count > before)
				return PC_EFFECT_VISIBLE;
			break;
		default:
			if (shows_evidence(pc_json_object(job->params, "evidence"), dispute->evidence))
				return PC_EFFECT_VISIBLE;
			break;
	}
	return waits ? PC_EFFECT_NONE : PC_EFFECT_IMPOSSIBLE;
}

PcEffect
pc_effect_of(const PcJob *job, const GwObject *object)
{
	switch (object->kind)
	{
		case GW_KIND_INTENT:
			return effect_on_intent(job, object->u.intent);
		case GW_KIND_SETUP:
			return effect_on_setup(job, object->u.setup);
		case GW_KIND_METHOD:
			return effect_on_method(job, object->u.method);
		case GW_KIND_DISPUTE:
			return effect_on_dispute(job, object->u.dispute);
		case GW_KIND_REFUND:
			if (pc_is(object->u.refund->status, "canceled"))
				return PC_EFFECT_VISIBLE;
			return pc_is(object->u.refund->status, "succeeded") || pc_is(object->u.refund->status, "failed") ?
				PC_EFFECT_IMPOSSIBLE : PC_EFFECT_NONE;
		default:
			return PC_EFFECT_NONE;
	}
}
