/*
 * credit_note.c
 *		The document of a credit note.
 */
#include "common/paycore.h"

#include "common/json.h"
#include "documents/bill.h"
#include "documents/invoice.h"

static void
write_facts(PcBill *bill)
{
	PcPage	   *page = &bill->page;
	Jsonb	   *invoice = pc_json_object(bill->data, "invoice");

	pc_page_facts_begin(page);
	pc_page_fact(page, PC_LABEL_NUMBER, pc_printable(pc_json_string(bill->data, "number")));
	pc_page_fact_date(page, PC_LABEL_ISSUED_ON, pc_bill_time(bill->data, "issued_at"));
	pc_page_fact(page, PC_LABEL_CREDIT_NOTE_OF, pc_printable(pc_json_string(invoice, "number")));
	pc_page_fact_date(page, PC_LABEL_INVOICE_DATE, pc_bill_time(invoice, "issued_at"));
	pc_page_fact(page, PC_LABEL_REASON, pc_printable(pc_json_string(bill->data, "reason")));
	pc_page_facts_end(page);
}

static void
write_use(PcBill *bill, PcLabel label, PcMoney amount)
{
	if (pc_money_amount(amount) != 0)
		pc_bill_sum(bill, NULL, pc_page_label(&bill->page, label), NULL, amount);
}

/* Where the total went; what refunds failed to give back is on the balance. */
static void
write_uses(PcBill *bill)
{
	PcMoney		failed = pc_bill_money(bill->data, "refund_failed");

	write_use(bill, PC_LABEL_TO_DUE, pc_bill_money(bill->data, "to_due"));
	write_use(bill, PC_LABEL_REFUNDED, pc_money_add(pc_money_subtract(pc_bill_money(bill->data, "to_refund"), failed),
													 pc_bill_money(bill->data, "out_of_band")));
	write_use(bill, PC_LABEL_TO_BALANCE, pc_money_add(pc_bill_money(bill->data, "to_balance"), failed));
}

text *
pc_credit_note_html(const Jsonb *data, const char *locale, const char *logo)
{
	PcBill		bill = {0};

	pc_bill_begin(&bill, data, locale, logo, PC_LABEL_CREDIT_NOTE, write_facts);
	pc_bill_lines(&bill);
	if (pc_bill_time(data, "voided_at") == 0)
		write_uses(&bill);
	pc_bill_lines_end(&bill);
	pc_bill_notes(&bill);
	return pc_bill_end(&bill);
}
