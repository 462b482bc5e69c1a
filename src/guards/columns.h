/*
 * columns.h
 *		The columns that a guard's trigger arguments name, looked up once per
 *		trigger and backend.
 */
#ifndef PAYCORE_COLUMNS_H
#define PAYCORE_COLUMNS_H

#include "common/paycore.h"
#include "commands/trigger.h"

typedef struct GuardColumn
{
	const char *argument;		/* as written in CREATE TRIGGER */
	AttrNumber	attnum;			/* 0 where the argument is no column */
	Oid			type;
	int16		typlen;
	bool		typbyval;
} GuardColumn;

typedef struct GuardColumns
{
	int			n;
	GuardColumn *columns;
} GuardColumns;

/* When a guard may fire. */
#define GUARD_BEFORE_ROW	1
#define GUARD_AFTER_ROW		2
#define GUARD_STATEMENT		4

/*
 * Checks that function name was called as a trigger fired at one of the given
 * times, with at least min_args arguments; raises PY090 otherwise.
 */
extern TriggerData *pc_guard_begin(FunctionCallInfo fcinfo, const char *name, int times, int min_args);

/* The arguments; each is a column of the table, but for "|", "a>b" and "=word". */
extern const GuardColumns *pc_guard_columns(TriggerData *trigger);

/* Column number of a name that the guard itself wants ("id"), 0 where the table has none. */
extern AttrNumber pc_guard_find(TriggerData *trigger, const char *name);

/* Raises PY090 where the column is of another type: its datum would be taken for what it is not. */
extern void pc_guard_check_type(TriggerData *trigger, AttrNumber attnum, Oid type);

/* The number of a column that the guard itself needs; PY090 where it is missing or of another type. */
extern AttrNumber pc_guard_column(TriggerData *trigger, const char *name, Oid type);

/* The value of such a column; PY090 where it is null, too. */
extern Datum pc_guard_value(TriggerData *trigger, HeapTuple row, const char *name, Oid type);

/* The value of a column that a table may do without: null then.  PY090 where it is of another type. */
extern Datum pc_guard_value_if_any(TriggerData *trigger, HeapTuple row, const char *name, Oid type, bool *isnull);

/* True where old and new row of an UPDATE hold the same image in the column. */
extern bool pc_guard_same(TriggerData *trigger, const GuardColumn *column);

extern Datum pc_guard_get(TriggerData *trigger, HeapTuple row, AttrNumber attnum, bool *isnull);

/* Text form of a column's value for an error message or the history; "NULL" where null. */
extern char *pc_guard_text(TriggerData *trigger, HeapTuple row, AttrNumber attnum);

/* The row as the statement leaves it (new of an UPDATE or INSERT). */
static inline HeapTuple
pc_guard_new_row(TriggerData *trigger)
{
	return TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ? trigger->tg_newtuple : trigger->tg_trigtuple;
}

/* Owner of the table the trigger belongs to, through the partition root. */
extern Oid	pc_guard_table_owner(TriggerData *trigger);

#endif							/* PAYCORE_COLUMNS_H */
