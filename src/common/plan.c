/*
 * plan.c
 *		Statements that are planned once per backend and kept.
 */
#include "common/paycore.h"

#include "catalog/pg_type.h"
#include "common/plan.h"
#include "jit/jit.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/uuid.h"

/* The last result where it is not SPI's, which leaves SPI_tuptable NULL. */
static const PcRow *given_row = NULL;

/* Of PostgreSQL's own types. */
static Oid
core_type(char letter)
{
	static const Oid types[] = {
		['u'] = UUIDOID,
		['t'] = TEXTOID,
		['8'] = INT8OID,
		['4'] = INT4OID,
		['2'] = INT2OID,
		['b'] = BOOLOID,
		['j'] = JSONBOID,
		['z'] = TIMESTAMPTZOID,
		['x'] = BYTEAOID,
		['o'] = OIDOID,
		['n'] = NUMERICOID,
		['U'] = UUIDARRAYOID,
		['L'] = INT8ARRAYOID,
		['T'] = TEXTARRAYOID,
		['Q'] = NUMERICARRAYOID,
		['J'] = JSONBARRAYOID,
		['Z'] = TIMESTAMPTZARRAYOID,
	};
	unsigned char at = (unsigned char) letter;

	return at < lengthof(types) ? types[at] : InvalidOid;
}

Oid
pc_argument_type(char letter)
{
	static const struct
	{
		char		letter;
		PcType		type;
	}			ours[] = {
		{'m', PC_TYPE_MONEY},
		{'c', PC_TYPE_CURRENCY},
		{'I', PC_TYPE_INTENT_STATUS},
		{'P', PC_TYPE_PAYMENT_STATUS},
		{'R', PC_TYPE_REFUND_STATUS},
		{'O', PC_TYPE_PAYOUT_STATUS},
		{'S', PC_TYPE_SETUP_STATUS},
		{'N', PC_TYPE_MANDATE_STATUS},
		{'D', PC_TYPE_DISPUTE_STATUS},
		{'Y', PC_TYPE_BILLING_INTERVAL},
		{'B', PC_TYPE_SUBSCRIPTION_STATUS},
		{'V', PC_TYPE_INVOICE_STATUS},
	};
	Oid			core = core_type(letter);

	if (OidIsValid(core))
		return core;
	for (int i = 0; i < (int) lengthof(ours); i++)
	{
		if (ours[i].letter == letter)
			return pc_type_oid(ours[i].type);
	}
	elog(ERROR, "paycore: unknown argument letter \"%c\"", letter);
	return InvalidOid;
}

/* Statements give the schema of each table. */
static Bitmapset *
tables_in(const char *sql)
{
	static const char schema[] = PC_SCHEMA ".";
	Bitmapset  *tables = NULL;

	while ((sql = strstr(sql, schema)) != NULL)
	{
		size_t		length;
		PcTable		table;

		sql += strlen(schema);
		length = strspn(sql, "abcdefghijklmnopqrstuvwxyz0123456789_");
		table = pc_table_by_name(sql, length);
		if (table != PC_NTABLES)
			tables = bms_add_member(tables, (int) table);
	}
	return tables;
}

/* Those that the plan names are what we take them for. */
static void
check_tables(PcPlan *plan)
{
	uint64		epoch = pc_tables_epoch();
	int			table = -1;

	if (plan->epoch == epoch)
		return;
	if (plan->epoch == 0)
	{
		MemoryContext old = MemoryContextSwitchTo(TopMemoryContext);

		plan->tables = tables_in(plan->sql);
		MemoryContextSwitchTo(old);
	}
	while ((table = bms_next_member(plan->tables, table)) >= 0)
		pc_table_check((PcTable) table);
	plan->epoch = epoch;
}

static void
prepare(PcPlan *plan)
{
	Oid			types[PC_PLAN_MAX_ARGS];
	int			nargs = (int) strlen(plan->args);
	const char *sql = plan->sql;
	SPIPlanPtr	prepared;

	if (nargs > PC_PLAN_MAX_ARGS)
		elog(ERROR, "paycore: too many arguments in a plan");
	for (int i = 0; i < nargs; i++)
		types[i] = pc_argument_type(plan->args[i]);
	if (plan->row_of != PC_NO_ROW)
	{
		const char *mark = strstr(sql, "%s");

		if (mark == NULL)
			elog(ERROR, "paycore: statement names no row: %s", sql);
		sql = psprintf("%.*s%s%s", (int) (mark - sql), sql, pc_column_list((PcTable) plan->row_of), mark + 2);
	}

	prepared = SPI_prepare_cursor(sql, nargs, types, plan->replanned ? CURSOR_OPT_CUSTOM_PLAN : plan->serves > 0 ? CURSOR_OPT_GENERIC_PLAN : 0);
	if (prepared == NULL)
		elog(ERROR, "paycore: SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
	if (SPI_keepplan(prepared) != 0)
		elog(ERROR, "paycore: SPI_keepplan failed");

	/* One that is running further up is left behind. */
	if (plan->plan != NULL && plan->running == 0)
		SPI_freeplan(plan->plan);
	plan->plan = prepared;
	plan->served = 0;
	plan->generation = pc_catalog_generation();
}

/*
 * Without JIT: the planner cannot know how few rows our ranges have, and would
 * compile for a tenth of a second what runs for a thousandth.
 */
static int
execute_plain(PcPlan *plan, Datum *values, const char *nulls, bool read_only, long limit)
{
	bool		jit = jit_enabled;
	volatile int result;

	jit_enabled = false;
	plan->running++;
	PG_TRY();
	{
		result = SPI_execute_plan(plan->plan, values, nulls, read_only, limit);
	}
	PG_FINALLY();
	{
		plan->running--;
		jit_enabled = jit;
	}
	PG_END_TRY();
	return result;
}

uint64
pc_execute(PcPlan *plan, Datum *values, const char *nulls, bool read_only, long limit)
{
	int			result;

	check_tables(plan);
	given_row = NULL;
	if (plan->plan == NULL || plan->generation != pc_catalog_generation() || (plan->serves > 0 && plan->served >= plan->serves))
		prepare(plan);
	plan->served++;
	result = execute_plain(plan, values, nulls, read_only, limit);
	if (result < 0)
		elog(ERROR, "paycore: SPI_execute_plan failed: %s", SPI_result_code_string(result));
	/* The statement may have waited for an ALTER TABLE: what it gives must still be what we read. */
	check_tables(plan);
	return SPI_processed;
}

static uint64
execute_by_index(PcPlan *plan, Datum *values, const char *nulls, bool read_only)
{
	int			level = NewGUCNestLevel();
	uint64		processed;

	(void) set_config_option("enable_seqscan", "off", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	processed = pc_execute(plan, values, nulls, read_only, 0);
	AtEOXact_GUC(true, level);
	return processed;
}

uint64
pc_execute_by_index(PcPlan *plan, Datum *values, const char *nulls)
{
	return execute_by_index(plan, values, nulls, false);
}

uint64
pc_read_by_index(PcPlan *plan, Datum *values)
{
	return execute_by_index(plan, values, NULL, true);
}

uint64
pc_execute_once(const char *sql, const char *args, Datum *values, const char *nulls)
{
	Oid			types[PC_PLAN_MAX_ARGS];
	bool		jit = jit_enabled;
	volatile int result;

	pc_tables_check();
	given_row = NULL;
	for (int i = 0; args[i] != '\0'; i++)
		types[i] = pc_argument_type(args[i]);
	jit_enabled = false;
	PG_TRY();
	{
		result = SPI_execute_with_args(sql, (int) strlen(args), types, values, nulls, true, 0);
	}
	PG_FINALLY();
	{
		jit_enabled = jit;
	}
	PG_END_TRY();
	if (result < 0)
		elog(ERROR, "paycore: SPI_execute_with_args failed: %s", SPI_result_code_string(result));
	pc_tables_check();
	return SPI_processed;
}

void
pc_give_row(const PcRow *row)
{
	SPI_tuptable = NULL;
	SPI_processed = 1;
	given_row = row;
}

Datum
pc_get(uint64 r, int column, bool *isnull)
{
	/* A trigger may have kept a row out, or a user have put something else in a table's place. */
	if (r >= SPI_processed)
		ereport(ERROR,
				(errcode(ERRCODE_TRIGGERED_ACTION_EXCEPTION),
				 errmsg("a statement of paycore's gave no row where there is always one"),
				 errhint("Look for a trigger that returns NULL before a row, and for what was renamed in schema paycore.")));
	if (SPI_tuptable == NULL && given_row != NULL)
	{
		Assert(column <= given_row->ncolumns);
		*isnull = given_row->nulls[column - 1];
		return given_row->values[column - 1];
	}
	return SPI_getbinval(SPI_tuptable->vals[r], SPI_tuptable->tupdesc, column, isnull);
}

static Datum
get_or(uint64 r, int column, Datum other)
{
	bool		isnull;
	Datum		value = pc_get(r, column, &isnull);

	return isnull ? other : value;
}

bool
pc_get_bool(uint64 r, int column)
{
	return DatumGetBool(get_or(r, column, BoolGetDatum(false)));
}

int32
pc_get_int32(uint64 r, int column)
{
	return DatumGetInt32(get_or(r, column, Int32GetDatum(0)));
}

int64
pc_get_int64(uint64 r, int column)
{
	return DatumGetInt64(get_or(r, column, Int64GetDatum(0)));
}

TimestampTz
pc_get_time(uint64 r, int column)
{
	return DatumGetTimestampTz(get_or(r, column, TimestampTzGetDatum(0)));
}

int
pc_get_state(uint64 r, int column)
{
	bool		isnull;
	Datum		value = pc_get(r, column, &isnull);

	return isnull ? -1 : (int) DatumGetUInt8(value);
}

Jsonb *
pc_get_json(uint64 r, int column)
{
	bool		isnull;
	Datum		value = pc_get(r, column, &isnull);

	return isnull ? NULL : DatumGetJsonbPCopy(value);
}

bool
pc_get_uuid(uint64 r, int column, pg_uuid_t *out)
{
	bool		isnull;
	Datum		value = pc_get(r, column, &isnull);

	if (!isnull)
		*out = *DatumGetUUIDP(value);
	return !isnull;
}

pg_uuid_t
pc_get_id(uint64 r, int column)
{
	pg_uuid_t	id;

	if (!pc_get_uuid(r, column, &id))
		ereport(ERROR,
				(errcode(ERRCODE_NOT_NULL_VIOLATION),
				 errmsg("column %d of a statement of paycore's is null", column),
				 errhint("Run SELECT paycore.init() as the owner of the tables.")));
	return id;
}

char *
pc_get_cstring(uint64 r, int column)
{
	bool		isnull;
	Datum		value = pc_get(r, column, &isnull);

	return isnull ? NULL : TextDatumGetCString(value);
}

void
pc_row_vetoed(PcTable table)
{
	ereport(ERROR,
			(errcode(ERRCODE_TRIGGERED_ACTION_EXCEPTION),
			 errmsg("a trigger of paycore.%s let no row be written", pc_table_name(table)),
			 errhint("A trigger that returns NULL before a row keeps it out; have it raise an error that says why.")));
}

Datum
pc_row_datum(uint64 r, PcTable table)
{
	TupleDesc	desc = pc_row_desc(table);

	if (r >= SPI_processed)
		pc_row_vetoed(table);
	if (desc->natts != SPI_tuptable->tupdesc->natts)
		elog(ERROR, "paycore: row of %s does not have its type's columns", pc_table_name(table));
	return PointerGetDatum(SPI_returntuple(SPI_tuptable->vals[r], desc));
}
