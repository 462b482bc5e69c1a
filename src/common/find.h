/*
 * find.h
 *		A row of ours, looked up by its key and mostly locked, past the executor.
 *
 * To start a statement costs more than to find one row by an index.  Where the
 * table is plain, as insert.h has it, and has the index, the row is read and
 * locked directly; anywhere else, and where somebody is changing it, the
 * statement runs.
 */
#ifndef PAYCORE_FIND_H
#define PAYCORE_FIND_H

#include "common/args.h"
#include "common/plan.h"

#define PC_FIND_MAX_KEYS	4

typedef struct PcFind
{
	PcTable		table;
	const char *keys;			/* "a, b": the first columns of an index, all of them texts or uuids */
	const char *columns;		/* what pc_get() then gives, in this order */
	bool		unlocked;
	PcPlan		plan;			/* .args: a letter per key */
	int			nkeys;			/* this and what follows is filled in at the first use */
	int			ncolumns;
	List	   *key_names;
	List	   *column_names;
	uint64		changes;		/* pc_table_changes() when the rest was found out */
	bool		suits;			/* there is such an index */
	Oid			index;
	AttrNumber	attnums[PC_ROW_MAX_COLUMNS];
} PcFind;

#define PC_FIND(table_, args_, keys_, columns_) \
	{.table = (table_), .keys = (keys_), .columns = (columns_), .plan = {.args = (args_), .row_of = PC_NO_ROW}}

#define PC_FIND_UNLOCKED(table_, args_, keys_, columns_) \
	{.table = (table_), .keys = (keys_), .columns = (columns_), .unlocked = true, \
	 .plan = {.args = (args_), .row_of = PC_NO_ROW}}

/*
 * Finds the row with these keys and, unless unlocked, locks it FOR NO KEY UPDATE; of several
 * any.  SPI must be connected.  False where there is none; else pc_get(0, column)
 * gives its columns until the next statement.
 */
extern bool pc_find(PcFind *find, PcArgs *keys);

#endif							/* PAYCORE_FIND_H */
