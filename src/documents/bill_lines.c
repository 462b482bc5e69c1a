/*
 * bill_lines.c
 *		The table of an invoice or a credit note: its lines, with how prices by
 *		tiers came to them, and its sums.
 */
#include "common/paycore.h"

#include "common/json.h"
#include "documents/bill.h"

/* Which columns there is something for. */
static void
choose_columns(PcBill *bill)
{
	Jsonb	   *lines = pc_json_object(bill->data, "lines");
	int			n = pc_json_array_length(lines);
	int			discounted = 0;

	for (int i = 0; i < n; i++)
	{
		Jsonb	   *line = pc_json_element(lines, i);

		bill->with_prices |= pc_json_text(line, "unit_price") != NULL || pc_json_array_length(pc_json_object(line, "steps")) > 0;
		bill->with_taxes |= pc_json_array_length(pc_json_object(line, "taxes")) > 0;
		discounted += pc_json_array_length(pc_json_object(line, "discounts")) > 0;
	}
	bill->with_discounts = discounted > 0 && discounted < n;
}

static void
open_cell(PcBill *bill, const char *class)
{
	pc_html_open(&bill->page.html, "td");
	if (class != NULL)
		pc_html_attribute(&bill->page.html, "class", class);
}

static void
write_heading(PcBill *bill, PcLabel label, const char *class)
{
	PcHtml	   *html = &bill->page.html;

	pc_html_open(html, "th");
	pc_html_attribute(html, "scope", "col");
	if (class != NULL)
		pc_html_attribute(html, "class", class);
	pc_html_text(html, pc_page_label(&bill->page, label));
	pc_html_close(html);
}

static void
write_headings(PcBill *bill)
{
	PcHtml	   *html = &bill->page.html;

	pc_html_open(html, "thead");
	pc_html_open(html, "tr");
	write_heading(bill, PC_LABEL_DESCRIPTION, NULL);
	write_heading(bill, PC_LABEL_QUANTITY, "n");
	if (bill->with_prices)
		write_heading(bill, PC_LABEL_UNIT_PRICE, "n");
	if (bill->with_taxes)
		write_heading(bill, PC_LABEL_TAX, "n");
	write_heading(bill, PC_LABEL_AMOUNT, "n");
	pc_html_close(html);
	pc_html_close(html);
}

/* "1,000 calls" */
static char *
amount_of(PcBill *bill, const char *quantity, const char *unit)
{
	char	   *number = pc_locale_number(bill->page.locale, quantity);

	return unit != NULL ? psprintf("%s %s", number, unit) : number;
}

static PcCurrency
currency_of(const PcBill *bill)
{
	return pc_money_currency(pc_bill_money(bill->data, "total"));
}

static char *
price_of(PcBill *bill, const Jsonb *object, const char *key)
{
	char	   *price = pc_json_text(object, key);

	return price != NULL ? pc_locale_price(bill->page.locale, price, currency_of(bill)) : NULL;
}

/* Under the description, in small print. */
static void
begin_detail(PcBill *bill)
{
	pc_html_open(&bill->page.html, "div");
	pc_html_attribute(&bill->page.html, "class", "detail");
}

static void
write_detail(PcBill *bill, const char *formatted)
{
	begin_detail(bill);
	pc_page_number(&bill->page, formatted);
	pc_html_close(&bill->page.html);
}

/* "900 x 0.01 EUR + 5.00 EUR = 14.00 EUR", each in the locale's form. */
static char *
step_text(PcBill *bill, const Jsonb *step)
{
	char	   *kind = pc_json_string(step, "kind");
	char	   *quantity = pc_json_text(step, "quantity");
	char	   *price = price_of(bill, step, "unit_price");
	char	   *fee = price_of(bill, step, "flat_fee");
	char	   *amount = pc_locale_money(bill->page.locale, pc_bill_money(step, "amount"));
	StringInfoData text;

	initStringInfo(&text);
	if (kind != NULL && strcmp(kind, "free_units") == 0)
		return psprintf("%s: %s", pc_page_label(&bill->page, PC_LABEL_FREE_UNITS), pc_locale_number(bill->page.locale, quantity));
	if (kind != NULL && strcmp(kind, "price") != 0)
		return psprintf("%s: %s", pc_page_label(&bill->page, strcmp(kind, "minimum") == 0 ? PC_LABEL_MINIMUM : PC_LABEL_MAXIMUM), amount);
	if (price != NULL && quantity != NULL)
		appendStringInfo(&text, "%s \u00d7 %s", pc_locale_number(bill->page.locale, quantity), price);
	if (fee != NULL && strspn(pc_json_text(step, "flat_fee"), "0.") != strlen(pc_json_text(step, "flat_fee")))
		appendStringInfo(&text, "%s%s %s", text.len > 0 ? " + " : "", pc_page_label(&bill->page, PC_LABEL_BASE_FEE), fee);
	appendStringInfo(&text, " = %s", amount);
	return text.data;
}

static void
write_period(PcBill *bill, const Jsonb *period)
{
	pg_tz	   *zone = pc_time_zone(pc_json_string(period, "time_zone"));
	TimestampTz since = pc_bill_time(period, "since");
	TimestampTz until = pc_bill_time(period, "until");

	if (since != 0 && until != 0)
		write_detail(bill, pc_locale_period(bill->page.locale, since, until, zone != NULL ? zone : bill->page.zone));
}

/* What a line is for: in the document's language where the words are ours, those of items/prorate.sql among them. */
static const char *
description_of(PcBill *bill, const Jsonb *line)
{
	static const struct
	{
		const char *words;
		PcLabel		label;
	}			parts[] = {{"Unused time of ", PC_LABEL_UNUSED_TIME}, {"Remaining time of ", PC_LABEL_REMAINING_TIME}};
	char	   *kind = pc_json_string(line, "kind");
	const char *description = pc_printable(pc_json_string(line, "description"));

	if (kind != NULL && strcmp(kind, "minimum") == 0)
		return pc_page_label(&bill->page, PC_LABEL_MINIMUM);
	for (size_t i = 0; i < lengthof(parts) && pc_json_bool(line, "proration", false); i++)
	{
		size_t		len = strlen(parts[i].words);

		if (strncmp(description, parts[i].words, len) == 0)
			return psprintf("%s %s", pc_page_label(&bill->page, parts[i].label), description + len);
	}
	return description;
}

static void
write_description(PcBill *bill, const Jsonb *line)
{
	Jsonb	   *steps = pc_json_object(line, "steps");
	Jsonb	   *discounts = pc_json_object(line, "discounts");

	open_cell(bill, NULL);
	pc_page_value(&bill->page, description_of(bill, line));
	write_period(bill, pc_json_object(line, "period"));
	for (int i = 0; i < pc_json_array_length(steps); i++)
		write_detail(bill, step_text(bill, pc_json_element(steps, i)));
	for (int i = 0; i < pc_json_array_length(discounts) && bill->with_discounts; i++)
	{
		Jsonb	   *discount = pc_json_element(discounts, i);

		begin_detail(bill);
		pc_page_value(&bill->page, pc_printable(pc_json_string(discount, "name")));
		pc_html_text(&bill->page.html, " ");
		pc_page_money(&bill->page, pc_money_negate(pc_bill_money(discount, "amount")));
		pc_html_close(&bill->page.html);
	}
	pc_html_close(&bill->page.html);
}

/* What a unit costs: of a percentage, so much of the amount; of packages, so much for so many. */
static char *
unit_price_text(PcBill *bill, const Jsonb *line)
{
	char	   *model = pc_json_string(line, "model");
	char	   *package = pc_json_text(line, "package_size");
	char	   *price = pc_json_text(line, "unit_price");

	if (price != NULL && model != NULL && strcmp(model, "percentage") == 0)
		return pc_locale_percent(bill->page.locale, price);
	price = price_of(bill, line, "unit_price");
	return price != NULL && package != NULL ? psprintf("%s / %s", price, pc_locale_number(bill->page.locale, package)) : price;
}

static void
write_rates(PcBill *bill, const Jsonb *taxes)
{
	open_cell(bill, "n tax");
	for (int i = 0; i < pc_json_array_length(taxes); i++)
	{
		if (i > 0)
			pc_html_text(&bill->page.html, " + ");
		pc_page_number(&bill->page, pc_locale_percent(bill->page.locale, pc_json_text(pc_json_element(taxes, i), "percentage")));
	}
	pc_html_close(&bill->page.html);
}

/* Between quantity and price where they stand in one line. */
static void
write_times(PcBill *bill)
{
	pc_html_open(&bill->page.html, "span");
	pc_html_attribute(&bill->page.html, "class", "times");
	pc_html_text(&bill->page.html, "\u00d7 ");
	pc_html_close(&bill->page.html);
}

static void
write_line(PcBill *bill, const Jsonb *line)
{
	PcPage	   *page = &bill->page;
	char	   *quantity = pc_json_text(line, "quantity");

	pc_html_open(&page->html, "tr");
	write_description(bill, line);
	open_cell(bill, "n");
	if (quantity != NULL)
		pc_page_number(page, amount_of(bill, quantity, pc_printable(pc_json_string(line, "unit"))));
	pc_html_close(&page->html);
	if (bill->with_prices)
	{
		char	   *price = unit_price_text(bill, line);

		open_cell(bill, "n");
		if (price != NULL)
		{
			write_times(bill);
			pc_page_number(page, price);
		}
		pc_html_close(&page->html);
	}
	if (bill->with_taxes)
		write_rates(bill, pc_json_object(line, "taxes"));
	open_cell(bill, "n amount");
	pc_page_money(page, pc_bill_money(line, "amount"));
	pc_html_close(&page->html);
	pc_html_close(&page->html);
}

void
pc_bill_sum(PcBill *bill, const char *class, const char *label, const char *note, PcMoney amount)
{
	PcHtml	   *html = &bill->page.html;

	pc_html_open(html, "tr");
	if (class != NULL)
		pc_html_attribute(html, "class", class);
	pc_html_open(html, "th");
	pc_html_attribute(html, "scope", "row");
	pc_html_attribute(html, "colspan", psprintf("%d", 2 + bill->with_prices + bill->with_taxes));
	pc_page_value(&bill->page, label);
	if (note != NULL)
	{
		pc_html_open(html, "span");
		pc_html_attribute(html, "class", "detail");
		pc_html_text(html, " ");
		pc_page_number(&bill->page, note);
		pc_html_close(html);
	}
	pc_html_close(html);
	open_cell(bill, "n");
	pc_page_money(&bill->page, amount);
	pc_html_close(html);
	pc_html_close(html);
}

/* "VAT 19%", and what it is on. */
static void
write_taxes(PcBill *bill, bool inclusive)
{
	Jsonb	   *taxes = pc_json_object(bill->data, "taxes");

	for (int i = 0; i < pc_json_array_length(taxes); i++)
	{
		Jsonb	   *tax = pc_json_element(taxes, i);
		char	   *name;

		if (pc_json_bool(tax, "inclusive", false) != inclusive)
			continue;
		name = psprintf("%s %s", pc_printable(pc_json_string(tax, "name")), pc_locale_percent(bill->page.locale, pc_json_text(tax, "percentage")));
		pc_bill_sum(bill, inclusive ? "within" : NULL, inclusive ? psprintf("%s %s", pc_page_label(&bill->page, PC_LABEL_INCLUDING), name) : name,
					psprintf("(%s %s)", pc_page_label(&bill->page, PC_LABEL_TAXABLE),
							 pc_locale_money(bill->page.locale, pc_bill_money(tax, "taxable"))), pc_bill_money(tax, "amount"));
	}
}

static void
write_sums(PcBill *bill)
{
	PcMoney		total = pc_bill_money(bill->data, "total");
	Jsonb	   *discounts = pc_json_object(bill->data, "discounts");

	if (pc_bill_money(bill->data, "subtotal") != total || pc_json_array_length(discounts) > 0)
		pc_bill_sum(bill, NULL, pc_page_label(&bill->page, PC_LABEL_SUBTOTAL), NULL, pc_bill_money(bill->data, "subtotal"));
	for (int i = 0; i < pc_json_array_length(discounts); i++)
	{
		Jsonb	   *discount = pc_json_element(discounts, i);
		const char *name = pc_printable(pc_json_string(discount, "name"));
		const char *label = pc_page_label(&bill->page, PC_LABEL_DISCOUNT);

		pc_bill_sum(bill, NULL, name != NULL ? psprintf("%s: %s", label, name) : label, NULL, pc_money_negate(pc_bill_money(discount, "amount")));
	}
	write_taxes(bill, false);
	pc_bill_sum(bill, "total", pc_page_label(&bill->page, PC_LABEL_TOTAL), NULL, total);
	write_taxes(bill, true);
}

void
pc_bill_lines(PcBill *bill)
{
	PcHtml	   *html = &bill->page.html;
	Jsonb	   *lines = pc_json_object(bill->data, "lines");

	choose_columns(bill);
	pc_html_open(html, "table");
	pc_html_attribute(html, "class", "lines");
	write_headings(bill);
	pc_html_open(html, "tbody");
	for (int i = 0; i < pc_json_array_length(lines); i++)
		write_line(bill, pc_json_element(lines, i));
	pc_html_close(html);
	pc_html_open(html, "tfoot");
	write_sums(bill);
}

void
pc_bill_lines_end(PcBill *bill)
{
	pc_html_close(&bill->page.html);
	pc_html_close(&bill->page.html);
}
