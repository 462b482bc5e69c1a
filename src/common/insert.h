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

#define PC_INSERT_MAX_COLUMNS 48

typedef struct PcInsert
{
	PcTable		table;
	const char *columns;		/* "a, b, c"; all that is NOT NULL or has a default is among them */
	const char *clause;			/* what follows VALUES (...), or "" */
	PcPlan		plan;			/* .args: a letter per column, and per further parameter of clause */
	bool		returning;		/* for pc_insert_row() */
	List	   *names;			/* of the columns; this and what follows is filled in at the first use */
	int			ncolumns;
	AttrNumber	attnums[PC_INSERT_MAX_COLUMNS];
} PcInsert;

#define PC_INSERT(table_, args_, columns_) \
	{.table = (table_), .columns = (columns_), .clause = "", .plan = {.args = (args_), .row_of = PC_NO_ROW}}
#define PC_INSERT_ROW(table_, args_, columns_) \
	{.table = (table_), .columns = (columns_), .clause = " RETURNING %s", .returning = true, \
	 .plan = {.args = (args_), .row_of = (table_)}}
#define PC_INSERT_OR(table_, args_, columns_, clause_) \
	{.table = (table_), .columns = (columns_), .clause = (clause_), .plan = {.args = (args_), .row_of = PC_NO_ROW}}

/*
 * Inserts one row; nulls as for pc_execute(), and not NULL.  SPI need not be
 * connected.  Returns the number of rows written: 0 only where the conflict
 * clause says so.
 */
extern uint64 pc_insert(PcInsert *insert, Datum *values, const char *nulls);

/* The same, of a row whose type is the table's; SPI must be connected.  Returns the row, in the upper context. */
extern Datum pc_insert_row(PcInsert *insert, Datum *values, const char *nulls);

#endif							/* PAYCORE_INSERT_H */
