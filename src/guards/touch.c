/*
 * touch.c
 *		paycore.touch_updated_at(['column']): the time of the last change.
 */
#include "common/paycore.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "guards/columns.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(paycore_touch_updated_at);

/* BEFORE UPDATE, row: the column (updated_at unless named) becomes the transaction's time. */
PGDLLEXPORT Datum
paycore_touch_updated_at(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = pc_guard_begin(fcinfo, "touch_updated_at", GUARD_BEFORE_ROW, 0);
	const GuardColumns *columns = pc_guard_columns(trigger);
	int			attnum = columns->n > 0 ? columns->columns[0].attnum : pc_guard_find(trigger, "updated_at");
	Datum		now = TimestampTzGetDatum(GetCurrentTransactionStartTimestamp());
	Datum		was;
	bool		isnull;

	if (!TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		return PointerGetDatum(trigger->tg_trigtuple);
	if (attnum == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_TRIGGER_USE),
				 errmsg("table \"%s\" has no column \"updated_at\"", RelationGetRelationName(trigger->tg_relation)),
				 errhint("Name the column as the trigger's argument."),
				 errtable(trigger->tg_relation)));
	pc_guard_check_type(trigger, attnum, TIMESTAMPTZOID);
	was = pc_guard_get(trigger, trigger->tg_newtuple, attnum, &isnull);
	if (!isnull && DatumGetTimestampTz(was) == DatumGetTimestampTz(now))
		return PointerGetDatum(trigger->tg_newtuple);
	isnull = false;
	return PointerGetDatum(heap_modify_tuple_by_cols(trigger->tg_newtuple, RelationGetDescr(trigger->tg_relation),
													 1, &attnum, &now, &isnull));
}
