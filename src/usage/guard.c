/*
 * guard.c
 *		paycore.check_usage_event(): what no one who writes an event may choose;
 *		and the numbers that usage is ordered by.
 */
#include "common/paycore.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "common/writer.h"
#include "guards/columns.h"
#include "ledger/ledger.h"
#include "usage/usage.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

int64
usg_txn(void)
{
	return pc_ledger_txn();
}

int64
usg_horizon(void)
{
	return pc_ledger_horizon();
}

/* BEFORE INSERT, row, on usage_events: recorded_at, txn. */
PG_FUNCTION_INFO_V1(paycore_check_usage_event);
PGDLLEXPORT Datum
paycore_check_usage_event(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = pc_guard_begin(fcinfo, "check_usage_event", GUARD_BEFORE_ROW, 2);
	const GuardColumns *columns = pc_guard_columns(trigger);
	int			attnums[2] = {columns->columns[0].attnum, columns->columns[1].attnum};
	Datum		values[2];
	bool		nulls[2] = {false, false};

	/* Our own statements have given both. */
	if (pc_writer_for_trigger().through_api)
		return PointerGetDatum(trigger->tg_trigtuple);
	pc_guard_check_type(trigger, attnums[0], TIMESTAMPTZOID);
	pc_guard_check_type(trigger, attnums[1], INT8OID);
	values[0] = TimestampTzGetDatum(GetCurrentTimestamp());
	values[1] = Int64GetDatum(usg_txn());
	return PointerGetDatum(heap_modify_tuple_by_cols(trigger->tg_trigtuple, RelationGetDescr(trigger->tg_relation),
													 2, attnums, values, nulls));
}

/* usage_txn() */
PG_FUNCTION_INFO_V1(paycore_usage_txn);
PGDLLEXPORT Datum
paycore_usage_txn(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(usg_txn());
}

/* usage_seen() */
PG_FUNCTION_INFO_V1(paycore_usage_seen);
PGDLLEXPORT Datum
paycore_usage_seen(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(usg_horizon());
}
