/*
 * invoice.c
 *		The document of an invoice.
 */
#include "common/paycore.h"

#include "common/json.h"
#include "documents/bill.h"
#include "documents/invoice.h"

#define MAX_URL 2000

static bool
is_status(const PcBill *bill, const char *status)
{
	char	   *own = pc_json_string(bill->data, "status");

	return own != NULL && strcmp(own, status) == 0;
}

static bool
is_owed(const PcBill *bill)
{
	return is_status(bill, "open") || is_status(bill, "uncollectible");
}

static void
write_facts(PcBill *bill)
{
	PcPage	   *page = &bill->page;

	if (is_status(bill, "draft"))
		pc_page_notice(page, PC_LABEL_DRAFT, 0);
	if (is_status(bill, "paid"))
		pc_page_mark(page, PC_LABEL_PAID_ON, pc_bill_time(bill->data, "paid_at"));
	pc_page_facts_begin(page);
	pc_page_fact(page, PC_LABEL_NUMBER, pc_printable(pc_json_string(bill->data, "number")));
	pc_page_fact_date(page, PC_LABEL_ISSUED_ON, pc_bill_time(bill->data, "issued_at"));
	if (is_owed(bill))
	{
		pc_page_fact_date(page, PC_LABEL_DUE_ON, pc_bill_time(bill->data, "due_at"));
		pc_page_fact_money(page, PC_LABEL_AMOUNT_DUE, pc_bill_money(bill->data, "amount_due"));
	}
	pc_page_facts_end(page);
}

/* "(January 5, 2026, Visa .... 4242)" */
static char *
settled(PcBill *bill, const Jsonb *settlement, const char *how)
{
	char	   *date = pc_locale_date(bill->page.locale, pc_bill_time(settlement, "date"), bill->page.zone);

	return how != NULL ? psprintf("(%s, %s)", date, how) : psprintf("(%s)", date);
}

/* Down from the total to what is due. */
static void
write_settlement(PcBill *bill)
{
	PcPage	   *page = &bill->page;
	PcMoney		balance = pc_bill_money(bill->data, "balance_applied");
	Jsonb	   *payments = pc_json_object(bill->data, "payments");
	Jsonb	   *notes = pc_json_object(bill->data, "credit_notes");

	if (pc_money_amount(balance) != 0)
		pc_bill_sum(bill, NULL, pc_page_label(page, PC_LABEL_ACCOUNT_BALANCE), NULL, pc_money_negate(balance));
	for (int i = 0; i < pc_json_array_length(payments); i++)
	{
		Jsonb	   *payment = pc_json_element(payments, i);

		pc_bill_sum(bill, NULL, pc_page_label(page, PC_LABEL_PAID), settled(bill, payment, pc_page_method(page, pc_json_object(payment, "method"))),
					pc_money_negate(pc_bill_money(payment, "amount")));
	}
	for (int i = 0; i < pc_json_array_length(notes); i++)
	{
		Jsonb	   *note = pc_json_element(notes, i);

		if (pc_money_amount(pc_bill_money(note, "to_due")) > 0)
			pc_bill_sum(bill, NULL, psprintf("%s %s", pc_page_label(page, PC_LABEL_CREDIT_NOTE), pc_printable(pc_json_string(note, "number"))),
						settled(bill, note, NULL), pc_money_negate(pc_bill_money(note, "to_due")));
	}
	if (!is_status(bill, "void"))
		pc_bill_sum(bill, "due", pc_page_label(page, PC_LABEL_AMOUNT_DUE), NULL, pc_bill_money(bill->data, "amount_due"));
}

bool
pc_is_pay_url(const char *url)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#[]@!$&'()*+,;=%";

	return strncmp(url, "https://", 8) == 0 && url[8] != '\0' && strlen(url) <= MAX_URL && strspn(url, allowed) == strlen(url);
}

static void
write_how_to_pay(PcBill *bill, const char *pay_url)
{
	PcPage	   *page = &bill->page;
	char	   *collection = pc_json_string(bill->data, "collection");

	if (!is_owed(bill))
		return;
	pc_page_note(page, pc_page_label(page, collection != NULL && strcmp(collection, "charge_automatically") == 0 && is_status(bill, "open")
									 ? PC_LABEL_WILL_BE_CHARGED : PC_LABEL_STATE_NUMBER));
	if (pay_url == NULL)
		return;
	pc_html_open(&page->html, "p");
	pc_html_attribute(&page->html, "class", "note");
	pc_html_text(&page->html, psprintf("%s: ", pc_page_label(page, PC_LABEL_PAY_ONLINE)));
	pc_html_open(&page->html, "a");
	pc_html_attribute(&page->html, "href", pay_url);
	pc_page_value(page, pay_url);
	pc_html_close(&page->html);
	pc_html_close(&page->html);
}

text *
pc_invoice_html(const Jsonb *data, const char *locale, const char *logo, const char *pay_url)
{
	PcBill		bill = {0};

	pc_bill_begin(&bill, data, locale, logo, PC_LABEL_INVOICE, write_facts);
	pc_bill_lines(&bill);
	write_settlement(&bill);
	pc_bill_lines_end(&bill);
	pc_bill_notes(&bill);
	write_how_to_pay(&bill, pay_url);
	return pc_bill_end(&bill);
}
