/*
 * credit_note.c
 *		paycore.settle_credit_note(): never more is taken back of an invoice than
 *		there is: of its total, of a line, of a tax of a line.  What was taken
 *		back lowers what is due, or goes to the account's balance.
 *		paycore.check_credit_note_sums(): no line is added later.
 *
 * The invoice is locked first, and its counter moved with each credit note;
 * what was credited is summed up after that: so of two at once the second
 * sees the first, or (REPEATABLE READ and above) fails with 40001.
 */
#include "common/paycore.h"

#include "catalog/pg_type.h"
#include "common/args.h"
#include "common/settings.h"
#include "guards/owner.h"
#include "types/money.h"
#include "utils/rel.h"

PG_FUNCTION_INFO_V1(paycore_settle_credit_note);
PG_FUNCTION_INFO_V1(paycore_check_credit_note_sums);

/* Arguments of every plan here: the credit note, its tenant, its invoice. */
#define NOTE_ARGS "utu"

static PcPlan lock_invoice = PC_PLAN(NOTE_ARGS,
	"SELECT i.number, i.status::text, n.number FROM paycore.invoices i, paycore.credit_notes n"
	" WHERE i.id = $3 AND i.tenant_id = $2 AND n.id = $1 AND n.tenant_id = $2"
	" AND i.billing_account_id = n.billing_account_id AND i.currency OPERATOR(paycore.=) n.currency FOR NO KEY UPDATE OF i");

/* A note whose lines do not add up to it. */
static PcPlan find_wrong_sums = PC_PLAN(NOTE_ARGS,
	"SELECT n.number, n.total::text, s.n FROM paycore.credit_notes n"
	" CROSS JOIN LATERAL (SELECT count(*) AS n, coalesce(sum(paycore.cents(c.amount)), 0) AS amount,"
	" coalesce(sum(paycore.cents(c.discount)), 0) AS discount, coalesce(sum(paycore.cents(c.tax)), 0) AS tax,"
	" coalesce(sum(paycore.cents(c.tax)) FILTER (WHERE c.tax_inclusive), 0) AS included,"
	" count(*) FILTER (WHERE c.invoice_id <> n.invoice_id OR paycore.currency(c.amount) OPERATOR(paycore.<>) n.currency) AS strange"
	" FROM paycore.credit_note_lines c WHERE c.credit_note_id = n.id AND c.tenant_id = n.tenant_id) s"
	" WHERE n.id = $1 AND n.tenant_id = $2 AND n.invoice_id = $3 AND ((s.amount, s.discount, s.tax, s.included, s.n)"
	" <> (paycore.cents(n.subtotal), paycore.cents(n.discount), paycore.cents(n.tax), paycore.cents(n.tax_included), n.line_count) OR s.strange > 0)");

/* Of what kind a share x of y is not: of y's sign, and no more. */
#define NOT_WITHIN(x, y)	"NOT " x " BETWEEN least(0, " y ") AND greatest(0, " y ")"

#define CREDITED_OF_LINE \
	" FROM paycore.credit_note_lines c JOIN paycore.credit_notes n ON n.id = c.credit_note_id AND n.tenant_id = c.tenant_id" \
	" WHERE c.invoice_line_id = l.id AND c.tenant_id = l.tenant_id AND n.status = 'issued'"

/* A line of the note that is none of the invoice's, or of which more was credited than there is. */
static PcPlan find_over_line = PC_PLAN(NOTE_ARGS,
	"SELECT l.place, l.description, (l.amount OPERATOR(paycore.-) l.discount)::text FROM paycore.credit_note_lines k"
	" JOIN paycore.invoice_lines l ON l.id = k.invoice_line_id AND l.tenant_id = k.tenant_id"
	" CROSS JOIN LATERAL (SELECT sum(paycore.cents(c.amount)) AS amount, sum(paycore.cents(c.discount)) AS discount, sum(c.quantity) AS quantity" CREDITED_OF_LINE ") s"
	" WHERE k.credit_note_id = $1 AND k.tenant_id = $2 AND (l.invoice_id <> $3 OR k.tax_inclusive <> l.tax_inclusive"
	" OR " NOT_WITHIN("paycore.cents(k.amount)", "paycore.cents(l.amount)")
	" OR " NOT_WITHIN("paycore.cents(k.discount)", "paycore.cents(l.discount)")
	" OR " NOT_WITHIN("s.amount", "paycore.cents(l.amount)") " OR " NOT_WITHIN("s.discount", "paycore.cents(l.discount)")
	" OR " NOT_WITHIN("s.amount - s.discount", "paycore.cents(l.amount) - paycore.cents(l.discount)")
	" OR " NOT_WITHIN("coalesce(s.quantity, 0)", "l.quantity") ") LIMIT 1");

/* A tax of a line of the note that is none of the line's, or of which more was credited than there is. */
static PcPlan find_over_tax = PC_PLAN(NOTE_ARGS,
	"SELECT l.place, l.description, coalesce(t.name, '-') FROM paycore.credit_note_lines k"
	" JOIN paycore.invoice_lines l ON l.id = k.invoice_line_id AND l.tenant_id = k.tenant_id"
	" CROSS JOIN LATERAL (SELECT coalesce(a.place, b.place) AS place, a.name, coalesce(paycore.cents(a.amount), 0) AS amount, coalesce(paycore.cents(b.amount), 0) AS now,"
	" a.place IS NULL OR b.place IS NULL OR (a.tax_rate_id, a.percentage) IS DISTINCT FROM (b.tax_rate_id, b.percentage) AS other"
	" FROM unnest(l.taxes) WITH ORDINALITY a(tax_rate_id, name, percentage, taxable, amount, place)"
	" FULL JOIN unnest(k.taxes) WITH ORDINALITY b(tax_rate_id, name, percentage, taxable, amount, place) ON b.place = a.place) t"
	" CROSS JOIN LATERAL (SELECT coalesce(sum(paycore.cents((c.taxes[t.place::integer]).amount)), 0) AS amount" CREDITED_OF_LINE ") s"
	" WHERE k.credit_note_id = $1 AND k.tenant_id = $2 AND (t.other OR " NOT_WITHIN("t.now", "t.amount") " OR " NOT_WITHIN("s.amount", "t.amount") ")"
	" UNION ALL SELECT k.place, k.description, k.tax::text FROM paycore.credit_note_lines k"
	" WHERE k.credit_note_id = $1 AND k.tenant_id = $2 AND paycore.cents(k.tax) <> (SELECT coalesce(sum(paycore.cents(t.amount)), 0) FROM unnest(k.taxes) t) LIMIT 1");

#define CREDITED \
	"(SELECT coalesce(sum(paycore.cents(n.total)), 0)::bigint AS total, coalesce(sum(paycore.cents(n.to_due)), 0)::bigint AS to_due" \
	" FROM paycore.credit_notes n WHERE n.invoice_id = $3 AND n.tenant_id = $2 AND n.status = 'issued') s"

static PcPlan find_over_invoice = PC_PLAN(NOTE_ARGS,
	"SELECT i.total::text, paycore.money_cents(s.total, i.currency)::text FROM paycore.invoices i, " CREDITED
	" WHERE i.id = $3 AND i.tenant_id = $2 AND $1 IS NOT NULL AND (s.total > greatest(0, paycore.cents(i.total))"
	" OR paycore.cents(i.amount_due) + paycore.cents(i.amount_credited) < s.to_due)");

/* What nothing is due of any more is paid; what is due again is open. */
static PcPlan count = PC_PLAN(NOTE_ARGS,
	"UPDATE paycore.invoices u SET total_credited = paycore.money_cents(s.total, u.currency), amount_credited = paycore.money_cents(s.to_due, u.currency),"
	" amount_due = paycore.money_cents(d.due, u.currency),"
	" status = CASE WHEN d.due = 0 THEN 'paid' ELSE 'open' END::paycore.invoice_status,"
	" paid_at = CASE WHEN d.due = 0 THEN coalesce(u.paid_at, n.issued_at) END"
	" FROM paycore.invoices i, paycore.credit_notes n, " CREDITED
	" CROSS JOIN LATERAL (SELECT paycore.cents(i.amount_due) + paycore.cents(i.amount_credited) - s.to_due AS due) d"
	" WHERE n.id = $1 AND n.tenant_id = $2 AND i.id = $3 AND i.tenant_id = $2 AND u.id = i.id AND u.tenant_id = i.tenant_id");

/* Onto the balance, or off it with what went there because it could not be refunded. */
static PcPlan move_balance = PC_PLAN("utut",
	"INSERT INTO paycore.account_transactions (tenant_id, billing_account_id, amount, reason, object_type, object_id, actor)"
	" SELECT n.tenant_id, n.billing_account_id, m.amount,"
	" CASE n.status WHEN 'void' THEN 'credit note void' ELSE 'credit note' END, 'credit_note', n.id, $4"
	" FROM paycore.credit_notes n CROSS JOIN LATERAL (SELECT CASE n.status WHEN 'void'"
	" THEN OPERATOR(paycore.-) (n.to_balance OPERATOR(paycore.+) n.refund_failed) ELSE n.to_balance END AS amount) m"
	" WHERE n.id = $1 AND n.tenant_id = $2 AND n.invoice_id = $3 AND paycore.cents(m.amount) <> 0");

/* What was given back, or may be on its way, cannot be called back. */
static PcPlan find_given_back = PC_PLAN(NOTE_ARGS,
	"SELECT n.number, coalesce('a refund of ' || r.amount::text || ' is ' || r.status::text, n.out_of_band::text || ' was given back out of band'), r.id IS NOT NULL"
	" FROM paycore.credit_notes n LEFT JOIN paycore.refunds r ON r.credit_note_id = n.id AND r.tenant_id = n.tenant_id"
	" AND r.status::text NOT IN ('failed', 'canceled')"
	" WHERE n.id = $1 AND n.tenant_id = $2 AND n.invoice_id = $3 AND (r.id IS NOT NULL OR paycore.cents(n.out_of_band) > 0) LIMIT 1");

static void
check_invoice(TriggerData *trigger, PcArgs *a)
{
	char	   *status;

	if (pc_execute_args(&lock_invoice, a, false) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_NOT_FOUND),
				 errmsg("the credit note's account has no such invoice in its currency"),
				 errtable(trigger->tg_relation)));
	status = pc_get_cstring(0, 2);
	if (strcmp(status, "open") != 0 && strcmp(status, "paid") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INTENT_STATE),
				 errmsg("credit notes of invoice %s neither come nor go", pc_get_cstring(0, 1)),
				 errdetail("Its status is %s.", status),
				 errhint("Only what is open or paid can be credited."),
				 errtable(trigger->tg_relation)));
}

static void
check_sums(TriggerData *trigger, PcArgs *a)
{
	if (pc_execute_args(&find_wrong_sums, a, false) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVOICE_SUM),
				 errmsg("the lines of credit note %s do not add up to it", pc_get_cstring(0, 1)),
				 errdetail("It says %s, and has " INT64_FORMAT " lines.", pc_get_cstring(0, 2), pc_get_int64(0, 3)),
				 errhint("Make credit notes with paycore.create_credit_note()."),
				 errtable(trigger->tg_relation)));
}

static void
check_limits(TriggerData *trigger, PcArgs *a)
{
	if (pc_execute_args(&find_over_invoice, a, false) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_OVER_CREDIT),
				 errmsg("more would be credited than the invoice comes to, or than is due of it"),
				 errdetail("Of %s, its credit notes come to %s.", pc_get_cstring(0, 1), pc_get_cstring(0, 2)),
				 errhint("Credit at most what is left."),
				 errtable(trigger->tg_relation)));
	if (pc_execute_args(&find_over_line, a, false) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_OVER_CREDIT),
				 errmsg("more would be credited of line %d than there is", pc_get_int32(0, 1)),
				 errdetail("It is \"%s\", and comes to %s.", pc_get_cstring(0, 2), pc_get_cstring(0, 3)),
				 errhint("Credit at most what is left of it."),
				 errtable(trigger->tg_relation)));
	if (pc_execute_args(&find_over_tax, a, false) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_OVER_CREDIT),
				 errmsg("another tax, or more of it, would be credited of line %d than there is", pc_get_int32(0, 1)),
				 errdetail("It is \"%s\", and the tax %s.", pc_get_cstring(0, 2), pc_get_cstring(0, 3)),
				 errhint("Make credit notes with paycore.create_credit_note()."),
				 errtable(trigger->tg_relation)));
}

static void
check_nothing_given_back(TriggerData *trigger, PcArgs *a)
{
	if (pc_execute_args(&find_given_back, a, false) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INTENT_STATE),
				 errmsg("credit note %s cannot be voided", pc_get_cstring(0, 1)),
				 errdetail("Of what it gives back, %s.", pc_get_cstring(0, 2)),
				 errhint("%sBill what is owed after all, with paycore.add_charge().",
						 pc_get_bool(0, 3) ? "Cancel its refunds, if they can be, with paycore.cancel_refund(). " : ""),
				 errtable(trigger->tg_relation)));
}

static void
settle(TriggerData *trigger, PcArgs *a)
{
	PcArgs		moved = *a;

	check_invoice(trigger, a);
	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
	{
		check_sums(trigger, a);
		check_limits(trigger, a);
	}
	else
		check_nothing_given_back(trigger, a);
	pc_arg_text(&moved, pc_current_actor());
	/* An invoice that was paid by the credit note is open once it is void. */
	PC_WRITE_AS(.source = pc_writer_for_trigger().source, .through_api = true, .counters = true, .observed = true)
	{
		pc_execute_args(&count, a, false);
		pc_execute_args(&move_balance, &moved, false);
	}
	PC_WRITE_END;
}

static void
read_note(TriggerData *trigger, const char *id, PcArgs *a)
{
	HeapTuple	row = pc_guard_new_row(trigger);

	pc_arg(a, pc_guard_value(trigger, row, id, UUIDOID), false);
	pc_arg(a, pc_guard_value(trigger, row, "tenant_id", TEXTOID), false);
	pc_arg(a, pc_guard_value(trigger, row, "invoice_id", UUIDOID), false);
}

static bool
is_void(TriggerData *trigger, HeapTuple row)
{
	return strcmp(TextDatumGetCString(pc_guard_value(trigger, row, "status", TEXTOID)), "void") == 0;
}

/* AFTER INSERT OR UPDATE, row, on credit_notes: SQLSTATE PY025, PY030, PY040, PY083. */
PGDLLEXPORT Datum
paycore_settle_credit_note(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = pc_guard_begin(fcinfo, "settle_credit_note", GUARD_AFTER_ROW, 0);
	PcIdentity	caller;
	PcArgs		a = {0};

	pc_guard_check_owner(trigger, PC_INVOICES, "say what paycore.invoices keeps");
	read_note(trigger, "id", &a);
	if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) && is_void(trigger, trigger->tg_trigtuple) == is_void(trigger, trigger->tg_newtuple))
		return PointerGetDatum(NULL);
	pc_guard_enter(trigger, &caller);
	settle(trigger, &a);
	pc_guard_leave(&caller);
	return PointerGetDatum(NULL);
}

/* AFTER INSERT, row, on credit_note_lines: SQLSTATE PY083. */
PGDLLEXPORT Datum
paycore_check_credit_note_sums(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = pc_guard_begin(fcinfo, "check_credit_note_sums", GUARD_AFTER_ROW, 0);
	PcIdentity	caller;
	PcArgs		a = {0};

	pc_guard_check_owner(trigger, PC_INVOICES, "say what paycore.invoices keeps");
	read_note(trigger, "credit_note_id", &a);
	pc_guard_enter(trigger, &caller);
	check_sums(trigger, &a);
	pc_guard_leave(&caller);
	return PointerGetDatum(NULL);
}
