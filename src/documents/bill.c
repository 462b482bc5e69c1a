/*
 * bill.c
 *		What invoices and credit notes share: head, parties, sums, notes.
 */
#include "common/paycore.h"

#include "common/json.h"
#include "common/time_text.h"
#include "documents/bill.h"
#include "types/money_text.h"
#include "utils/builtins.h"

PcMoney
pc_bill_money(const Jsonb *data, const char *key)
{
	char	   *text = pc_json_string(data, key);
	PcMoneyParts parts;

	if (text == NULL || pc_money_parse(text, &parts) != PC_PARSED)
		return 0;
	return pc_money_make(parts.currency->numeric_code, parts.amount);
}

TimestampTz
pc_bill_time(const Jsonb *data, const char *key)
{
	char	   *text = pc_json_string(data, key);

	return text == NULL ? 0 : pc_time_in(text);
}

void
pc_bill_begin(PcBill *bill, const Jsonb *data, const char *locale, const char *logo, PcLabel title, void (*facts) (PcBill *bill))
{
	PcPage	   *page = &bill->page;
	Jsonb	   *seller = pc_json_object(data, "seller");
	const char *number = pc_printable(pc_json_string(data, "number"));
	pg_tz	   *zone = pc_time_zone(pc_json_string(data, "time_zone"));

	bill->data = data;
	pc_page_begin(page, pc_page_locale(locale, pc_json_string(data, "locale"), pc_json_string(seller, "locale")),
				  zone != NULL ? zone : pc_time_zone("UTC"), title, number != NULL ? number : "");
	pc_page_header(page, title, pc_printable(pc_json_string(seller, "name")), logo);
	if (pc_bill_time(data, "voided_at") != 0)
		pc_page_notice(page, PC_LABEL_VOIDED, pc_bill_time(data, "voided_at"));
	facts(bill);
	pc_page_parties(page, seller, pc_json_object(data, "account"));
}

text *
pc_bill_end(PcBill *bill)
{
	return pc_page_end(&bill->page, pc_printable(pc_json_text2(bill->data, "seller", "footer")));
}

/* The account is exempt, or the tax is the recipient's: because of it, or of a rate. */
static bool
has_kind(const PcBill *bill, const char *exemption, const char *kind)
{
	Jsonb	   *taxes = pc_json_object(bill->data, "taxes");
	char	   *own = pc_json_string(bill->data, "tax_exemption");

	if (own != NULL && strcmp(own, exemption) == 0)
		return true;
	for (int i = 0; i < pc_json_array_length(taxes); i++)
	{
		Jsonb	   *tax = pc_json_element(taxes, i);
		char	   *kind_of_tax = pc_json_string(tax, "kind");

		if (kind_of_tax != NULL && strcmp(kind_of_tax, kind) == 0 && pc_json_string(tax, "text") == NULL)
			return true;
	}
	return false;
}

void
pc_bill_notes(PcBill *bill)
{
	Jsonb	   *taxes = pc_json_object(bill->data, "taxes");

	if (has_kind(bill, "reverse", "reverse_charge"))
		pc_page_note(&bill->page, pc_page_label(&bill->page, PC_LABEL_REVERSE_CHARGE));
	if (has_kind(bill, "exempt", "exempt"))
		pc_page_note(&bill->page, pc_page_label(&bill->page, PC_LABEL_EXEMPT));
	for (int i = 0; i < pc_json_array_length(taxes); i++)
		pc_page_note(&bill->page, pc_printable(pc_json_string(pc_json_element(taxes, i), "text")));
	pc_page_note(&bill->page, pc_printable(pc_json_string(bill->data, "description")));
}
