/*
 * direct.h
 *		When a row of ours may pass the executor by: what rows written straight
 *		into their tables (insert.h, update.h) ask of the table.
 */
#ifndef PAYCORE_DIRECT_H
#define PAYCORE_DIRECT_H

#include "common/paycore.h"

#include "executor/tuptable.h"
#include "nodes/lockoptions.h"
#include "nodes/parsenodes.h"
#include "utils/rel.h"
#include "utils/reltrigger.h"

/*
 * An ordinary table without rule, partition or policy that has a say now, on
 * which the current user has each of the rights, in a transaction that may write.
 */
extern bool pc_is_plain_for(Relation relation, AclMode rights);

/*
 * The table's triggers, copied, or NULL.  At any look into a catalog the server may learn of somebody's
 * ANALYZE or CREATE INDEX CONCURRENTLY of the table, and then replaces its own.
 */
extern TriggerDesc *pc_triggers(Relation relation);

/* Whether the trigger's function is of schema paycore. */
extern bool pc_is_own_trigger(const Trigger *trigger);

/* A guard of ours before the row or statement that has nothing against a row that we write ourselves. */
extern bool pc_lets_us_pass(const Trigger *trigger);

/* Whether attnum is a column of this name and type that a value can be put into. */
extern bool pc_is_column(TupleDesc desc, AttrNumber attnum, const char *name, Oid type);

/*
 * The row with these values in the columns of an open unique index over uuid
 * and text, as the active snapshot sees it.  False where there is none, or
 * the index is of another kind.
 */
extern bool pc_fetch_by_index(Relation relation, Relation index, const Datum *values, TupleTableSlot *slot);

/* As pc_fetch_by_index(), by the first n columns of any such index; of several rows the first. */
extern bool pc_fetch_first(Relation relation, Relation index, int n, const Datum *values, TupleTableSlot *slot);

/* Locks a row that was fetched.  False where it has changed since, or wait says not to wait for whoever has it. */
extern bool pc_lock_fetched(Relation relation, TupleTableSlot *slot, LockTupleMode mode, LockWaitPolicy wait);

#endif							/* PAYCORE_DIRECT_H */
