/*
 * history.c
 *		paycore.record_status_change('status' [, '=object_type']): every step of
 *		a status is kept in paycore.status_changes.
 *
 * Written as the owner of the table the trigger is on, never as the owner of
 * status_changes: a forged table gains no right to write there.
 */
#include "common/paycore.h"

#include "catalog/namespace.h"
#include "commands/sequence.h"
#include "common/insert.h"
#include "common/settings.h"
#include "common/writer.h"
#include "common/xact_tag.h"
#include "guards/columns.h"
#include "types/uuid.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(paycore_record_status_change);

static PcInsert insert_change = PC_INSERT(PC_STATUS_CHANGES, "ttttttttuz88",
	"tenant_id, object_type, object_id, from_status, to_status, actor, source, reason, id, changed_at, xact, seq");

static const char *
object_type(TriggerData *trigger, const GuardColumns *columns)
{
	if (columns->n > 1 && columns->columns[1].argument[0] == '=')
		return columns->columns[1].argument + 1;
	return RelationGetRelationName(trigger->tg_relation);
}

static const char *
row_id(TriggerData *trigger, HeapTuple row)
{
	AttrNumber	attnum = pc_guard_find(trigger, "id");

	if (attnum == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_TRIGGER_USE),
				 errmsg("table \"%s\" has no column \"id\" for the history to name its rows by",
						RelationGetRelationName(trigger->tg_relation)),
				 errtable(trigger->tg_relation)));
	return pc_guard_text(trigger, row, attnum);
}

static const char *
row_tenant(TriggerData *trigger, HeapTuple row)
{
	AttrNumber	attnum = pc_guard_find(trigger, "tenant_id");

	return attnum != 0 ? pc_guard_text(trigger, row, attnum) : pc_current_tenant();
}

/* Its number before its place: who reads the feed relies on the order. */
static void
add_place(Datum *values)
{
	values[0] = Int64GetDatum(pc_xact_tag());
	values[1] = Int64GetDatum(nextval_internal(get_relname_relid("status_changes_seq",
																 get_namespace_oid(PC_SCHEMA, false)), false));
}

static void
insert(TriggerData *trigger, Datum *values, const char *nulls, PcSource source)
{
	PcIdentity	caller;

	pc_identity_assume(&caller, pc_guard_table_owner(trigger));
	PC_WRITE_AS(.source = source, .through_api = true)
	{
		pc_insert(&insert_change, values, nulls);
	}
	PC_WRITE_END;
	pc_identity_drop(&caller);
}

static void
record(TriggerData *trigger, const GuardColumns *columns)
{
	HeapTuple	row = pc_guard_new_row(trigger);
	AttrNumber	status = columns->columns[0].attnum;
	PcWriter	writer = pc_writer_for_trigger();
	Datum		values[12] = {0};
	char		nulls[] = "            ";
	pg_uuid_t	id;

	values[0] = CStringGetTextDatum(row_tenant(trigger, row));
	values[1] = CStringGetTextDatum(object_type(trigger, columns));
	values[2] = CStringGetTextDatum(row_id(trigger, row));
	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
		nulls[3] = 'n';
	else
		values[3] = CStringGetTextDatum(pc_guard_text(trigger, trigger->tg_trigtuple, status));
	values[4] = CStringGetTextDatum(pc_guard_text(trigger, row, status));
	values[5] = CStringGetTextDatum(pc_current_actor());
	values[6] = CStringGetTextDatum(pc_source_name(writer.source));
	if (writer.reason == NULL)
		nulls[7] = 'n';
	else
		values[7] = CStringGetTextDatum(writer.reason);
	pc_uuid_v7(&id);
	values[8] = UUIDPGetDatum(&id);
	values[9] = TimestampTzGetDatum(GetCurrentTimestamp());
	add_place(values + 10);
	insert(trigger, values, nulls, writer.source);
}

/* AFTER INSERT OR UPDATE, row. */
PGDLLEXPORT Datum
paycore_record_status_change(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = pc_guard_begin(fcinfo, "record_status_change", GUARD_AFTER_ROW, 1);
	const GuardColumns *columns = pc_guard_columns(trigger);

	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event) ||
		(TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) && !pc_guard_same(trigger, &columns->columns[0])))
		record(trigger, columns);
	return PointerGetDatum(NULL);
}
