/*
 * api.c
 *		The frame of an API call.
 */
#include "common/paycore.h"

#include "api/api.h"
#include "common/search_path.h"
#include "common/settings.h"
#include "miscadmin.h"
#include "utils/fmgrprotos.h"

void
pc_api_begin(PcApiCall *call)
{
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "paycore: SPI_connect failed");
	pc_identity_lower(&call->caller, pc_owner(false));
	call->guc_level = GetUserId() != pc_owner(false) || !pc_search_path_is_private() ? pc_search_path_pin() : 0;
	call->tenant = pstrdup(pc_current_tenant());
}

void
pc_api_end(PcApiCall *call)
{
	pc_search_path_unpin(call->guc_level);
	pc_identity_drop(&call->caller);
	SPI_finish();
}

uint64
pc_api_write(PcPlan *plan, Datum *values, const char *nulls, const char *reason)
{
	volatile uint64 processed;

	PC_WRITE_AS(.source = PC_SOURCE_API, .through_api = true, .reason = reason);
	{
		processed = pc_execute(plan, values, nulls, false, 0);
	}
	PC_WRITE_END;
	return processed;
}

uint64
pc_api_write_args(PcPlan *plan, PcArgs *a, const char *reason)
{
	pc_args_end(a, plan);
	return pc_api_write(plan, a->values, a->nulls, reason);
}

/* An index of our tables, or of a partition of theirs. */
static bool
is_of_reference(const ErrorData *error)
{
	return error->sqlerrcode == ERRCODE_UNIQUE_VIOLATION && error->schema_name != NULL && error->constraint_name != NULL &&
		strcmp(error->schema_name, "paycore") == 0 && strstr(error->constraint_name, "external_ref") != NULL;
}

uint64
pc_api_write_reference(PcPlan *plan, Datum *values, const char *reason, const char *what, const char *reference)
{
	MemoryContext context = CurrentMemoryContext;
	volatile uint64 processed = 0;

	PG_TRY();
	{
		processed = pc_api_write(plan, values, NULL, reason);
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		if (reference == NULL || !is_of_reference(CopyErrorData()))
			PG_RE_THROW();
		FlushErrorState();
		pc_taken(what, "external_ref", reference);
	}
	PG_END_TRY();
	return processed;
}

uint64
pc_api_write_by_index(PcPlan *plan, Datum *values)
{
	volatile uint64 processed;

	PC_WRITE_AS(.source = PC_SOURCE_API, .through_api = true)
	{
		processed = pc_execute_by_index(plan, values, NULL);
	}
	PC_WRITE_END;
	return processed;
}

Datum
pc_api_insert(PcInsert *insert, Datum *values, const char *nulls, const char *reason)
{
	Datum		row = 0;

	PC_WRITE_AS(.source = PC_SOURCE_API, .through_api = true, .reason = reason);
	{
		if (pc_insert_row(insert, values, nulls, &row) == 0)
			pc_row_vetoed(insert->table);
	}
	PC_WRITE_END;
	return row;
}

/* The column is the same for each table. */
static bool
has_row_with(PcTable table, const char *column, const char *value)
{
	static PcPlan plans[PC_NTABLES];
	Datum		values[2] = {CStringGetTextDatum(value), CStringGetTextDatum(pc_current_tenant())};

	if (plans[table].sql == NULL)
		plans[table] = (PcPlan) PC_PLAN("tt", MemoryContextStrdup(TopMemoryContext,
			psprintf("SELECT 1 FROM paycore.%s WHERE %s = $1 AND tenant_id = $2", pc_table_name(table), column)));
	return pc_execute(&plans[table], values, NULL, false, 1) > 0;
}

void
pc_api_not_written(PcTable table, const char *what, const char *argument, const char *value)
{
	if (value == NULL || !has_row_with(table, argument, value))
		pc_row_vetoed(table);
	pc_taken(what, argument, value);
}

uint64
pc_api_plumbing(PcPlan *plan, Datum *values, const char *nulls)
{
	PcIdentity	saved;
	uint64		processed;

	pc_identity_assume(&saved, pc_owner(false));
	processed = pc_api_write(plan, values, nulls, NULL);
	pc_identity_drop(&saved);
	return processed;
}

void
pc_not_found(const char *what, const pg_uuid_t *id)
{
	ereport(ERROR,
			(errcode(ERRCODE_PC_NOT_FOUND),
			 errmsg("%s %s does not exist", what, pc_uuid_text(id)),
			 errdetail("The tenant of this session is \"%s\".", pc_current_tenant()),
			 errhint("Check the id and the setting paycore.tenant.")));
}

static PcPlan *
read_plan(PcTable table)
{
	static PcPlan plans[PC_NTABLES];

	if (plans[table].sql == NULL)
		plans[table] = (PcPlan) PC_PLAN_ROW("ut", MemoryContextStrdup(TopMemoryContext,
			psprintf("SELECT %%s FROM paycore.%s WHERE id = $1 AND tenant_id = $2", pc_table_name(table))), table);
	return &plans[table];
}

static bool
exists(PcTable table, const pg_uuid_t *id)
{
	Datum		values[2] = {UUIDPGetDatum(id), CStringGetTextDatum(pc_current_tenant())};

	return pc_execute(read_plan(table), values, NULL, false, 1) > 0;
}

Datum
pc_api_row(PcTable table, const char *what, const pg_uuid_t *id)
{
	if (SPI_processed == 0)
	{
		if (exists(table, id))
			pc_row_vetoed(table);
		pc_not_found(what, id);
	}
	return pc_row_datum(0, table);
}

Datum
pc_api_change(const PcApiCall *call, PcPlan *plan, const char *what, const pg_uuid_t *id, const Jsonb *changes)
{
	Datum		values[3] = {
		UUIDPGetDatum(id),
		CStringGetTextDatum(call->tenant),
		JsonbPGetDatum(changes != NULL ? changes : pc_json_empty())
	};

	pc_api_write(plan, values, NULL, NULL);
	return pc_api_row((PcTable) plan->row_of, what, id);
}

void
pc_api_find(const PcApiCall *call, PcPlan *plan, const char *what, const pg_uuid_t *id)
{
	Datum		values[2] = {UUIDPGetDatum(id), CStringGetTextDatum(call->tenant)};

	if (pc_execute(plan, values, NULL, false, 1) == 0)
		pc_not_found(what, id);
}

void
pc_api_find_by_key(const PcApiCall *call, PcFind *find, const char *what, const pg_uuid_t *id)
{
	PcArgs		a = {0};

	pc_arg_uuid(&a, id);
	pc_arg_text(&a, call->tenant);
	if (!pc_find(find, &a))
		pc_not_found(what, id);
}

Datum
pc_api_read(PcTable table, const PcApiCall *call, const pg_uuid_t *id)
{
	Datum		values[2] = {UUIDPGetDatum(id), CStringGetTextDatum(call->tenant)};

	if (pc_execute(read_plan(table), values, NULL, false, 1) == 0)
		pc_not_found(pc_row_type_name(table), id);
	return pc_row_datum(0, table);
}

char *
pc_uuid_text(const pg_uuid_t *id)
{
	return DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(id)));
}

/* Exactly the canonical form, 8-4-4-4-12 hexadecimal digits: anything else is some gateway's token. */
bool
pc_uuid_parse(const char *text, pg_uuid_t *id)
{
	if (strlen(text) != 36)
		return false;
	for (int i = 0; i < 36; i++)
	{
		bool		dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? text[i] != '-' : !isxdigit((unsigned char) text[i]))
			return false;
	}
	*id = *DatumGetUUIDP(DirectFunctionCall1(uuid_in, CStringGetDatum(text)));
	return true;
}
