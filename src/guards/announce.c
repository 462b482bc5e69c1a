/*
 * announce.c
 *		Guard announce_changes(): sessions that remember rows of the table forget
 *		them once a change is committed.
 */
#include "common/paycore.h"

#include "guards/columns.h"
#include "utils/inval.h"

PG_FUNCTION_INFO_V1(paycore_announce_changes);

/* AFTER INSERT OR UPDATE OR DELETE, row; what remembers asks pc_table_changes(). */
PGDLLEXPORT Datum
paycore_announce_changes(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = pc_guard_begin(fcinfo, "announce_changes", GUARD_AFTER_ROW, 0);

	CacheInvalidateRelcache(trigger->tg_relation);
	return PointerGetDatum(NULL);
}
