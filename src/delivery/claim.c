/*
 * claim.c
 *		Taking due rows: which may go, and with which bytes.
 *
 * Due rows are found per gateway account and operation, so that one that is
 * throttled or paused costs the others nothing, and finished rows cost
 * nothing at all.
 */
#include "common/paycore.h"

#include "common/fault.h"
#include "common/guarded.h"
#include "common/plan.h"
#include "common/secrets.h"
#include "common/settings.h"
#include "delivery/job.h"
#include "miscadmin.h"
#include "storage/procarray.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"

/* A skip scan over the index of due rows.  No EXISTS: it may be planned as a hash of all that is due. */
static PcPlan due_plan = PC_PLAN("ot",
	"WITH RECURSIVE k AS ("
	"(SELECT o.gateway_account, o.operation, o.next_attempt_at FROM paycore.outbox o"
	" WHERE o.status IN ('pending', 'resolving') AND o.database_oid = $1 AND o.instance = $2"
	" ORDER BY o.gateway_account, o.operation, o.next_attempt_at LIMIT 1)"
	" UNION ALL"
	" SELECT n.gateway_account, n.operation, n.next_attempt_at FROM k, LATERAL ("
	"SELECT o.gateway_account, o.operation, o.next_attempt_at FROM paycore.outbox o"
	" WHERE o.status IN ('pending', 'resolving') AND o.database_oid = $1 AND o.instance = $2"
	" AND (o.gateway_account, o.operation) > (k.gateway_account, k.operation)"
	" ORDER BY o.gateway_account, o.operation, o.next_attempt_at LIMIT 1) n)"
	" SELECT k.gateway_account, k.operation, k.next_attempt_at, g.paused, g.networked, g.livemode, g.rate, g.endpoint, g.flight,"
	" COALESCE((SELECT true FROM paycore.outbox c WHERE c.status IN ('pending', 'resolving') AND c.database_oid = $1"
	" AND c.instance = $2 AND c.gateway_account = k.gateway_account AND c.operation = 'account.retrieve' LIMIT 1),"
	" (SELECT true FROM paycore.outbox c WHERE c.status = 'sending'"
	" AND c.gateway_account = k.gateway_account AND c.operation = 'account.retrieve' LIMIT 1), false)"
	" FROM k, LATERAL (SELECT COALESCE(pg_catalog.bool_or(a.status = 'paused'), false) AS paused,"
	" COALESCE(pg_catalog.bool_and(a.gateway IN ('stripe', 'push')), false) AS networked,"
	" COALESCE(pg_catalog.bool_or(a.livemode), false) AS livemode,"
	" COALESCE(pg_catalog.min(a.rate_limit), 0) AS rate, COALESCE(pg_catalog.min(a.endpoint_rate_limit), 0) AS endpoint,"
	" COALESCE(pg_catalog.min(a.max_in_flight), 0) AS flight"
	" FROM paycore.gateway_accounts a WHERE a.name = k.gateway_account) g"
	" ORDER BY k.next_attempt_at");

#define UNFINISHED_BEFORE \
	"EXISTS (SELECT 1 FROM paycore.outbox e WHERE e.lane = o.lane AND e.tenant_id = o.tenant_id AND e.seq < o.seq" \
	" AND e.finished_at IS NULL AND NOT e.is_read)"

/* How far that is which a request depends on, as candidates_plan counts it. */
typedef enum Awaited
{
	AWAITS_NOTHING = 0,
	AWAITS_WHAT_COMES = 1,
	AWAITS_IN_VAIN = 2
} Awaited;

static PcPlan candidates_plan = PC_PLAN("otttz8",
	"SELECT o.id, o.tenant_id, o.object_type, o.object_id, o.lane, o.params, o.attempts, o.uncounted, o.created_at,"
	" o.send_by, o.first_sent_at, o.last_sent_at, o.idempotency_key, o.method, o.path, o.body, o.api_version,"
	" o.on_account, o.status = 'resolving', o.resolve_cursor, " UNFINISHED_BEFORE ","
	" CASE WHEN o.depends_on IS NULL THEN 0 ELSE ("
	"SELECT COALESCE(pg_catalog.max(CASE WHEN d.status IN ('done', 'obsolete') THEN 0 WHEN d.finished_at IS NULL THEN 1 ELSE 2 END), 0)"
	" FROM pg_catalog.unnest(o.depends_on) AS n(id) JOIN paycore.outbox d ON d.id = n.id AND d.tenant_id = o.tenant_id) END,"
	" g.gateway, o.origin, o.adopted_at"
	" FROM paycore.outbox o LEFT JOIN paycore.gateway_accounts g ON g.tenant_id = o.tenant_id AND g.name = o.gateway_account"
	" WHERE o.status IN ('pending', 'resolving') AND o.database_oid = $1 AND o.instance = $2"
	" AND o.gateway_account = $3 AND o.operation = $4 AND o.next_attempt_at <= $5"
	" ORDER BY o.next_attempt_at, o.seq LIMIT $6 FOR UPDATE OF o SKIP LOCKED");

static PcPlan take_plan = PC_PLAN("UTTTTTTz84",
	"UPDATE paycore.outbox o SET status = 'sending', lease_until = $8 + $9 * interval '1 millisecond', leased_by = $10,"
	" attempts = o.attempts + CASE WHEN o.status = 'pending' THEN 1 ELSE 0 END,"
	" first_sent_at = CASE WHEN o.status = 'pending' THEN COALESCE(o.first_sent_at, $8) ELSE o.first_sent_at END,"
	" last_sent_at = CASE WHEN o.status = 'pending' THEN $8 ELSE o.last_sent_at END,"
	" method = COALESCE(o.method, u.method), path = COALESCE(CASE WHEN o.is_read THEN u.path END, o.path, u.path), body = COALESCE(o.body, u.body),"
	" api_version = COALESCE(o.api_version, u.version), on_account = COALESCE(o.on_account, u.account)"
	" FROM unnest($1, $2, $3, $4, $5, $6, $7) AS u(id, tenant, method, path, body, version, account)"
	" WHERE o.id = u.id AND o.tenant_id = u.tenant");

static PcPlan leases_plan = PC_PLAN("",
	"SELECT DISTINCT leased_by FROM paycore.outbox WHERE status = 'sending'");

static PcPlan reclaim_plan = PC_PLAN("4z",
	"UPDATE paycore.outbox SET status = CASE WHEN resolve_step > 0 THEN 'resolving' ELSE 'pending' END,"
	" next_attempt_at = $2, lease_until = NULL, leased_by = NULL"
	" WHERE status = 'sending' AND (lease_until < $2 OR leased_by = $1)");

List *
pc_outbox_due(void)
{
	Datum		values[2] = {ObjectIdGetDatum(MyDatabaseId), CStringGetTextDatum(pc_instance_name())};
	uint64		n = pc_execute(&due_plan, values, NULL, false, 0);
	List	   *keys = NIL;

	for (uint64 r = 0; r < n; r++)
	{
		PcDueKey   *key = palloc0(sizeof(PcDueKey));
		int			op;

		key->gateway_account = pc_get_cstring(r, 1);
		key->operation = pc_get_cstring(r, 2);
		key->due_at = pc_get_time(r, 3);
		key->paused = pc_get_bool(r, 4);
		key->networked = pc_get_bool(r, 5);
		key->livemode = pc_get_bool(r, 6);
		key->rate_limit = pc_get_int32(r, 7);
		key->endpoint_rate_limit = pc_get_int32(r, 8);
		key->max_in_flight = pc_get_int32(r, 9);
		key->unchecked = pc_get_bool(r, 10);
		op = gw_operation_by_name(key->operation);
		if (op < 0)
			continue;
		key->op = (GwOperation) op;
		keys = lappend(keys, key);
	}
	return keys;
}

static void
read_row(PcJob *job, uint64 r)
{
	bool		isnull;
	char	   *gateway;

	job->id = pc_get_id(r, 1);
	job->tenant = pc_get_cstring(r, 2);
	job->object_type = pc_get_cstring(r, 3);
	job->object_id = pc_get_id(r, 4);
	job->lane = pc_get_id(r, 5);
	job->params = DatumGetJsonbPCopy(pc_get(r, 6, &isnull));
	job->attempts = pc_get_int32(r, 7);
	job->uncounted = pc_get_int32(r, 8);
	job->created_at = pc_get_time(r, 9);
	job->send_by = pc_get_time(r, 10);
	job->previously_sent_at = pc_get_time(r, 11);
	job->last_sent_at = pc_get_time(r, 12);
	job->idempotency_key = pc_get_cstring(r, 13);
	job->method = pc_get_cstring(r, 14);
	job->path = pc_get_cstring(r, 15);
	job->body = pc_get_cstring(r, 16);
	job->api_version = pc_get_cstring(r, 17);
	job->on_account = pc_get_cstring(r, 18);
	job->resolving = pc_get_bool(r, 19);
	job->resolve_cursor = pc_get_cstring(r, 20);
	gateway = pc_get_cstring(r, 23);
	job->gateway = gateway != NULL ? gw_by_name(gateway) : NULL;
	job->origin = pc_get_cstring(r, 24);
	job->adopted_at = pc_get_time(r, 25);
}

/* Of the jobs that are being claimed: what a claim that failed has left goes with the next one. */
static MemoryContext nursery = NULL;

static PcJob *
make_job(const PcDueKey *key, uint64 r)
{
	MemoryContext context = AllocSetContextCreate(nursery, "paycore job", ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	PcJob	   *job = palloc0(sizeof(PcJob));

	job->context = context;
	job->op = key->op;
	job->wire_op = key->op;
	job->gateway_account = pstrdup(key->gateway_account);
	read_row(job, r);
	job->wire_params = job->params;
	MemoryContextSwitchTo(old);
	return job;
}

/* One look at a waiting row costs little, many do: the older it is, the rarer it is looked at. */
static void
not_yet(PcJob *job, TimestampTz now, PcVerdict *verdict)
{
	int64		age_ms = (now - job->created_at) / 1000;

	memset(verdict, 0, sizeof(*verdict));
	verdict->job = job;
	verdict->status = job->resolving ? "resolving" : "pending";
	verdict->resolve = job->resolving;
	verdict->cursor = job->resolve_cursor;
	verdict->delay_ms = Min(Max(age_ms / 4, 1000), 300000);
}

static PcReadiness
readiness(PcJob *job, bool behind, Awaited awaited, TimestampTz now, PcVerdict *verdict)
{
	PcReadiness ready;

	if (job->gateway == NULL || !job->gateway->render)
		return PC_NOT_YET;
	if (job->op == GW_WEBHOOK_DELIVER)
		return pc_push_ready(job, behind, verdict);
	if (behind && !gw_operation_is_read(job->op))
		return PC_NOT_YET;
	if (job->resolving && job->previously_sent_at != 0)
		return pc_resolve_prepare(job, verdict);
	if (awaited == AWAITS_IN_VAIN && job->previously_sent_at == 0)
		return pc_verdict_over(verdict, "refused", "dependency_failed", "What the request depends on did not happen.");
	if (awaited == AWAITS_WHAT_COMES)
		return PC_NOT_YET;
	/* Adopted, and never sent by us: the original may have sent it. */
	if (job->resolving)
		return pc_precondition_adopted(job, now, verdict);
	ready = pc_precondition(job, now, verdict);
	/* A read of an object that is still to be made waits for it. */
	if (ready == PC_OVER && behind)
		return PC_NOT_YET;
	return ready;
}

/* The bytes, once: what is stored is what is sent, now and ever after. */
static bool
render(PcJob *job, PcVerdict *verdict)
{
	MemoryContext old = MemoryContextSwitchTo(job->context);
	GwRequest	request = {0};
	const char *why = NULL;
	GwCall		call = job->call;
	bool		rendered;

	call.op = job->wire_op;
	call.params = job->wire_params;
	rendered = job->gateway->render(&call, &request, &why);
	MemoryContextSwitchTo(old);
	if (!rendered)
	{
		(void) pc_verdict_over(verdict, "refused", "not_rendered", why);
		return false;
	}
	job->endpoint = request.endpoint;
	/* A read has no effect to be had twice, and may be of the next page. */
	if (job->method != NULL && job->path != NULL && !job->resolving && !gw_operation_is_read(job->op))
		return true;
	job->method = unconstify(char *, request.method);
	job->path = request.path;
	job->body = request.body;
	job->api_version = unconstify(char *, request.api_version);
	return true;
}

static void
refuse(PcJob *job, void *arg)
{
	PcVerdict  *verdict = arg;

	pc_outcome_refused(job, verdict->error_type, verdict->error_code, verdict->error_message);
}

/* An intent that was never made at the gateway in time is over too; a confirmation leaves it as it was. */
static bool
ends_object(const PcJob *job, const PcVerdict *verdict)
{
	return strcmp(verdict->status, "refused") == 0 ||
		(job->op == GW_INTENT_CREATE && strcmp(verdict->status, "expired") == 0);
}

/* Others lock the object first and its requests then, to cancel it say: the row is looked at again later. */
static void
end_object(PcJob *job, PcVerdict *verdict)
{
	PcVerdict	fault = {0};
	int			level = pc_give_way_begin();

	if (!pc_guarded(refuse, job, verdict, &fault))
		*verdict = fault;
	pc_give_way_end(level);
}

/* The row ends without having been sent; what it stood for may end with it. */
static void
end_unsent(PcJob *job, PcVerdict *verdict)
{
	PC_FAULT("end_unsent");
	verdict->job = job;
	if (verdict->finished && ends_object(job, verdict))
		end_object(job, verdict);
}

static void
take(List *jobs, TimestampTz now)
{
	int			n = list_length(jobs);
	pg_uuid_t  *ids = palloc(sizeof(pg_uuid_t) * Max(n, 1));
	char	  **texts[6];
	Datum		values[10];
	int64		lease_ms = (int64) pc_request_timeout + pc_connect_timeout + 30000;

	if (n == 0)
		return;
	for (int t = 0; t < lengthof(texts); t++)
		texts[t] = palloc0(sizeof(char *) * n);
	for (int i = 0; i < n; i++)
	{
		PcJob	   *job = list_nth(jobs, i);

		ids[i] = job->id;
		texts[0][i] = job->tenant;
		if (!job->resolving)
		{
			texts[1][i] = job->method;
			texts[2][i] = job->path;
			texts[3][i] = job->body;
			texts[4][i] = job->api_version;
			texts[5][i] = job->on_account;
			job->attempts++;
			job->first_sent_at = job->previously_sent_at != 0 ? job->previously_sent_at : now;
			job->last_sent_at = now;
		}
		else
			job->first_sent_at = job->previously_sent_at;
	}
	values[0] = pc_uuid_array(ids, n);
	for (int t = 0; t < lengthof(texts); t++)
		values[t + 1] = pc_text_array(texts[t], n);
	values[7] = TimestampTzGetDatum(now);
	values[8] = Int64GetDatum(lease_ms);
	values[9] = Int32GetDatum(MyProcPid);
	pc_execute(&take_plan, values, NULL, false, 0);
}

typedef struct Candidate
{
	PcJob	   *job;
	bool		behind;
	Awaited		awaited;
} Candidate;

static List *
find_candidates(const PcDueKey *key, int limit, TimestampTz now)
{
	Datum		values[6] = {
		ObjectIdGetDatum(MyDatabaseId),
		CStringGetTextDatum(pc_instance_name()),
		CStringGetTextDatum(key->gateway_account),
		CStringGetTextDatum(key->operation),
		TimestampTzGetDatum(now),
		Int64GetDatum(limit)
	};
	uint64		n = pc_execute(&candidates_plan, values, NULL, false, 0);
	List	   *candidates = NIL;

	for (uint64 r = 0; r < n; r++)
	{
		Candidate  *candidate = palloc(sizeof(Candidate));

		candidate->job = make_job(key, r);
		candidate->behind = pc_get_bool(r, 21);
		candidate->awaited = (Awaited) pc_get_int32(r, 22);
		candidates = lappend(candidates, candidate);
	}
	SPI_freetuptable(SPI_tuptable);
	return candidates;
}

typedef struct Claim
{
	TimestampTz now;
	GwOperation op;
	List	   *candidates;
	List	   *taken;
	List	   *verdicts;		/* on the others */
} Claim;

static List *
jobs_of(List *candidates)
{
	List	   *jobs = NIL;
	ListCell   *lc;

	foreach(lc, candidates)
		jobs = lappend(jobs, ((Candidate *) lfirst(lc))->job);
	return jobs;
}

static void
claim_candidates(Claim *claim)
{
	ListCell   *lc;

	pc_jobs_load(jobs_of(claim->candidates), claim->op);
	foreach(lc, claim->candidates)
	{
		Candidate  *c = lfirst(lc);
		PcVerdict  *verdict = palloc0(sizeof(PcVerdict));
		PcReadiness ready = readiness(c->job, c->behind, c->awaited, claim->now, verdict);

		if (ready == PC_READY && render(c->job, verdict))
		{
			claim->taken = lappend(claim->taken, c->job);
			continue;
		}
		if (ready == PC_NOT_YET)
			not_yet(c->job, claim->now, verdict);
		else
			end_unsent(c->job, verdict);
		claim->verdicts = lappend(claim->verdicts, verdict);
	}
	take(claim->taken, claim->now);
	pc_verdicts_write(claim->verdicts);
}

static void
claim_one(PcJob *job, void *arg)
{
	claim_candidates(arg);
}

static void
write_verdict(void *arg)
{
	pc_verdicts_write(list_make1(arg));
}

/* What goes wrong is the fault of one, and is tried no more often than what is sent. */
static void
claim_apart(Claim *claim)
{
	ListCell   *lc;

	foreach(lc, claim->candidates)
	{
		Candidate  *c = lfirst(lc);
		Claim		one = {.now = claim->now, .op = claim->op, .candidates = list_make1(c)};
		PcVerdict  *fault = palloc0(sizeof(PcVerdict));

		if (pc_guarded(claim_one, c->job, &one, fault))
		{
			claim->taken = list_concat(claim->taken, one.taken);
			claim->verdicts = list_concat(claim->verdicts, one.verdicts);
			continue;
		}
		fault->uncounted = true;
		(void) pc_run_guarded(write_verdict, fault);
		claim->verdicts = lappend(claim->verdicts, fault);
	}
}

/* Jobs live outside the transaction. */
List *
pc_outbox_claim(const PcDueKey *key, int limit, bool apart, bool *more)
{
	Claim		claim = {.now = GetCurrentTimestamp(), .op = key->op};
	ListCell   *lc;

	if (nursery == NULL)
		nursery = AllocSetContextCreate(TopMemoryContext, "paycore claim", ALLOCSET_SMALL_SIZES);
	MemoryContextReset(nursery);
	claim.candidates = find_candidates(key, limit, claim.now);
	*more = list_length(claim.candidates) >= limit;
	if (apart)
		claim_apart(&claim);
	else
		claim_candidates(&claim);
	foreach(lc, claim.verdicts)
		pc_job_free(((PcVerdict *) lfirst(lc))->job);
	foreach(lc, claim.taken)
		MemoryContextSetParent(((PcJob *) lfirst(lc))->context, TopMemoryContext);
	return claim.taken;
}

static bool
process_is_gone(int pid)
{
	return pid != MyProcPid && BackendPidGetProc(pid) == NULL;
}

int
pc_outbox_reclaim(void)
{
	uint64		n = pc_execute(&leases_plan, NULL, NULL, false, 0);
	int		   *gone = palloc(sizeof(int) * (n + 1));
	int			ngone = 0;
	uint64		reclaimed = 0;

	gone[ngone++] = 0;			/* nobody's, for the leases that ran out */
	for (uint64 r = 0; r < n; r++)
	{
		if (process_is_gone(pc_get_int32(r, 1)))
			gone[ngone++] = pc_get_int32(r, 1);
	}
	for (int i = 0; i < ngone; i++)
	{
		Datum		values[2] = {Int32GetDatum(gone[i]), TimestampTzGetDatum(GetCurrentTimestamp())};

		reclaimed += pc_execute(&reclaim_plan, values, NULL, false, 0);
	}
	return (int) reclaimed;
}
