/*
 * run.c
 *		The parts of a run over what is due in one tenant, for whoever takes them:
 *		its begin, its batches, its end; and bill_subscriptions(), which is one
 *		batch.
 */
#include "common/paycore.h"

#include "common/guarded.h"
#include "invoices/invoices.h"
#include "mb/pg_wchar.h"
#include "utils/guc.h"

#define MOST_DEADLOCKS 10

/* A call for a tenant that need not be the session's. */
typedef struct TenantCall
{
	PcApiCall	call;
	int			guc_level;
} TenantCall;

static void
begin(TenantCall *c, const InvRun *run, const char *tenant)
{
	c->guc_level = NewGUCNestLevel();
	/* The processes of a run wait for each other's numbers, for as long as a batch takes. */
	if (run->together)
		(void) set_config_option("lock_timeout", "0", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	(void) set_config_option("paycore.tenant", tenant, PGC_SUSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	pc_api_begin(&c->call);
}

static void
end(TenantCall *c)
{
	pc_api_end(&c->call);
	AtEOXact_GUC(true, c->guc_level);
}

static TimestampTz
moment_of(const InvRun *run, const PcApiCall *call)
{
	TimestampTz now = pc_billing_now(call);

	return Min(run->as_of, now);
}

static void
report(InvRun *run, PcBillingPhase phase)
{
	run->progress.phase = phase;
	pc_progress_report(run->place, &run->progress);
}

static int64
count_due(const PcApiCall *call, TimestampTz as_of)
{
	static PcPlan plan = PC_PLAN("tz", "SELECT count(*) FROM paycore.subscriptions s WHERE s.tenant_id = $1 AND s.next_bill_at <= $2 AND s.parked_at IS NULL");
	Datum		values[2] = {CStringGetTextDatum(call->tenant), TimestampTzGetDatum(as_of)};

	pc_execute_by_index(&plan, values, NULL);
	return pc_get_int64(0, 1);
}

void
inv_run_begin(InvRun *run, const char *tenant, TimestampTz as_of, bool scheduled)
{
	TenantCall	c;

	memset(run, 0, sizeof(*run));
	run->reached = run->looked = (InvPosition) INV_FROM_FIRST;
	run->as_of = as_of;
	run->scheduled = run->progress.scheduled = scheduled;
	run->progress.started_at = GetCurrentTimestamp();
	strlcpy(run->progress.tenant, tenant, pg_mbcliplen(tenant, strlen(tenant), PC_PROGRESS_NAME - 1) + 1);
	run->place = pc_progress_enter(&run->progress);
	begin(&c, run, tenant);
	inv_claim_schedule(tenant);
	run->progress.as_of = moment_of(run, &c.call);
	run->progress.due = count_due(&c.call, run->progress.as_of);
	end(&c);
	report(run, PC_BILLING_WAITING);
}

typedef struct Step
{
	const PcApiCall *call;
	TimestampTz as_of;
	int			size;
	TimestampTz deadline;
	InvPosition *reached;
	InvPosition after;			/* open invoices are looked at from the one after this on */
	InvPosition looked;			/* up to this one */
	InvDone		done;
	int64		collected;
} Step;

/* Once all is billed, it is collected; what was heard, and what was begun, is committed before other rows are locked. */
static void
take(void *arg)
{
	Step	   *step = (Step *) arg;

	step->looked = step->after;
	step->collected = 0;
	step->done = inv_bill_due(step->call, step->as_of, step->size, step->deadline, step->reached);
	if (step->done.steps > 0)
		return;
	step->collected = inv_hear_batch(step->call, step->as_of, step->size);
	if (step->collected == 0)
		step->collected = inv_begin_batch(step->call, step->as_of, step->size, &step->looked);
	if (step->collected == 0)
		step->collected = inv_collect_batch(step->call, step->as_of, step->size);
}

int64
inv_run_batch(InvRun *run, const char *tenant, int batch_size, TimestampTz deadline)
{
	PcBillingProgress *p = &run->progress;
	TenantCall	c;
	Step		step = {.call = &c.call, .size = batch_size, .deadline = deadline, .reached = &run->reached, .after = run->looked};

	begin(&c, run, tenant);
	p->as_of = moment_of(run, &c.call);
	p->batch++;
	p->batch_size = batch_size;
	p->batch_started_at = GetCurrentTimestamp();
	report(run, PC_BILLING_BATCH);
	step.as_of = p->as_of;
	/* Others lock invoices, accounts and series in orders of their own. */
	pc_run_despite_deadlocks(take, &step, MOST_DEADLOCKS);
	run->looked = step.looked;
	end(&c);
	p->done += step.done.steps;
	p->invoices += step.done.invoices;
	p->parked += step.done.parked;
	p->done_until = Max(p->done_until, step.done.until);
	report(run, PC_BILLING_WAITING);
	return step.done.steps + step.collected;
}

/* What became of it, for health() and metrics(). */
void
inv_run_end(InvRun *run, const char *tenant)
{
	static PcPlan plan = PC_PLAN("tz888b",
								 "UPDATE paycore.billing_schedules SET last_run_at = pg_catalog.clock_timestamp(), last_run_as_of = $2, last_run_done = $3, "
								 "last_run_invoices = $4, last_run_parked = $5, last_run_scheduled = $6 WHERE tenant_id = $1");
	const PcBillingProgress *p = &run->progress;
	Datum		values[6] = {CStringGetTextDatum(tenant), TimestampTzGetDatum(p->as_of), Int64GetDatum(p->done), Int64GetDatum(p->invoices),
	Int64GetDatum(p->parked), BoolGetDatum(run->scheduled)};
	TenantCall	c;

	begin(&c, run, tenant);
	pc_api_plumbing(&plan, values, NULL);
	end(&c);
	inv_run_leave(run);
}

void
inv_run_leave(InvRun *run)
{
	pc_helpers_end(run->helpers);
	run->helpers = NULL;
	pc_progress_leave(run->place);
	run->place = -1;
}

/* bill_subscriptions(as_of, batch_size) */
PG_FUNCTION_INFO_V1(paycore_bill_subscriptions);
PGDLLEXPORT Datum
paycore_bill_subscriptions(PG_FUNCTION_ARGS)
{
	int			size = inv_batch_size_argument(fcinfo, 1);
	InvPosition reached = INV_FROM_FIRST;
	PcApiCall	call;
	InvDone		done;

	pc_api_begin(&call);
	done = inv_bill_due(&call, inv_as_of_argument(&call, fcinfo), size, 0, &reached);
	pc_api_end(&call);
	PG_RETURN_INT64(done.steps);
}
