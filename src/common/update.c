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
#include "common/met.h"
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

/* Which columns are given tells which triggers fire. */
static void
note_updated(PcUpdate *update)
{
	MemoryContext old = MemoryContextSwitchTo(TopMemoryContext);

	bms_free(update->updated);
	update->updated = NULL;
	for (int i = 0; i < update->ncolumns; i++)
		update->updated = bms_add_member(update->updated, update->attnums[i] - FirstLowInvalidHeapAttributeNumber);
	MemoryContextSwitchTo(old);
}

/* Triggers of the row are fired; one of the statement must be one that we may pass. */
static bool
triggers_allow(Relation relation)
{
	TriggerDesc *triggers = pc_triggers(relation);

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

/* A change on its way. */
typedef struct Change
{
	const PcUpdate *update;
	const PcArgs *args;
	bool		done;			/* else the row is not there, or somebody else is changing it */
	uint64		n;
} Change;

static void
change_and_ask(PcTarget *target, Change *change)
{
	const PcUpdate *update = change->update;
	ResultRelInfo *result = target->result;
	Relation	relation = result->ri_RelationDesc;
	Relation	index = key_index(result);
	EPQState	unused = {0};	/* the row is locked */

	change->done = index != NULL && pc_fetch_by_index(relation, index, change->args->values, target->was) &&
		pc_lock_fetched(relation, target->was, LockTupleNoKeyExclusive, LockWaitBlock);
	if (!change->done)
		return;
	change_row(update, change->args, target->was, target->slot);
	if (update->guarded)
		pc_skip_held_keys(result, target->was, target->slot);
	AfterTriggerBeginQuery();
	ExecSimpleRelationUpdate(result, target->estate, &unused, target->was, target->slot);
	AfterTriggerEndQuery(target->estate);
	change->n = ItemPointerIsValid(&target->slot->tts_tid) ? 1 : 0;	/* else a trigger let it go */
	if (change->n > 0)
		pc_met(relation, DatumGetUUIDP(change->args->values[0]), &target->slot->tts_tid);
}

static void
update_row(PcTarget *target, void *arg)
{
	PushActiveSnapshot(GetTransactionSnapshot());
	target->estate->es_snapshot = GetActiveSnapshot();
	target->estate->es_output_cid = GetCurrentCommandId(true);
	change_and_ask(target, arg);
	PopActiveSnapshot();
}

static bool
update_directly(PcUpdate *update, const PcArgs *a, Relation relation, uint64 *n)
{
	PcTargetTerms terms = {.changes = update->changes, .updated = update->updated};
	Change		change = {.update = update, .args = a};

	CommandCounterIncrement();
	pc_at_target(&update->place, relation, &terms, update_row, &change);
	CommandCounterIncrement();
	*n = change.n;
	return change.done;
}

static bool
suits(PcUpdate *update, Relation relation)
{
	uint64		changes = pc_table_changes(update->table);

	if (update->changes != changes)
	{
		update->suits = triggers_allow(relation) && find_columns(update, relation);
		if (update->suits)
			note_updated(update);
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

	pc_table_check(update->table);
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
