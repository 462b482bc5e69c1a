/*
 * push.c
 *		Deliveries of changes to webhook endpoints: what they carry, and what
 *		becomes of them.
 *
 * Sent twice does no harm, the receiver is told the id: so there is nothing to
 * be looked up, and every way to fail means the same, later again.
 */
#include "common/paycore.h"

#include <math.h>

#include "common/json.h"
#include "common/plan.h"
#include "common/settings.h"
#include "common/writer.h"
#include "delivery/job.h"
#include "utils/builtins.h"

#define EXCERPT 200

static PcPlan endpoints_plan = PC_PLAN("UT",
	"SELECT u.n::int4, e.url, e.status, e.failing_since"
	" FROM unnest($1, $2) WITH ORDINALITY AS u(id, tenant, n)"
	" JOIN paycore.webhook_endpoints e ON e.id = u.id AND e.tenant_id = u.tenant");

/* With some of it a payment could be taken over, the rest is bookkeeping of ours. */
#define HIDDEN \
	"'{client_secret,next_action,gateway_params,gw_time,gw_digest,gw_doubt,gw_deleted,sweeps,next_sweep_at," \
	"webhook_count,last_webhook_at}'::pg_catalog.text[]"

/* Tables of the user's own may be called as ours, and have keys of their own. */
#define AS_KEY \
	"CASE WHEN $1 ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN $1::pg_catalog.uuid END"

#define OBJECT(type, tab, name) \
	{type, PC_PLAN_ROW("tt", "SELECT pg_catalog.to_jsonb(o) OPERATOR(pg_catalog.-) " HIDDEN " FROM (SELECT %s FROM paycore." name \
					   " WHERE id = " AS_KEY " AND tenant_id = $2) o", tab)}

/* By the type that their history names. */
static struct
{
	const char *type;
	PcPlan		plan;
}			objects[] = {
	OBJECT("billing_account", PC_BILLING_ACCOUNTS, "billing_accounts"),
	OBJECT("payment_method", PC_PAYMENT_METHODS, "payment_methods"),
	OBJECT("payment_intent", PC_PAYMENT_INTENTS, "payment_intents"),
	OBJECT("payment", PC_PAYMENTS, "payments"),
	OBJECT("refund", PC_REFUNDS, "refunds"),
	OBJECT("payout", PC_PAYOUTS, "payouts"),
	OBJECT("setup_intent", PC_SETUP_INTENTS, "setup_intents"),
	OBJECT("mandate", PC_MANDATES, "mandates"),
	OBJECT("dispute", PC_DISPUTES, "disputes"),
};

/* Objects of the user's own tables stay theirs: no row comes along. */
static void
load_object(PcJob *job)
{
	MemoryContext old = MemoryContextSwitchTo(job->context);
	char	   *type = pc_json_text(job->params, "object_type");
	char	   *id = pc_json_text(job->params, "object_id");
	bool		isnull;

	for (int i = 0; i < lengthof(objects) && type != NULL && id != NULL; i++)
	{
		Datum		values[2] = {CStringGetTextDatum(id), CStringGetTextDatum(job->tenant)};

		if (strcmp(objects[i].type, type) != 0 || pc_execute(&objects[i].plan, values, NULL, false, 1) == 0)
			continue;
		job->call.details = DatumGetJsonbPCopy(pc_get(0, 1, &isnull));
	}
	MemoryContextSwitchTo(old);
}

static void
load_endpoints(List *jobs)
{
	Datum		values[2];
	uint64		found;

	pc_job_objects(jobs, values);
	found = pc_execute(&endpoints_plan, values, NULL, false, 0);
	for (uint64 r = 0; r < found; r++)
	{
		PcJob	   *job = list_nth(jobs, pc_get_int32(r, 1) - 1);
		MemoryContext old = MemoryContextSwitchTo(job->context);

		job->found = true;
		job->url = pc_get_cstring(r, 2);
		job->call.object_status = pc_get_cstring(r, 3);
		job->endpoint_fails_since = pc_get_time(r, 4);
		MemoryContextSwitchTo(old);
	}
}

void
pc_push_load(List *jobs)
{
	ListCell   *lc;

	load_endpoints(jobs);
	foreach(lc, jobs)
	{
		PcJob	   *job = lfirst(lc);

		/* What was sent once is sent again. */
		if (job->body == NULL)
			load_object(job);
	}
}

PcReadiness
pc_push_ready(PcJob *job, bool behind, PcVerdict *verdict)
{
	verdict->job = job;
	if (!job->found)
		return pc_verdict_over(verdict, "discarded", "no_endpoint", "The webhook endpoint was deleted.");
	return behind || strcmp(job->call.object_status, "enabled") != 0 ? PC_NOT_YET : PC_READY;
}

static uint64
write_endpoint(PcPlan *plan, Datum *values)
{
	volatile uint64 n = 0;

	PC_WRITE_AS(.source = PC_SOURCE_RESPONSE, .through_api = true);
	{
		n = pc_execute(plan, values, NULL, false, 0);
	}
	PC_WRITE_END;
	return n;
}

/*
 * Since when it has only failed; 0 = its last delivery succeeded.  Whatever was
 * known when this one left: others have been answered meanwhile.
 */
static void
note_failing_since(const PcJob *job, TimestampTz since)
{
	static PcPlan fails = PC_PLAN("utz",
								  "UPDATE paycore.webhook_endpoints SET failing_since = $3"
								  " WHERE id = $1 AND tenant_id = $2 AND failing_since IS NULL");
	static PcPlan works = PC_PLAN("ut",
								  "UPDATE paycore.webhook_endpoints SET failing_since = NULL"
								  " WHERE id = $1 AND tenant_id = $2 AND failing_since IS NOT NULL");
	Datum		values[3] = {UUIDPGetDatum(&job->object_id), CStringGetTextDatum(job->tenant), TimestampTzGetDatum(since)};

	(void) write_endpoint(since == 0 ? &works : &fails, values);
}

static void
disable(const PcJob *job, TimestampTz now, const char *error_code)
{
	static PcPlan plan = PC_PLAN("utzzt",
								 "UPDATE paycore.webhook_endpoints SET status = 'disabled', disabled_at = $3, disabled_reason = $5"
								 " WHERE id = $1 AND tenant_id = $2 AND status = 'enabled' AND failing_since <= $4");
	Datum		values[5] = {
		UUIDPGetDatum(&job->object_id), CStringGetTextDatum(job->tenant), TimestampTzGetDatum(now),
		TimestampTzGetDatum(job->endpoint_fails_since),
		CStringGetTextDatum(psprintf("no delivery has succeeded for too long; the last one ended in %s", error_code))
	};

	if (write_endpoint(&plan, values) > 0)
		ereport(WARNING,
				(errmsg("paycore: webhook endpoint %s is disabled: no delivery has succeeded for too long", job->gateway_account),
				 errhint("Mend it, then paycore.update_webhook_endpoint(name, disabled => false): it goes on where it was.")));
}

/* The beginning of a body, in letters that are safe anywhere. */
static char *
excerpt(const GwResponse *response)
{
	int			len = (int) Min(response->body_len, EXCERPT);
	char	   *text = palloc(len + 1);

	for (int i = 0; i < len; i++)
		text[i] = response->body[i] >= 0x20 && response->body[i] <= 0x7e ? response->body[i] : '.';
	text[len] = '\0';
	return text;
}

/* Exponential, up to an hour; not before the time that the receiver asks for. */
static int64
pause_ms(const PcJob *job)
{
	double		pause = Min(pc_retry_initial * pow(2, Min(Max(job->attempts, 1), 40) - 1), pc_push_retry_max);
	int64		delay = (int64) (pause * (0.5 + 0.5 * ((double) random() / RAND_MAX)));

	return Max(delay, Min(job->response.retry_after_ms, pc_push_retry_max));
}

static bool
is_too_long(TimestampTz since, TimestampTz now)
{
	return (now - since) / USECS_PER_SEC >= pc_push_horizon;
}

void
pc_push_judge(PcJob *job, TimestampTz now, PcVerdict *verdict)
{
	int			status = job->response.status;

	/* The status says it, whatever happened to the body. */
	if (status >= 200 && status < 300)
	{
		note_failing_since(job, 0);
		(void) pc_verdict_over(verdict, "done", NULL, NULL);
		return;
	}
	verdict->error_code = status != 0 ? psprintf("http_%d", status) :
		job->tls_refused ? "tls_refused" : job->delivery == PC_LOST ? "no_answer" :
		job->delivery == PC_NOT_STARTED ? "not_started" : "not_connected";
	verdict->error_message = job->delivery == PC_ANSWERED ? excerpt(&job->response) : job->transport_error;
	verdict->status = "pending";
	verdict->delay_ms = pause_ms(job);
	note_failing_since(job, now);
	/* One that takes others has something against this delivery. */
	if (job->endpoint_fails_since != 0 && is_too_long(job->endpoint_fails_since, now))
		disable(job, now, verdict->error_code);
	else if (is_too_long(job->first_sent_at, now))
		verdict->status = "dead";
}
