/*
 * foreign.h
 *		Foreign keys of our tables' rows.
 */
#ifndef PAYCORE_FOREIGN_H
#define PAYCORE_FOREIGN_H

#include "common/paycore.h"
#include "nodes/execnodes.h"
#include "utils/rel.h"

/* Whether no trigger of the user's comes before the row, which could still change what it points to. */
extern bool pc_only_guards_before(Relation relation, bool update);

/*
 * Locks the rows that the new row points to, as the foreign keys' triggers
 * would, and disables the triggers of those that are there in result's own
 * list.  Only where pc_only_guards_before().  Whatever is in doubt (no such
 * row, one that somebody else is changing, a deferred key) is left to its
 * trigger.  was: the row before an UPDATE, or NULL.
 */
extern void pc_skip_held_keys(ResultRelInfo *result, TupleTableSlot *was, TupleTableSlot *slot);

/* At the load of the library: from then on statements of anybody's check the foreign keys of our tables this way. */
extern void pc_foreign_init(void);

#endif							/* PAYCORE_FOREIGN_H */
