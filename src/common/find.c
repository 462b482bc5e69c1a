/*
 * find.c
 *		A row of ours, looked up by its key and mostly locked, past the executor.
 */
#include "common/paycore.h"

#include "access/genam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_am.h"
#include "catalog/pg_collation.h"
#include "common/direct.h"
#include "common/find.h"
#include "lib/stringinfo.h"
#include "nodes/primnodes.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/typcache.h"
#include "utils/varlena.h"

static const char *
statement(const PcFind *find)
{
	StringInfoData sql;
	ListCell   *lc;

	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT %s FROM paycore.%s WHERE ", find->columns, pc_table_name(find->table));
	foreach(lc, find->key_names)
	{
		int			i = foreach_current_index(lc);

		appendStringInfo(&sql, "%s%s OPERATOR(pg_catalog.=) $%d", i > 0 ? " AND " : "", (char *) lfirst(lc), i + 1);
	}
	if (!find->unlocked)
		appendStringInfoString(&sql, " FOR NO KEY UPDATE");
	return sql.data;
}

static List *
split(const char *names, int most)
{
	List	   *list;

	if (!SplitIdentifierString(pstrdup(names), ',', &list) || list_length(list) > most)
		elog(ERROR, "paycore: bad column list: %s", names);
	return list;
}

static void
prepare(PcFind *find)
{
	MemoryContext old;

	if (find->plan.sql != NULL)
		return;
	old = MemoryContextSwitchTo(TopMemoryContext);
	find->key_names = split(find->keys, PC_FIND_MAX_KEYS);
	find->nkeys = list_length(find->key_names);
	find->column_names = split(find->columns, PC_ROW_MAX_COLUMNS);
	find->ncolumns = list_length(find->column_names);
	find->plan.sql = statement(find);
	MemoryContextSwitchTo(old);
}

/* The index's predicate is missing, or says no more than that a column of the key is not null. */
static bool
covers_all(Relation index, int nkeys)
{
	List	   *predicate = RelationGetIndexPredicate(index);
	const NullTest *test;
	const Var  *column;

	if (predicate == NIL)
		return true;
	test = linitial(predicate);
	if (list_length(predicate) != 1 || !IsA(test, NullTest) || test->nulltesttype != IS_NOT_NULL || !IsA(test->arg, Var))
		return false;
	column = (const Var *) test->arg;
	for (int i = 0; i < nkeys; i++)
	{
		if (index->rd_index->indkey.values[i] == column->varattno)
			return true;
	}
	return false;
}

/* Column i of the index has this name, and is in order of equality as "=" has it. */
static bool
has_key(Relation relation, Relation index, int i, const char *name, Oid type)
{
	TypeCacheEntry *entry = lookup_type_cache(type, TYPECACHE_BTREE_OPFAMILY);

	return pc_is_column(RelationGetDescr(relation), index->rd_index->indkey.values[i], name, type) &&
		index->rd_opfamily[i] == entry->btree_opf &&
		(!OidIsValid(index->rd_indcollation[i]) || index->rd_indcollation[i] == DEFAULT_COLLATION_OID);
}

static bool
suits_index(const PcFind *find, Relation relation, Relation index)
{
	ListCell   *lc;

	if (index->rd_rel->relam != BTREE_AM_OID || !index->rd_index->indisvalid || index->rd_index->indcheckxmin ||
		IndexRelationGetNumberOfKeyAttributes(index) < find->nkeys || !covers_all(index, find->nkeys))
		return false;
	foreach(lc, find->key_names)
	{
		int			i = foreach_current_index(lc);

		if (!has_key(relation, index, i, lfirst(lc), pc_argument_type(find->plan.args[i])))
			return false;
	}
	return true;
}

static Oid
choose_index(const PcFind *find, Relation relation)
{
	List	   *indexes = RelationGetIndexList(relation);
	Oid			chosen = InvalidOid;
	ListCell   *lc;

	foreach(lc, indexes)
	{
		Relation	index = index_open(lfirst_oid(lc), AccessShareLock);

		if (suits_index(find, relation, index))
			chosen = RelationGetRelid(index);
		index_close(index, NoLock);
		if (OidIsValid(chosen))
			break;
	}
	list_free(indexes);
	return chosen;
}

static bool
find_columns(PcFind *find, Relation relation)
{
	ListCell   *lc;

	foreach(lc, find->column_names)
	{
		AttrNumber	attnum = get_attnum(RelationGetRelid(relation), lfirst(lc));

		find->attnums[foreach_current_index(lc)] = attnum;
		if (attnum < 1)
			return false;
	}
	return true;
}

static bool
suits(PcFind *find, Relation relation)
{
	uint64		changes = pc_table_changes(find->table);

	if (find->changes != changes)
	{
		find->index = choose_index(find, relation);
		find->suits = OidIsValid(find->index) && find_columns(find, relation);
		find->changes = changes;
	}
	return find->suits && !relation->rd_rel->relhassubclass && pc_is_plain_for(relation, find->unlocked ? ACL_SELECT : ACL_SELECT | ACL_UPDATE);
}

/* As the result that pc_get() reads. */
static void
give(const PcFind *find, TupleTableSlot *slot)
{
	PcRow	   *row = palloc(sizeof(PcRow));

	row->ncolumns = find->ncolumns;
	for (int i = 0; i < find->ncolumns; i++)
	{
		Form_pg_attribute att = TupleDescAttr(slot->tts_tupleDescriptor, find->attnums[i] - 1);
		Datum		value = slot_getattr(slot, find->attnums[i], &row->nulls[i]);

		row->values[i] = row->nulls[i] ? (Datum) 0 : datumCopy(value, att->attbyval, att->attlen);
	}
	pc_give_row(row);
}

/* False where somebody else changed it meanwhile: the statement knows what to do then.  *found: the row is there. */
static bool
find_directly(const PcFind *find, const PcArgs *a, Relation relation, bool *found)
{
	TupleTableSlot *slot = table_slot_create(relation, NULL);
	Relation	index = index_open(find->index, AccessShareLock);
	bool		done;

	CommandCounterIncrement();
	PushActiveSnapshot(GetTransactionSnapshot());
	*found = pc_fetch_first(relation, index, find->nkeys, a->values, slot);
	done = !*found || find->unlocked || pc_lock_fetched(relation, slot, LockTupleNoKeyExclusive, LockWaitBlock);
	if (done && *found)
		give(find, slot);
	PopActiveSnapshot();
	index_close(index, NoLock);
	ExecDropSingleTupleTableSlot(slot);
	return done;
}

static bool
try_directly(PcFind *find, const PcArgs *a, bool *found)
{
	Relation	relation;
	bool		done;

	pc_table_check(find->table);
	relation = table_open(pc_table_oid(find->table, false), RowShareLock);
	done = suits(find, relation) && find_directly(find, a, relation, found);
	table_close(relation, NoLock);
	return done;
}

bool
pc_find(PcFind *find, PcArgs *keys)
{
	bool		found = false;

	prepare(find);
	return try_directly(find, keys, &found) ? found : pc_execute_args(&find->plan, keys, false) > 0;
}
