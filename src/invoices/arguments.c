/*
 * arguments.c
 *		What the calls that bill and collect what is due are given: until when,
 *		and how much at a time.
 */
#include "common/paycore.h"

#include "access/xact.h"
#include "invoices/invoices.h"

#define MAX_BATCH 100000
#define MAX_PROCESSES 64

void
inv_check_as_of(TimestampTz as_of, TimestampTz now)
{
	pc_check_finite(as_of);
	if (as_of > now)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("as_of is in the future"),
				 errdetail("It is %s by the clock of billing.", timestamptz_to_str(now)),
				 errhint("To try what comes, move the clock of a test tenant with paycore.set_test_clock().")));
}

TimestampTz
inv_as_of_argument(const PcApiCall *call, FunctionCallInfo fcinfo)
{
	TimestampTz now = pc_billing_now(call);

	if (PG_ARGISNULL(0))
		return now;
	inv_check_as_of(PG_GETARG_TIMESTAMPTZ(0), now);
	return PG_GETARG_TIMESTAMPTZ(0);
}

int
inv_batch_size_argument(FunctionCallInfo fcinfo, int n)
{
	int			size = PG_ARGISNULL(n) ? 1000 : PG_GETARG_INT32(n);

	if (size < 1 || size > MAX_BATCH)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("batch_size must be from 1 to %d", MAX_BATCH)));
	return size;
}

int
inv_processes_argument(FunctionCallInfo fcinfo, int n)
{
	int			processes = PG_ARGISNULL(n) ? 1 : PG_GETARG_INT32(n);

	if (processes < 1 || processes > MAX_PROCESSES)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("processes must be from 1 to %d", MAX_PROCESSES)));
	/* Each waits for the numbers of the others: whose snapshot is kept cannot go on from there. */
	if (processes > 1 && IsolationUsesXactSnapshot())
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("processes must be 1 where transactions are \"%s\"", XactIsoLevel == XACT_SERIALIZABLE ? "serializable" : "repeatable read"),
				 errhint("SET default_transaction_isolation = 'read committed', or leave processes out.")));
	return processes;
}
