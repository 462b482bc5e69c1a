/*
 * settle.c
 *		Recording answers: what each means for its row, and, through reduce and
 *		outcome, for the object.
 *
 * One transaction for a batch; where that fails, another one with a
 * subtransaction for each answer.  An answer that cannot be recorded (a fault of
 * ours, or a trigger of the user's) is not lost: the same bytes under the same
 * key bring it back.
 */
#include "common/paycore.h"

#include "access/xact.h"
#include "common/fault.h"
#include "common/guarded.h"
#include "common/json.h"
#include "common/settings.h"
#include "common/unix_time.h"
#include "delivery/job.h"
#include "reduce/reduce.h"
#include "utils/guc.h"
#include "utils/memutils.h"

/* Domain rule: the first dispatch dates a repeated POST, for a replay returns the old picture. */
static void
sighting_of(const PcJob *job, PcSighting *s)
{
	bool		read = gw_operation_is_read(job->wire_op);
	bool		repeated = !read && (job->response.replayed || job->first_sent_at < job->last_sent_at);

	memset(s, 0, sizeof(*s));
	s->gateway_account = job->gateway_account;
	s->source = PC_SOURCE_RESPONSE;
	s->replayed = repeated;
	if (repeated)
		s->seen_at = job->first_sent_at;
	else
		s->seen_at = job->response.date > 0 ? pc_unix_time(job->response.date) : job->last_sent_at;
	s->request_key = read ? NULL : job->idempotency_key;
	s->tenant = job->tenant;
	s->object_type = job->object_type;
	s->object_id = job->object_id;
	/* What a list brings is of other rows too: none of it is the answer to this one's request. */
	s->op = gw_operation_is_list(job->wire_op) ? job->wire_op : job->op;
	s->in_parts = job->in_parts;
}

/* A gateway without a network answers from the row as it was loaded: its picture follows that one. */
static const Jsonb *
status_it_saw(const PcJob *job)
{
	PcJsonBuilder b;

	if (job->gateway->networked || job->call.object_status == NULL)
		return NULL;
	pc_json_begin(&b);
	pc_json_add_text(&b, "status", job->call.object_status);
	return pc_json_end(&b);
}

static void
reduce_object(const PcJob *job, const GwObject *object)
{
	PcSighting	s;

	if (object->kind == GW_KIND_NONE || object->kind == GW_KIND_ACCOUNT)
		return;
	sighting_of(job, &s);
	s.previous = status_it_saw(job);
	(void) pc_reduce(object, &s);
}

static void
keep_error(PcVerdict *verdict, const GwError *error)
{
	verdict->error_type = error->type;
	verdict->error_code = error->decline_code != NULL ? error->decline_code : error->code;
	verdict->error_message = error->message;
}

/* Again, with the same bytes under the same key; or a look, where that has gone on for long enough. */
static void
again(PcJob *job, bool counted, TimestampTz now, PcVerdict *verdict)
{
	int64		delay = pc_backoff_ms(job->attempts + job->uncounted);
	bool		read = gw_operation_is_read(job->op);
	bool		too_old = job->first_sent_at != 0 &&
		(now - job->first_sent_at) / USECS_PER_SEC >= pc_resend_horizon;

	if (job->response.retry_after_ms >= 0)
		delay = Max(delay, Min(job->response.retry_after_ms, pc_retry_after_cap));
	verdict->uncounted = !counted;
	verdict->delay_ms = delay;
	verdict->cursor = job->resolve_cursor;
	if (job->resolving)
	{
		verdict->status = "resolving";
		verdict->resolve = true;
		verdict->uncounted = true;
	}
	else if (read && counted && job->attempts >= pc_max_attempts)
		(void) pc_verdict_over(verdict, "refused", verdict->error_code, verdict->error_message);
	else if (!read && (too_old || (counted && job->attempts >= pc_max_attempts)))
		pc_resolve_begin(job, now, verdict);
	else
		verdict->status = "pending";
}

static void
look_into(PcJob *job, TimestampTz now, PcVerdict *verdict)
{
	if (job->resolving || gw_operation_is_read(job->op))
		again(job, true, now, verdict);
	else
		pc_resolve_begin(job, now, verdict);
}

static void
judge_refusal(PcJob *job, const GwAnswer *answer, PcVerdict *verdict)
{
	(void) pc_verdict_over(verdict, "refused", verdict->error_code, verdict->error_message);
	/* A refusal of the read that resolves says nothing about the request. */
	if (!gw_operation_is_read(job->op))
		pc_outcome_refused(job, answer->error.type, verdict->error_code, answer->error.message);
}

/* The object is elsewhere in its life: where, the answer itself often tells. */
static void
judge_unexpected_state(PcJob *job, const GwAnswer *answer, PcVerdict *verdict)
{
	if (job->op == GW_REFUND_CREATE || job->op == GW_METHOD_ATTACH)
	{
		judge_refusal(job, answer, verdict);
		return;
	}
	if (answer->object.kind == GW_KIND_NONE)
		pc_outcome_look(job, 0);
	(void) pc_verdict_over(verdict, pc_effect_of(job, &answer->object) == PC_EFFECT_VISIBLE ? "obsolete" : "too_late",
						   verdict->error_code, verdict->error_message);
}

/* A restricted key may lack the right to such a reading; that alone stops nothing. */
static bool
is_optional(GwOperation op)
{
	return op == GW_ACCOUNT_RETRIEVE || op == GW_PAYOUT_RETRIEVE || op == GW_DISPUTE_RETRIEVE ||
		op == GW_WARNING_RETRIEVE || op == GW_REVIEW_RETRIEVE || gw_operation_is_list(op);
}

static void
judge_unauthorized(PcJob *job, const GwAnswer *answer, TimestampTz now, PcVerdict *verdict)
{
	if (job->response.status == 403 && is_optional(job->op))
	{
		(void) pc_verdict_over(verdict, "refused", verdict->error_code, verdict->error_message);
		return;
	}
	pc_pause_account(job->gateway_account,
					 psprintf("The gateway refuses the API key (HTTP %d%s%s).", job->response.status,
							  answer->error.code != NULL ? ", " : "",
							  answer->error.code != NULL ? answer->error.code : ""));
	again(job, false, now, verdict);
}

/* A lookup that the gateway refuses (404: no such object) means that there is none. */
static void
judge_lookup_refusal(PcJob *job, TimestampTz now, PcVerdict *verdict)
{
	if (job->response.status == 404)
		(void) pc_verdict_over(verdict, "refused", verdict->error_code, verdict->error_message);
	else
		again(job, true, now, verdict);
}

static void
judge_answer(PcJob *job, const GwAnswer *answer, TimestampTz now, PcVerdict *verdict)
{
	keep_error(verdict, &answer->error);
	switch (answer->verdict)
	{
		case GW_OK:
			if (job->resolving)
				pc_resolve_judge(job, answer, now, verdict);
			else if (gw_operation_is_list(job->op))
				pc_page_judge(&answer->object, verdict);
			else
				(void) pc_verdict_over(verdict, "done", NULL, NULL);
			break;
		case GW_DECLINED:
			if (job->op == GW_INTENT_CREATE || job->op == GW_INTENT_CONFIRM ||
				job->op == GW_SETUP_CREATE || job->op == GW_SETUP_CONFIRM)
				(void) pc_verdict_over(verdict, "declined", verdict->error_code, verdict->error_message);
			else
				judge_refusal(job, answer, verdict);
			if (answer->object.kind == GW_KIND_NONE)
				pc_outcome_look(job, 0);
			break;
		case GW_REFUSED:
			if (job->resolving)
				judge_lookup_refusal(job, now, verdict);
			else
				judge_refusal(job, answer, verdict);
			break;
		case GW_UNEXPECTED_STATE:
			if (job->resolving)
				again(job, true, now, verdict);
			else
				judge_unexpected_state(job, answer, verdict);
			break;
		case GW_BUSY:
			again(job, false, now, verdict);
			break;
		case GW_UNAUTHORIZED:
			judge_unauthorized(job, answer, now, verdict);
			break;
		case GW_KEY_REUSED:
			verdict->status = "dead";
			break;
		case GW_RETRY:
			again(job, true, now, verdict);
			break;
		case GW_UNKNOWN:
			if (verdict->error_code == NULL)
				verdict->error_code = "unreadable_answer";
			if (job->response.status >= 500)
				look_into(job, now, verdict);
			else
				again(job, true, now, verdict);
			break;
	}
}

/* Without an answer. */
static void
judge_silence(PcJob *job, TimestampTz now, PcVerdict *verdict)
{
	verdict->error_message = job->transport_error;
	switch (job->delivery)
	{
		case PC_NOT_CONNECTED:
		case PC_NOT_STARTED:
			verdict->error_code = job->tls_refused ? "tls_refused" :
				job->delivery == PC_NOT_STARTED ? "not_started" : "not_connected";
			verdict->forget_dispatch = job->previously_sent_at == 0;
			again(job, false, now, verdict);
			break;
		default:
			verdict->error_code = "no_answer";
			again(job, true, now, verdict);
			break;
	}
}

/* Reads, reduces and judges one answer. */
static void
record(PcJob *job, void *arg)
{
	PcVerdict  *verdict = arg;
	TimestampTz now = GetCurrentTimestamp();
	GwAnswer	answer = {0};
	GwCall		call = job->call;

	if (job->op == GW_WEBHOOK_DELIVER)
	{
		pc_push_judge(job, now, verdict);
		return;
	}
	if (job->delivery != PC_ANSWERED)
	{
		judge_silence(job, now, verdict);
		return;
	}
	call.op = job->wire_op;
	call.params = job->wire_params;
	job->gateway->read_response(&call, &job->response, &answer);
	PC_FAULT("record_before_reduce");
	reduce_object(job, &answer.object);
	PC_FAULT("record_after_reduce");
	if (job->op == GW_ACCOUNT_RETRIEVE && answer.verdict == GW_OK)
		pc_account_checked(job, &answer.object);
	judge_answer(job, &answer, now, verdict);
	if (!gw_operation_is_list(job->op))
		return;
	pc_page_recorded(job, &answer.object, verdict);
	if (answer.verdict == GW_OK)
		verdict->page = memcpy(palloc(sizeof(GwObject)), &answer.object, sizeof(GwObject));
}

/* Locks and deadlocks pass; everything else is a fault that must not be tried for ever. */
static void
fault_verdict(PcJob *job, const ErrorData *error, PcVerdict *verdict)
{
	int			class = ERRCODE_TO_CATEGORY(error->sqlerrcode);
	bool		passing = class == ERRCODE_TRANSACTION_ROLLBACK || error->sqlerrcode == ERRCODE_LOCK_NOT_AVAILABLE;

	memset(verdict, 0, sizeof(*verdict));
	verdict->job = job;
	verdict->error_type = "paycore_error";
	verdict->error_code = pstrdup(unpack_sql_state(error->sqlerrcode));
	verdict->error_message = pstrdup(error->message);
	verdict->delay_ms = pc_backoff_ms(job->attempts + job->uncounted);
	verdict->uncounted = passing;
	verdict->resolve = job->resolving;
	verdict->cursor = job->resolve_cursor;
	verdict->status = job->resolving ? "resolving" : "pending";
	if (!passing && job->attempts + job->uncounted >= pc_max_attempts)
		verdict->status = "dead";
	ereport(LOG,
			(errmsg("paycore: the answer to outbox row %s could not be recorded: %s",
					job->idempotency_key, error->message),
			 errdetail("SQLSTATE %s; the row is now %s.", verdict->error_code, verdict->status)));
}

typedef struct Guarded
{
	void		(*work) (PcJob *job, void *arg);
	PcJob	   *job;
	void	   *arg;
} Guarded;

static void
run_guarded(void *arg)
{
	Guarded    *guarded = arg;

	guarded->work(guarded->job, guarded->arg);
}

bool
pc_guarded(void (*work) (PcJob *job, void *arg), PcJob *job, void *arg, PcVerdict *verdict)
{
	Guarded		guarded = {work, job, arg};
	ErrorData  *error = pc_run_guarded(run_guarded, &guarded);

	if (error != NULL)
		fault_verdict(job, error, verdict);
	return error == NULL;
}

/* One object of a list must not keep the others out. */
static bool
record_in_parts(PcJob *job, PcVerdict *verdict, PcVerdict *fault)
{
	if (!gw_operation_is_list(job->op) || fault->uncounted)
		return false;
	memset(verdict, 0, sizeof(*verdict));
	verdict->job = job;
	job->in_parts = true;
	return pc_guarded(record, job, verdict, fault);
}

typedef struct Settling
{
	List	   *jobs;
	bool		apart;
	List	   *verdicts;
	int			faults;
} Settling;

/* Together: an error is the whole batch's.  Apart: it is that of its answer, at a price for each. */
static void
settle_each(void *arg)
{
	Settling   *settling = arg;
	ListCell   *lc;

	foreach(lc, settling->jobs)
	{
		PcJob	   *job = lfirst(lc);
		PcVerdict  *verdict = palloc0(sizeof(PcVerdict));
		PcVerdict	fault = {0};

		verdict->job = job;
		if (!settling->apart)
			record(job, verdict);
		else if (!pc_guarded(record, job, verdict, &fault) && !record_in_parts(job, verdict, &fault))
		{
			*verdict = fault;
			settling->faults++;
		}
		verdict->claimed = true;
		settling->verdicts = lappend(settling->verdicts, verdict);
	}
}

static int
settle_in_transaction(List *jobs, bool apart)
{
	Settling	settling = {.jobs = jobs, .apart = apart};
	ListCell   *lc;

	settle_each(&settling);
	foreach(lc, settling.verdicts)
		pc_page_progress(lfirst(lc));
	pc_verdicts_write(settling.verdicts);
	return settling.faults;
}

/* Only the rows: what the objects' triggers did at commit cannot be had. */
static void
record_fault(PcJob *job, const ErrorData *error, const PcTransactions *t)
{
	PcVerdict  *verdict;

	t->begin();
	verdict = palloc0(sizeof(PcVerdict));
	fault_verdict(job, error, verdict);
	verdict->claimed = true;
	pc_verdicts_write(list_make1(verdict));
	t->commit();
}

/* The number of faults; or -1 and *error, where nothing is recorded. */
static int
settle_batch(List *jobs, bool apart, const PcTransactions *t, ErrorData **error)
{
	MemoryContext context = CurrentMemoryContext;
	volatile int faults = -1;

	PG_TRY();
	{
		int			n;

		t->begin();
		/* Many rows are locked together, in the order of the answers: where that takes long, we go on one by one. */
		if (!apart)
			(void) set_config_option("lock_timeout", PC_GIVE_WAY_MS, PGC_USERSET, PGC_S_SESSION,
									 GUC_ACTION_LOCAL, true, 0, false);
		n = settle_in_transaction(jobs, apart);
		PC_FAULT("record_before_commit");
		t->commit();
		PC_FAULT("record_after_commit");
		faults = n;
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		*error = CopyErrorData();
		FlushErrorState();
		t->abort();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	if (faults < 0 && ((*error)->sqlerrcode == ERRCODE_QUERY_CANCELED || (*error)->sqlerrcode == ERRCODE_ADMIN_SHUTDOWN))
		ReThrowError(*error);
	return faults;
}

/* Each in a transaction of its own: so nobody is waited for with the locks of other answers in hand. */
static int
settle_apart(List *jobs, const PcTransactions *t)
{
	int			faults = 0;
	ListCell   *lc;

	foreach(lc, jobs)
	{
		ErrorData  *error;
		int			n = settle_batch(list_make1(lfirst(lc)), true, t, &error);

		/* Something that fires at commit, a deferred trigger. */
		if (n < 0)
			record_fault(lfirst(lc), error, t);
		faults += n < 0 ? 1 : n;
	}
	return faults;
}

/* After a fault apart, until a batch has none: what fails often, or makes us wait for a lock, is not met twice. */
int
pc_outbox_settle(List *jobs, const PcTransactions *transactions)
{
	static bool apart = false;
	ErrorData  *error;
	int			faults;

	if (!apart && settle_batch(jobs, false, transactions, &error) >= 0)
		return 0;
	faults = settle_apart(jobs, transactions);
	apart = faults > 0;
	return faults;
}
