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
	pc_page_fact(page, PC_LABEL_NUMBER, pc_utf8(pc_json_string(bill->data, "number")));
	pc_page_fact_date(page, PC_LABEL_ISSUED_ON, pc_bill_time(bill->data, "issued_at"));
	pc_page_fact(page, PC_LABEL_CREDIT_NOTE_OF, pc_utf8(pc_json_string(invoice, "number")));
	pc_page_fact_date(page, PC_LABEL_INVOICE_DATE, pc_bill_time(invoice, "issued_at"));
	pc_page_fact(page, PC_LABEL_REASON, pc_utf8(pc_json_string(bill->data, "reason")));
	pc_page_facts_end(page);
}

/* Where the total went. */
static void
write_uses(PcBill *bill)
{
	static const struct
	{
		const char *key;
		PcLabel		label;
	}			uses[] = {
		{"to_due", PC_LABEL_TO_DUE},
		{"to_balance", PC_LABEL_TO_BALANCE},
		{"to_refund", PC_LABEL_REFUNDED},
	};

	for (size_t i = 0; i < lengthof(uses); i++)
	{
		PcMoney		amount = pc_bill_money(bill->data, uses[i].key);

		if (pc_money_amount(amount) != 0)
			pc_bill_sum(bill, NULL, pc_page_label(&bill->page, uses[i].label), NULL, amount);
	}
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
