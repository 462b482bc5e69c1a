/*
 * page.c
 *		The printable page that documents are written on.
 */
#include "common/paycore.h"

#include "common/base64.h"
#include "common/json.h"
#include "common/sha256.h"
#include "documents/page.h"

static const char style[] =
#include "documents/style.inc"
;

const char *
pc_page_label(const PcPage *page, PcLabel label)
{
	return pc_label(page->labels, label);
}

PcLocale *
pc_page_locale(const char *wanted, const char *buyers, const char *sellers)
{
	const char *tags[] = {wanted, buyers, sellers};
	PcLocale   *locale = NULL;

	for (size_t i = 0; i < lengthof(tags) && locale == NULL; i++)
		locale = pc_locale_open(tags[i]);
	return locale != NULL ? locale : pc_locale_open("en");
}

/* Where labels are in English for want of a translation, values are still the locale's. */
static void
name_language(PcPage *page)
{
	if (strcmp(page->labels->language, pc_locale_language(page->locale)) != 0)
		pc_html_attribute(&page->html, "lang", pc_locale_tag(page->locale));
}

/* Text of somebody else's, whose direction says nothing about what stands next to it. */
void
pc_page_value(PcPage *page, const char *value)
{
	pc_html_element(&page->html, "bdi", value);
}

static void
add_date(PcPage *page, TimestampTz date)
{
	pc_html_open(&page->html, "time");
	pc_html_attribute(&page->html, "datetime", pc_iso_date(date, page->zone));
	name_language(page);
	pc_html_text(&page->html, pc_locale_date(page->locale, date, page->zone));
	pc_html_close(&page->html);
}

void
pc_page_number(PcPage *page, const char *formatted)
{
	pc_html_open(&page->html, "bdi");
	name_language(page);
	pc_html_text(&page->html, formatted);
	pc_html_close(&page->html);
}

void
pc_page_money(PcPage *page, PcMoney amount)
{
	pc_page_number(page, pc_locale_money(page->locale, amount));
}

/* Only this style sheet, and pictures that the page itself holds. */
static char *
content_policy(const char *css)
{
	bytea	   *digest = pc_sha256(css, strlen(css));
	char		base64[64];
	int			length = pg_b64_encode((const void *) VARDATA(digest), (int) (VARSIZE(digest) - VARHDRSZ),
									   base64, sizeof(base64));

	return psprintf("default-src 'none'; style-src 'sha256-%.*s'; img-src data:; base-uri 'none'; form-action 'none'",
					length, base64);
}

static void
write_meta(PcHtml *html, const char *name, const char *content)
{
	pc_html_void(html, "meta");
	pc_html_attribute(html, "name", name);
	pc_html_attribute(html, "content", content);
}

void
pc_page_head(PcHtml *html, const char *title, const char *css)
{
	pc_html_open(html, "head");
	pc_html_void(html, "meta");
	pc_html_attribute(html, "charset", "utf-8");
	pc_html_void(html, "meta");
	pc_html_attribute(html, "http-equiv", "Content-Security-Policy");
	pc_html_attribute(html, "content", content_policy(css));
	write_meta(html, "viewport", "width=device-width, initial-scale=1");
	write_meta(html, "referrer", "no-referrer");
	write_meta(html, "robots", "noindex");
	pc_html_element(html, "title", title);
	pc_html_style(html, css);
	pc_html_close(html);
}

void
pc_page_begin(PcPage *page, PcLocale *locale, pg_tz *zone, PcLabel title, const char *number)
{
	page->locale = locale;
	page->zone = zone;
	page->labels = pc_labels(pc_locale_language(locale));
	pc_html_begin(&page->html);
	pc_html_open(&page->html, "html");
	pc_html_attribute(&page->html, "lang", strcmp(page->labels->language, pc_locale_language(locale)) == 0 ?
					  pc_locale_tag(locale) : page->labels->language);
	pc_html_attribute(&page->html, "dir", pc_language_is_right_to_left(page->labels->language) ? "rtl" : "ltr");
	pc_page_head(&page->html, psprintf("%s %s", pc_page_label(page, title), number), style);
	pc_html_open(&page->html, "body");
}

text *
pc_page_end(PcPage *page, const char *foot)
{
	if (foot != NULL)
	{
		pc_html_open(&page->html, "footer");
		pc_html_attribute(&page->html, "dir", "auto");
		pc_html_text(&page->html, foot);
		pc_html_close(&page->html);
	}
	return pc_html_end(&page->html);
}

void
pc_page_header(PcPage *page, PcLabel title, const char *seller, const char *logo)
{
	PcHtml	   *html = &page->html;

	pc_html_open(html, "header");
	pc_html_element(html, "h1", pc_page_label(page, title));
	if (logo != NULL)
	{
		pc_html_void(html, "img");
		pc_html_attribute(html, "src", logo);
		pc_html_attribute(html, "alt", seller);
	}
	pc_html_close(html);
}

static void
write_notice(PcPage *page, const char *class, PcLabel label, TimestampTz date)
{
	pc_html_open(&page->html, "p");
	pc_html_attribute(&page->html, "class", class);
	pc_html_text(&page->html, pc_page_label(page, label));
	if (date != 0)
	{
		pc_html_text(&page->html, " ");
		add_date(page, date);
	}
	pc_html_close(&page->html);
}

void
pc_page_notice(PcPage *page, PcLabel label, TimestampTz date)
{
	write_notice(page, "notice", label, date);
}

void
pc_page_mark(PcPage *page, PcLabel label, TimestampTz date)
{
	write_notice(page, "notice mark", label, date);
}

void
pc_page_note(PcPage *page, const char *text)
{
	if (text == NULL || text[0] == '\0')
		return;
	pc_html_open(&page->html, "p");
	pc_html_attribute(&page->html, "class", "note");
	pc_page_value(page, text);
	pc_html_close(&page->html);
}

void
pc_page_facts_begin(PcPage *page)
{
	pc_html_open(&page->html, "dl");
}

void
pc_page_facts_end(PcPage *page)
{
	pc_html_close(&page->html);
}

void
pc_page_fact(PcPage *page, PcLabel label, const char *value)
{
	if (value == NULL)
		return;
	pc_html_element(&page->html, "dt", pc_page_label(page, label));
	pc_html_open(&page->html, "dd");
	pc_page_value(page, value);
	pc_html_close(&page->html);
}

void
pc_page_fact_date(PcPage *page, PcLabel label, TimestampTz date)
{
	if (date == 0)
		return;
	pc_html_element(&page->html, "dt", pc_page_label(page, label));
	pc_html_open(&page->html, "dd");
	add_date(page, date);
	pc_html_close(&page->html);
}

void
pc_page_fact_money(PcPage *page, PcLabel label, PcMoney amount)
{
	pc_html_element(&page->html, "dt", pc_page_label(page, label));
	pc_html_open(&page->html, "dd");
	pc_html_open(&page->html, "strong");
	pc_page_money(page, amount);
	pc_html_close(&page->html);
	pc_html_close(&page->html);
}

static void
write_line(PcPage *page, const char *line)
{
	if (line == NULL || line[0] == '\0')
		return;
	pc_html_open(&page->html, "p");
	pc_page_value(page, line);
	pc_html_close(&page->html);
}

static const char *
field(const Jsonb *party, const char *key)
{
	return pc_printable(pc_json_string(party, key));
}

/* Postal code first, but where people write it last. */
static char *
city_line(const Jsonb *party)
{
	static const char *const city_first[] = {"AU", "CA", "GB", "IE", "IN", "NZ", "US", NULL};
	const char *country = field(party, "country");
	bool		last = false;
	const char *parts[3] = {field(party, "postal_code"), field(party, "city"), field(party, "state")};
	StringInfoData line;

	for (int i = 0; country != NULL && city_first[i] != NULL; i++)
		last |= pg_strcasecmp(country, city_first[i]) == 0;
	initStringInfo(&line);
	for (int i = 0; i < 3; i++)
	{
		const char *part = parts[last ? (i + 1) % 3 : i];

		if (part != NULL && part[0] != '\0')
			appendStringInfo(&line, "%s%s", line.len > 0 ? " " : "", part);
	}
	return line.data;
}

static void
write_party(PcPage *page, PcLabel label, const Jsonb *party)
{
	const char *country = field(party, "country");
	const char *tax_id = field(party, "tax_id");

	pc_html_open(&page->html, "section");
	pc_html_element(&page->html, "h2", pc_page_label(page, label));
	write_line(page, field(party, "name"));
	write_line(page, field(party, "address_line1"));
	write_line(page, field(party, "address_line2"));
	write_line(page, city_line(party));
	write_line(page, country != NULL ? pc_locale_country(page->locale, country) : NULL);
	write_line(page, field(party, "email"));
	write_line(page, field(party, "phone"));
	write_line(page, field(party, "website"));
	if (tax_id != NULL)
		write_line(page, psprintf("%s: %s", pc_page_label(page, pc_is_vat_id(tax_id) ? PC_LABEL_VAT_ID : PC_LABEL_TAX_ID), tax_id));
	pc_html_close(&page->html);
}

void
pc_page_parties(PcPage *page, const Jsonb *seller, const Jsonb *buyer)
{
	pc_html_open(&page->html, "div");
	pc_html_attribute(&page->html, "class", "parties");
	write_party(page, PC_LABEL_FROM, seller);
	write_party(page, PC_LABEL_BILL_TO, buyer);
	pc_html_close(&page->html);
}

static void
write_header_cell(PcPage *page, const char *text)
{
	pc_html_open(&page->html, "th");
	pc_html_attribute(&page->html, "scope", "col");
	pc_html_text(&page->html, text);
	pc_html_close(&page->html);
}

void
pc_page_table_begin(PcPage *page, PcCurrency currency)
{
	PcHtml	   *html = &page->html;

	pc_html_open(html, "table");
	pc_html_open(html, "thead");
	pc_html_open(html, "tr");
	write_header_cell(page, pc_page_label(page, PC_LABEL_DESCRIPTION));
	write_header_cell(page, pc_page_label(page, PC_LABEL_DATE));
	write_header_cell(page, psprintf("%s (%s)", pc_page_label(page, PC_LABEL_AMOUNT), pc_currency_by_number(currency)->code));
	pc_html_close(html);
	pc_html_close(html);
	pc_html_open(html, "tbody");
}

void
pc_page_row(PcPage *page, const char *description, TimestampTz date, PcMoney amount)
{
	PcHtml	   *html = &page->html;

	pc_html_open(html, "tr");
	pc_html_open(html, "td");
	pc_page_value(page, description);
	pc_html_close(html);
	pc_html_open(html, "td");
	if (date != 0)
		add_date(page, date);
	pc_html_close(html);
	pc_html_open(html, "td");
	pc_page_money(page, amount);
	pc_html_close(html);
	pc_html_close(html);
}

void
pc_page_totals_begin(PcPage *page)
{
	pc_html_close(&page->html);
	pc_html_open(&page->html, "tfoot");
}

void
pc_page_total(PcPage *page, PcLabel label, PcMoney amount)
{
	PcHtml	   *html = &page->html;

	pc_html_open(html, "tr");
	pc_html_open(html, "th");
	pc_html_attribute(html, "scope", "row");
	pc_html_attribute(html, "colspan", "2");
	pc_html_text(html, pc_page_label(page, label));
	pc_html_close(html);
	pc_html_open(html, "td");
	pc_page_money(page, amount);
	pc_html_close(html);
	pc_html_close(html);
}

void
pc_page_table_end(PcPage *page)
{
	pc_html_close(&page->html);
	pc_html_close(&page->html);
}
