/*
 * billing.c
 *		The schedule of billing.
 *
 * Every paycore.billing_interval a pass over all tenants with something due
 * begins.  Some of them are billed in turns, a batch each, so that those with
 * little need not wait for one with a million.  Batches are as large as fits
 * into the time in which no request of the outbox minds waiting.
 */
#include "common/paycore.h"

#include "common/fault.h"
#include "common/progress.h"
#include "common/settings.h"
#include "invoices/invoices.h"
#include "miscadmin.h"
#include "utils/backend_status.h"
#include "utils/elog.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "worker/billing.h"
#include "worker/identity.h"

/* Tenants billed in turns. */
#define PLACES			8

/*
 * Subscriptions in a batch, at most and at first, and how long one should take.
 * Planning costs as much as some dozens of them: only what takes very long is
 * cut smaller than at first.
 */
#define LARGEST_BATCH	1000
#define FIRST_BATCH		50
#define BATCH_MS		200
#define LONGEST_MS		500

typedef struct Place
{
	char	   *tenant;			/* NULL: free */
	bool		begun;
	bool		over;			/* nothing is due any more */
	int			batch_size;
	InvRun		run;
} Place;

static struct
{
	MemoryContext context;		/* of the names; emptied with each pass */
	TimestampTz started_at;		/* the pass; 0: there was none */
	bool		going_on;
	bool		looked;			/* all tenants of the pass are known */
	char	   *after;			/* the last of those that are */
	List	   *due;			/* names, that have no place yet */
	Place		places[PLACES];
	int			turn;
} pass;

/* Batches are planned as in a session that bills; and nobody waits long for whoever else bills the tenant. */
static const struct
{
	const char *name;
	const char *value;
}			in_batch[] = {
	{"enable_hashjoin", "on"},
	{"enable_mergejoin", "on"},
	{"plan_cache_mode", "auto"},
	{"lock_timeout", "200"},
};

static void
leave(Place *place)
{
	if (place->tenant != NULL)
		inv_run_leave(&place->run);
	memset(place, 0, sizeof(*place));
	place->run.place = -1;
}

static void
start_pass(TimestampTz now)
{
	if (pass.context == NULL)
		pass.context = AllocSetContextCreate(TopMemoryContext, "paycore billing", ALLOCSET_SMALL_SIZES);
	MemoryContextReset(pass.context);
	pass.started_at = now;
	pass.going_on = true;
	pass.looked = false;
	pass.after = NULL;
	pass.due = NIL;
}

static void
look(void *unused)
{
	MemoryContext old = MemoryContextSwitchTo(pass.context);

	pass.due = list_concat(pass.due, inv_due_tenants(&pass.after));
	pass.looked = pass.after == NULL;
	MemoryContextSwitchTo(old);
}

/* Somebody else's run does it. */
static bool
is_being_billed(const char *tenant)
{
	PcBillingProgress progress;

	for (int i = 0; i < PC_MAX_PROGRESS; i++)
	{
		if (pc_progress_read(i, &progress) && progress.pid != MyProcPid && strcmp(progress.tenant, tenant) == 0)
			return true;
	}
	return false;
}

static void
step(void *arg)
{
	Place	   *place = (Place *) arg;
	TimestampTz now = GetCurrentTimestamp();

	pgstat_report_activity(STATE_RUNNING, psprintf("paycore: billing of %s", place->tenant));
	for (int i = 0; i < (int) lengthof(in_batch); i++)
		(void) set_config_option(in_batch[i].name, in_batch[i].value, PGC_SUSET, PGC_S_SESSION, GUC_ACTION_LOCAL, true, 0, false);
	if (!place->begun)
		inv_run_begin(&place->run, place->tenant, INV_NOW, true);
	else if (place->over)
		inv_run_end(&place->run, place->tenant);
	else
		place->over = inv_run_batch(&place->run, place->tenant, place->batch_size, TimestampTzPlusMilliseconds(now, BATCH_MS)) == 0;
	PC_FAULT("schedule_step");
}

/* Whoever holds the lock is billing the tenant just now: then nothing is left to do. */
static bool
is_noteworthy(const ErrorData *error)
{
	return error->sqlerrcode != ERRCODE_LOCK_NOT_AVAILABLE;
}

/* In a transaction of its own; false where it failed. */
static bool
run(void (*work) (void *arg), void *arg, const char *tenant)
{
	ErrorData  *error = pc_worker_run(work, arg);

	if (error == NULL)
		PC_FAULT("schedule_committed");
	else if (is_noteworthy(error))
		ereport(LOG,
				(errmsg("paycore: the billing of %s%s has stopped: %s", tenant != NULL ? "tenant " : "all tenants", tenant != NULL ? tenant : "",
						error->message),
				 errhint("It is tried again after paycore.billing_interval.")));
	return error == NULL;
}

static long
ms_since(TimestampTz t)
{
	return (long) ((GetCurrentTimestamp() - t) / 1000);
}

/* A batch that took that long was too large, or could be larger. */
static void
adapt(Place *place, long ms)
{
	int			least = ms > LONGEST_MS ? 1 : FIRST_BATCH;

	if (ms > BATCH_MS * 3 / 2)
		place->batch_size = Max(Min(least, place->batch_size), place->batch_size / 2);
	else if (ms < BATCH_MS / 2)
		place->batch_size = Min(LARGEST_BATCH, place->batch_size * 2);
}

static void
take_step(Place *place, PcWorkerStats *stats)
{
	TimestampTz before = GetCurrentTimestamp();
	int64		done = place->run.progress.done;
	bool		over = place->over;

	if (!run(step, place, place->tenant) || over)
	{
		leave(place);
		return;
	}
	if (place->begun)
		adapt(place, ms_since(before));
	place->begun = true;
	stats->billed += place->run.progress.done - done;
}

static void
fill_places(void)
{
	for (int i = 0; i < PLACES; i++)
	{
		while (pass.places[i].tenant == NULL && pass.due != NIL)
		{
			char	   *tenant = linitial(pass.due);

			pass.due = list_delete_first(pass.due);
			if (is_being_billed(tenant))
				continue;
			pass.places[i].tenant = tenant;
			pass.places[i].batch_size = FIRST_BATCH;
			pass.places[i].run.place = -1;
		}
	}
}

/* The tenant whose turn it is; NULL where no place is taken. */
static Place *
next_place(void)
{
	for (int i = 0; i < PLACES; i++)
	{
		pass.turn = (pass.turn + 1) % PLACES;
		if (pass.places[pass.turn].tenant != NULL)
			return &pass.places[pass.turn];
	}
	return NULL;
}

static void
work(PcWorkerStats *stats)
{
	Place	   *place;

	if (!pass.looked && pass.due == NIL)
	{
		pass.going_on = run(look, NULL, NULL);
		return;
	}
	fill_places();
	place = next_place();
	if (place != NULL)
		take_step(place, stats);
	else if (pass.looked)
	{
		pass.going_on = false;
		stats->billing_passed_at = GetCurrentTimestamp();
	}
}

TimestampTz
pc_billing_turn(bool busy, PcWorkerStats *stats)
{
	static TimestampTz next = 0;
	TimestampTz now = GetCurrentTimestamp();

	if (pc_billing_interval == 0)
	{
		for (int i = 0; i < PLACES; i++)
			leave(&pass.places[i]);
		pass.going_on = false;
		return DT_NOEND;
	}
	if (!pass.going_on)
		next = pass.started_at == 0 ? now : TimestampTzPlusMilliseconds(pass.started_at, pc_billing_interval * INT64CONST(1000));
	if (now < next)
		return next;
	if (!pass.going_on)
		start_pass(now);
	work(stats);
	next = GetCurrentTimestamp();
	if (busy)
		next += next - now;
	return next;
}
