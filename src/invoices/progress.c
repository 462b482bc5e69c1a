/*
 * progress.c
 *		billing_runs(): the runs that are going on, as the view billing_progress
 *		shows them.
 */
#include "common/paycore.h"

#include "common/progress.h"
#include "common/settings.h"
#include "funcapi.h"
#include "invoices/invoices.h"
#include "miscadmin.h"

#define COLUMNS 15

static const char *const phases[] = {
	[PC_BILLING_COUNTING] = "counting",
	[PC_BILLING_BATCH] = "billing",
	[PC_BILLING_WAITING] = "between batches",
};

static void
put_time(Datum *values, bool *nulls, int column, TimestampTz time)
{
	values[column] = TimestampTzGetDatum(time);
	nulls[column] = time == 0;
}

static void
give(ReturnSetInfo *set, const PcBillingProgress *p)
{
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS] = {0};
	bool		counted = p->phase != PC_BILLING_COUNTING;

	values[0] = Int32GetDatum(p->pid);
	values[1] = CStringGetTextDatum(p->tenant);
	values[2] = BoolGetDatum(p->scheduled);
	values[3] = CStringGetTextDatum(phases[p->phase]);
	put_time(values, nulls, 4, p->started_at);
	put_time(values, nulls, 5, p->as_of);
	values[6] = Int64GetDatum(p->due);
	nulls[6] = !counted;
	values[7] = Int64GetDatum(p->done);
	values[8] = Int64GetDatum(Max(p->due - p->done, 0));
	nulls[8] = !counted;
	values[9] = Int64GetDatum(p->invoices);
	values[10] = Int64GetDatum(p->parked);
	put_time(values, nulls, 11, p->done_until);
	values[12] = Int64GetDatum(p->batch);
	values[13] = Int32GetDatum(p->batch_size);
	nulls[13] = p->batch == 0;
	put_time(values, nulls, 14, p->batch_started_at);
	tuplestore_putvalues(set->setResult, set->setDesc, values, nulls);
}

/* A long name is cut there; such tenants' operators see none. */
static bool
is_own(const char *tenant)
{
	return strcmp(tenant, pc_current_tenant()) == 0;
}

/* billing_runs() */
PG_FUNCTION_INFO_V1(paycore_billing_runs);
PGDLLEXPORT Datum
paycore_billing_runs(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *set = (ReturnSetInfo *) fcinfo->resultinfo;
	bool		all = pc_has_owner_rights();
	PcBillingProgress p;

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < PC_MAX_PROGRESS; i++)
	{
		if (pc_progress_read(i, &p) && (all || is_own(p.tenant)))
			give(set, &p);
	}
	return (Datum) 0;
}
