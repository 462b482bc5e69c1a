/*
 * invoice_sums.c
 *		paycore.check_invoice_sums(): the lines of a final invoice add up to it,
 *		so none is added to it later, and none is missing.
 *
 * Once per statement, over all that it wrote: a billing run writes thousands.
 */
#include "common/paycore.h"

#include "guards/owner.h"
#include "utils/rel.h"

PG_FUNCTION_INFO_V1(paycore_check_invoice_sums);

#define WRONG_SUMS(invoices) \
	"SELECT coalesce(i.number, i.id::text), i.subtotal::text, i.discount::text, i.tax::text, s.amount::text, s.discount::text, s.tax::text, s.n, i.line_count, i.tax_included::text, s.included::text FROM " invoices \
	" CROSS JOIN LATERAL (SELECT count(*) AS n, coalesce(sum(paycore.cents(l.amount)), 0) AS amount," \
	" count(*) FILTER (WHERE paycore.currency(l.amount) OPERATOR(paycore.<>) i.currency) AS foreign_lines," \
	" coalesce(sum(paycore.cents(l.discount)), 0) AS discount, coalesce(sum(paycore.cents(l.tax)), 0) AS tax," \
	" coalesce(sum(paycore.cents(l.tax)) FILTER (WHERE l.tax_inclusive), 0) AS included" \
	" FROM paycore.invoice_lines l WHERE l.invoice_id = i.id AND l.tenant_id = i.tenant_id) s" \
	" WHERE i.finalized_at IS NOT NULL AND ((s.amount, s.discount, s.tax, s.included, s.n)" \
	" <> (paycore.cents(i.subtotal), paycore.cents(i.discount), paycore.cents(i.tax), paycore.cents(i.tax_included), i.line_count) OR s.foreign_lines > 0) LIMIT 1"

static PcPlan of_invoices = PC_PLAN("", WRONG_SUMS("added i"));
/* OFFSET 0: by the index, even where the plan was made while there were no invoices. */
static PcPlan of_lines = PC_PLAN("", WRONG_SUMS("(SELECT DISTINCT a.invoice_id, a.tenant_id FROM added a) a CROSS JOIN LATERAL (SELECT i.id, i.tenant_id, i.number,"
												 " i.currency, i.subtotal, i.discount, i.tax, i.tax_included, i.line_count, i.finalized_at FROM paycore.invoices i"
												 " WHERE i.id = a.invoice_id AND i.tenant_id = a.tenant_id OFFSET 0) i"));

static void
refuse(TriggerData *trigger)
{
	ereport(ERROR,
			(errcode(ERRCODE_PC_INVOICE_SUM),
			 errmsg("the lines of invoice %s do not add up to it", pc_get_cstring(0, 1)),
			 errdetail("It says subtotal %s, discount %s, tax %s (%s of it included) in %d lines; " INT64_FORMAT " lines come to %s, %s and %s (%s) minor units.",
					   pc_get_cstring(0, 2), pc_get_cstring(0, 3), pc_get_cstring(0, 4), pc_get_cstring(0, 10), pc_get_int32(0, 9), pc_get_int64(0, 8),
					   pc_get_cstring(0, 5), pc_get_cstring(0, 6), pc_get_cstring(0, 7), pc_get_cstring(0, 11)),
			 errhint("A final invoice never changes: void it, or write it off."),
			 errtable(trigger->tg_relation)));
}

PGDLLEXPORT Datum
paycore_check_invoice_sums(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = pc_guard_begin(fcinfo, "check_invoice_sums", GUARD_STATEMENT, 0);
	bool		lines = RelationGetRelid(trigger->tg_relation) == pc_table_oid(PC_INVOICE_LINES, false);
	PcIdentity	caller;

	if (!lines && RelationGetRelid(trigger->tg_relation) != pc_table_oid(PC_INVOICES, false))
		ereport(ERROR,
				(errcode(ERRCODE_PC_TRIGGER_USE),
				 errmsg("check_invoice_sums() is for paycore's invoices and their lines"),
				 errtable(trigger->tg_relation)));
	pc_guard_enter(trigger, &caller);
	if (pc_execute(lines ? &of_lines : &of_invoices, NULL, NULL, false, 1) > 0)
		refuse(trigger);
	pc_guard_leave(&caller);
	return PointerGetDatum(NULL);
}
