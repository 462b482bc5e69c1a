/*
 * insert.h
 *		Rows of our own bookkeeping, written straight into their table.
 *
 * An INSERT through the executor costs several times what the row itself
 * does.  Where the table is plain, so that no statement trigger, rule, policy,
 * default or partition of the user's has a say, the row goes through its row
 * triggers into heap and indexes directly; anywhere else the statement runs.
 */
#ifndef PAYCORE_INSERT_H
#define PAYCORE_INSERT_H

#include "common/plan.h"
#include "common/target.h"

#define PC_INSERT_MAX_COLUMNS 48

typedef struct PcInsert
{
	PcTable		table;
	const char *columns;		/* "a, b, c"; all that is NOT NULL or has a default is among them */
	const char *conflict;		/* what follows VALUES (...), or "" */
	PcPlan		plan;			/* .args: a letter per column, and per further parameter of conflict */
	bool		returning;		/* for pc_insert_row() */
	bool		mostly_new;		/* a key that is taken is found out only as the row goes in, and leaves a dead row */
	List	   *names;			/* of the columns; this and what follows is filled in at the first use */
	int			ncolumns;
	AttrNumber	attnums[PC_INSERT_MAX_COLUMNS];
	uint64		changes;		/* pc_table_changes() when the rest was found out */
	bool		suits;			/* columns and triggers let the row go in directly */
	bool		fire;			/* some of the triggers must be asked */
	bool		guarded;		/* there are foreign keys, and pc_only_guards_before() them */
	PcTargetPlace place;
} PcInsert;

#define PC_INSERT_PARTS(table_, args_, columns_, conflict_, row_of_) \
	.table = (table_), .columns = (columns_), .conflict = (conflict_), .plan = {.args = (args_), .row_of = (row_of_)}
#define PC_INSERT_OR(table_, args_, columns_, conflict_) \
	{PC_INSERT_PARTS(table_, args_, columns_, conflict_, PC_NO_ROW)}
#define PC_INSERT(table_, args_, columns_) PC_INSERT_OR(table_, args_, columns_, "")
#define PC_INSERT_ROW_OR(table_, args_, columns_, conflict_) \
	{PC_INSERT_PARTS(table_, args_, columns_, conflict_, table_), .returning = true}
#define PC_INSERT_ROW(table_, args_, columns_) PC_INSERT_ROW_OR(table_, args_, columns_, "")
/* These for keys that are hardly ever there already. */
#define PC_INSERT_NEW_OR(table_, args_, columns_, conflict_) \
	{PC_INSERT_PARTS(table_, args_, columns_, conflict_, PC_NO_ROW), .mostly_new = true}
#define PC_INSERT_NEW_ROW_OR(table_, args_, columns_, conflict_) \
	{PC_INSERT_PARTS(table_, args_, columns_, conflict_, table_), .returning = true, .mostly_new = true}

/*
 * Inserts one row; nulls as for pc_execute(), and not NULL.  SPI need not be
 * connected.  Returns the number of rows written: 0 only where the conflict
 * clause says so.
 */
extern uint64 pc_insert(PcInsert *insert, Datum *values, const char *nulls);

/*
 * Inserts n rows by an insert without a conflict clause; values is an array of
 * their values, nulls the strings of all one after the other, each with its
 * end.  Raises where a trigger keeps one out.
 */
extern void pc_insert_all(PcInsert *insert, int n, Datum *const *values, const char *nulls);

/*
 * As pc_insert(), of an insert made by PC_INSERT_ROW; SPI must be connected.
 * *row is the row as it was stored, of the table's row type, in the upper context.
 */
extern uint64 pc_insert_row(PcInsert *insert, Datum *values, const char *nulls, Datum *row);

#endif							/* PAYCORE_INSERT_H */
