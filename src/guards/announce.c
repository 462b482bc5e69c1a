/*
 * announce.c
 *		Guard announce_changes(): sessions that remember rows of the table forget
 *		them once a change is committed.
 */
#include "common/paycore.h"

#include "common/catalog.h"
#include "guards/columns.h"
#include "utils/inval.h"
#include "utils/rel.h"

PG_FUNCTION_INFO_V1(paycore_announce_changes);

/* AFTER INSERT OR UPDATE OR DELETE, row; what remembers asks pc_row_changes(). */
PGDLLEXPORT Datum
paycore_announce_changes(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = pc_guard_begin(fcinfo, "announce_changes", GUARD_AFTER_ROW, 0);
	Oid			key = pc_announced_key(RelationGetNamespace(trigger->tg_relation), RelationGetRelationName(trigger->tg_relation));

	if (OidIsValid(key))
		CacheInvalidateRelcacheByRelid(key);
	else
		CacheInvalidateRelcache(trigger->tg_relation);
	return PointerGetDatum(NULL);
}
