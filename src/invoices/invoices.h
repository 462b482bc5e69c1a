/*
 * invoices.h
 *		What the verbs of invoices share.
 */
#ifndef PAYCORE_INVOICES_INVOICES_H
#define PAYCORE_INVOICES_INVOICES_H

#include "api/api.h"
#include "billing/zone.h"
#include "common/helpers.h"
#include "common/progress.h"

/* What was done of what was due. */
typedef struct InvDone
{
	int64		steps;			/* of a subscription each; parked ones count */
	int64		invoices;
	int64		parked;
	TimestampTz until;			/* the latest moment that something was due at; 0: nothing was */
} InvDone;

/* How far those that were due have been gone through, in the order of when they were, and of their ids. */
typedef struct InvPosition
{
	TimestampTz due_at;
	pg_uuid_t	id;
} InvPosition;

#define INV_FROM_FIRST {.due_at = DT_NOBEGIN}

/*
 * batch.c: does what is due by then in the call's tenant, of at most so many
 * subscriptions from reached on, which is moved to the first of them, and back to
 * the beginning where there are no more; or of one (NULL: any).
 */
extern void inv_bill_batch(const PcApiCall *call, TimestampTz as_of, int batch_size, const pg_uuid_t *only, InvPosition *reached, InvDone *done);

/* Takes a subscription out of the runs, with the reason, until it is retried. */
extern void inv_park(const PcApiCall *call, const pg_uuid_t *subscription, TimestampTz at, const char *reason);

/*
 * mrr.c: reckons anew what a subscription brings in a month from then on, for a
 * verb that has changed its items; one that is not active, or not billed yet, keeps what it has.
 */
extern void inv_reckon_mrr(const PcApiCall *call, const pg_uuid_t *subscription, TimestampTz from);

/* The same of several, uuid[] and timestamptz[]. */
extern void inv_set_mrr(const PcApiCall *call, Datum subscriptions, Datum from);

/* batch.c: the one row that the numbers of a series come from is there. */
extern void inv_open_series(const PcApiCall *call, const char *series, const char *prefix);

/*
 * due.c: as inv_bill_batch(), but what fails is parked and stops nobody else.
 * After deadline (0: none), what is left of a batch that failed waits for the next.
 */
extern InvDone inv_bill_due(const PcApiCall *call, TimestampTz as_of, int batch_size, TimestampTz deadline, InvPosition *reached);

/*
 * Bills what a subscription owes up to now, before a verb changes what it owes
 * from now on.  What cannot be billed parks it.
 */
extern void inv_catch_up(const PcApiCall *call, const pg_uuid_t *subscription);

/*
 * extra_charges.c: an invoice at once of what came up beside the items of a
 * running subscription; nothing where nothing did.
 */
extern void inv_bill_now(const PcApiCall *call, const pg_uuid_t *subscription);

/* As of the present moment, whenever that is asked. */
#define INV_NOW DT_NOEND

/*
 * run.c: a run over what is due in one tenant, batch by batch.  Each of the
 * three functions below needs a transaction, and no SPI; the caller commits,
 * and gives the same tenant, which need not be the session's.
 */
typedef struct InvRun
{
	TimestampTz as_of;			/* INV_NOW, or earlier */
	bool		scheduled;
	int			place;			/* in the progress that others see */
	InvPosition reached;		/* the first subscription of the last batch */
	InvPosition looked;			/* the last open invoice that was looked at */
	bool		together;		/* by several processes, which wait for each other whatever lock_timeout is */
	PcHelpers  *helpers;		/* NULL: none */
	PcBillingProgress progress;
} InvRun;

extern void inv_run_begin(InvRun *run, const char *tenant, TimestampTz as_of, bool scheduled);
extern int64 inv_run_batch(InvRun *run, const char *tenant, int batch_size, TimestampTz deadline);	/* 0: nothing is due any more */
extern void inv_run_end(InvRun *run, const char *tenant);

/* Ends it for those who watch, and its helpers; after an error nothing else is to be done. */
extern void inv_run_leave(InvRun *run);

/*
 * help.c: starts processes that take batches of a run that has begun, so many
 * with the caller's, and no more than there are batches due.
 */
extern void inv_help_start(InvRun *run, const char *tenant, int batch_size, int processes);

/* Waits for them, and adds what they did to the run; what one of them left undone is still due.  False where there were none. */
extern bool inv_help_await(InvRun *run);

/* arguments.c: raises where the time is none, or one that has not come by the clock. */
extern void inv_check_as_of(TimestampTz as_of, TimestampTz now);

/* arguments.c: the time that argument 0 asks for, or now; what has not come yet is refused. */
extern TimestampTz inv_as_of_argument(const PcApiCall *call, FunctionCallInfo fcinfo);

/* arguments.c: the n-th, or 1000. */
extern int	inv_batch_size_argument(FunctionCallInfo fcinfo, int n);

/* arguments.c: how many processes the n-th asks for, or 1. */
extern int	inv_processes_argument(FunctionCallInfo fcinfo, int n);

/*
 * tenants.c: tenants of the database whose billing is this server's, and not
 * paused, with something due; in the current context.  Some are looked at, from
 * the one after that name on (NULL: from the first): it is set to the last of
 * them, or to NULL after the very last.
 */
extern List *inv_due_tenants(char **after);

/* Notes that the billing of the tenant is this server's, where it is nobody's yet. */
extern void inv_claim_schedule(const char *tenant);

/* batch.c: runs a plan that locks rows, by index; gives their number, and their ids (uuid[]) where there are any. */
extern int64 inv_lock(PcPlan *plan, Datum *values, Datum *ids);

/* batch.c: the names (text[]) of the tenant's gateway accounts that charge by themselves. */
extern Datum inv_charging_accounts(const PcApiCall *call);

/* collect.c: one batch of what became of charges and of what else collecting depends on; 0: nothing is new. */
extern int64 inv_hear_batch(const PcApiCall *call, TimestampTz now, int size);

/*
 * collect.c: begins to collect invoices that are due and that nobody collects yet, of those after looked,
 * which is moved on: a run looks at each once; 0: there are no more.
 */
extern int64 inv_begin_batch(const PcApiCall *call, TimestampTz now, int size, InvPosition *looked);

/* collect.c: one batch of what is to be done about invoices that are collected; 0: nothing is to be done any more. */
extern int64 inv_collect_batch(const PcApiCall *call, TimestampTz now, int size);

/* due.c: other transactions' doing, the server's, or a lack of rights: nobody's fault who is billed. */
extern bool inv_is_transient(const ErrorData *error);

/* What is kept of it where it parks something. */
extern const char *inv_reason_of(const ErrorData *error);

#endif							/* PAYCORE_INVOICES_INVOICES_H */
