/*
 * immutable.c
 *		Columns and rows that never change: keep_immutable, write_once,
 *		keep_currency, append_only.
 */
#include "common/paycore.h"

#include "common/catalog.h"
#include "guards/columns.h"
#include "types/money.h"
#include "utils/rel.h"

PG_FUNCTION_INFO_V1(paycore_keep_immutable);
PG_FUNCTION_INFO_V1(paycore_write_once);
PG_FUNCTION_INFO_V1(paycore_keep_currency);
PG_FUNCTION_INFO_V1(paycore_append_only);

/* "It is a and would become b" for the DETAIL of a refusal. */
static int
errdetail_change(TriggerData *trigger, const GuardColumn *column)
{
	return errdetail("It is %s and would become %s.",
					 pc_guard_text(trigger, trigger->tg_trigtuple, column->attnum),
					 pc_guard_text(trigger, trigger->tg_newtuple, column->attnum));
}

/* BEFORE UPDATE, row: the named columns keep the image they were inserted with. */
PGDLLEXPORT Datum
paycore_keep_immutable(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = pc_guard_begin(fcinfo, "keep_immutable", GUARD_BEFORE_ROW, 1);
	const GuardColumns *columns = pc_guard_columns(trigger);

	if (!TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		return PointerGetDatum(trigger->tg_trigtuple);

	for (int i = 0; i < columns->n; i++)
	{
		const GuardColumn *column = &columns->columns[i];

		if (!pc_guard_same(trigger, column))
			ereport(ERROR,
					(errcode(ERRCODE_PC_IMMUTABLE_COLUMN),
					 errmsg("column \"%s\" of \"%s\" never changes",
							column->argument, RelationGetRelationName(trigger->tg_relation)),
					 errdetail_change(trigger, column),
					 errhint("Record a new fact in a new row."),
					 errtablecol(trigger->tg_relation, column->attnum)));
	}
	return PointerGetDatum(trigger->tg_newtuple);
}

static void
check_group(TriggerData *trigger, const GuardColumns *columns, int first, int end)
{
	const GuardColumn *changed = NULL;
	bool		written = false;

	for (int i = first; i < end; i++)
	{
		bool		isnull;

		(void) pc_guard_get(trigger, trigger->tg_trigtuple, columns->columns[i].attnum, &isnull);
		written |= !isnull;
		if (changed == NULL && !pc_guard_same(trigger, &columns->columns[i]))
			changed = &columns->columns[i];
	}
	if (!written || changed == NULL)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_PC_WRITE_ONCE),
			 errmsg("column \"%s\" of \"%s\" has been written and stays as it is",
					changed->argument, RelationGetRelationName(trigger->tg_relation)),
			 errdetail_change(trigger, changed),
			 errhint("Its group is written together, once; record a new fact in a new row."),
			 errtablecol(trigger->tg_relation, changed->attnum)));
}

/*
 * BEFORE UPDATE, row: each group of columns ('|' parts groups) goes from all
 * NULL to its values in one UPDATE, and then never changes.
 */
PGDLLEXPORT Datum
paycore_write_once(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = pc_guard_begin(fcinfo, "write_once", GUARD_BEFORE_ROW, 1);
	const GuardColumns *columns = pc_guard_columns(trigger);
	int			first = 0;

	if (!TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		return PointerGetDatum(trigger->tg_trigtuple);

	for (int i = 0; i <= columns->n; i++)
	{
		if (i < columns->n && columns->columns[i].attnum != 0)
			continue;
		check_group(trigger, columns, first, i);
		first = i + 1;
	}
	return PointerGetDatum(trigger->tg_newtuple);
}

/* BEFORE UPDATE, row: the named money_cents columns may change their amount, not their currency. */
PGDLLEXPORT Datum
paycore_keep_currency(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = pc_guard_begin(fcinfo, "keep_currency", GUARD_BEFORE_ROW, 1);
	const GuardColumns *columns = pc_guard_columns(trigger);

	if (!TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		return PointerGetDatum(trigger->tg_trigtuple);

	for (int i = 0; i < columns->n; i++)
	{
		const GuardColumn *column = &columns->columns[i];
		bool		old_null,
					new_null;
		Datum		old_value = pc_guard_get(trigger, trigger->tg_trigtuple, column->attnum, &old_null);
		Datum		new_value = pc_guard_get(trigger, trigger->tg_newtuple, column->attnum, &new_null);

		pc_guard_check_type(trigger, column->attnum, pc_type_oid(PC_TYPE_MONEY));
		if (!old_null && !new_null &&
			pc_money_currency(DatumGetPcMoney(old_value)) != pc_money_currency(DatumGetPcMoney(new_value)))
			ereport(ERROR,
					(errcode(ERRCODE_PC_CURRENCY_MISMATCH),
					 errmsg("column \"%s\" of \"%s\" keeps its currency",
							column->argument, RelationGetRelationName(trigger->tg_relation)),
					 errdetail_change(trigger, column),
					 errtablecol(trigger->tg_relation, column->attnum)));
	}
	return PointerGetDatum(trigger->tg_newtuple);
}

static const char *
event_name(TriggerEvent event)
{
	if (TRIGGER_FIRED_BY_UPDATE(event))
		return "UPDATE";
	if (TRIGGER_FIRED_BY_DELETE(event))
		return "DELETE";
	if (TRIGGER_FIRED_BY_TRUNCATE(event))
		return "TRUNCATE";
	return "INSERT";
}

/* On whichever of UPDATE, DELETE (row) and TRUNCATE (statement) it is attached to: refused. */
PGDLLEXPORT Datum
paycore_append_only(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = pc_guard_begin(fcinfo, "append_only", GUARD_BEFORE_ROW | GUARD_STATEMENT, 0);

	ereport(ERROR,
			(errcode(ERRCODE_PC_APPEND_ONLY),
			 errmsg("%s on \"%s\" is not allowed",
					event_name(trigger->tg_event), RelationGetRelationName(trigger->tg_relation)),
			 errdetail("Its rows are facts and stay."),
			 errhint("Insert a correcting row, or use the API function for it."),
			 errtable(trigger->tg_relation)));
	return (Datum) 0;
}
