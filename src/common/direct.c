/*
 * direct.c
 *		When a row of ours may pass the executor by.
 */
#include "common/paycore.h"

#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_am.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "common/direct.h"
#include "common/met.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"

static bool
has_rights(Oid relation, AclMode rights)
{
	Oid			user = GetUserId();

	for (AclMode right = 1; right <= rights; right <<= 1)
	{
		if ((rights & right) != 0 && pg_class_aclcheck(relation, user, right) != ACLCHECK_OK)
			return false;
	}
	return true;
}

bool
pc_is_plain_for(Relation relation, AclMode rights)
{
	return relation->rd_rel->relkind == RELKIND_RELATION && !relation->rd_rel->relispartition &&
		relation->rd_rules == NULL && !XactReadOnly && !IsInParallelMode() &&
		has_rights(RelationGetRelid(relation), rights) &&
		check_enable_rls(RelationGetRelid(relation), InvalidOid, true) != RLS_ENABLED;
}

TriggerDesc *
pc_triggers(Relation relation)
{
	return CopyTriggerDesc(relation->trigdesc);
}

bool
pc_is_own_trigger(const Trigger *trigger)
{
	return get_func_namespace(trigger->tgfoid) == get_namespace_oid(PC_SCHEMA, true);
}

bool
pc_lets_us_pass(const Trigger *trigger)
{
	char	   *name;

	if (!TRIGGER_FOR_BEFORE(trigger->tgtype) || !pc_is_own_trigger(trigger))
		return false;
	name = get_func_name(trigger->tgfoid);
	return name != NULL && (strcmp(name, "require_api") == 0 || strcmp(name, "require_values") == 0 ||
							strcmp(name, "check_usage_event") == 0);
}

bool
pc_is_column(TupleDesc desc, AttrNumber attnum, const char *name, Oid type)
{
	Form_pg_attribute att;

	if (attnum < 1 || attnum > desc->natts)
		return false;
	att = TupleDescAttr(desc, attnum - 1);
	return !att->attisdropped && strcmp(NameStr(att->attname), name) == 0 && att->atttypid == type &&
		att->attgenerated == '\0';
}

/* False where a column is of another type. */
static bool
make_scan_keys(Relation index, int n, const Datum *values, ScanKey keys)
{
	for (int i = 0; i < n; i++)
	{
		Oid			type = TupleDescAttr(RelationGetDescr(index), i)->atttypid;

		if (type != UUIDOID && type != TEXTOID)
			return false;
		ScanKeyEntryInitialize(&keys[i], 0, i + 1, BTEqualStrategyNumber, InvalidOid, index->rd_indcollation[i],
							   type == UUIDOID ? F_UUID_EQ : F_TEXTEQ, values[i]);
	}
	return true;
}

/* At most one row, with an id: where it is can be remembered. */
static bool
is_key(Relation index, int n)
{
	return index->rd_index->indisunique && n == IndexRelationGetNumberOfKeyAttributes(index) &&
		TupleDescAttr(RelationGetDescr(index), 0)->atttypid == UUIDOID;
}

bool
pc_fetch_first(Relation relation, Relation index, int n, const Datum *values, TupleTableSlot *slot)
{
	ScanKeyData keys[INDEX_MAX_KEYS];
	IndexScanDesc scan;
	bool		found;

	if (is_key(index, n) && pc_meet_again(relation, index, values, slot))
		return true;
	if (index->rd_rel->relam != BTREE_AM_OID || !index->rd_index->indisvalid || !make_scan_keys(index, n, values, keys))
		return false;
	scan = pc_index_beginscan(relation, index, GetActiveSnapshot(), n);
	index_rescan(scan, keys, n, NULL, 0);
	found = index_getnext_slot(scan, ForwardScanDirection, slot);
	index_endscan(scan);
	if (found && is_key(index, n))
		pc_met(relation, DatumGetUUIDP(values[0]), &slot->tts_tid);
	return found;
}

bool
pc_fetch_by_index(Relation relation, Relation index, const Datum *values, TupleTableSlot *slot)
{
	return index->rd_index->indisunique &&
		pc_fetch_first(relation, index, IndexRelationGetNumberOfKeyAttributes(index), values, slot);
}

/* As a statement locks it: with the versions that came after the one fetched. */
bool
pc_lock_fetched(Relation relation, TupleTableSlot *slot, LockTupleMode mode, LockWaitPolicy wait)
{
	ItemPointerData tid = slot->tts_tid;
	TM_FailureData failure;

	return table_tuple_lock(relation, &tid, GetActiveSnapshot(), slot, GetCurrentCommandId(false), mode, wait,
							TUPLE_LOCK_FLAG_LOCK_UPDATE_IN_PROGRESS, &failure) == TM_Ok;
}
