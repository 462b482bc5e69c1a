/*
 * plan.h
 *		Statements that are planned once per backend and kept.
 *
 * A statement is a static PcPlan; its argument types are one letter each:
 *	u uuid   t text   8 bigint   4 integer   2 smallint  b boolean  j jsonb
 *	z timestamptz   x bytea   o oid   n numeric   U uuid[]   T text[]   Z timestamptz[]
 *	Q numeric[]   J jsonb[]   L bigint[]
 *	m money_cents   c currency   I intent_status   P payment_status
 *	R refund_status   O payout_status   S setup_intent_status   N mandate_status
 *	D dispute_status   Y billing_interval   B subscription_status   V invoice_status
 *
 * "%s" in the text is replaced once by extra_columns(), where given: how a
 * statement names a whole row (pc_column_list()).
 */
#ifndef PAYCORE_PLAN_H
#define PAYCORE_PLAN_H

#include "common/paycore.h"
#include "common/catalog.h"
#include "executor/spi.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#define PC_PLAN_MAX_ARGS 64

typedef struct PcPlan
{
	const char *args;
	const char *sql;
	bool		replanned;		/* for each run: the plan depends on how much its arguments find */
	int			serves;			/* so many runs, whatever their arguments find, and is made anew; 0 = as the server likes */
	int			row_of;			/* PcTable whose column list replaces the (only) %s, or PC_NO_ROW */
	SPIPlanPtr	plan;
	int			served;
	int			running;		/* calls that are still in it: a trigger may lead back to it */
	uint64		generation;
	Bitmapset  *tables;			/* PcTable: those that it names */
	uint64		epoch;			/* pc_tables_epoch() when they were checked; 0 = tables is to be filled in */
} PcPlan;

#define PC_NO_ROW (-1)
#define PC_PLAN(args_, sql_)			{.args = (args_), .sql = (sql_), .row_of = PC_NO_ROW}
#define PC_PLAN_ROW(args_, sql_, tab_)	{.args = (args_), .sql = (sql_), .row_of = (tab_)}

/*
 * Runs the statement inside SPI, which the caller has connected.  nulls as for
 * SPI_execute_plan ('n' = null), NULL = none.  Raises on any SPI failure;
 * returns SPI_processed.  limit 0 = all rows.
 */
extern uint64 pc_execute(PcPlan *plan, Datum *values, const char *nulls, bool read_only, long limit);

/* The same of a statement that touches few rows of large tables, whatever the planner takes them for: no table is scanned. */
extern uint64 pc_execute_by_index(PcPlan *plan, Datum *values, const char *nulls);
extern uint64 pc_read_by_index(PcPlan *plan, Datum *values);	/* as of the caller's snapshot */

/*
 * Runs a statement that is planned for these very values and forgotten, and runs in
 * parallel if the planner likes: for much reading, seldom.  Read-only.
 */
extern uint64 pc_execute_once(const char *sql, const char *args, Datum *values, const char *nulls);

/* The type that a letter of PcPlan.args stands for. */
extern Oid	pc_argument_type(char letter);

#define PC_ROW_MAX_COLUMNS 32

/* One row that was found without a statement (find.h). */
typedef struct PcRow
{
	int			ncolumns;
	Datum		values[PC_ROW_MAX_COLUMNS];
	bool		nulls[PC_ROW_MAX_COLUMNS];
} PcRow;

/* Makes row, which stays the caller's, the only row of the last result. */
extern void pc_give_row(const PcRow *row);

/* Column (1-based) of row r of the last result. */
extern Datum pc_get(uint64 r, int column, bool *isnull);

/* The same by its type: false, 0, NULL where null, and -1 for a state; what is not in the row itself, in the current context. */
extern bool pc_get_bool(uint64 r, int column);
extern int32 pc_get_int32(uint64 r, int column);
extern int64 pc_get_int64(uint64 r, int column);
extern TimestampTz pc_get_time(uint64 r, int column);
extern int	pc_get_state(uint64 r, int column);
extern char *pc_get_cstring(uint64 r, int column);
extern Jsonb *pc_get_json(uint64 r, int column);
extern bool pc_get_uuid(uint64 r, int column, pg_uuid_t *out);	/* false where null, and *out untouched */
extern pg_uuid_t pc_get_id(uint64 r, int column);	/* raises where null */

/*
 * Row r as a composite Datum of the table's row type, allocated in the upper
 * (caller's) context.  Raises where the statement gave no such row.
 */
extern Datum pc_row_datum(uint64 r, PcTable table);

/* Raises: a BEFORE trigger has kept a row of ours out of the table. */
pc_noreturn extern void pc_row_vetoed(PcTable table);

#endif							/* PAYCORE_PLAN_H */
