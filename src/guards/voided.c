/*
 * voided.c
 *		paycore.mark_voided_lines(): the lines of an invoice that becomes void are
 *		marked, so that the time they are for may be billed again.
 *		paycore.keep_mark(): nothing else marks them.
 */
#include "common/paycore.h"

#include "catalog/pg_type.h"
#include "common/catalog.h"
#include "common/plan.h"
#include "common/writer.h"
#include "guards/columns.h"
#include "guards/share.h"
#include "utils/acl.h"
#include "utils/rel.h"

PG_FUNCTION_INFO_V1(paycore_mark_voided_lines);
PG_FUNCTION_INFO_V1(paycore_keep_mark);

/* Any other role's table could name invoices that are not void. */
static void
check_owner(TriggerData *trigger)
{
	Oid			owner = pc_table_owner(PC_INVOICES);

	if (!OidIsValid(owner) || !has_privs_of_role(pc_guard_table_owner(trigger), owner))
		ereport(ERROR,
				(errcode(ERRCODE_PC_TRIGGER_USE),
				 errmsg("table \"%s\" may not void lines of paycore.invoices", RelationGetRelationName(trigger->tg_relation)),
				 errdetail("Trigger \"%s\" is for tables of the owner of paycore.invoices.", trigger->tg_trigger->tgname),
				 errtable(trigger->tg_relation)));
}

/* AFTER UPDATE, row, on invoices that become void. */
PGDLLEXPORT Datum
paycore_mark_voided_lines(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN("ut",
								 "UPDATE paycore.invoice_lines SET voided = true WHERE invoice_id = $1 AND tenant_id = $2 AND NOT voided");
	TriggerData *trigger = pc_guard_begin(fcinfo, "mark_voided_lines", GUARD_AFTER_ROW, 0);
	HeapTuple	row = pc_guard_new_row(trigger);
	Datum		values[2];
	PcIdentity	caller;

	check_owner(trigger);
	values[0] = pc_share_column(trigger, row, "id", UUIDOID);
	values[1] = pc_share_column(trigger, row, "tenant_id", TEXTOID);
	pc_identity_assume(&caller, pc_guard_table_owner(trigger));
	SPI_connect();
	PC_WRITE_AS(.source = pc_writer_for_trigger().source, .through_api = true, .counters = true)
	{
		pc_execute(&plan, values, NULL, false, 0);
	}
	PC_WRITE_END;
	SPI_finish();
	pc_identity_drop(&caller);
	return PointerGetDatum(NULL);
}

/* BEFORE INSERT OR UPDATE, row, where the mark is set: SQLSTATE PY011. */
PGDLLEXPORT Datum
paycore_keep_mark(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = pc_guard_begin(fcinfo, "keep_mark", GUARD_BEFORE_ROW, 1);
	const GuardColumn *column = &pc_guard_columns(trigger)->columns[0];

	if (!pc_writer_for_trigger().counters)
		ereport(ERROR,
				(errcode(ERRCODE_PC_IMMUTABLE_COLUMN),
				 errmsg("column \"%s\" of \"%s\" is kept by a guard", column->argument, RelationGetRelationName(trigger->tg_relation)),
				 errdetail("It says what has become of the row that this one belongs to."),
				 errhint("Change that row instead."),
				 errtable(trigger->tg_relation)));
	return PointerGetDatum(pc_guard_new_row(trigger));
}
