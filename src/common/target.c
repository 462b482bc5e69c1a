/*
 * target.c
 *		A table that is open for rows to be put into.
 */
#include "common/paycore.h"

#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "common/target.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/resowner.h"

/* Numbers are never used twice, so that what an error left in a place is of no batch. */
static struct
{
	uint64		number;			/* 0 = none */
	SubTransactionId xact;		/* what is kept open belongs to both */
	ResourceOwner owner;
	MemoryContext context;
	List	   *targets;
}			batch;

static uint64 last_number;

static PcTarget *
open_in(MemoryContext parent, Relation relation, bool speculative)
{
	MemoryContext old = MemoryContextSwitchTo(parent);
	PcTarget   *target = palloc0(sizeof(PcTarget));
	EState	   *estate = CreateExecutorState();

	MemoryContextSwitchTo(estate->es_query_cxt);
	target->estate = estate;
	target->result = makeNode(ResultRelInfo);
	InitResultRelInfo(target->result, table_open(RelationGetRelid(relation), RowExclusiveLock), 0, NULL, 0);
	estate->es_opened_result_relations = list_make1(target->result);
	ExecOpenIndices(target->result, speculative);
	target->slot = table_slot_create(relation, &estate->es_tupleTable);
	MemoryContextSwitchTo(old);
	return target;
}

static void
close_target(PcTarget *target)
{
	EState	   *estate = target->estate;
	Relation	relation = target->result->ri_RelationDesc;

	ExecResetTupleTable(estate->es_tupleTable, false);
	ExecCloseResultRelations(estate);
	table_close(relation, NoLock);
	FreeExecutorState(estate);
	pfree(target);
}

static PcTarget *
open_in_batch(PcTargetPlace *place, Relation relation, uint64 changes, bool speculative)
{
	MemoryContext old = MemoryContextSwitchTo(batch.context);

	place->target = open_in(batch.context, relation, speculative);
	place->target->kept = true;
	place->batch = batch.number;
	place->changes = changes;
	batch.targets = lappend(batch.targets, place->target);
	MemoryContextSwitchTo(old);
	return place->target;
}

PcTarget *
pc_target_open(PcTargetPlace *place, Relation relation, uint64 changes, bool speculative)
{
	PcTarget   *target = NULL;

	if (batch.number != 0 && batch.xact == GetCurrentSubTransactionId() && batch.owner == CurrentResourceOwner)
	{
		if (place->batch != batch.number || place->changes != changes)
			target = open_in_batch(place, relation, changes, speculative);
		else if (!place->target->busy)
			target = place->target;
	}
	if (target == NULL)
		target = open_in(CurrentMemoryContext, relation, speculative);
	target->busy = true;
	return target;
}

void
pc_target_clear(PcTarget *target)
{
	ExecClearTuple(target->slot);
	ResetPerTupleExprContext(target->estate);
}

void
pc_target_done(PcTarget *target)
{
	if (!target->kept)
	{
		close_target(target);
		return;
	}
	pc_target_clear(target);
	target->busy = false;
}

static void
begin(void)
{
	batch.context = AllocSetContextCreate(CurrentMemoryContext, "paycore batch", ALLOCSET_DEFAULT_SIZES);
	batch.targets = NIL;
	batch.xact = GetCurrentSubTransactionId();
	batch.owner = CurrentResourceOwner;
	batch.number = ++last_number;
}

static void
end(void)
{
	ListCell   *lc;

	batch.number = 0;
	foreach(lc, batch.targets)
		close_target(lfirst(lc));
	MemoryContextDelete(batch.context);
}

void
pc_in_batch(void (*work) (void *arg), void *arg)
{
	if (batch.number != 0)
	{
		work(arg);
		return;
	}
	begin();
	PG_TRY();
	{
		work(arg);
	}
	PG_CATCH();
	{
		/* What is open goes with the transaction. */
		batch.number = 0;
		PG_RE_THROW();
	}
	PG_END_TRY();
	end();
}
