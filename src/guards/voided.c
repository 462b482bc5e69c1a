/*
 * voided.c
 *		paycore.mark_voided_lines(): the lines of an invoice that becomes void are
 *		marked, so that the time they are for may be billed again.
 *		paycore.keep_mark(): nothing else marks them.
 */
#include "common/paycore.h"

#include "catalog/pg_type.h"
#include "guards/owner.h"
#include "utils/rel.h"

PG_FUNCTION_INFO_V1(paycore_mark_voided_lines);
PG_FUNCTION_INFO_V1(paycore_keep_mark);

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

	pc_guard_check_owner(trigger, PC_INVOICES, "void lines of paycore.invoices");
	values[0] = pc_guard_value(trigger, row, "id", UUIDOID);
	values[1] = pc_guard_value(trigger, row, "tenant_id", TEXTOID);
	pc_guard_enter(trigger, &caller);
	PC_WRITE_AS(.source = pc_writer_for_trigger().source, .through_api = true, .counters = true)
	{
		pc_execute(&plan, values, NULL, false, 0);
	}
	PC_WRITE_END;
	pc_guard_leave(&caller);
	return PointerGetDatum(NULL);
}

/* BEFORE INSERT OR UPDATE, row, where the mark is set: SQLSTATE PY011. */
PGDLLEXPORT Datum
paycore_keep_mark(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = pc_guard_begin(fcinfo, "keep_mark", GUARD_BEFORE_ROW, 1);
	const GuardColumn *column = &pc_guard_columns(trigger)->columns[0];

	if (!pc_writer_for_trigger().counters)
		pc_guard_keeps(trigger, column, "It says what has become of the row that this one belongs to.", "Change that row instead.");
	return PointerGetDatum(pc_guard_new_row(trigger));
}
