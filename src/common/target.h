/*
 * target.h
 *		A table that is open for rows to be put into: its indexes, its triggers,
 *		and room for a row.
 *
 * To open it costs as much as a row or two.  Where many rows of several tables
 * are written by turns, as the gateway's answers bring them, pc_in_batch() keeps
 * the tables open from one row to the next.
 */
#ifndef PAYCORE_TARGET_H
#define PAYCORE_TARGET_H

#include "common/paycore.h"

#include "executor/executor.h"

typedef struct PcTarget
{
	EState	   *estate;
	ResultRelInfo *result;
	TupleTableSlot *slot;
	bool		kept;			/* until the end of the batch */
	bool		busy;
} PcTarget;

/* Where a batch keeps the target of one kind of rows; static, zero at first. */
typedef struct PcTargetPlace
{
	uint64		batch;
	uint64		changes;
	PcTarget   *target;
} PcTargetPlace;

/* changes: pc_table_changes(); what was kept under another number is not used again. */
extern PcTarget *pc_target_open(PcTargetPlace *place, Relation relation, uint64 changes, bool speculative);

/* Between two rows. */
extern void pc_target_clear(PcTarget *target);

/* After the last one.  In a batch, the target stays open. */
extern void pc_target_done(PcTarget *target);

/*
 * Runs work(arg); a batch inside a batch is part of it.  What it has opened is
 * closed at its end, and by an error.  Within a subtransaction of the work, each
 * row opens its table for itself.
 */
extern void pc_in_batch(void (*work) (void *arg), void *arg);

#endif							/* PAYCORE_TARGET_H */
