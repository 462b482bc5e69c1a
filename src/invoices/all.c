/*
 * all.c
 *		CALL paycore.run_billing_all(): what the worker's schedule does, by hand.
 */
#include "common/paycore.h"

#include "common/guarded.h"
#include "common/procedure.h"
#include "invoices/invoices.h"
#include "miscadmin.h"

typedef struct Step
{
	InvRun		run;
	const char *tenant;
	TimestampTz as_of;
	int			size;
	int			processes;
	int64		done;
	bool		helped;
} Step;

static void
start(void *arg)
{
	Step	   *s = (Step *) arg;

	inv_run_begin(&s->run, s->tenant, s->as_of, false);
}

static void
start_help(void *arg)
{
	Step	   *s = (Step *) arg;

	inv_help_start(&s->run, s->tenant, s->size, s->processes);
}

static void
bill(void *arg)
{
	Step	   *s = (Step *) arg;

	s->done = inv_run_batch(&s->run, s->tenant, s->size, 0);
}

static void
await_help(void *arg)
{
	Step	   *s = (Step *) arg;

	s->helped = inv_help_await(&s->run);
}

static void
finish(void *arg)
{
	Step	   *s = (Step *) arg;

	inv_run_end(&s->run, s->tenant);
}

/* A tenant that cannot be billed, with a test clock beside real money say, stops no other. */
static bool
went_through(void (*step) (void *arg), Step *s)
{
	ErrorData  *error = pc_run_guarded(step, s);

	if (error != NULL)
		ereport(WARNING,
				(errcode(error->sqlerrcode),
				 errmsg("the billing of tenant \"%s\" has stopped: %s", s->tenant, error->message),
				 error->detail != NULL ? errdetail_internal("%s", error->detail) : 0,
				 error->hint != NULL ? errhint("%s", error->hint) : 0));
	SPI_commit();
	CHECK_FOR_INTERRUPTS();
	return error == NULL;
}

static bool
all_batches(Step *s)
{
	bool		well = true;

	s->done = 1;
	while (well && s->done > 0)
		well = went_through(bill, s);
	return well;
}

static void
run(Step *s)
{
	if (went_through(start, s) && went_through(start_help, s) && all_batches(s) && went_through(await_help, s) && (!s->helped || all_batches(s)))
		(void) went_through(finish, s);
}

static void
bill_tenant(Step *s)
{
	PG_TRY();
	{
		run(s);
	}
	PG_CATCH();
	{
		inv_run_leave(&s->run);
		PG_RE_THROW();
	}
	PG_END_TRY();
	inv_run_leave(&s->run);
}

/* run_billing_all(as_of, batch_size, processes) */
PG_FUNCTION_INFO_V1(paycore_run_billing_all);
PGDLLEXPORT Datum
paycore_run_billing_all(PG_FUNCTION_ARGS)
{
	int			size = inv_batch_size_argument(fcinfo, 1);
	int			processes = inv_processes_argument(fcinfo, 2);
	TimestampTz as_of = PG_ARGISNULL(0) ? INV_NOW : PG_GETARG_TIMESTAMPTZ(0);
	char	   *after = NULL;

	pc_refuse_in_transaction(fcinfo, "run_billing_all");
	pc_check_owner("bill all tenants");
	if (!PG_ARGISNULL(0))
		inv_check_as_of(as_of, GetCurrentTimestamp());
	SPI_connect_ext(SPI_OPT_NONATOMIC);
	do
	{
		List	   *due = inv_due_tenants(&after);
		ListCell   *lc;

		SPI_commit();
		foreach(lc, due)
		{
			Step		s = {.run.place = -1, .tenant = lfirst(lc), .as_of = as_of, .size = size, .processes = processes};

			bill_tenant(&s);
		}
	} while (after != NULL);
	SPI_finish();
	PG_RETURN_VOID();
}
