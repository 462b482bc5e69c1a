/*
 * history.c
 *		paycore.record_status_change('status' [, '=object_type']): every step of
 *		a status is kept in paycore.status_changes.
 *
 * Written as the owner of the table the trigger is on, never as the owner of
 * status_changes: a forged table gains no right to write there.
 *
 * It also has the last look: a BEFORE trigger of the owner's may have changed
 * the status after our guards had looked, or without their being asked.
 */
#include "common/paycore.h"

#include "access/sysattr.h"
#include "catalog/namespace.h"
#include "commands/sequence.h"
#include "common/insert.h"
#include "common/settings.h"
#include "common/writer.h"
#include "common/xact_tag.h"
#include "guards/columns.h"
#include "types/lifecycle.h"
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

/* Guards that are on the column look only where the statement names it. */
static bool
is_unnamed(TriggerData *trigger, const GuardColumn *status)
{
	return !bms_is_member(status->attnum - FirstLowInvalidHeapAttributeNumber, trigger->tg_updatedcols);
}

static bool
is_illegal(TriggerData *trigger, const GuardColumn *status)
{
	const PcLifecycle *lifecycle = pc_lifecycle_of_type(status->type);
	bool		from_null,
				to_null;
	Datum		from = pc_guard_get(trigger, trigger->tg_trigtuple, status->attnum, &from_null);
	Datum		to = pc_guard_get(trigger, trigger->tg_newtuple, status->attnum, &to_null);

	return lifecycle != NULL && !from_null && !to_null &&
		!pc_can_transition(lifecycle, DatumGetPcState(from), DatumGetPcState(to), pc_writer_for_trigger().observed);
}

/* Of paycore's own tables: those of others have what guards they like. */
static void
check_step(TriggerData *trigger, const GuardColumn *status)
{
	bool		unnamed = is_unnamed(trigger, status);

	if (RelationGetNamespace(trigger->tg_relation) != get_namespace_oid(PC_SCHEMA, true) ||
		(!unnamed && !is_illegal(trigger, status)))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_PC_ILLEGAL_TRANSITION),
			 errmsg("a trigger makes %s of \"%s\" go from \"%s\" to \"%s\"",
					status->argument, RelationGetRelationName(trigger->tg_relation),
					pc_guard_text(trigger, trigger->tg_trigtuple, status->attnum),
					pc_guard_text(trigger, trigger->tg_newtuple, status->attnum)),
			 unnamed ? errdetail("The statement does not name the column, so its guards were not asked.") :
			 errdetail("Its lifecycle has no such step."),
			 errhint("Change the column in an UPDATE that names it, not in a BEFORE trigger."),
			 errtablecol(trigger->tg_relation, status->attnum)));
}

/* AFTER INSERT OR UPDATE, row: SQLSTATE PY010 for what no statement could have done. */
PGDLLEXPORT Datum
paycore_record_status_change(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = pc_guard_begin(fcinfo, "record_status_change", GUARD_AFTER_ROW, 1);
	const GuardColumns *columns = pc_guard_columns(trigger);

	if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
	{
		if (pc_guard_same(trigger, &columns->columns[0]))
			return PointerGetDatum(NULL);
		check_step(trigger, &columns->columns[0]);
	}
	if (!TRIGGER_FIRED_BY_DELETE(trigger->tg_event))
		record(trigger, columns);
	return PointerGetDatum(NULL);
}
