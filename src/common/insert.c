/*
 * insert.c
 *		Rows of our own bookkeeping, written straight into their table.
 */
#include "common/paycore.h"

#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "common/direct.h"
#include "common/foreign.h"
#include "common/insert.h"
#include "executor/executor.h"
#include "lib/stringinfo.h"
#include "nodes/makefuncs.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/varlena.h"

static const char *
statement(const PcInsert *insert)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "INSERT INTO paycore.%s (%s) VALUES (", pc_table_name(insert->table), insert->columns);
	for (int i = 1; i <= insert->ncolumns; i++)
		appendStringInfo(&sql, "%s$%d", i > 1 ? ", " : "", i);
	appendStringInfo(&sql, ")%s%s", insert->conflict, insert->returning ? " RETURNING %s" : "");
	return sql.data;
}

static void
prepare(PcInsert *insert)
{
	MemoryContext old;

	if (insert->plan.sql != NULL)
		return;
	old = MemoryContextSwitchTo(TopMemoryContext);
	if (!SplitIdentifierString(pstrdup(insert->columns), ',', &insert->names) ||
		list_length(insert->names) > PC_INSERT_MAX_COLUMNS)
		elog(ERROR, "paycore: bad column list: %s", insert->columns);
	insert->ncolumns = list_length(insert->names);
	insert->plan.sql = statement(insert);
	MemoryContextSwitchTo(old);
}

/* With an ON CONFLICT clause, the row goes in by speculation. */
static bool
is_speculative(const PcInsert *insert)
{
	return insert->conflict[0] != '\0';
}

/*
 * Whether no trigger is passed over that has a say; fire: some of the row's must be
 * asked.  A row that turns out to be there already may ask its own guards
 * twice, but not those of a user.
 */
static bool
triggers_allow(PcInsert *insert, Relation relation)
{
	TriggerDesc *triggers = pc_triggers(relation);

	insert->fire = false;
	if (triggers == NULL)
		return true;
	for (int i = 0; i < triggers->numtriggers; i++)
	{
		const Trigger *trigger = &triggers->triggers[i];
		bool		row = TRIGGER_FOR_ROW(trigger->tgtype);

		if (!TRIGGER_FOR_INSERT(trigger->tgtype) || pc_lets_us_pass(trigger))
			continue;
		if (!row || (is_speculative(insert) && trigger->tgfoid != F_RI_FKEY_CHECK_INS && !pc_is_own_trigger(trigger)))
			return false;
		insert->fire = true;
	}
	return !triggers->trig_insert_new_table;
}

static bool
is_among(const PcInsert *insert, AttrNumber attnum)
{
	for (int i = 0; i < insert->ncolumns; i++)
	{
		if (insert->attnums[i] == attnum)
			return true;
	}
	return false;
}

/* A domain may have a default, or refuse NULL. */
static bool
becomes_null(Form_pg_attribute att)
{
	return !att->atthasdef && att->attidentity == '\0' && att->attgenerated == '\0' && !att->attnotnull &&
		get_typtype(att->atttypid) != TYPTYPE_DOMAIN;
}

/* A column that the list leaves out must be one that becomes NULL by itself. */
static bool
leaves_nothing_out(const PcInsert *insert, TupleDesc desc)
{
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (!att->attisdropped && !is_among(insert, att->attnum) && !becomes_null(att))
			return false;
	}
	return true;
}

static bool
is_column(const PcInsert *insert, int i, TupleDesc desc, const char *name)
{
	return pc_is_column(desc, insert->attnums[i], name, pc_argument_type(insert->plan.args[i]));
}

static bool
find_columns(PcInsert *insert, Relation relation)
{
	TupleDesc	desc = RelationGetDescr(relation);
	ListCell   *lc;
	int			i = 0;

	foreach(lc, insert->names)
	{
		const char *name = lfirst(lc);

		if (!is_column(insert, i, desc, name))
			insert->attnums[i] = get_attnum(RelationGetRelid(relation), name);
		if (!is_column(insert, i, desc, name))
			return false;
		i++;
	}
	return leaves_nothing_out(insert, desc);
}

static bool
is_plain(PcInsert *insert, Relation relation)
{
	uint64		changes = pc_table_changes(insert->table);

	if (insert->changes != changes)
	{
		insert->suits = triggers_allow(insert, relation) && find_columns(insert, relation);
		insert->guarded = pc_only_guards_before(relation, false) && RelationGetFKeyList(relation) != NIL;
		insert->changes = changes;
	}
	return insert->suits && pc_is_plain_for(relation, ACL_INSERT | (insert->returning ? ACL_SELECT : 0));
}

/* The table's columns are those of its row type, in the same order, and no others. */
static bool
has_own_layout(const PcInsert *insert, Relation relation)
{
	TupleDesc	desc = RelationGetDescr(relation);
	TupleDesc	own = pc_row_desc_held(insert->table);
	bool		same = desc->natts == own->natts;

	for (int i = 0; same && i < desc->natts; i++)
	{
		Form_pg_attribute a = TupleDescAttr(desc, i);
		Form_pg_attribute b = TupleDescAttr(own, i);

		same = !a->attisdropped && !b->attisdropped && a->atttypid == b->atttypid &&
			strcmp(NameStr(a->attname), NameStr(b->attname)) == 0;
	}
	ReleaseTupleDesc(own);
	return same;
}

static void
fill_slot(const PcInsert *insert, TupleTableSlot *slot, const Datum *values, const char *nulls)
{
	ExecClearTuple(slot);
	memset(slot->tts_isnull, true, sizeof(bool) * slot->tts_tupleDescriptor->natts);
	for (int i = 0; i < insert->ncolumns; i++)
	{
		slot->tts_values[insert->attnums[i] - 1] = values[i];
		slot->tts_isnull[insert->attnums[i] - 1] = nulls[i] == 'n';
	}
	ExecStoreVirtualTuple(slot);
}

/* An id made just now is in no index yet: not looked for before, it is still checked as it goes in. */
static bool
is_of_new_id(const ResultRelInfo *result, Relation index)
{
	AttrNumber	first = index->rd_index->indkey.values[0];

	return index->rd_index->indisprimary && index->rd_index->indimmediate && first > 0 &&
		strcmp(NameStr(TupleDescAttr(RelationGetDescr(result->ri_RelationDesc), first - 1)->attname), "id") == 0;
}

/* False where a row with one of the keys is there. */
static bool
keys_are_free(ResultRelInfo *result, TupleTableSlot *slot, EState *estate)
{
	ItemPointerData conflict;
	List	   *indexes = NIL;

	for (int i = 0; i < result->ri_NumIndices; i++)
	{
		Relation	index = result->ri_IndexRelationDescs[i];

		if (!is_of_new_id(result, index))
			indexes = lappend_oid(indexes, RelationGetRelid(index));
	}
	return indexes == NIL || pc_check_index_constraints(result, slot, estate, &conflict, indexes);
}

/*
 * A speculative insertion, as ON CONFLICT does it; fires no trigger.  False where a row with one
 * of the keys is there, or came at the same time.
 */
static bool
insert_unless_there(const PcInsert *insert, ResultRelInfo *result, TupleTableSlot *slot, EState *estate)
{
	TransactionId xid = GetCurrentTransactionId();
	uint32		token;
	bool		lost = false;

	if (slot->tts_tupleDescriptor->constr != NULL)
		ExecConstraints(result, slot, estate);
	if (!insert->mostly_new && !keys_are_free(result, slot, estate))
		return false;
	token = SpeculativeInsertionLockAcquire(xid);
	table_tuple_insert_speculative(result->ri_RelationDesc, slot, estate->es_output_cid, 0, NULL, token);
	(void) pc_insert_index_tuples(result, slot, estate, true, &lost);
	table_tuple_complete_speculative(result->ri_RelationDesc, slot, token, !lost);
	SpeculativeInsertionLockRelease(xid);
	return !lost;
}

static bool
insert_slot(const PcInsert *insert, ResultRelInfo *result, EState *estate, TupleTableSlot *slot, bool fire)
{
	if (!is_speculative(insert))
	{
		ExecSimpleRelationInsert(result, estate, slot);
		return ItemPointerIsValid(&slot->tts_tid);
	}
	if ((fire && !ExecBRInsertTriggers(estate, result, slot)) || !insert_unless_there(insert, result, slot, estate))
		return false;
	if (fire)
		ExecARInsertTriggers(estate, result, slot, NIL, NULL);
	return true;
}

/*
 * As a statement does it: what comes after the row is asked at its end.
 * False where the row is not there then: a key was taken, or a trigger let it go.
 */
static bool
insert_and_ask(const PcInsert *insert, ResultRelInfo *result, EState *estate, TupleTableSlot *slot)
{
	bool		fire = insert->fire;	/* which a trigger might change */
	bool		done;

	if (fire && insert->guarded)
		pc_skip_held_keys(result, NULL, slot);
	if (fire)
		AfterTriggerBeginQuery();
	done = insert_slot(insert, result, estate, slot, fire);
	if (fire)
		AfterTriggerEndQuery(estate);
	return done;
}

/* The row as a composite Datum of the table's row type, in SPI's upper context. */
static Datum
returned_row(const PcInsert *insert, TupleTableSlot *slot)
{
	bool		must_free;
	HeapTuple	tuple = ExecFetchSlotHeapTuple(slot, true, &must_free);
	TupleDesc	desc = pc_row_desc_held(insert->table);
	Datum		row = PointerGetDatum(SPI_returntuple(tuple, desc));

	ReleaseTupleDesc(desc);
	return row;
}

/* Rows on their way. */
typedef struct Rows
{
	const PcInsert *insert;
	int			n;
	const Datum *const *values;
	const char *nulls;
	Datum	   *row;			/* where the last is asked for */
	bool		done;			/* all are there */
} Rows;

static void
insert_rows(PcTarget *target, void *arg)
{
	Rows	   *rows = arg;
	const PcInsert *insert = rows->insert;

	target->estate->es_output_cid = GetCurrentCommandId(true);
	rows->done = true;
	for (int i = 0; i < rows->n && rows->done; i++)
	{
		pc_target_clear(target);
		fill_slot(insert, target->slot, rows->values[i], rows->nulls + i * (insert->ncolumns + 1));
		rows->done = insert_and_ask(insert, target->result, target->estate, target->slot);
	}
	if (rows->done && rows->row != NULL)
		*rows->row = returned_row(insert, target->slot);
}

/* True where all n rows are there. */
static bool
insert_directly(PcInsert *insert, Relation relation, int n, const Datum *const *values, const char *nulls, Datum *row)
{
	PcTargetTerms terms = {.changes = insert->changes, .speculative = is_speculative(insert)};
	Rows		rows = {.insert = insert, .n = n, .values = values, .nulls = nulls, .row = row};

	pc_at_target(&insert->place, relation, &terms, insert_rows, &rows);
	CommandCounterIncrement();
	return rows.done;
}

/*
 * Whether the table was plain; *done: and the row is there.  row is asked for
 * where not NULL.
 */
static bool
try_directly(PcInsert *insert, int n, const Datum *const *values, const char *nulls, Datum *row, bool *done)
{
	Relation	relation;
	bool		plain;

	pc_table_check(insert->table);
	prepare(insert);
	relation = table_open(pc_table_oid(insert->table, false), RowExclusiveLock);
	plain = is_plain(insert, relation) && (row == NULL || has_own_layout(insert, relation));
	*done = plain && insert_directly(insert, relation, n, values, nulls, row);
	table_close(relation, NoLock);
	return plain;
}

/* Whether nothing is left to the statement, which knows what to do where a key is taken. */
static bool
is_settled(PcInsert *insert, const Datum *values, const char *nulls, Datum *row, bool *done)
{
	return try_directly(insert, 1, &values, nulls, row, done) && (*done || !is_speculative(insert));
}

uint64
pc_insert(PcInsert *insert, Datum *values, const char *nulls)
{
	bool		done = false;
	uint64		n;

	if (is_settled(insert, values, nulls, NULL, &done))
		return done ? 1 : 0;
	SPI_connect();
	n = pc_execute(&insert->plan, values, nulls, false, 0);
	SPI_finish();
	return n;
}

void
pc_insert_all(PcInsert *insert, int n, Datum *const *values, const char *nulls)
{
	bool		done = false;

	Assert(!is_speculative(insert));
	if (!try_directly(insert, n, (const Datum *const *) values, nulls, NULL, &done))
	{
		SPI_connect();
		for (int i = 0; i < n; i++)
			done = pc_execute(&insert->plan, values[i], nulls + i * (insert->ncolumns + 1), false, 0) > 0;
		SPI_finish();
	}
	if (!done)
		pc_row_vetoed(insert->table);
}

uint64
pc_insert_row(PcInsert *insert, Datum *values, const char *nulls, Datum *row)
{
	bool		done = false;
	uint64		n;

	if (is_settled(insert, values, nulls, row, &done))
		return done ? 1 : 0;
	n = pc_execute(&insert->plan, values, nulls, false, 0);
	if (n > 0)
		*row = pc_row_datum(0, insert->table);
	return n;
}
