/*
 * update.h
 *		A row of ours, changed straight in its table.
 *
 * An UPDATE through the executor costs several times what the row itself
 * does.  Where the table is plain, as insert.h has it, the row goes through its
 * row triggers into heap and indexes directly; anywhere else the statement runs.
 */
#ifndef PAYCORE_UPDATE_H
#define PAYCORE_UPDATE_H

#include "common/args.h"
#include "common/plan.h"
#include "common/target.h"

#define PC_UPDATE_MAX_COLUMNS 48

typedef struct PcUpdate
{
	PcTable		table;
	const char *columns;
	PcPlan		plan;			/* .args: "ut" for id and tenant_id, then a letter per column */
	int			ncolumns;		/* this and what follows is filled in at the first use */
	char	   *names[PC_UPDATE_MAX_COLUMNS];
	char		marks[PC_UPDATE_MAX_COLUMNS];
	AttrNumber	attnums[PC_UPDATE_MAX_COLUMNS];
	uint64		changes;		/* pc_table_changes() when the rest was found out */
	bool		suits;			/* columns and triggers let the row be changed directly */
	bool		guarded;		/* pc_only_guards_before() */
	Bitmapset  *updated;		/* the columns, as RangeTblEntry.updatedCols has them */
	PcTargetPlace place;
} PcUpdate;

/*
 * columns is "a, b?, c*, d+": each takes its argument, but
 *	b? only while it is null,
 *	c* only where the argument is not null,
 *	d+ as what is added (integers).
 */
#define PC_UPDATE(table_, args_, columns_) \
	{.table = (table_), .columns = (columns_), .plan = {.args = (args_), .row_of = PC_NO_ROW}}

/*
 * Changes the row with this id and tenant_id, which paycore mostly has locked.
 * SPI must be connected.  Returns the number of rows changed.
 */
extern uint64 pc_update(PcUpdate *update, PcArgs *a);

#endif							/* PAYCORE_UPDATE_H */
