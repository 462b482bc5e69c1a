/*
 * help.c
 *		Processes that take batches of a run beside the session that called it.
 */
#include "common/paycore.h"

#include "common/fault.h"
#include "common/helpers.h"
#include "invoices/invoices.h"
#include "miscadmin.h"

/* A run, as a helper is told of it. */
typedef struct Task
{
	TimestampTz as_of;
	int			batch_size;
	char		tenant[FLEXIBLE_ARRAY_MEMBER];
} Task;

/* The numbers that it leaves. */
enum
{
	STEPS, INVOICES, PARKED, UNTIL
};

typedef struct Turn
{
	const Task *task;
	InvRun		run;
	int64		done;
} Turn;

void
inv_help_start(InvRun *run, const char *tenant, int batch_size, int processes)
{
	int64		batches = (run->progress.due + batch_size - 1) / batch_size;
	int			n = Min(processes, batches) - 1;
	Size		size = offsetof(Task, tenant) + strlen(tenant) + 1;
	Task	   *task;

	if (n < 1)
		return;
	task = palloc0(size);
	task->as_of = run->as_of;
	task->batch_size = batch_size;
	strcpy(task->tenant, tenant);
	run->together = true;
	pc_helpers_start(&run->helpers, "paycore_billing_helper_main", n, task, size);
}

bool
inv_help_await(InvRun *run)
{
	PcBillingProgress *p = &run->progress;

	if (run->helpers == NULL)
		return false;
	pc_helpers_await(run->helpers);
	for (int i = 0; i < pc_helpers_count(run->helpers); i++)
	{
		const int64 *results = pc_helper_results(run->helpers, i);
		const char *error = pc_helper_error(run->helpers, i);

		p->done += results[STEPS];
		p->invoices += results[INVOICES];
		p->parked += results[PARKED];
		p->done_until = Max(p->done_until, results[UNTIL]);
		if (error == NULL)
			continue;
		/* Invoices that it was to collect may be among those that were looked at. */
		run->looked = (InvPosition) INV_FROM_FIRST;
		ereport(WARNING,
				(errmsg("a process that helped with the billing has stopped: %s", error),
				 errdetail("What it had not done was left to the others.")));
	}
	return true;
}

static void
begin(void *arg)
{
	Turn	   *t = (Turn *) arg;

	inv_run_begin(&t->run, t->task->tenant, t->task->as_of, false);
	t->run.together = true;
}

static void
bill(void *arg)
{
	Turn	   *t = (Turn *) arg;

	t->done = inv_run_batch(&t->run, t->task->tenant, t->task->batch_size, 0);
	PC_FAULT("billing_helped");
}

static void
help(const void *order, int64 *results)
{
	Turn		t = {.task = (const Task *) order};
	const PcBillingProgress *p = &t.run.progress;
	const char *activity = psprintf("paycore: billing of %s", t.task->tenant);

	pc_helper_run(activity, begin, &t);
	do
	{
		pc_helper_run(activity, bill, &t);
		results[STEPS] = p->done;
		results[INVOICES] = p->invoices;
		results[PARKED] = p->parked;
		results[UNTIL] = p->done_until;
	} while (t.done > 0 && pc_helper_wanted());
	inv_run_leave(&t.run);
}

extern PGDLLEXPORT void paycore_billing_helper_main(Datum arg);

void
paycore_billing_helper_main(Datum arg)
{
	pc_helper_main(arg, help);
}
