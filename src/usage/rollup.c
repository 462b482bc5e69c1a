/*
 * rollup.c
 *		Sums of usage, made behind the events: recording never waits for a sum,
 *		and billing reads little more than sums.
 *
 * Only events whose transactions are older than every one still running are
 * added up: none of them can be missing, and none comes later.
 */
#include "common/paycore.h"

#include "common/args.h"
#include "common/guarded.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "usage/usage.h"
#include "utils/snapmgr.h"

/* Of horizons: the tenant $2, or all. */
#define TENANT "h.tenant_id = coalesce($2, h.tenant_id)"

static const char sums_sql[] =
#include "usage/sums.inc"
;

/* The columns of its result. */
enum
{
	ADDED = 1, NEEDS_CORRECTING, NOT_WATCHED, TOUCHED
};

static const char corrected_sql[] =
#include "usage/corrected.inc"
;

static const char overlooked_sql[] =
#include "usage/overlooked.inc"
;

typedef struct Roll
{
	const char *tenant;			/* NULL: all */
	Datum		horizon;
	int64		events;
} Roll;

/* Added up, and corrected where a correction cannot just be added; and what was billed without having been seen. */
static void
roll(void *arg)
{
	static PcPlan overlooked = PC_PLAN("8t", overlooked_sql);
	static PcPlan corrected = PC_PLAN("8t", corrected_sql);
	static PcPlan sums = PC_PLAN("8t", sums_sql);
	static PcPlan advance = PC_PLAN("8t", "UPDATE paycore.usage_horizons h SET horizon = $1, rolled_at = now() WHERE h.horizon < $1 AND " TENANT);
	Roll	   *it = (Roll *) arg;
	Datum		values[2] = {it->horizon, it->tenant != NULL ? CStringGetTextDatum(it->tenant) : (Datum) 0};
	const char *nulls = it->tenant != NULL ? "  " : " n";
	Datum		touched[USG_TOUCHED_COLUMNS];
	volatile bool watched = false;
	bool		isnull;

	PC_WRITE_AS(.source = PC_SOURCE_SQL, .through_api = true, .counters = true)
	{
		pc_execute_by_index(&overlooked, values, nulls);
		pc_execute_by_index(&sums, values, nulls);
		it->events = pc_get_int64(0, ADDED);
		watched = !pc_get_bool(0, NOT_WATCHED);
		for (int c = 0; c < USG_TOUCHED_COLUMNS; c++)
			touched[c] = pc_get(0, TOUCHED + c, &isnull);
		if (pc_get_bool(0, NEEDS_CORRECTING))
			pc_execute_by_index(&corrected, values, nulls);
		pc_execute(&advance, values, nulls, false, 0);
	}
	PC_WRITE_END;
	if (watched)
		usg_raise_alerts(touched);
}

/* Its error; one that is the whole transaction's is raised. */
static ErrorData *
try(Roll *it)
{
	ErrorData  *error = pc_run_guarded(roll, it);

	if (error == NULL)
		return NULL;
	it->events = 0;
	if (error->sqlerrcode == ERRCODE_T_R_SERIALIZATION_FAILURE)
		ReThrowError(error);
	return error;
}

/* One tenant's that cannot be added up now keeps no other's waiting. */
static int64
roll_each(Datum horizon)
{
	static PcPlan plan = PC_PLAN("8", "SELECT h.tenant_id FROM paycore.usage_horizons h WHERE "
								 "EXISTS (SELECT FROM paycore.usage_events e WHERE e.tenant_id = h.tenant_id AND e.txn >= h.horizon AND e.txn < $1) OR "
								 "EXISTS (SELECT FROM paycore.usage_periods p WHERE p.tenant_id = h.tenant_id AND p.txn >= h.horizon AND p.txn < $1)");
	uint64		n = pc_execute_by_index(&plan, &horizon, NULL);
	char	  **tenants = palloc(sizeof(char *) * Max(n, 1));
	int64		events = 0;

	for (uint64 r = 0; r < n; r++)
		tenants[r] = pc_get_cstring(r, 1);
	for (uint64 r = 0; r < n; r++)
	{
		Roll		one = {.tenant = tenants[r], .horizon = horizon};
		ErrorData  *error = try(&one);

		CHECK_FOR_INTERRUPTS();
		events += one.events;
		if (error != NULL && error->sqlerrcode != ERRCODE_LOCK_NOT_AVAILABLE)
			ereport(WARNING,
					(errcode(error->sqlerrcode),
					 errmsg("paycore: the usage of tenant %s was not added up: %s", one.tenant, error->message)));
	}
	return events;
}

static int64
roll_all(void)
{
	Roll		all = {.tenant = NULL};
	int			level;

	/* Taken after the lock: an earlier roll-up is seen, or this one fails to serialize. */
	PushActiveSnapshot(GetTransactionSnapshot());
	all.horizon = Int64GetDatum(usg_horizon());
	PopActiveSnapshot();
	/* Somebody may hold a period for long: what came late into it is added up another time. */
	level = pc_give_way_begin();
	if (try(&all) != NULL)
		all.events = roll_each(all.horizon);
	usg_demand_invoices();
	pc_give_way_end(level);
	return all.events;
}

void
usg_hold_sums(void)
{
	LockRelationOid(pc_table_oid(PC_USAGE_HORIZONS, false), ShareUpdateExclusiveLock);
}

/* One at a time; held to the end of the transaction. */
int64
usg_roll_up(bool wait)
{
	Oid			table = pc_table_oid(PC_USAGE_HORIZONS, false);
	PcIdentity	caller;
	int64		events;

	if (wait)
		usg_hold_sums();
	else if (!ConditionalLockRelationOid(table, ShareUpdateExclusiveLock))
		return 0;
	pc_identity_assume(&caller, pc_table_owner(PC_USAGE_HORIZONS));
	SPI_connect();
	events = roll_all();
	SPI_finish();
	pc_identity_drop(&caller);
	return events;
}

bool
usg_upkeep(void)
{
	if (OidIsValid(pc_table_oid(PC_USAGE_HORIZONS, true)))
		(void) usg_roll_up(false);
	return false;
}

/* roll_up_usage() */
PG_FUNCTION_INFO_V1(paycore_roll_up_usage);
PGDLLEXPORT Datum
paycore_roll_up_usage(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(usg_roll_up(true));
}
