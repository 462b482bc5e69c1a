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
#include "storage/lmgr.h"
#include "usage/usage.h"
#include "utils/snapmgr.h"

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

/* Added up, and corrected where a correction cannot just be added; and what was billed without having been seen. */
static int64
roll(void)
{
	static PcPlan overlooked = PC_PLAN("8", overlooked_sql);
	static PcPlan corrected = PC_PLAN("8", corrected_sql);
	static PcPlan sums = PC_PLAN("8", sums_sql);
	static PcPlan advance = PC_PLAN("8", "UPDATE paycore.usage_horizons SET horizon = $1, rolled_at = now() WHERE horizon < $1");
	Datum		horizon;
	Datum		touched[USG_TOUCHED_COLUMNS];
	volatile bool watched = false;
	volatile int64 events;
	bool		isnull;

	/* Taken after the lock: an earlier roll-up is seen, or this one fails to serialize. */
	PushActiveSnapshot(GetTransactionSnapshot());
	horizon = Int64GetDatum(usg_horizon());
	PopActiveSnapshot();
	PC_WRITE_AS(.source = PC_SOURCE_SQL, .through_api = true, .counters = true)
	{
		pc_execute_by_index(&overlooked, &horizon, NULL);
		pc_execute_by_index(&sums, &horizon, NULL);
		events = pc_get_int64(0, ADDED);
		watched = !pc_get_bool(0, NOT_WATCHED);
		for (int c = 0; c < USG_TOUCHED_COLUMNS; c++)
			touched[c] = pc_get(0, TOUCHED + c, &isnull);
		if (pc_get_bool(0, NEEDS_CORRECTING))
			pc_execute_by_index(&corrected, &horizon, NULL);
		pc_execute(&advance, &horizon, NULL, false, 0);
	}
	PC_WRITE_END;
	if (watched)
		usg_raise_alerts(touched);
	usg_demand_invoices();
	return events;
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
	events = roll();
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
