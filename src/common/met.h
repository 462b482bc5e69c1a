/*
 * met.h
 *		Where the rows are that this transaction has met, so that who asks for one
 *		again need not walk down its index.
 */
#ifndef PAYCORE_MET_H
#define PAYCORE_MET_H

#include "common/paycore.h"

#include "executor/tuptable.h"
#include "utils/rel.h"
#include "utils/uuid.h"

/* The row of this id is, or was just written, at this place. */
extern void pc_met(Relation relation, const pg_uuid_t *id, const ItemPointerData *place);

/*
 * The row with these values in all key columns of a unique index over uuid and text, an id first, as the active
 * snapshot sees it.  False where it is not known where it is, which does not say that there is none.
 */
extern bool pc_meet_again(Relation relation, Relation index, const Datum *values, TupleTableSlot *slot);

#endif							/* PAYCORE_MET_H */
