/*
 * foreign.c
 *		Foreign keys of our tables' rows.
 *
 * A foreign key's trigger runs a statement to find and lock one row by its
 * key; the same row is found and locked here for a tenth of that.
 */
#include "common/paycore.h"

#include "access/sysattr.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
#include "common/direct.h"
#include "common/foreign.h"
#include "executor/executor.h"
#include "utils/datum.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/snapmgr.h"

bool
pc_only_guards_before(Relation relation, bool update)
{
	const TriggerDesc *triggers = pc_triggers(relation);

	for (int i = 0; triggers != NULL && i < triggers->numtriggers; i++)
	{
		const Trigger *trigger = &triggers->triggers[i];

		if (TRIGGER_FOR_ROW(trigger->tgtype) && TRIGGER_FOR_BEFORE(trigger->tgtype) &&
			(update ? TRIGGER_FOR_UPDATE(trigger->tgtype) : TRIGGER_FOR_INSERT(trigger->tgtype)) &&
			!pc_is_own_trigger(trigger))
			return false;
	}
	return true;
}

/* Copied to *key: the server may replace its own list as soon as another table is opened. */
static bool
find_key(Relation relation, const Trigger *trigger, bool update, ForeignKeyCacheInfo *key)
{
	ListCell   *lc;

	if (trigger->tgfoid != (update ? F_RI_FKEY_CHECK_UPD : F_RI_FKEY_CHECK_INS) || trigger->tgdeferrable)
		return false;
	foreach(lc, RelationGetFKeyList(relation))
	{
		const ForeignKeyCacheInfo *each = lfirst(lc);

		if (each->conoid != trigger->tgconstraint)
			continue;
		*key = *each;
		return true;
	}
	return false;
}

static bool
is_same(TupleDesc desc, AttrNumber attnum, TupleTableSlot *a, TupleTableSlot *b)
{
	Form_pg_attribute att = TupleDescAttr(desc, attnum - 1);

	return !a->tts_isnull[attnum - 1] && !b->tts_isnull[attnum - 1] &&
		datumIsEqual(a->tts_values[attnum - 1], b->tts_values[attnum - 1], att->attbyval, att->attlen);
}

/* The trigger then asks even for keys that stay the same. */
static bool
is_of_this_transaction(TupleTableSlot *was)
{
	bool		isnull;
	Datum		xmin = slot_getsysattr(was, MinTransactionIdAttributeNumber, &isnull);

	return TransactionIdIsCurrentTransactionId(DatumGetTransactionId(xmin));
}

/* Such a key's trigger does nothing. */
static bool
is_unchanged(TupleDesc desc, const ForeignKeyCacheInfo *key, TupleTableSlot *was, TupleTableSlot *slot)
{
	for (int i = 0; was != NULL && i < key->nkeys; i++)
	{
		if (!is_same(desc, key->conkey[i], was, slot))
			return false;
	}
	return was != NULL && !is_of_this_transaction(was);
}

/*
 * The key's values in the order of the index; false where one is null, or of another type than it points to, or
 * the index holds other values for equal than the column does.
 */
static bool
key_values(const ForeignKeyCacheInfo *key, TupleTableSlot *slot, Relation relation, Relation index, Datum *values)
{
	if (IndexRelationGetNumberOfKeyAttributes(index) != key->nkeys)
		return false;
	for (int i = 0; i < key->nkeys; i++)
	{
		AttrNumber	to = index->rd_index->indkey.values[i];
		int			n = 0;
		AttrNumber	from;
		Form_pg_attribute column;
		bool		isnull;

		while (n < key->nkeys && key->confkey[n] != to)
			n++;
		if (n == key->nkeys)
			return false;
		from = key->conkey[n];
		column = TupleDescAttr(RelationGetDescr(relation), to - 1);
		values[i] = slot_getattr(slot, from, &isnull);
		if (isnull || TupleDescAttr(slot->tts_tupleDescriptor, from - 1)->atttypid != column->atttypid ||
			index->rd_indcollation[i] != column->attcollation)
			return false;
	}
	return true;
}

/*
 * A version that is this transaction's own, and the newest: nobody else sees it,
 * and who means to delete the row waits for this transaction anyway.
 */
static bool
needs_no_lock(TupleTableSlot *found)
{
	bool		isnull;

	return is_of_this_transaction(found) &&
		!TransactionIdIsValid(DatumGetTransactionId(slot_getsysattr(found, MaxTransactionIdAttributeNumber, &isnull)));
}

static bool
lock_row(const ForeignKeyCacheInfo *key, Relation relation, Oid index_oid, TupleTableSlot *slot)
{
	Relation	index = index_open(index_oid, AccessShareLock);
	TupleTableSlot *found = table_slot_create(relation, NULL);
	Datum		values[INDEX_MAX_KEYS];
	bool		locked;

	locked = key_values(key, slot, relation, index, values) && pc_fetch_by_index(relation, index, values, found) &&
		(needs_no_lock(found) || pc_lock_fetched(relation, found, LockTupleKeyShare, LockWaitSkip));
	ExecDropSingleTupleTableSlot(found);
	index_close(index, NoLock);
	return locked;
}

/* A trigger that a statement read at its start may name an index that was made anew CONCURRENTLY since. */
static bool
has_index(Relation relation, Oid index_oid)
{
	List	   *indexes = RelationGetIndexList(relation);
	bool		has = list_member_oid(indexes, index_oid);

	list_free(indexes);
	return has;
}

static bool
is_held(const ForeignKeyCacheInfo *key, Oid index_oid, TupleTableSlot *slot)
{
	Relation	relation = table_open(key->confrelid, RowShareLock);
	bool		held = relation->rd_rel->relkind == RELKIND_RELATION && has_index(relation, index_oid) &&
		lock_row(key, relation, index_oid, slot);

	table_close(relation, NoLock);
	return held;
}

void
pc_skip_held_keys(ResultRelInfo *result, TupleTableSlot *was, TupleTableSlot *slot)
{
	TriggerDesc *triggers = result->ri_TrigDesc;
	Relation	relation = result->ri_RelationDesc;

	if (triggers == NULL)
		return;
	PushActiveSnapshot(GetTransactionSnapshot());
	for (int i = triggers->numtriggers - 1; i >= 0; i--)
	{
		Trigger    *trigger = &triggers->triggers[i];
		ForeignKeyCacheInfo key;

		if (!find_key(relation, trigger, was != NULL, &key) || is_unchanged(RelationGetDescr(relation), &key, was, slot))
			continue;
		/* result's list is a copy of the table's, and may have served another row before. */
		trigger->tgenabled = is_held(&key, trigger->tgconstrindid, slot) ? TRIGGER_DISABLED :
			relation->trigdesc->triggers[i].tgenabled;
	}
	PopActiveSnapshot();
}

static bool
has_null(const ForeignKeyCacheInfo *key, TupleTableSlot *slot)
{
	for (int i = 0; i < key->nkeys; i++)
	{
		if (slot_attisnull(slot, key->conkey[i]))
			return true;
	}
	return false;
}

/* The row is there and locked: all that the trigger asks for.  Rows that this very statement has written are seen. */
static bool
settles(TriggerData *t, bool update)
{
	TupleTableSlot *slot = update ? t->tg_newslot : t->tg_trigslot;
	ForeignKeyCacheInfo key;
	bool		held;

	if (!find_key(t->tg_relation, t->tg_trigger, update, &key) || has_null(&key, slot))
		return false;
	CommandCounterIncrement();
	PushActiveSnapshot(GetTransactionSnapshot());
	held = is_held(&key, t->tg_trigger->tgconstrindid, slot);
	PopActiveSnapshot();
	return held;
}

/* Stands in for the server's function; what is in doubt is left to that. */
static Datum
check_key(PG_FUNCTION_ARGS)
{
	TriggerData *t = (TriggerData *) fcinfo->context;
	bool		update = TRIGGER_FIRED_BY_UPDATE(t->tg_event);

	if (settles(t, update))
		return PointerGetDatum(NULL);
	return update ? RI_FKey_check_upd(fcinfo) : RI_FKey_check_ins(fcinfo);
}

static void
stand_in(ResultRelInfo *result, MemoryContext context)
{
	TriggerDesc *triggers = result->ri_TrigDesc;

	for (int i = 0; i < triggers->numtriggers; i++)
	{
		const Trigger *trigger = &triggers->triggers[i];
		FmgrInfo   *function = &result->ri_TrigFunctions[i];

		if ((trigger->tgfoid != F_RI_FKEY_CHECK_INS && trigger->tgfoid != F_RI_FKEY_CHECK_UPD) || OidIsValid(function->fn_oid))
			continue;
		fmgr_info_cxt(trigger->tgfoid, function, context);
		function->fn_addr = check_key;
	}
}

static ExecutorStart_hook_type next_start;

/* The executor asks for a trigger's function when it first calls it: here it has been asked for. */
static void
start(QueryDesc *query, int eflags)
{
	ListCell   *lc;

	if (next_start != NULL)
		next_start(query, eflags);
	else
		standard_ExecutorStart(query, eflags);
	foreach(lc, query->estate->es_opened_result_relations)
	{
		ResultRelInfo *result = lfirst(lc);

		if (result->ri_TrigDesc != NULL && RelationGetNamespace(result->ri_RelationDesc) == get_namespace_oid(PC_SCHEMA, true))
			stand_in(result, query->estate->es_query_cxt);
	}
}

void
pc_foreign_init(void)
{
	next_start = ExecutorStart_hook;
	ExecutorStart_hook = start;
}
