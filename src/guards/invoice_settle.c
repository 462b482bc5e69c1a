/*
 * invoice_settle.c
 *		paycore.settle_invoices(): an invoice says what was applied to it, and is
 *		paid when nothing is due any more.  paycore.keep_sums(): nothing else
 *		says so.
 *
 * The invoices are locked first, and what was applied is summed up after that:
 * so two that are applied at once are both counted, at every isolation level.
 */
#include "common/paycore.h"

#include "guards/owner.h"
#include "utils/rel.h"

PG_FUNCTION_INFO_V1(paycore_keep_sums);
PG_FUNCTION_INFO_V1(paycore_settle_invoices);

#define APPLIED \
	" CROSS JOIN LATERAL (SELECT coalesce(sum(paycore.cents(p.amount)) FILTER (WHERE p.kind <> 'balance'), 0)::bigint AS paid," \
	" coalesce(sum(paycore.cents(p.amount)) FILTER (WHERE p.kind = 'balance'), 0)::bigint AS balance," \
	" count(*) FILTER (WHERE paycore.currency(p.amount) OPERATOR(paycore.<>) i.currency) AS strange, max(p.applied_at) AS last" \
	" FROM paycore.invoice_payments p WHERE p.invoice_id = i.id AND p.tenant_id = i.tenant_id) s "

#define TOUCHED \
	"(SELECT DISTINCT a.invoice_id, a.tenant_id FROM added a) a" \
	" JOIN paycore.invoices i ON i.id = a.invoice_id AND i.tenant_id = a.tenant_id" APPLIED

#define LEFT_OVER "(paycore.cents(i.total) - s.paid - s.balance - paycore.cents(i.amount_credited))"

static PcPlan lock = PC_PLAN("",
	"SELECT FROM paycore.invoices i WHERE (i.id, i.tenant_id) IN (SELECT a.invoice_id, a.tenant_id FROM added a)"
	" ORDER BY i.id FOR NO KEY UPDATE");

static PcPlan find_wrong = PC_PLAN("",
	"SELECT coalesce(i.number, i.id::text), i.status::text, i.total::text, i.amount_due::text, s.strange > 0 FROM " TOUCHED
	"WHERE s.strange > 0 OR " LEFT_OVER " < 0 OR ((i.finalized_at IS NULL OR i.status::text = 'void')"
	" AND (s.paid, s.balance) <> (paycore.cents(i.amount_paid), paycore.cents(i.balance_applied))) LIMIT 1");

static PcPlan settle = PC_PLAN("",
	"UPDATE paycore.invoices u SET amount_paid = paycore.money_cents(s.paid, i.currency),"
	" balance_applied = paycore.money_cents(s.balance, i.currency), amount_due = paycore.money_cents(" LEFT_OVER ", i.currency),"
	" status = (CASE WHEN " LEFT_OVER " = 0 THEN 'paid' WHEN i.status::text = 'paid' THEN 'open' ELSE i.status::text END)::paycore.invoice_status,"
	" paid_at = CASE WHEN " LEFT_OVER " = 0 THEN coalesce(i.paid_at, s.last) END,"
	" uncollectible_at = CASE WHEN " LEFT_OVER " > 0 AND i.status::text = 'paid' THEN NULL ELSE i.uncollectible_at END"
	" FROM " TOUCHED "WHERE u.id = i.id AND u.tenant_id = i.tenant_id"
	" AND (s.paid, s.balance) <> (paycore.cents(i.amount_paid), paycore.cents(i.balance_applied))");

/* Of invoices that are new. */
static PcPlan find_unfounded = PC_PLAN("",
	"SELECT coalesce(i.number, i.id::text), i.amount_paid::text, i.balance_applied::text FROM added i" APPLIED
	"WHERE (paycore.cents(i.amount_paid) <> 0 OR paycore.cents(i.balance_applied) <> 0)"
	" AND (s.paid, s.balance) <> (paycore.cents(i.amount_paid), paycore.cents(i.balance_applied)) LIMIT 1");

static void
refuse(TriggerData *trigger)
{
	if (pc_get_bool(0, 5))
		ereport(ERROR,
				(errcode(ERRCODE_PC_CURRENCY_MISMATCH),
				 errmsg("invoice %s is in another currency", pc_get_cstring(0, 1)),
				 errdetail("It is about %s.", pc_get_cstring(0, 3)),
				 errtable(trigger->tg_relation)));
	ereport(ERROR,
			(errcode(ERRCODE_PC_OVER_PAYMENT),
			 errmsg("more would be applied to invoice %s than is due", pc_get_cstring(0, 1)),
			 errdetail("It is %s, and %s is due.", pc_get_cstring(0, 2), pc_get_cstring(0, 4)),
			 errhint("Put the rest onto the account's balance, with paycore.credit_account()."),
			 errtable(trigger->tg_relation)));
}

static void
check_new_invoices(TriggerData *trigger)
{
	if (pc_execute(&find_unfounded, NULL, NULL, false, 1) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_IMMUTABLE_COLUMN),
				 errmsg("invoice %s says that something was applied to it, and nothing was", pc_get_cstring(0, 1)),
				 errdetail("It says %s paid, %s of the account's balance.", pc_get_cstring(0, 2), pc_get_cstring(0, 3)),
				 errhint("Insert what was applied into paycore.invoice_payments."),
				 errtable(trigger->tg_relation)));
}

static void
settle_added(TriggerData *trigger)
{
	pc_execute(&lock, NULL, NULL, false, 0);
	if (pc_execute(&find_wrong, NULL, NULL, false, 1) > 0)
		refuse(trigger);
	PC_WRITE_AS(.source = pc_writer_for_trigger().source, .through_api = true, .counters = true,
				.observed = pc_writer_for_trigger().observed)
	{
		pc_execute(&settle, NULL, NULL, false, 0);
	}
	PC_WRITE_END;
}

/* AFTER INSERT, statement, on invoices and invoice_payments: SQLSTATE PY084, PY011 or PY001. */
PGDLLEXPORT Datum
paycore_settle_invoices(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = pc_guard_begin(fcinfo, "settle_invoices", GUARD_STATEMENT, 0);
	bool		invoices = RelationGetRelid(trigger->tg_relation) == pc_table_oid(PC_INVOICES, false);
	PcIdentity	caller;

	if (!invoices && RelationGetRelid(trigger->tg_relation) != pc_table_oid(PC_INVOICE_PAYMENTS, false))
		ereport(ERROR,
				(errcode(ERRCODE_PC_TRIGGER_USE),
				 errmsg("settle_invoices() is for paycore's invoices and what is applied to them"),
				 errtable(trigger->tg_relation)));
	pc_guard_enter(trigger, &caller);
	if (invoices)
		check_new_invoices(trigger);
	else
		settle_added(trigger);
	pc_guard_leave(&caller);
	return PointerGetDatum(NULL);
}

/* BEFORE UPDATE, row: SQLSTATE PY011. */
PGDLLEXPORT Datum
paycore_keep_sums(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = pc_guard_begin(fcinfo, "keep_sums", GUARD_BEFORE_ROW, 1);
	const GuardColumns *columns = pc_guard_columns(trigger);

	if (!TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) || pc_writer_for_trigger().counters)
		return PointerGetDatum(pc_guard_new_row(trigger));
	for (int i = 0; i < columns->n; i++)
	{
		if (!pc_guard_same(trigger, &columns->columns[i]))
			pc_guard_keeps(trigger, &columns->columns[i], "It is a sum of rows of another table.", "Insert there what corrects the sum.");
	}
	return PointerGetDatum(trigger->tg_newtuple);
}
