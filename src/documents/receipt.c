/*
 * receipt.c
 *		The document of a payment, or of a refund.
 */
#include "common/paycore.h"

#include "common/json.h"
#include "documents/page.h"
#include "documents/receipt.h"

static void
write_facts(PcPage *page, const PcReceipt *receipt, const Jsonb *payment, const char *zone)
{
	pc_page_facts_begin(page);
	pc_page_fact(page, PC_LABEL_NUMBER, pc_printable(receipt->number));
	pc_page_fact_date(page, PC_LABEL_ISSUED_ON, receipt->issued_at);
	pc_page_fact_date(page, PC_LABEL_PAID_ON, receipt->paid_at);
	pc_page_fact_date(page, PC_LABEL_REFUNDED_ON, receipt->refunded_at);
	pc_page_fact(page, PC_LABEL_METHOD, pc_page_method(page, pc_json_object(payment, "method")));
	pc_page_fact(page, PC_LABEL_TIME_ZONE, zone);
	pc_page_facts_end(page);
}

/* A refund that is still pending is named as such, and not yet subtracted. */
static PcMoney
write_refunds(PcPage *page, const PcReceipt *receipt)
{
	PcMoney		refunded = pc_money_make(pc_money_currency(receipt->amount), 0);

	for (int i = 0; i < receipt->nrefunds; i++)
	{
		const PcReceiptRefund *refund = &receipt->refunds[i];
		const char *name = pc_page_label(page, PC_LABEL_REFUND);

		pc_page_row(page, refund->pending ? psprintf("%s (%s)", name, pc_page_label(page, PC_LABEL_PENDING)) : name,
					refund->date, pc_money_negate(refund->amount));
		if (!refund->pending)
			refunded = pc_money_add(refunded, refund->amount);
	}
	return refunded;
}

static void
write_payment(PcPage *page, const PcReceipt *receipt, const Jsonb *payment)
{
	const char *description = pc_printable(pc_json_string(payment, "description"));
	PcMoney		refunded;

	pc_page_table_begin(page, pc_money_currency(receipt->amount));
	pc_page_row(page, description != NULL ? description : pc_page_label(page, PC_LABEL_PAYMENT), receipt->paid_at,
				receipt->amount);
	refunded = write_refunds(page, receipt);
	pc_page_totals_begin(page);
	pc_page_total(page, PC_LABEL_PAID, receipt->amount);
	if (pc_money_amount(refunded) > 0)
	{
		pc_page_total(page, PC_LABEL_REFUNDED, pc_money_negate(refunded));
		pc_page_total(page, PC_LABEL_BALANCE, pc_money_subtract(receipt->amount, refunded));
	}
	pc_page_table_end(page);
}

static void
write_refund(PcPage *page, const PcReceipt *receipt, const Jsonb *payment)
{
	const char *description = pc_printable(pc_json_string(payment, "description"));

	pc_page_table_begin(page, pc_money_currency(receipt->amount));
	pc_page_row(page, description != NULL ? description : pc_page_label(page, PC_LABEL_REFUND), receipt->refunded_at,
				receipt->amount);
	pc_page_totals_begin(page);
	pc_page_total(page, PC_LABEL_REFUNDED, receipt->amount);
	pc_page_table_end(page);
}

text *
pc_receipt_html(const PcReceipt *receipt, const char *locale)
{
	PcPage		page;
	Jsonb	   *seller = pc_json_object(receipt->data, "seller");
	Jsonb	   *payment = pc_json_object(receipt->data, "payment");
	PcLabel		title = receipt->of_refund ? PC_LABEL_REFUND_RECEIPT : PC_LABEL_RECEIPT;
	char	   *zone_name = pc_json_string(receipt->data, "time_zone");
	pg_tz	   *zone = pc_time_zone(zone_name);

	if (zone == NULL)
	{
		zone_name = pstrdup("UTC");
		zone = pc_time_zone(zone_name);
	}
	pc_page_begin(&page, pc_page_locale(locale, pc_json_string(receipt->data, "locale"), pc_json_string(seller, "locale")), zone, title, pc_printable(receipt->number));
	pc_page_header(&page, title, pc_printable(pc_json_string(seller, "name")), receipt->logo);
	if (receipt->test)
		pc_page_notice(&page, PC_LABEL_TEST, 0);
	if (receipt->failed_at != 0)
		pc_page_notice(&page, receipt->of_refund ? PC_LABEL_REFUND_FAILED : PC_LABEL_FAILED, receipt->failed_at);
	write_facts(&page, receipt, payment, zone_name);
	pc_page_parties(&page, seller, pc_json_object(receipt->data, "account"));
	if (receipt->of_refund)
		write_refund(&page, receipt, payment);
	else
		write_payment(&page, receipt, payment);
	return pc_page_end(&page, pc_printable(pc_json_string(seller, "footer")));
}
