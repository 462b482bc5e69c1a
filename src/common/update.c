/*
 * update.c
 *		A row of ours, changed straight in its table.
 */
#include "common/paycore.h"

#include "access/table.h"
#include "access/tableam.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "common/direct.h"
#include "common/foreign.h"
#include "common/update.h"
#include "executor/executor.h"
#include "lib/stringinfo.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

/* The key comes first among the arguments. */
#define KEY_ARGS 2

static void
add_assignment(StringInfo sql, const char *name, char mark, int arg)
{
	const char *format = "%1$s = $%2$d";

	if (mark == '?')
		format = "%1$s = coalesce(%1$s, $%2$d)";
	else if (mark == '*')
		format = "%1$s = coalesce($%2$d, %1$s)";
	else if (mark == '+')
		format = "%1$s = %1$s OPERATOR(pg_catalog.+) $%2$d";
	appendStringInfo(sql, format, name, arg);
}

static const char *
statement(const PcUpdate *update)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "UPDATE paycore.%s SET ", pc_table_name(update->table));
	for (int i = 0; i < update->ncolumns; i++)
	{
		appendStringInfoString(&sql, i > 0 ? ", " : "");
		add_assignment(&sql, update->names[i], update->marks[i], KEY_ARGS + i + 1);
	}
	appendStringInfoString(&sql, " WHERE id OPERATOR(pg_catalog.=) $1 AND tenant_id OPERATOR(pg_catalog.=) $2");
	return sql.data;
}

static void
split_columns(PcUpdate *update)
{
	char	   *rest = pstrdup(update->columns);
	char	   *name;
	int			n = 0;

	while ((name = strsep(&rest, ",")) != NULL)
	{
		size_t		len;

		name += strspn(name, " ");
		len = strlen(name);
		if (n == PC_UPDATE_MAX_COLUMNS || len == 0)
			elog(ERROR, "paycore: bad column list: %s", update->columns);
		update->marks[n] = strchr("?*+", name[len - 1]) != NULL ? name[len - 1] : '=';
		if (update->marks[n] != '=')
			name[len - 1] = '\0';
		update->names[n++] = name;
	}
	update->ncolumns = n;
}

static void
prepare(PcUpdate *update)
{
	MemoryContext old;

	if (update->plan.sql != NULL)
		return;
	old = MemoryContextSwitchTo(TopMemoryContext);
	split_columns(update);
	update->plan.sql = statement(update);
	MemoryContextSwitchTo(old);
}

static bool
find_columns(PcUpdate *update, Relation relation)
{
	TupleDesc	desc = RelationGetDescr(relation);

	for (int i = 0; i < update->ncolumns; i++)
	{
		Oid			type = pc_argument_type(update->plan.args[KEY_ARGS + i]);

		update->attnums[i] = get_attnum(RelationGetRelid(relation), update->names[i]);
		if (!pc_is_column(desc, update->attnums[i], update->names[i], type) ||
			(update->marks[i] == '+' && type != INT4OID))
			return false;
	}
	/* Generated columns are the statement's to compute. */
	return desc->constr == NULL || !desc->constr->has_generated_stored;
}

/* Triggers of the row are fired; one of the statement must be one that we may pass. */
static bool
triggers_allow(Relation relation)
{
	TriggerDesc *triggers = relation->trigdesc;

	for (int i = 0; triggers != NULL && i < triggers->numtriggers; i++)
	{
		const Trigger *trigger = &triggers->triggers[i];

		if (TRIGGER_FOR_UPDATE(trigger->tgtype) && !TRIGGER_FOR_ROW(trigger->tgtype) && !pc_lets_us_pass(trigger))
			return false;
	}
	return triggers == NULL || (!triggers->trig_update_old_table && !triggers->trig_update_new_table);
}

static bool
key_is(Relation relation, Relation index, int column, const char *name, Oid type)
{
	return pc_is_column(RelationGetDescr(relation), index->rd_index->indkey.values[column], name, type);
}

/* The open index of the primary key (id, tenant_id), or NULL. */
static Relation
key_index(const ResultRelInfo *result)
{
	Oid			key = pc_primary_key(result->ri_RelationDesc);

	for (int i = 0; i < result->ri_NumIndices; i++)
	{
		Relation	index = result->ri_IndexRelationDescs[i];

		if (RelationGetRelid(index) == key && IndexRelationGetNumberOfKeyAttributes(index) == KEY_ARGS &&
			key_is(result->ri_RelationDesc, index, 0, "id", UUIDOID) &&
			key_is(result->ri_RelationDesc, index, 1, "tenant_id", TEXTOID))
			return index;
	}
	return NULL;
}

static Datum
sum(Datum a, Datum b)
{
	return DirectFunctionCall2(int4pl, a, b);
}

static void
change_row(const PcUpdate *update, const PcArgs *a, TupleTableSlot *was, TupleTableSlot *slot)
{
	int			natts = slot->tts_tupleDescriptor->natts;

	slot_getallattrs(was);
	memcpy(slot->tts_values, was->tts_values, sizeof(Datum) * natts);
	memcpy(slot->tts_isnull, was->tts_isnull, sizeof(bool) * natts);
	for (int i = 0; i < update->ncolumns; i++)
	{
		Datum	   *value = &slot->tts_values[update->attnums[i] - 1];
		bool	   *isnull = &slot->tts_isnull[update->attnums[i] - 1];
		Datum		given = a->values[KEY_ARGS + i];
		bool		none = a->nulls[KEY_ARGS + i] == 'n';

		if ((update->marks[i] == '?' && !*isnull) || (update->marks[i] == '*' && none))
			continue;
		if (update->marks[i] == '+')
			*isnull |= none;
		else
			*isnull = none;
		if (!*isnull)
			*value = update->marks[i] == '+' ? sum(*value, given) : given;
	}
	ExecStoreVirtualTuple(slot);
}

/* Which columns are given tells which triggers fire. */
static void
name_columns(const PcUpdate *update, EState *estate, Relation relation)
{
	Bitmapset  *columns = NULL;

	for (int i = 0; i < update->ncolumns; i++)
		columns = bms_add_member(columns, update->attnums[i] - FirstLowInvalidHeapAttributeNumber);
	pc_init_range_table(estate, relation, columns);
}

/* False where the row is not there, or somebody else is changing it. */
static bool
update_and_ask(const PcUpdate *update, const PcArgs *a, ResultRelInfo *result, EState *estate, uint64 *n)
{
	Relation	relation = result->ri_RelationDesc;
	Relation	index = key_index(result);
	TupleTableSlot *was = table_slot_create(relation, &estate->es_tupleTable);
	TupleTableSlot *slot = table_slot_create(relation, &estate->es_tupleTable);
	EPQState	unused = {0};	/* the row is locked */

	if (index == NULL || !pc_fetch_by_index(relation, index, a->values, was) ||
		!pc_lock_fetched(relation, was, LockTupleNoKeyExclusive, LockWaitBlock))
		return false;
	change_row(update, a, was, slot);
	if (update->guarded)
		pc_skip_held_keys(result, was, slot);
	AfterTriggerBeginQuery();
	ExecSimpleRelationUpdate(result, estate, &unused, was, slot);
	AfterTriggerEndQuery(estate);
	*n = ItemPointerIsValid(&slot->tts_tid) ? 1 : 0;	/* else a trigger let it go */
	return true;
}

static bool
update_directly(const PcUpdate *update, const PcArgs *a, Relation relation, uint64 *n)
{
	EState	   *estate = CreateExecutorState();
	MemoryContext old = MemoryContextSwitchTo(estate->es_query_cxt);
	ResultRelInfo *result = makeNode(ResultRelInfo);
	bool		done;

	CommandCounterIncrement();
	PushActiveSnapshot(GetTransactionSnapshot());
	estate->es_snapshot = GetActiveSnapshot();
	estate->es_output_cid = GetCurrentCommandId(true);
	name_columns(update, estate, relation);
	InitResultRelInfo(result, relation, 1, NULL, 0);
	ExecOpenIndices(result, false);
	done = update_and_ask(update, a, result, estate, n);
	ExecResetTupleTable(estate->es_tupleTable, false);
	ExecCloseResultRelations(estate);
	ExecCloseIndices(result);
	PopActiveSnapshot();
	MemoryContextSwitchTo(old);
	FreeExecutorState(estate);
	CommandCounterIncrement();
	return done;
}

static bool
suits(PcUpdate *update, Relation relation)
{
	uint64		changes = pc_table_changes(update->table);

	if (update->changes != changes)
	{
		update->suits = triggers_allow(relation) && find_columns(update, relation);
		update->guarded = pc_only_guards_before(relation, true);
		update->changes = changes;
	}
	return update->suits && !relation->rd_rel->relhassubclass && pc_is_plain_for(relation, ACL_SELECT | ACL_UPDATE);
}

static bool
try_directly(PcUpdate *update, const PcArgs *a, uint64 *n)
{
	Relation	relation;
	bool		done;

	pc_tables_check();
	relation = table_open(pc_table_oid(update->table, false), RowExclusiveLock);
	done = suits(update, relation) && update_directly(update, a, relation, n);
	table_close(relation, NoLock);
	return done;
}

uint64
pc_update(PcUpdate *update, PcArgs *a)
{
	uint64		n = 0;

	prepare(update);
	return try_directly(update, a, &n) ? n : pc_execute_args(&update->plan, a, false);
}
