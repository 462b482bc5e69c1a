/*
 * one.c
 *		CALL paycore.run_billing(): a run over all that is due in the session's
 *		tenant.
 */
#include "common/paycore.h"

#include "common/fault.h"
#include "common/procedure.h"
#include "common/settings.h"
#include "invoices/invoices.h"
#include "miscadmin.h"

/* What CALL run_billing() asks for. */
typedef struct Ask
{
	char	   *tenant;
	TimestampTz as_of;
	int			batch_size;
	int			processes;
} Ask;

static void
run_batches(InvRun *run, const Ask *ask)
{
	int64		done;

	do
	{
		done = inv_run_batch(run, ask->tenant, ask->batch_size, 0);
		PC_FAULT("billing_done");
		SPI_commit();
		PC_FAULT("billing_committed");
		CHECK_FOR_INTERRUPTS();
	} while (done > 0);
}

static void
run_all_batches(InvRun *run, const Ask *ask)
{
	inv_run_begin(run, ask->tenant, ask->as_of, false);
	SPI_commit();
	inv_help_start(run, ask->tenant, ask->batch_size, ask->processes);
	run_batches(run, ask);
	if (inv_help_await(run))
	{
		/* The time of a transaction is when it began. */
		SPI_commit();
		run_batches(run, ask);
	}
	inv_run_end(run, ask->tenant);
}

/* run_billing(as_of, batch_size, processes) */
PG_FUNCTION_INFO_V1(paycore_run_billing);
PGDLLEXPORT Datum
paycore_run_billing(PG_FUNCTION_ARGS)
{
	Ask			ask = {
		.tenant = MemoryContextStrdup(fcinfo->flinfo->fn_mcxt, pc_current_tenant()),
		.as_of = PG_ARGISNULL(0) ? INV_NOW : PG_GETARG_TIMESTAMPTZ(0),
		.batch_size = inv_batch_size_argument(fcinfo, 1),
		.processes = inv_processes_argument(fcinfo, 2)
	};
	PcApiCall	call;
	InvRun		run = {.place = -1};

	pc_refuse_in_transaction(fcinfo, "run_billing");
	SPI_connect_ext(SPI_OPT_NONATOMIC);
	pc_api_begin(&call);
	(void) inv_as_of_argument(&call, fcinfo);
	pc_api_end(&call);
	PG_TRY();
	{
		run_all_batches(&run, &ask);
	}
	PG_FINALLY();
	{
		inv_run_leave(&run);
	}
	PG_END_TRY();
	SPI_finish();
	PG_RETURN_VOID();
}
