/*
 * page.h
 *		The printable page that receipts, and whatever else a seller sends, are
 *		written on: head, facts, parties, a table of amounts, a foot.
 *
 * One HTML file that needs nothing but itself: no script, no link, no
 * resource of anybody's.  All texts are UTF-8.
 */
#ifndef PAYCORE_PAGE_H
#define PAYCORE_PAGE_H

#include "common/paycore.h"
#include "documents/html.h"
#include "documents/labels.h"
#include "documents/locale.h"
#include "utils/jsonb.h"

typedef struct PcPage
{
	PcHtml		html;
	PcLocale   *locale;
	const PcLabels *labels;
	pg_tz	   *zone;
} PcPage;

/* The head of any page: nothing but this style sheet, of the program, and pictures that the page itself holds. */
extern void pc_page_head(PcHtml *html, const char *title, const char *css);

/* title is the document's name, number its own. */
extern void pc_page_begin(PcPage *page, PcLocale *locale, pg_tz *zone, PcLabel title, const char *number);
extern text *pc_page_end(PcPage *page, const char *foot);

extern const char *pc_page_label(const PcPage *page, PcLabel label);

/* logo is a data: URI that pc_is_logo() has passed, or NULL. */
extern void pc_page_header(PcPage *page, PcLabel title, const char *seller, const char *logo);
extern void pc_page_notice(PcPage *page, PcLabel label, TimestampTz date);	/* 0 = no date */
extern void pc_page_mark(PcPage *page, PcLabel label, TimestampTz date);	/* of good news */
extern void pc_page_note(PcPage *page, const char *text);	/* a paragraph; NULL: none */

/* Pieces of text within an element that is open. */
extern void pc_page_value(PcPage *page, const char *value);	/* somebody else's */
extern void pc_page_money(PcPage *page, PcMoney amount);
extern void pc_page_number(PcPage *page, const char *formatted);	/* by the page's locale */

/* "Visa .... 4242 (Apple pay)", of an object with type, brand, last4, wallet; NULL where nothing is known. */
extern char *pc_page_method(const PcPage *page, const Jsonb *method);

/* Between these two: facts, each a label and its value. */
extern void pc_page_facts_begin(PcPage *page);
extern void pc_page_facts_end(PcPage *page);
extern void pc_page_fact(PcPage *page, PcLabel label, const char *value);	/* NULL: left out */
extern void pc_page_fact_money(PcPage *page, PcLabel label, PcMoney amount);
extern void pc_page_fact_date(PcPage *page, PcLabel label, TimestampTz date);	/* 0: left out */

/* Seller and buyer: objects with name, address_line1, ... as billing accounts have them. */
extern void pc_page_parties(PcPage *page, const Jsonb *seller, const Jsonb *buyer);

/* Rows of description, date and amount, then totals below them. */
extern void pc_page_table_begin(PcPage *page, PcCurrency currency);
extern void pc_page_row(PcPage *page, const char *description, TimestampTz date, PcMoney amount);
extern void pc_page_totals_begin(PcPage *page);
extern void pc_page_total(PcPage *page, PcLabel label, PcMoney amount);
extern void pc_page_table_end(PcPage *page);

/* Whether a tax id is one for VAT within the EU or the United Kingdom, by its form: "DE123456789". */
extern bool pc_is_vat_id(const char *tax_id);

/* The locale wanted, else that of the buyer, else that of the seller, else English; any of them may be NULL. */
extern PcLocale *pc_page_locale(const char *wanted, const char *buyers, const char *sellers);

/* A picture that may stand in a document: data:image/png, jpeg, gif or webp, base64, of that very kind, small. */
#define PC_LOGO_MAX_BYTES (128 * 1024)
extern bool pc_is_logo(const char *uri);

#endif							/* PAYCORE_PAGE_H */
