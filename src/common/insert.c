/*
 * insert.c
 *		Rows of our own bookkeeping, written straight into their table.
 */
#include "common/paycore.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_trigger.h"
#include "common/insert.h"
#include "executor/executor.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/varlena.h"

static const char *
statement(const PcInsert *insert)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "INSERT INTO paycore.%s (%s) VALUES (", pc_table_name(insert->table), insert->columns);
	for (int i = 1; i <= insert->ncolumns; i++)
		appendStringInfo(&sql, "%s$%d", i > 1 ? ", " : "", i);
	appendStringInfo(&sql, ")%s", insert->conflict);
	if (insert->returning)
		appendStringInfo(&sql, " RETURNING %s", insert->columns);
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

/* Guards that have nothing against a row that we write ourselves. */
static bool
is_own_guard(Oid function)
{
	char	   *name;

	if (get_func_namespace(function) != get_namespace_oid(PC_SCHEMA, true))
		return false;
	name = get_func_name(function);
	return name != NULL && (strcmp(name, "require_api") == 0 || strcmp(name, "require_values") == 0);
}

static bool
has_triggers(Relation relation)
{
	TriggerDesc *triggers = relation->trigdesc;

	for (int i = 0; triggers != NULL && i < triggers->numtriggers; i++)
	{
		const Trigger *trigger = &triggers->triggers[i];

		if (TRIGGER_FOR_INSERT(trigger->tgtype) && !(TRIGGER_FOR_BEFORE(trigger->tgtype) && is_own_guard(trigger->tgfoid)))
			return true;
	}
	return false;
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

/* A column that the list leaves out must be one that becomes NULL by itself. */
static bool
leaves_nothing_out(const PcInsert *insert, TupleDesc desc)
{
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (!att->attisdropped && !is_among(insert, att->attnum) &&
			(att->atthasdef || att->attidentity != '\0' || att->attgenerated != '\0' || att->attnotnull))
			return false;
	}
	return true;
}

static bool
is_column(const PcInsert *insert, int i, TupleDesc desc, const char *name)
{
	AttrNumber	attnum = insert->attnums[i];
	Form_pg_attribute att;

	if (attnum < 1 || attnum > desc->natts)
		return false;
	att = TupleDescAttr(desc, attnum - 1);
	return !att->attisdropped && strcmp(NameStr(att->attname), name) == 0 &&
		att->atttypid == pc_argument_type(insert->plan.args[i]) && att->attgenerated == '\0';
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
	return relation->rd_rel->relkind == RELKIND_RELATION && !relation->rd_rel->relispartition &&
		relation->rd_rules == NULL && !XactReadOnly && !IsInParallelMode() &&
		!has_triggers(relation) &&
		pg_class_aclcheck(RelationGetRelid(relation), GetUserId(), ACL_INSERT) == ACLCHECK_OK &&
		check_enable_rls(RelationGetRelid(relation), InvalidOid, true) != RLS_ENABLED &&
		find_columns(insert, relation);
}

static TupleTableSlot *
fill_slot(const PcInsert *insert, Relation relation, List **slots, const Datum *values, const char *nulls)
{
	TupleTableSlot *slot = table_slot_create(relation, slots);

	memset(slot->tts_isnull, true, sizeof(bool) * slot->tts_tupleDescriptor->natts);
	for (int i = 0; i < insert->ncolumns; i++)
	{
		slot->tts_values[insert->attnums[i] - 1] = values[i];
		slot->tts_isnull[insert->attnums[i] - 1] = nulls[i] == 'n';
	}
	return ExecStoreVirtualTuple(slot);
}

/*
 * A speculative insertion, as ON CONFLICT does it.  False where a row with one
 * of the keys is there, or came at the same time.
 */
static bool
insert_unless_there(ResultRelInfo *result, TupleTableSlot *slot, EState *estate)
{
	ItemPointerData conflict;
	TransactionId xid = GetCurrentTransactionId();
	uint32		token;
	bool		lost = false;

	if (slot->tts_tupleDescriptor->constr != NULL)
		ExecConstraints(result, slot, estate);
	if (!pc_check_index_constraints(result, slot, estate, &conflict))
		return false;
	token = SpeculativeInsertionLockAcquire(xid);
	table_tuple_insert_speculative(result->ri_RelationDesc, slot, estate->es_output_cid, 0, NULL, token);
	(void) pc_insert_index_tuples(result, slot, estate, true, &lost);
	table_tuple_complete_speculative(result->ri_RelationDesc, slot, token, !lost);
	SpeculativeInsertionLockRelease(xid);
	return !lost;
}

static bool
insert_directly(const PcInsert *insert, Relation relation, const Datum *values, const char *nulls)
{
	EState	   *estate = CreateExecutorState();
	MemoryContext old = MemoryContextSwitchTo(estate->es_query_cxt);
	ResultRelInfo *result = makeNode(ResultRelInfo);
	bool		speculative = insert->conflict[0] != '\0';
	bool		done = true;
	TupleTableSlot *slot;

	estate->es_output_cid = GetCurrentCommandId(true);
	InitResultRelInfo(result, relation, 0, NULL, 0);
	ExecOpenIndices(result, speculative);
	slot = fill_slot(insert, relation, &estate->es_tupleTable, values, nulls);
	if (speculative)
		done = insert_unless_there(result, slot, estate);
	else
		ExecSimpleRelationInsert(result, estate, slot);
	ExecCloseIndices(result);
	ExecResetTupleTable(estate->es_tupleTable, false);
	MemoryContextSwitchTo(old);
	FreeExecutorState(estate);
	CommandCounterIncrement();
	return done;
}

static Datum
form_row(const PcInsert *insert, const Datum *values, const char *nulls)
{
	TupleDesc	desc = pc_row_desc(insert->table);
	bool		isnull[PC_INSERT_MAX_COLUMNS];

	if (desc->natts != insert->ncolumns)
		elog(ERROR, "paycore: row of %s does not have its type's columns", pc_table_name(insert->table));
	for (int i = 0; i < insert->ncolumns; i++)
		isnull[i] = nulls[i] == 'n';
	return heap_copy_tuple_as_datum(heap_form_tuple(desc, values, isnull), desc);
}

static uint64
run_statement(PcInsert *insert, Datum *values, const char *nulls, Datum *row)
{
	uint64		n;

	SPI_connect();
	n = pc_execute(&insert->plan, values, nulls, false, 0);
	if (n > 0 && row != NULL)
		*row = pc_row_datum(0, insert->table);
	SPI_finish();
	return n;
}

uint64
pc_insert_returning(PcInsert *insert, Datum *values, const char *nulls, Datum *row)
{
	Relation	relation;
	bool		done = false;

	pc_tables_check();
	prepare(insert);
	relation = table_open(pc_table_oid(insert->table, false), RowExclusiveLock);
	if (is_plain(insert, relation))
		done = insert_directly(insert, relation, values, nulls);
	table_close(relation, NoLock);
	if (!done)
		return run_statement(insert, values, nulls, row);
	if (row != NULL)
		*row = form_row(insert, values, nulls);
	return 1;
}

uint64
pc_insert(PcInsert *insert, Datum *values, const char *nulls)
{
	return pc_insert_returning(insert, values, nulls, NULL);
}
