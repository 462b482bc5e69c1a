/*
 * resolve.c
 *		Requests whose outcome is unknown: find out, by lists and GETs, before
 *		anything is asked of the gateway again.
 *
 * What moves an existing object along (confirm, capture, attach ...) is seen
 * on that object; unchanged after twice the timeout, a new key is safe, for
 * the gateway's own state machine guards it.  What makes an object is looked
 * for in lists at one minute, ten minutes and one hour after the last send.
 */
#include "common/paycore.h"

#include "common/database.h"
#include "common/json.h"
#include "common/settings.h"
#include "common/text.h"
#include "common/unix_time.h"
#include "delivery/job.h"

#define SECOND	INT64CONST(1000)
#define MINUTE	(60 * SECOND)
#define LIST_MARGIN_SECONDS 300	/* clocks differ */
#define MAX_KEYS 5

static const int64 looks_ms[] = {MINUTE, 10 * MINUTE, 60 * MINUTE};

static bool
makes_object(GwOperation op)
{
	return op == GW_CUSTOMER_CREATE || op == GW_INTENT_CREATE || op == GW_REFUND_CREATE ||
		op == GW_SETUP_CREATE;
}

static GwOperation
read_for(GwOperation op)
{
	switch (op)
	{
		case GW_CUSTOMER_CREATE:
			return GW_CUSTOMER_LIST;
		case GW_CUSTOMER_UPDATE:
			return GW_CUSTOMER_RETRIEVE;
		case GW_METHOD_ATTACH:
		case GW_METHOD_DETACH:
			return GW_METHOD_RETRIEVE;
		case GW_INTENT_CREATE:
			return GW_INTENT_LIST;
		case GW_REFUND_CREATE:
			return GW_REFUND_LIST;
		case GW_REFUND_CANCEL:
			return GW_REFUND_RETRIEVE;
		case GW_SETUP_CREATE:
			return GW_SETUP_LIST;
		case GW_SETUP_CONFIRM:
		case GW_SETUP_CANCEL:
			return GW_SETUP_RETRIEVE;
		case GW_DISPUTE_UPDATE:
		case GW_DISPUTE_SUBMIT:
		case GW_DISPUTE_CLOSE:
			return GW_DISPUTE_RETRIEVE;
		default:
			return GW_INTENT_RETRIEVE;
	}
}

static int64
since_sent_ms(const PcJob *job, TimestampTz now)
{
	return (now - job->last_sent_at) / 1000;
}

/* Of the looks still to come, when the next is, from now; -1 = that was the last. */
static int64
next_look_ms(const PcJob *job, TimestampTz now)
{
	int64		age = since_sent_ms(job, now);

	if (!makes_object(job->op))
		return age < 2 * (int64) pc_request_timeout ? 2 * (int64) pc_request_timeout - age : -1;
	for (int i = 0; i < lengthof(looks_ms); i++)
	{
		if (age < looks_ms[i])
			return looks_ms[i] - age;
	}
	return -1;
}

static void
look_again(PcVerdict *verdict, int64 delay_ms)
{
	verdict->status = "resolving";
	verdict->resolve = true;
	verdict->delay_ms = delay_ms;
}

void
pc_resolve_begin(PcJob *job, TimestampTz now, PcVerdict *verdict)
{
	int64		delay = makes_object(job->op) ? next_look_ms(job, now) : 0;

	verdict->job = job;
	verdict->finished = false;
	look_again(verdict, Max(delay, 0));
}

/* A webhook or an event may have told us already. */
static bool
is_bound(const PcJob *job)
{
	switch (job->op)
	{
		case GW_CUSTOMER_CREATE:
			return job->call.psp_customer_id != NULL;
		case GW_INTENT_CREATE:
		case GW_SETUP_CREATE:
			return job->call.psp_intent_id != NULL;
		case GW_REFUND_CREATE:
			return job->call.psp_refund_id != NULL;
		default:
			return false;
	}
}

/* Of an adopted request it is not known when, if at all, the original sent it. */
static TimestampTz
first_sent(const PcJob *job)
{
	return job->previously_sent_at != 0 ? job->previously_sent_at : job->created_at;
}

PcReadiness
pc_resolve_prepare(PcJob *job, PcVerdict *verdict)
{
	MemoryContext old;
	PcJsonBuilder params;

	verdict->job = job;
	if (!job->found)
		return pc_verdict_over(verdict, "refused", "no_object", "The object's row is gone.");
	if (is_bound(job))
	{
		/* What told its id, a charge say, need not have told how it stands. */
		if (pc_is(job->call.object_status, "created"))
			pc_outcome_look(job, 0);
		return pc_verdict_over(verdict, "done", NULL, NULL);
	}

	old = MemoryContextSwitchTo(job->context);
	pc_json_begin(&params);
	if (makes_object(job->op))
	{
		pc_json_add_int64(&params, "created_gte", pc_unix_seconds(first_sent(job)) - LIST_MARGIN_SECONDS);
		pc_json_add_text(&params, "starting_after", job->resolve_cursor);
	}
	job->wire_params = pc_json_end(&params);
	job->wire_op = read_for(job->op);
	MemoryContextSwitchTo(old);
	return PC_READY;
}

static const Jsonb *
metadata_of(const GwObject *object)
{
	switch (object->kind)
	{
		case GW_KIND_INTENT:
			return object->u.intent->metadata;
		case GW_KIND_SETUP:
			return object->u.setup->metadata;
		case GW_KIND_REFUND:
			return object->u.refund->metadata;
		case GW_KIND_CUSTOMER:
			return object->u.customer->metadata;
		default:
			return NULL;
	}
}

static bool
carries(const Jsonb *metadata, const char *key, const char *value)
{
	return value != NULL && pc_is(pc_json_text(metadata, key), value);
}

/* Ours by its metadata: the object of this row, made by this database or by the one that it is a copy of. */
static bool
is_ours(const PcJob *job, const GwObject *object)
{
	const Jsonb *metadata = metadata_of(object);

	if (metadata == NULL || (!carries(metadata, "paycore_db", pc_database_mark()) &&
							 !carries(metadata, "paycore_db", job->origin)))
		return false;
	switch (job->op)
	{
		case GW_CUSTOMER_CREATE:
			return carries(metadata, "paycore_account", job->call.account_id);
		case GW_INTENT_CREATE:
			return carries(metadata, "paycore_intent", job->call.intent_id);
		case GW_SETUP_CREATE:
			return carries(metadata, "paycore_setup_intent", job->call.intent_id);
		default:
			return carries(metadata, "paycore_refund", job->call.refund_id);
	}
}

/* Absent at the last look, or unchanged for long enough. */
static void
did_not_happen(PcJob *job, TimestampTz now, PcVerdict *verdict)
{
	const char *dash = strrchr(job->idempotency_key, '-');
	bool		on_session = !pc_json_bool(job->params, "off_session", false);

	if (job->op == GW_INTENT_CREATE && pc_json_bool(job->params, "confirm", false) && on_session)
	{
		(void) pc_verdict_over(verdict, "refused", "outcome_unknown",
							   "The gateway never answered, and shows no such intent.");
		pc_outcome_refused(job, "paycore_error", verdict->error_code, verdict->error_message);
		return;
	}
	if (job->send_by != 0 && now > job->send_by)
	{
		(void) pc_verdict_over(verdict, "expired", "send_by_passed", "It did not happen in time.");
		if (job->op == GW_INTENT_CREATE)
			pc_outcome_refused(job, "paycore_error", verdict->error_code, verdict->error_message);
		return;
	}
	if (dash != NULL && atoi(dash + 1) >= MAX_KEYS)
	{
		verdict->status = "dead";
		verdict->error_code = "outcome_unknown";
		verdict->error_message = "Sent under several keys, and each time nothing came of it.";
		return;
	}
	verdict->status = "pending";
	verdict->new_key = true;
	verdict->delay_ms = 0;
}

/* The gateway shows nothing of an adopted request, and its key still protects: it goes out as it is. */
static bool
may_be_sent_as_it_is(const PcJob *job, TimestampTz now)
{
	return job->adopted_at > job->last_sent_at &&
		(now - first_sent(job)) / USECS_PER_SEC < pc_resend_horizon;
}

static void
not_seen(PcJob *job, TimestampTz now, PcVerdict *verdict)
{
	int64		delay = next_look_ms(job, now);

	if (may_be_sent_as_it_is(job, now))
		verdict->status = "pending";
	else if (delay >= 0)
		look_again(verdict, delay);
	else
		did_not_happen(job, now, verdict);
}

static void
judge_list(PcJob *job, const GwObject *list, TimestampTz now, PcVerdict *verdict)
{
	for (int i = 0; i < list->nitems; i++)
	{
		if (is_ours(job, &list->items[i]))
		{
			(void) pc_verdict_over(verdict, "done", NULL, NULL);
			return;
		}
	}
	if (list->has_more && list->nitems > 0)
	{
		look_again(verdict, 0);
		verdict->cursor = list->items[list->nitems - 1].id;
		return;
	}
	not_seen(job, now, verdict);
}

/* The answer has been reduced already, so what a list holds of ours is bound by now. */
void
pc_resolve_judge(PcJob *job, const GwAnswer *answer, TimestampTz now, PcVerdict *verdict)
{
	if (answer->object.kind == GW_KIND_LIST)
	{
		judge_list(job, &answer->object, now, verdict);
		return;
	}
	switch (pc_effect_of(job, &answer->object))
	{
		case PC_EFFECT_VISIBLE:
			(void) pc_verdict_over(verdict, "done", NULL, NULL);
			break;
		case PC_EFFECT_DECLINED:
			(void) pc_verdict_over(verdict, "declined", NULL, NULL);
			break;
		case PC_EFFECT_IMPOSSIBLE:
			(void) pc_verdict_over(verdict, "too_late", "moved_on", "The object had moved on.");
			break;
		case PC_EFFECT_NONE:
			not_seen(job, now, verdict);
			break;
	}
}
