/*
 * receipt.c
 *		The document of a payment, or of a refund.
 */
#include "common/paycore.h"

#include "common/json.h"
#include "documents/page.h"
#include "documents/receipt.h"

/* Names that are the same in every language. */
static const char *const names[][2] = {
	{"amex", "American Express"},
	{"cartes_bancaires", "Cartes Bancaires"},
	{"diners", "Diners Club"},
	{"ideal", "iDEAL"},
	{"jcb", "JCB"},
	{"paypal", "PayPal"},
	{"sepa_debit", "SEPA"},
	{"us_bank_account", "ACH"},
	{"unionpay", "UnionPay"},
};

/* Words that people use for payments without a processor. */
static const struct
{
	const char *type;
	PcLabel		label;
}			plain_types[] = {
	{"card", PC_LABEL_CARD},
	{"cash", PC_LABEL_CASH},
	{"transfer", PC_LABEL_TRANSFER},
	{"bank_transfer", PC_LABEL_TRANSFER},
	{"cheque", PC_LABEL_CHEQUE},
	{"check", PC_LABEL_CHEQUE},
};

/* "visa": Visa. */
static char *
readable(const char *word)
{
	char	   *text;

	for (size_t i = 0; i < lengthof(names); i++)
	{
		if (strcmp(names[i][0], word) == 0)
			return pstrdup(names[i][1]);
	}
	text = pc_utf8(word);
	for (char *c = text; *c != '\0'; c++)
	{
		if (*c == '_')
			*c = ' ';
	}
	text[0] = pg_ascii_toupper((unsigned char) text[0]);
	return text;
}

static const char *
type_name(const PcPage *page, const char *type)
{
	for (size_t i = 0; i < lengthof(plain_types); i++)
	{
		if (strcmp(plain_types[i].type, type) == 0)
			return pc_page_label(page, plain_types[i].label);
	}
	return readable(type);
}

/* "Visa .... 4242 (Apple pay)"; NULL where nothing is known. */
static char *
method_text(const PcPage *page, const Jsonb *payment)
{
	Jsonb	   *method = pc_json_object(payment, "method");
	char	   *type = pc_json_string(method, "type");
	char	   *brand = pc_json_string(method, "brand");
	char	   *last4 = pc_utf8(pc_json_string(method, "last4"));
	char	   *wallet = pc_json_string(method, "wallet");
	StringInfoData text;

	if (type == NULL && brand == NULL)
		return NULL;
	initStringInfo(&text);
	appendStringInfoString(&text, brand != NULL ? readable(brand) : type_name(page, type));
	if (last4 != NULL)
		appendStringInfo(&text, " \u2022\u2022\u2022\u2022 %s", last4);
	if (wallet != NULL)
		appendStringInfo(&text, " (%s)", readable(wallet));
	return text.data;
}

static PcLocale *
choose_locale(const PcReceipt *receipt, const char *wanted)
{
	PcLocale   *locale = pc_locale_open(wanted);

	if (locale == NULL)
		locale = pc_locale_open(pc_json_string(receipt->data, "locale"));
	if (locale == NULL)
		locale = pc_locale_open(pc_json_text2(receipt->data, "seller", "locale"));
	return locale != NULL ? locale : pc_locale_open("en");
}

static void
write_facts(PcPage *page, const PcReceipt *receipt, const Jsonb *payment, const char *zone)
{
	pc_page_facts_begin(page);
	pc_page_fact(page, PC_LABEL_NUMBER, pc_utf8(receipt->number));
	pc_page_fact_date(page, PC_LABEL_ISSUED_ON, receipt->issued_at);
	pc_page_fact_date(page, PC_LABEL_PAID_ON, receipt->paid_at);
	pc_page_fact_date(page, PC_LABEL_REFUNDED_ON, receipt->refunded_at);
	pc_page_fact(page, PC_LABEL_METHOD, method_text(page, payment));
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
	char	   *description = pc_utf8(pc_json_string(payment, "description"));
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
	char	   *description = pc_utf8(pc_json_string(payment, "description"));

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
	pc_page_begin(&page, choose_locale(receipt, locale), zone, title, pc_utf8(receipt->number));
	pc_page_header(&page, title, pc_utf8(pc_json_string(seller, "name")), receipt->logo);
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
	return pc_page_end(&page, pc_utf8(pc_json_string(seller, "footer")));
}
