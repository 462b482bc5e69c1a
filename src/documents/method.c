/*
 * method.c
 *		What people call that with which something was paid.
 */
#include "common/paycore.h"

#include "common/json.h"
#include "documents/page.h"

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
	text = pstrdup(pc_printable(word));
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

char *
pc_page_method(const PcPage *page, const Jsonb *method)
{
	char	   *type = pc_json_string(method, "type");
	char	   *brand = pc_json_string(method, "brand");
	const char *last4 = pc_printable(pc_json_string(method, "last4"));
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
