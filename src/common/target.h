/*
 * target.h
 *		A table that rows are put into: its indexes, its triggers, and room for a
 *		row.
 *
 * To make all that costs as much as a row or two, so it is kept for the next row,
 * in this transaction or a later one, until the table or some function changes.
 * Nothing of it is open, locked or pinned meanwhile.
 */
#ifndef PAYCORE_TARGET_H
#define PAYCORE_TARGET_H

#include "common/paycore.h"

#include "executor/executor.h"

typedef struct PcTarget
{
	EState	   *estate;
	ResultRelInfo *result;
	TupleTableSlot *slot;		/* the row to be written */
	TupleTableSlot *was;		/* for an UPDATE, the row before */
	TupleDesc	desc;
	Oid		   *indexes;
	MemoryContext scratch;		/* of one use */
} PcTarget;

/* Where the target of one kind of rows is kept; static, zero at first. */
typedef struct PcTargetPlace
{
	PcTarget   *target;
	uint64		changes;		/* of the table, when it was made */
	uint64		functions;		/* pc_function_changes() then */
	Oid			user;			/* whose rights to call the functions of constraints and conditions were looked at */
	bool		busy;
	bool		spoiled;		/* its last use leaves it to no other: an error, or a trigger that opened other tables */
} PcTargetPlace;

typedef struct PcTargetTerms
{
	uint64		changes;		/* pc_table_changes() */
	bool		speculative;	/* for insertions that a row that is there already may win */
	Bitmapset  *updated;		/* for an UPDATE, the columns, as RangeTblEntry.updatedCols has them */
} PcTargetTerms;

/*
 * Runs work(target, arg) in target->scratch, with the table's indexes open. relation is open, RowExclusiveLock.
 * What work leaves in the target is gone afterwards.
 */
extern void pc_at_target(PcTargetPlace *place, Relation relation, const PcTargetTerms *terms,
						 void (*work) (PcTarget *target, void *arg), void *arg);

/* Between two rows. */
extern void pc_target_clear(PcTarget *target);

#endif							/* PAYCORE_TARGET_H */
