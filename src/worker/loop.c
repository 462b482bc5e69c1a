/*
 * loop.c
 *		The worker's turn: record what was answered, claim what is due, send
 *		it, wait.  Transactions are open only while recording and claiming;
 *		waiting holds none.
 */
#include "common/paycore.h"

#include "access/xact.h"
#include "common/fault.h"
#include "common/secrets.h"
#include "common/settings.h"
#include "common/shmem.h"
#include "delivery/job.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/interrupt.h"
#include "storage/latch.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "worker/assist.h"
#include "worker/billing.h"
#include "worker/identity.h"
#include "worker/pace.h"
#include "worker/send.h"
#include "worker/upkeep.h"
#include "worker/worker.h"

/* Answers recorded in one transaction: below the number of subtransactions that a snapshot can list, should one fail. */
#define MAX_RECORDED		50

/* While this many requests are on the wire, answers and claims are gathered for a moment. */
#define BUSY_IN_FLIGHT		32
#define GATHER_MS			10

/* Looks that find nothing to send follow each other at growing distances, up to this. */
#define LONGEST_GAP_MS		16

/* While answers wait, a claim is made for this part of all that may be on the wire, or for none. */
#define WORTH_A_CLAIM		4

/* An assistant with nothing to do for so long ends. */
#define ASSISTANT_RESTS_MS	10000

/* However long the poll interval: somebody may be waiting to copy, rename or drop the database. */
#define LONGEST_WAIT_MS		1000

typedef struct Loop
{
	const PcWorkerOrder *order;
	HttpPool   *pool;
	MemoryContext turn;			/* reset on each */
	MemoryContext lists;
	List	   *answered;		/* jobs to be recorded */
	TimestampTz answered_since;
	bool		look;			/* something may be due */
	TimestampTz looked_at;
	TimestampTz next_look;
	TimestampTz next_bill;
	bool		idle;			/* nothing due at the last look */
	bool		more;			/* more was due than could be taken */
	TimestampTz busy_at;		/* something was claimed */
	int64		waited;			/* microseconds, since the last turn */
	bool		durable;		/* the claim is of more than readings */
	bool		apart;			/* the last claim failed */
	bool		leaving;		/* an assistant that claims nothing more */
	int			fruitless;		/* looks in a row that found nothing to send */
	bool		complained;		/* of the secrets file */
	PcWorkerStats stats;
} Loop;

static const PcTransactions transactions = {pc_worker_begin, pc_worker_commit, pc_worker_abort};

static void
note_answered(Loop *loop, PcJob *job)
{
	MemoryContext old = MemoryContextSwitchTo(loop->lists);

	if (loop->answered == NIL)
		loop->answered_since = GetCurrentTimestamp();
	loop->answered = lappend(loop->answered, job);
	MemoryContextSwitchTo(old);
}

static void
receive(Loop *loop)
{
	PcJob	   *job;

	http_run(loop->pool);
	while ((job = pc_receive(loop->pool)) != NULL)
	{
		PC_FAULT("answered");
		pc_pace_ended(job);
		if (job->delivery == PC_ANSWERED && job->response.status == 429)
			pc_pace_hold(job, job->response.retry_after_ms > 0 ? Min(job->response.retry_after_ms, pc_retry_after_cap) : 1000);
		note_answered(loop, job);
		loop->stats.answered++;
	}
}

static long
ms_since(TimestampTz t)
{
	return (long) ((GetCurrentTimestamp() - t) / 1000);
}

/* Nothing is gained by waiting for more unless more is under way. */
static bool
time_to_record(const Loop *loop)
{
	if (loop->answered == NIL)
		return false;
	return list_length(loop->answered) >= MAX_RECORDED || http_in_flight(loop->pool) < BUSY_IN_FLIGHT ||
		ms_since(loop->answered_since) >= GATHER_MS;
}

/* One batch in a turn: between two of them more is sent, so that the gateway is never idle meanwhile. */
static void
record_answers(Loop *loop)
{
	List	   *batch;
	ListCell   *lc;

	if (!time_to_record(loop))
		return;
	batch = list_copy_head(loop->answered, MAX_RECORDED);
	loop->stats.faults += pc_outbox_settle(batch, &transactions);
	loop->stats.recorded += list_length(batch);
	foreach(lc, batch)
	{
		pc_pace_recorded(lfirst(lc));
		pc_send_done(lfirst(lc));
	}
	loop->answered = list_delete_first_n(loop->answered, list_length(batch));
	loop->look = true;
}

static void
send_all(Loop *loop, List *jobs)
{
	ListCell   *lc;

	foreach(lc, jobs)
	{
		PcJob	   *job = lfirst(lc);

		loop->stats.sent++;
		pc_pace_taken(job);
		if (pc_send(loop->pool, job))
			pc_pace_started(job);
		else
			note_answered(loop, job);
	}
	if (jobs == NIL)
		return;
	receive(loop);
	PC_FAULT("sent");
}

static void
sooner(TimestampTz *when, TimestampTz than)
{
	if (than < *when)
		*when = than;
}

/* Whether requests of the key may leave at all now. */
static bool
is_open(const PcDueKey *key)
{
	const char *why;
	const PcSecrets *secrets;

	if (key->paused)
		return false;
	if (!key->networked)
		return true;
	secrets = pc_secrets_try(key->gateway_account, &why);
	if (key->op == GW_WEBHOOK_DELIVER)
		return secrets != NULL && secrets->nwebhook_secrets > 0;
	return secrets != NULL && secrets->api_key != NULL &&
		(key->op == GW_ACCOUNT_RETRIEVE || !key->unchecked);
}

/* Answers that are still to be recorded take room too. */
static int
room(const Loop *loop)
{
	return Max(0, Min(pc_batch_size, pc_pace_part(pc_max_in_flight) - http_in_flight(loop->pool) - list_length(loop->answered)));
}

/* Claims what may go of one key.  Returns the jobs; says when to look again. */
static List *
claim_key(Loop *loop, const PcDueKey *key, int space, TimestampTz now, TimestampTz *again)
{
	int			allowed;
	bool		more = false;
	List	   *jobs;

	if (!is_open(key))
		return NIL;
	if (key->due_at > now)
	{
		sooner(again, key->due_at);
		return NIL;
	}
	loop->idle = false;
	allowed = Min(pc_pace_allowance(key), space);
	loop->more |= allowed == 0;
	if (allowed == 0)
	{
		long		wait = pc_pace_wait_ms(key);

		/* An answer says by itself that there is room again. */
		if (space > 0 && wait > 0)
			sooner(again, TimestampTzPlusMilliseconds(now, wait));
		return NIL;
	}
	jobs = pc_outbox_claim(key, allowed, loop->apart, &more);
	loop->durable |= !gw_operation_is_read(key->op);
	loop->more |= more;
	if (more)
		sooner(again, now);
	return jobs;
}

typedef struct Claim
{
	Loop	   *loop;
	TimestampTz *again;
	List	   *jobs;
} Claim;

static void
claim_keys(void *arg)
{
	Claim	   *claim = arg;
	Loop	   *loop = claim->loop;
	TimestampTz now = GetCurrentTimestamp();
	ListCell   *lc;

	loop->idle = true;
	loop->more = false;
	loop->durable = false;
	foreach(lc, pc_outbox_due())
	{
		List	   *some = claim_key(loop, lfirst(lc), room(loop) - list_length(claim->jobs), now, claim->again);
		MemoryContext old = MemoryContextSwitchTo(loop->turn);

		claim->jobs = list_concat_copy(claim->jobs, some);
		MemoryContextSwitchTo(old);
	}
	if (claim->jobs != NIL)
		PC_FAULT("claim_before_commit");
	/* A reading that a crash forgets is asked for again, and nobody has noticed. */
	if (!loop->durable)
		(void) set_config_option("synchronous_commit", "off", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_LOCAL, true, 0, false);
}

/* What cannot be claimed must not keep the rest from being sent: after an error, row by row. */
static List *
claim_batch(Loop *loop, TimestampTz *again)
{
	Claim		claim = {.loop = loop, .again = again};
	ErrorData  *error = pc_worker_run(claim_keys, &claim);
	ListCell   *lc;

	if (error == NULL)
	{
		loop->apart = false;
		if (claim.jobs != NIL)
			PC_FAULT("claim_after_commit");
		return claim.jobs;
	}
	foreach(lc, claim.jobs)
		pc_job_free(lfirst(lc));
	if (loop->apart || error->sqlerrcode == ERRCODE_QUERY_CANCELED)
		ReThrowError(error);
	ereport(LOG, (errmsg("paycore: requests could not be claimed together, so each is by itself: %s", error->message)));
	loop->apart = true;
	*again = GetCurrentTimestamp();
	return NIL;
}

/*
 * How long a wake-up is left alone: commits that give nothing to send, to a
 * paused account say, must not each cost a look.  A first one is never late.
 */
static long
gap_ms(const Loop *loop)
{
	long		gap = loop->fruitless > 1 ? Min(1 << Min(loop->fruitless - 2, 8), LONGEST_GAP_MS) : 0;

	return Max(0, gap - ms_since(loop->looked_at));
}

static bool
time_to_look(const Loop *loop)
{
	int			in_flight = http_in_flight(loop->pool);

	if (room(loop) == 0)
		return false;
	if (time_to_record(loop) && room(loop) < pc_pace_part(pc_max_in_flight) / WORTH_A_CLAIM)
		return false;
	if (in_flight >= BUSY_IN_FLIGHT && ms_since(loop->looked_at) < GATHER_MS)
		return false;
	return (loop->look && gap_ms(loop) == 0) || GetCurrentTimestamp() >= loop->next_look;
}

/* Whose requests are ours, the secrets file says: without it nothing is sent, and nobody is given up on. */
static bool
knows_instance(Loop *loop)
{
	const char *error;

	/* A file that changes is another one from the next turn on: its keys are asked about first. */
	pc_secrets_reread();
	error = pc_secrets_error();
	if (error != NULL && !loop->complained)
		ereport(LOG,
				(errmsg("paycore: the secrets file cannot be used, so nothing is sent"),
				 errdetail_internal("%s", error),
				 errhint("It is looked at again and again; no restart is needed.")));
	loop->complained = error != NULL;
	return error == NULL;
}

static void
claim_and_send(Loop *loop)
{
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz again = TimestampTzPlusMilliseconds(now, pc_poll_interval);
	List	   *jobs;

	if (!time_to_look(loop))
		return;
	loop->look = false;
	loop->looked_at = now;
	jobs = claim_batch(loop, &again);
	loop->fruitless = jobs == NIL ? Min(loop->fruitless + 1, 16) : 0;
	loop->busy_at = jobs == NIL ? loop->busy_at : now;
	if (loop->more && loop->order->assists == 0)
		pc_assist_wake();
	send_all(loop, jobs);
	loop->next_look = again;
}

/* Until the next look. */
static void
rest(Loop *loop)
{
	loop->look = false;
	loop->idle = true;
	loop->next_look = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), pc_poll_interval);
	loop->next_bill = DT_NOEND;
}

static long
wait_ms(const Loop *loop)
{
	TimestampTz now = GetCurrentTimestamp();
	long		ms = loop->next_look > now ? (long) ((loop->next_look - now + 999) / 1000) : 0;
	long		curl = http_timeout_ms(loop->pool);

	if (loop->answered != NIL)
		return time_to_record(loop) ? 0 : GATHER_MS;
	if (loop->next_bill <= now)
		return 0;
	if (room(loop) == 0)
		ms = pc_poll_interval;
	else if (loop->look || ms == 0)
		ms = http_in_flight(loop->pool) >= BUSY_IN_FLIGHT ? GATHER_MS : gap_ms(loop);
	ms = Min(ms, pc_poll_interval);
	if (loop->next_bill < TimestampTzPlusMilliseconds(now, ms))
		ms = (long) ((loop->next_bill - now + 999) / 1000);
	return curl >= 0 ? Min(ms, curl) : ms;
}

/* A wake-up has come already, and others would only disturb the wait. */
static bool
is_deaf(const Loop *loop)
{
	return loop->look && gap_ms(loop) > 0 && loop->answered == NIL && http_in_flight(loop->pool) == 0;
}

static void
wait_for_work(Loop *loop, WaitEventSet *set)
{
	WaitEvent	event;
	long		ms = Min(wait_ms(loop), LONGEST_WAIT_MS);
	TimestampTz before = GetCurrentTimestamp();

	if (is_deaf(loop))
		(void) WaitLatch(NULL, WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, ms, pc_wait_event("PaycoreWorker"));
	else if (WaitEventSetWait(set, ms, &event, 1, pc_wait_event("PaycoreWorker")) > 0 && (event.events & WL_LATCH_SET))
	{
		ResetLatch(MyLatch);
		loop->look = true;
	}
	loop->waited = GetCurrentTimestamp() - before;
	CHECK_FOR_INTERRUPTS();
	if (ConfigReloadPending)
	{
		ConfigReloadPending = false;
		ProcessConfigFile(PGC_SIGHUP);
		pc_secrets_forget();
		pc_upkeep_reloaded();
		loop->look = true;
	}
}

static void
report(Loop *loop)
{
	loop->stats.in_flight = http_in_flight(loop->pool);
	loop->stats.last_turn_at = GetCurrentTimestamp();
	pc_shmem_report(&loop->stats);
}

static bool
is_empty_handed(const Loop *loop)
{
	return loop->answered == NIL && http_in_flight(loop->pool) == 0;
}

/* A drain without anything due, an assistant that nobody needs. */
static bool
is_over(const Loop *loop)
{
	if (loop->order->assists != 0)
		return is_empty_handed(loop) && (loop->leaving || ms_since(loop->busy_at) >= ASSISTANT_RESTS_MS);
	if (!loop->order->drain)
		return false;
	if (GetCurrentTimestamp() >= loop->order->until)
		return true;
	return loop->idle && !loop->look && is_empty_handed(loop);
}

static void
start(Loop *loop, const PcWorkerOrder *order)
{
	memset(loop, 0, sizeof(*loop));
	loop->order = order;
	loop->pool = http_pool_create(pc_max_in_flight);
	if (loop->pool == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("paycore: no memory for the connection pool")));
	loop->turn = AllocSetContextCreate(TopMemoryContext, "paycore turn", ALLOCSET_DEFAULT_SIZES);
	loop->lists = AllocSetContextCreate(TopMemoryContext, "paycore lists", ALLOCSET_DEFAULT_SIZES);
	loop->look = true;
	loop->busy_at = GetCurrentTimestamp();
	loop->stats.database = order->database;
}

static WaitEventSet *
make_wait_set(Loop *loop)
{
	WaitEventSet *set = pc_create_wait_event_set(3);

	AddWaitEventToSet(set, WL_LATCH_SET, PGINVALID_SOCKET, MyLatch, NULL);
	AddWaitEventToSet(set, WL_EXIT_ON_PM_DEATH, PGINVALID_SOCKET, NULL, NULL);
	AddWaitEventToSet(set, WL_SOCKET_READABLE, http_wait_fd(loop->pool), NULL, NULL);
	return set;
}

/* A drain is of the outbox. */
static void
bill(Loop *loop)
{
	loop->next_bill = loop->order->drain ? DT_NOEND : pc_billing_turn(!is_empty_handed(loop), &loop->stats);
}

static void
serve(Loop *loop)
{
	pc_upkeep(loop->order->drain);
	loop->stats.secrets = pc_upkeep_secrets();
	claim_and_send(loop);
	bill(loop);
	if (!loop->order->drain)
		pc_assist_consider(loop->order->database, loop->more, loop->waited);
}

static void
assist(Loop *loop)
{
	loop->leaving = pc_assist_unwanted(loop->order);
	loop->next_bill = DT_NOEND;
	if (!loop->leaving)
		claim_and_send(loop);
}

static void
turn(Loop *loop)
{
	MemoryContextSwitchTo(loop->turn);
	receive(loop);
	record_answers(loop);
	if (!knows_instance(loop))
		rest(loop);
	else if (loop->order->assists != 0)
		assist(loop);
	else
		serve(loop);
	report(loop);
	MemoryContextReset(loop->turn);
}

/* The extension may be dropped in the middle of a turn: then there is nothing left to do, and nothing went wrong. */
static void
turn_unless_dropped(Loop *loop)
{
	PG_TRY();
	{
		turn(loop);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		if (loop->order->drain)
			PG_RE_THROW();
		MemoryContextSwitchTo(TopMemoryContext);
		error = CopyErrorData();
		FlushErrorState();
		pc_worker_abort();
		if (pc_worker_find_owner())
			ReThrowError(error);
	}
	PG_END_TRY();
}

void
pc_loop_run(const PcWorkerOrder *order)
{
	Loop		loop;
	WaitEventSet *set;

	start(&loop, order);
	if (order->assists != 0)
		pc_pace_share(1, 2);
	set = make_wait_set(&loop);
	while (pc_worker_find_owner())
	{
		turn_unless_dropped(&loop);
		if (is_over(&loop))
		{
			if (order->drain)
				pc_upkeep_drained();
			break;
		}
		wait_for_work(&loop, set);
	}
	FreeWaitEventSet(set);
	http_pool_destroy(loop.pool);
}
