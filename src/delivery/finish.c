/*
 * finish.c
 *		Writing what has become of rows, and waking what waited for them.
 */
#include "common/paycore.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "common/plan.h"
#include "common/settings.h"
#include "delivery/job.h"
#include "miscadmin.h"
#include "utils/array.h"

/* Flags of a verdict, packed so that one array carries them. */
#define FLAG_FINISHED	1
#define FLAG_CLAIMED	2
#define FLAG_UNCOUNTED	4
#define FLAG_FORGET		8
#define FLAG_NEW_KEY	16
#define FLAG_RESOLVE	32

static PcPlan write_plan = PC_PLAN("UTTLLTTTTLTz4",
	"UPDATE paycore.outbox o SET status = u.status,"
	" finished_at = CASE WHEN u.flags & 1 <> 0 THEN $12 END,"
	" next_attempt_at = $12 + u.delay * interval '1 millisecond',"
	" lease_until = NULL, leased_by = NULL,"
	" attempts = CASE WHEN u.flags & 16 <> 0 THEN 0 WHEN u.flags & 6 = 6 AND o.attempts > 0 AND o.resolve_step = 0"
	"  THEN o.attempts - 1 ELSE o.attempts END,"
	" uncounted = CASE WHEN u.flags & 16 <> 0 THEN 0 WHEN u.flags & 4 <> 0 THEN o.uncounted + 1 ELSE o.uncounted END,"
	" first_sent_at = CASE WHEN u.flags & 24 <> 0 THEN NULL ELSE o.first_sent_at END,"
	" idempotency_key = CASE WHEN u.flags & 16 = 0 THEN o.idempotency_key ELSE"
	"  'paycore-' || o.id || '-' || (substring(o.idempotency_key FROM '[0-9]+$')::pg_catalog.int4 + 1) END,"
	" resolve_step = CASE WHEN u.flags & 32 <> 0 THEN o.resolve_step + 1 WHEN u.flags & 1 <> 0 THEN o.resolve_step ELSE 0 END,"
	" resolve_cursor = u.cursor,"
	" error_type = u.error_type, error_code = u.error_code, error_message = u.error_message,"
	" http_status = COALESCE(NULLIF(u.http, 0)::pg_catalog.int4, o.http_status), request_id = COALESCE(u.request_id, o.request_id)"
	" FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
	" AS u(id, tenant, status, flags, delay, cursor, error_type, error_code, error_message, http, request_id)"
	" WHERE o.id = u.id AND o.tenant_id = u.tenant AND o.finished_at IS NULL"
	" AND (u.flags & 2 = 0 OR (o.status = 'sending' AND o.leased_by = $13))");

/* Unfinished, it is pending or resolving.  Not in these words: an index goes with them that is as long as the queue. */
#define PUT_OFF(o) \
	o ".finished_at IS NULL AND " o ".status NOT IN ('sending', 'dead')" \
	" AND " o ".first_sent_at IS NULL AND " o ".next_attempt_at > greatest($1, " o ".not_before)"

/* The heads of the lanes that moved, and what waited for the finished rows. */
static PcPlan waiting_plan = PC_PLAN("zUUT",
	"SELECT w.id, w.tenant_id FROM (SELECT DISTINCT u.lane, u.tenant FROM unnest($3, $4) u(lane, tenant)) l,"
	" LATERAL (SELECT e.id, e.tenant_id, e.status, e.first_sent_at, e.finished_at, e.next_attempt_at, e.not_before"
	"  FROM paycore.outbox e WHERE e.lane = l.lane AND e.tenant_id = l.tenant"
	"  AND e.finished_at IS NULL AND NOT e.is_read ORDER BY e.seq LIMIT 1) w WHERE " PUT_OFF("w")
	" UNION ALL SELECT d.id, d.tenant_id FROM paycore.outbox d"
	" WHERE d.depends_on && $2 AND d.depends_on IS NOT NULL AND " PUT_OFF("d"));

static PcPlan forward_plan = PC_PLAN("zUT",
	"UPDATE paycore.outbox o SET next_attempt_at = greatest($1, o.not_before) FROM unnest($2, $3) u(id, tenant)"
	" WHERE o.id = u.id AND o.tenant_id = u.tenant AND " PUT_OFF("o"));

static Datum
int8_array(const int64 *numbers, int n)
{
	Datum	   *elements = palloc(sizeof(Datum) * Max(n, 1));

	for (int i = 0; i < n; i++)
		elements[i] = Int64GetDatum(numbers[i]);
	return PointerGetDatum(construct_array(elements, n, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

int64
pc_backoff_ms(int tries)
{
	double		pause = pc_retry_initial * pow(2, Min(Max(tries, 1), 30) - 1);

	pause = Min(pause, pc_retry_max);
	return (int64) (pause * (0.5 + 0.5 * ((double) random() / RAND_MAX)));
}

static int64
flags_of(const PcVerdict *v)
{
	return (v->finished ? FLAG_FINISHED : 0) | (v->claimed ? FLAG_CLAIMED : 0) |
		(v->uncounted ? FLAG_UNCOUNTED : 0) | (v->forget_dispatch ? FLAG_FORGET : 0) |
		(v->new_key ? FLAG_NEW_KEY : 0) | (v->resolve ? FLAG_RESOLVE : 0);
}

/* Columns of the batch, in the order of write_plan's unnest(). */
typedef struct Columns
{
	pg_uuid_t  *ids;
	char	  **texts[7];		/* tenant, status, cursor, error type, code, message, request id */
	int64	   *flags;
	int64	   *delays;
	int64	   *http;
} Columns;

static void
fill_columns(Columns *c, List *verdicts)
{
	int			n = list_length(verdicts);

	c->ids = palloc(sizeof(pg_uuid_t) * n);
	for (int t = 0; t < lengthof(c->texts); t++)
		c->texts[t] = palloc(sizeof(char *) * n);
	c->flags = palloc(sizeof(int64) * n);
	c->delays = palloc(sizeof(int64) * n);
	c->http = palloc(sizeof(int64) * n);
	for (int i = 0; i < n; i++)
	{
		PcVerdict  *v = list_nth(verdicts, i);

		c->ids[i] = v->job->id;
		c->texts[0][i] = v->job->tenant;
		c->texts[1][i] = unconstify(char *, v->status);
		c->texts[2][i] = unconstify(char *, v->cursor);
		c->texts[3][i] = unconstify(char *, v->error_type);
		c->texts[4][i] = unconstify(char *, v->error_code);
		c->texts[5][i] = unconstify(char *, v->error_message);
		c->texts[6][i] = v->claimed ? unconstify(char *, v->job->response.request_id) : NULL;
		c->flags[i] = flags_of(v);
		c->delays[i] = v->delay_ms;
		c->http[i] = v->claimed ? v->job->response.status : 0;
	}
}

/* Of the finished rows; mostly nothing waits for them. */
static void
forward_waiting(const pg_uuid_t *ids, const pg_uuid_t *lanes, char *const *tenants, int n, TimestampTz now)
{
	Datum		values[4];
	uint64		nwaiting;
	pg_uuid_t  *waiting;
	char	  **theirs;

	values[0] = TimestampTzGetDatum(now);
	values[1] = pc_uuid_array(ids, n);
	values[2] = pc_uuid_array(lanes, n);
	values[3] = pc_text_array(tenants, n);
	nwaiting = pc_execute(&waiting_plan, values, NULL, false, 0);
	if (nwaiting == 0)
		return;
	waiting = palloc(sizeof(pg_uuid_t) * nwaiting);
	theirs = palloc(sizeof(char *) * nwaiting);
	for (uint64 r = 0; r < nwaiting; r++)
	{
		waiting[r] = pc_get_id(r, 1);
		theirs[r] = pc_get_cstring(r, 2);
	}
	values[1] = pc_uuid_array(waiting, (int) nwaiting);
	values[2] = pc_text_array(theirs, (int) nwaiting);
	pc_execute(&forward_plan, values, NULL, false, 0);
}

static void
pull_forward(List *verdicts, TimestampTz now)
{
	int			n = 0;
	pg_uuid_t  *ids = palloc(sizeof(pg_uuid_t) * list_length(verdicts));
	pg_uuid_t  *lanes = palloc(sizeof(pg_uuid_t) * list_length(verdicts));
	char	  **tenants = palloc(sizeof(char *) * list_length(verdicts));
	ListCell   *lc;

	foreach(lc, verdicts)
	{
		PcVerdict  *v = lfirst(lc);

		/* A payment intent's lane is its own; a setup intent waits for itself. */
		if (v->finished)
		{
			pc_wake_waiters_at_commit(&v->job->lane);
			pc_wake_waiters_at_commit(&v->job->object_id);
		}
		if (!v->finished || gw_operation_is_read(v->job->op))
			continue;
		ids[n] = v->job->id;
		lanes[n] = v->job->lane;
		tenants[n] = v->job->tenant;
		n++;
	}
	if (n > 0)
		forward_waiting(ids, lanes, tenants, n, now);
}

void
pc_verdicts_write(List *verdicts)
{
	Columns		c;
	int			n = list_length(verdicts);
	TimestampTz now = GetCurrentTimestamp();
	Datum		values[13];

	if (n == 0)
		return;
	fill_columns(&c, verdicts);
	values[0] = pc_uuid_array(c.ids, n);
	values[1] = pc_text_array(c.texts[0], n);
	values[2] = pc_text_array(c.texts[1], n);
	values[3] = int8_array(c.flags, n);
	values[4] = int8_array(c.delays, n);
	values[5] = pc_text_array(c.texts[2], n);
	values[6] = pc_text_array(c.texts[3], n);
	values[7] = pc_text_array(c.texts[4], n);
	values[8] = pc_text_array(c.texts[5], n);
	values[9] = int8_array(c.http, n);
	values[10] = pc_text_array(c.texts[6], n);
	values[11] = TimestampTzGetDatum(now);
	values[12] = Int32GetDatum(MyProcPid);
	pc_execute(&write_plan, values, NULL, false, 0);
	pull_forward(verdicts, now);
}
