/*
 * target.c
 *		A table that rows are put into.
 *
 * What is kept holds nothing of the relation cache: the relation and its indexes
 * are opened anew for each use, and descriptors are copies that nobody counts.
 */
#include "common/paycore.h"

#include "access/table.h"
#include "access/tableam.h"
#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
#include "common/catalog.h"
#include "common/target.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/rel.h"

static TupleTableSlot *
make_slot(PcTarget *target, Relation relation)
{
	return ExecAllocTableSlot(&target->estate->es_tupleTable, target->desc, table_slot_callbacks(relation));
}

/* Made here: what the server makes at their first use would count on the relation's own descriptor. */
static void
make_slots(PcTarget *target, Relation relation)
{
	target->desc = CreateTupleDescCopyConstr(RelationGetDescr(relation));
	target->slot = make_slot(target, relation);
	target->was = make_slot(target, relation);
	target->result->ri_TrigOldSlot = make_slot(target, relation);
	target->result->ri_TrigNewSlot = make_slot(target, relation);
	target->result->ri_ReturningSlot = make_slot(target, relation);
}

static bool
may_fire(const Trigger *trigger, bool update)
{
	return TRIGGER_FOR_ROW(trigger->tgtype) && trigger->tgenabled != TRIGGER_DISABLED &&
		(update ? TRIGGER_FOR_UPDATE(trigger->tgtype) : TRIGGER_FOR_INSERT(trigger->tgtype));
}

/* Looked up here, so that what they remember outlives the scratch. */
static void
find_trigger_functions(PcTarget *target, bool update)
{
	const TriggerDesc *triggers = target->result->ri_TrigDesc;

	for (int i = 0; triggers != NULL && i < triggers->numtriggers; i++)
	{
		const Trigger *trigger = &triggers->triggers[i];

		if (may_fire(trigger, update))
			fmgr_info_cxt(trigger->tgfoid, &target->result->ri_TrigFunctions[i], target->estate->es_query_cxt);
	}
}

/* What an access method remembers points into the open index, so it goes with the scratch. */
static void
note_indexes(PcTarget *target)
{
	const ResultRelInfo *result = target->result;

	target->indexes = palloc(sizeof(Oid) * Max(result->ri_NumIndices, 1));
	for (int i = 0; i < result->ri_NumIndices; i++)
	{
		target->indexes[i] = RelationGetRelid(result->ri_IndexRelationDescs[i]);
		result->ri_IndexRelationInfo[i]->ii_Context = target->scratch;
	}
}

static PcTarget *
make(Relation relation, const PcTargetTerms *terms)
{
	EState	   *estate = CreateExecutorState();
	MemoryContext old = MemoryContextSwitchTo(estate->es_query_cxt);
	PcTarget   *target = palloc0(sizeof(PcTarget));

	target->estate = estate;
	target->result = makeNode(ResultRelInfo);
	target->scratch = AllocSetContextCreate(estate->es_query_cxt, "paycore row", ALLOCSET_SMALL_SIZES);
	if (terms->updated != NULL)
		pc_init_range_table(estate, relation, bms_copy(terms->updated));
	InitResultRelInfo(target->result, relation, terms->updated != NULL ? 1 : 0, NULL, 0);
	estate->es_opened_result_relations = list_make1(target->result);
	make_slots(target, relation);
	find_trigger_functions(target, terms->updated != NULL);
	ExecOpenIndices(target->result, terms->speculative);
	note_indexes(target);
	MemoryContextSwitchTo(old);
	return target;
}

/*
 * Each index with its own lock, as every writer has it: ALTER INDEX ... SET TABLESPACE asks for no other.
 * And whether it takes rows yet is said by the index: CREATE INDEX CONCURRENTLY need not tell the table when that changes.
 */
static void
open_indexes(PcTarget *target, Relation relation)
{
	ResultRelInfo *result = target->result;

	result->ri_RelationDesc = relation;
	for (int i = 0; i < result->ri_NumIndices; i++)
	{
		Relation	index = index_open(target->indexes[i], RowExclusiveLock);

		result->ri_IndexRelationDescs[i] = index;
		result->ri_IndexRelationInfo[i]->ii_ReadyForInserts = index->rd_index->indisready;
	}
}

/* The locks stay until the end of the transaction, for the next row. */
static void
close_indexes(PcTarget *target)
{
	ResultRelInfo *result = target->result;

	for (int i = 0; i < result->ri_NumIndices; i++)
	{
		pc_index_insert_cleanup(result->ri_IndexRelationDescs[i], result->ri_IndexRelationInfo[i]);
		result->ri_IndexRelationInfo[i]->ii_AmCache = NULL;
		index_close(result->ri_IndexRelationDescs[i], NoLock);
	}
}

/* What triggers have opened besides, such as a table that a foreign key's change reached: false where there is any. */
static bool
close_others(EState *estate)
{
	ListCell   *lc;

	if (estate->es_trig_target_relations == NIL)
		return true;
	foreach(lc, estate->es_trig_target_relations)
		table_close(((ResultRelInfo *) lfirst(lc))->ri_RelationDesc, NoLock);
	estate->es_trig_target_relations = NIL;
	/* Slots of theirs count on relations' own descriptors. */
	ExecResetTupleTable(estate->es_tupleTable, false);
	estate->es_tupleTable = NIL;
	return false;
}

void
pc_target_clear(PcTarget *target)
{
	ListCell   *lc;

	foreach(lc, target->estate->es_tupleTable)
		ExecClearTuple(lfirst(lc));
	ResetPerTupleExprContext(target->estate);
}

/* False where the target can serve no other row. */
static bool
leave(PcTarget *target)
{
	bool		alone;

	pc_target_clear(target);
	close_indexes(target);
	alone = close_others(target->estate);
	target->estate->es_snapshot = NULL;
	MemoryContextReset(target->scratch);
	return alone;
}

static bool
work_in(PcTarget *target, void (*work) (PcTarget *target, void *arg), void *arg)
{
	MemoryContext old = MemoryContextSwitchTo(target->scratch);

	work(target, arg);
	MemoryContextSwitchTo(old);
	return leave(target);
}

static void
work_once(Relation relation, const PcTargetTerms *terms, void (*work) (PcTarget *target, void *arg), void *arg)
{
	PcTarget   *target = make(relation, terms);

	(void) work_in(target, work, arg);
	FreeExecutorState(target->estate);
}

static void
work_at_place(PcTargetPlace *place, void (*work) (PcTarget *target, void *arg), void *arg)
{
	place->busy = true;
	PG_TRY();
	{
		place->spoiled = !work_in(place->target, work, arg);
	}
	PG_CATCH();
	{
		place->busy = false;
		place->spoiled = true;
		PG_RE_THROW();
	}
	PG_END_TRY();
	place->busy = false;
}

static void
empty(PcTargetPlace *place)
{
	if (place->target != NULL)
		MemoryContextDelete(place->target->estate->es_query_cxt);
	place->target = NULL;
	place->spoiled = false;
}

static void
open_place(PcTargetPlace *place, Relation relation, const PcTargetTerms *terms)
{
	if (place->target != NULL && !place->spoiled && place->changes == terms->changes &&
		place->functions == pc_function_changes() && place->user == GetUserId())
	{
		open_indexes(place->target, relation);
		return;
	}
	empty(place);
	place->changes = terms->changes;
	place->functions = pc_function_changes();
	place->user = GetUserId();
	place->target = make(relation, terms);
	MemoryContextSetParent(place->target->estate->es_query_cxt, TopMemoryContext);
}

void
pc_at_target(PcTargetPlace *place, Relation relation, const PcTargetTerms *terms,
			 void (*work) (PcTarget *target, void *arg), void *arg)
{
	if (place->busy)
	{
		work_once(relation, terms, work, arg);
		return;
	}
	open_place(place, relation, terms);
	work_at_place(place, work, arg);
}
