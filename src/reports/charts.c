/*
 * charts.c
 *		The charts of the page of reports, each with its table.
 */
#include "common/paycore.h"

#include "documents/chart.h"
#include "reports/page.h"

#define MAX_HEAT	24			/* months of the table of retention */
#define HEAT_LEVELS 10

/* What values of a chart are called. */
typedef struct Amounts
{
	PcLocale   *locale;
	PcCurrency	currency;
} Amounts;

static char *
amount_text(void *context, int64 value)
{
	Amounts    *amounts = (Amounts *) context;

	return pc_locale_money(amounts->locale, pc_money_make(amounts->currency, value));
}

char *
rep_money(ReportPage *page, const FigCurrency *c, int64 value)
{
	return pc_locale_money(page->locale, pc_money_make(c->code, value));
}

const char *
rep_code(const FigCurrency *c)
{
	return pc_currency_by_number(c->code)->code;
}

void
rep_paragraph(PcHtml *html, const char *class, const char *text)
{
	pc_html_open(html, "p");
	if (class != NULL)
		pc_html_attribute(html, "class", class);
	pc_html_text(html, text);
	pc_html_close(html);
}

static void
header_cell(PcHtml *html, const char *scope, const char *text)
{
	pc_html_open(html, "th");
	pc_html_attribute(html, "scope", scope);
	pc_html_text(html, text);
	pc_html_close(html);
}

/* Up to the body, which is open then. */
static void
open_table(PcHtml *html, const char *class, const char *caption, const char *const *columns, int ncolumns)
{
	pc_html_open(html, "div");
	pc_html_attribute(html, "class", "scroll");
	pc_html_open(html, "table");
	if (class != NULL)
		pc_html_attribute(html, "class", class);
	pc_html_element(html, "caption", caption);
	pc_html_open(html, "thead");
	pc_html_open(html, "tr");
	for (int i = 0; i < ncolumns; i++)
		header_cell(html, "col", columns[i]);
	pc_html_close(html);
	pc_html_close(html);
	pc_html_open(html, "tbody");
}

static void
close_table(PcHtml *html)
{
	for (int i = 0; i < 3; i++)
		pc_html_close(html);
}

static void
open_figure(PcHtml *html, const char *title, const char *text)
{
	pc_html_open(html, "figure");
	pc_html_open(html, "figcaption");
	pc_html_element(html, "h3", title);
	rep_paragraph(html, NULL, text);
	pc_html_close(html);
}

/* A row for each month, of these columns. */
static void
write_months(ReportPage *page, const FigCurrency *c, const char *caption, const char *const *names, const FigMonthly *columns, int ncolumns)
{
	PcHtml	   *html = &page->html;

	open_table(html, NULL, caption, names, ncolumns + 1);
	for (int m = 0; m < page->figures->nmonths; m++)
	{
		pc_html_open(html, "tr");
		header_cell(html, "row", page->months[m]);
		for (int i = 0; i < ncolumns; i++)
			pc_html_element(html, "td", rep_money(page, c, c->monthly[columns[i]][m]));
		pc_html_close(html);
	}
	close_table(html);
}

static PcChart
chart_of(ReportPage *page, const FigCurrency *c, Amounts *amounts, const char *what, const char *title, const char *description)
{
	PcChart		chart = {
		.id = psprintf("%s-%s", rep_code(c), what),
		.title = psprintf("%s, %s", title, rep_code(c)),
		.description = description,
		.npoints = page->figures->nmonths,
		.labels = page->months,
		.decimals = pc_currency_by_number(c->code)->exponent,
		.text = amount_text,
		.context = amounts
	};

	amounts->locale = page->locale;
	amounts->currency = c->code;
	return chart;
}

static void
add_series(PcChart *chart, const char *name, const char *class, const int64 *values)
{
	chart->names[chart->nseries] = name;
	chart->classes[chart->nseries] = class;
	chart->values[chart->nseries++] = values;
}

int64
rep_total(const ReportPage *page, const FigCurrency *c, FigMonthly column)
{
	int64		sum = 0;

	for (int m = 0; m < page->figures->nmonths; m++)
		sum += c->monthly[column][m];
	return sum;
}

bool
rep_has_any(const ReportPage *page, const FigCurrency *c, FigMonthly first, FigMonthly last)
{
	for (int column = first; column <= (int) last; column++)
	{
		for (int m = 0; m < page->figures->nmonths; m++)
		{
			if (c->monthly[column][m] != 0)
				return true;
		}
	}
	return false;
}

static void
write_mrr(ReportPage *page, const FigCurrency *c)
{
	static const char *const names[] = {"Month", "Opening", "New", "Expansion", "Reactivation", "Contraction", "Churn", "Closing"};
	static const FigMonthly columns[] = {FIG_OPENING, FIG_NEW, FIG_EXPANSION, FIG_REACTIVATION, FIG_CONTRACTION, FIG_CHURN, FIG_CLOSING};
	PcHtml	   *html = &page->html;
	int			last = page->figures->nmonths - 1;
	Amounts		amounts;
	PcChart		line;
	PcChart		bars;

	if (!rep_has_any(page, c, FIG_OPENING, FIG_CLOSING))
		return;
	line = chart_of(page, c, &amounts, "mrr", "Monthly recurring revenue",
					psprintf("A line from %s at the end of %s to %s at the end of %s.", rep_money(page, c, c->monthly[FIG_CLOSING][0]), page->months[0],
							 rep_money(page, c, c->monthly[FIG_CLOSING][last]), page->months[last]));
	add_series(&line, "MRR", "c1", c->monthly[FIG_CLOSING]);
	open_figure(html, "Monthly recurring revenue", "At the end of each month, net of discounts and taxes.");
	pc_chart_line(html, &line);
	bars = chart_of(page, c, &amounts, "movements", "Movements of recurring revenue",
					psprintf("Bars by month. In all %s new, %s expansion, %s reactivation, %s contraction, %s churn.",
							 rep_money(page, c, rep_total(page, c, FIG_NEW)), rep_money(page, c, rep_total(page, c, FIG_EXPANSION)),
							 rep_money(page, c, rep_total(page, c, FIG_REACTIVATION)), rep_money(page, c, rep_total(page, c, FIG_CONTRACTION)),
							 rep_money(page, c, rep_total(page, c, FIG_CHURN))));
	add_series(&bars, "New", "c1", c->monthly[FIG_NEW]);
	add_series(&bars, "Expansion", "c2", c->monthly[FIG_EXPANSION]);
	add_series(&bars, "Reactivation", "c3", c->monthly[FIG_REACTIVATION]);
	add_series(&bars, "Contraction", "c4", c->monthly[FIG_CONTRACTION]);
	add_series(&bars, "Churn", "c5", c->monthly[FIG_CHURN]);
	rep_paragraph(html, NULL, "What moved it: above the line what came, below it what went.");
	pc_chart_legend(html, &bars);
	pc_chart_bars(html, &bars);
	write_months(page, c, "Monthly recurring revenue and its movements", names, columns, lengthof(columns));
	pc_html_close(html);
}

static void
write_revenue(ReportPage *page, const FigCurrency *c)
{
	static const char *const names[] = {"Month", "Gross", "Refunds", "Disputes", "Bounced", "Fees", "Net"};
	static const FigMonthly columns[] = {FIG_GROSS, FIG_REFUNDS, FIG_DISPUTES, FIG_BOUNCED, FIG_FEES, FIG_NET};
	PcHtml	   *html = &page->html;
	int64	   *returned = palloc0(sizeof(int64) * page->figures->nmonths);
	Amounts		amounts;
	PcChart		chart;

	if (!rep_has_any(page, c, FIG_GROSS, FIG_NET))
		return;
	for (int m = 0; m < page->figures->nmonths; m++)
		returned[m] = c->monthly[FIG_DISPUTES][m] + c->monthly[FIG_BOUNCED][m];
	chart = chart_of(page, c, &amounts, "revenue", "Revenue by month",
					 psprintf("Bars by month. In all %s gross, of which %s net.", rep_money(page, c, rep_total(page, c, FIG_GROSS)),
							  rep_money(page, c, rep_total(page, c, FIG_NET))));
	add_series(&chart, "Net", "c2", c->monthly[FIG_NET]);
	add_series(&chart, "Fees", "c6", c->monthly[FIG_FEES]);
	add_series(&chart, "Refunds", "c4", c->monthly[FIG_REFUNDS]);
	add_series(&chart, "Disputes and bounced", "c5", returned);
	open_figure(html, "Revenue", "Payments by month, and what of them was fees or went back. All together are the gross amount.");
	pc_chart_legend(html, &chart);
	pc_chart_bars(html, &chart);
	write_months(page, c, "Revenue by month", names, columns, lengthof(columns));
	pc_html_close(html);
}

static void
write_deferred(ReportPage *page, const FigCurrency *c)
{
	static const char *const names[] = {"Month", "Invoiced", "Recognised", "Deferred at its end"};
	static const FigMonthly columns[] = {FIG_INVOICED, FIG_RECOGNISED, FIG_DEFERRED};
	Amounts		amounts;
	PcChart		chart;

	if (!rep_has_any(page, c, FIG_INVOICED, FIG_DEFERRED))
		return;
	chart = chart_of(page, c, &amounts, "recognised", "Recognised revenue by month",
					 psprintf("Bars by month, %s in all.", rep_money(page, c, rep_total(page, c, FIG_RECOGNISED))));
	add_series(&chart, "Recognised", "c1", c->monthly[FIG_RECOGNISED]);
	open_figure(&page->html, "Recognised revenue", "What was earned in each month of what was invoiced, evenly over the time that it is for.");
	pc_chart_bars(&page->html, &chart);
	write_months(page, c, "Invoiced, recognised and deferred revenue by month", names, columns, lengthof(columns));
	pc_html_close(&page->html);
}

static void
write_ageing(ReportPage *page, const FigCurrency *c)
{
	static const char *const labels[FIG_BUCKETS] = {"Not due", "1 to 30 days", "31 to 60 days", "61 to 90 days", "Over 90 days"};
	static const char *const classes[FIG_BUCKETS] = {"c2", "c4", "c4", "c5", "c5"};
	static const char *const names[] = {"Overdue", "Invoices", "Amount due"};
	PcHtml	   *html = &page->html;
	Amounts		amounts;
	PcChart		chart;

	if (c->due == 0)
		return;
	chart = chart_of(page, c, &amounts, "ageing", "Open invoices",
					 psprintf("Rows by days overdue. %s is due in all, %s of it overdue.", rep_money(page, c, c->due), rep_money(page, c, c->overdue)));
	chart.npoints = FIG_BUCKETS;
	chart.labels = labels;
	for (int i = 0; i < FIG_BUCKETS; i++)
		add_series(&chart, labels[i], classes[i], c->bucket_due);
	open_figure(html, "Open invoices", "What is due today, by the days it is overdue.");
	pc_chart_rows(html, &chart);
	open_table(html, NULL, "Open invoices by days overdue", names, lengthof(names));
	for (int i = 0; i < FIG_BUCKETS; i++)
	{
		pc_html_open(html, "tr");
		header_cell(html, "row", labels[i]);
		pc_html_element(html, "td", psprintf(INT64_FORMAT, c->bucket_invoices[i]));
		pc_html_element(html, "td", rep_money(page, c, c->bucket_due[i]));
		pc_html_close(html);
	}
	close_table(html);
	pc_html_close(html);
}

static void
write_products(ReportPage *page, const FigCurrency *c)
{
	static const char *const names[] = {"Product", "Invoiced"};
	PcHtml	   *html = &page->html;
	const char *labels[FIG_PRODUCTS];
	int64		values[FIG_PRODUCTS];
	Amounts		amounts;
	PcChart		chart;

	if (c->nproducts == 0)
		return;
	for (int i = 0; i < c->nproducts; i++)
	{
		labels[i] = c->products[i].name;
		values[i] = c->products[i].revenue;
	}
	chart = chart_of(page, c, &amounts, "products", "Invoiced by product", psprintf("Rows by product, the first is %s.", labels[0]));
	chart.npoints = c->nproducts;
	chart.labels = labels;
	add_series(&chart, "Invoiced", "c1", values);
	open_figure(html, "Products", "What was invoiced, net of discounts and taxes. Payments without an invoice are without product.");
	pc_chart_rows(html, &chart);
	open_table(html, NULL, "Invoiced by product", names, lengthof(names));
	for (int i = 0; i < c->nproducts; i++)
	{
		pc_html_open(html, "tr");
		pc_html_open(html, "th");
		pc_html_attribute(html, "scope", "row");
		pc_html_attribute(html, "class", "name");
		pc_html_text(html, labels[i]);
		pc_html_close(html);
		pc_html_element(html, "td", rep_money(page, c, values[i]));
		pc_html_close(html);
	}
	close_table(html);
	pc_html_close(html);
}

static void
write_cohort(ReportPage *page, const FigCohort *cohort)
{
	PcHtml	   *html = &page->html;

	pc_html_open(html, "tr");
	header_cell(html, "row", page->months[cohort->month]);
	pc_html_element(html, "td", psprintf(INT64_FORMAT, cohort->accounts));
	for (int i = 0; i < Min(cohort->n, MAX_HEAT); i++)
	{
		int			level = (int) (Min(Max(cohort->retention[i], 0), 100) * HEAT_LEVELS / 100 + 0.5);

		pc_html_open(html, "td");
		pc_html_attribute(html, "class", psprintf("h%d", level));
		pc_html_attribute(html, "title", psprintf(INT64_FORMAT " of " INT64_FORMAT, cohort->retained[i], cohort->accounts));
		pc_html_text(html, psprintf("%.0f %%", cohort->retention[i]));
		pc_html_close(html);
	}
	pc_html_close(html);
}

static void
write_retention(ReportPage *page, const FigCurrency *c)
{
	const char *names[MAX_HEAT + 2] = {"Since", "Accounts"};
	int			months = 0;
	int			first = Max(c->ncohorts - MAX_HEAT, 0);

	if (c->ncohorts == 0)
		return;
	for (int i = first; i < c->ncohorts; i++)
		months = Max(months, Min(c->cohorts[i].n, MAX_HEAT));
	for (int i = 0; i < months; i++)
		names[i + 2] = psprintf("%d", i);
	open_figure(&page->html, "Retention", "Accounts by the month they began in, and how many of them have recurring revenue so many months later.");
	open_table(&page->html, "heat", "Retention of accounts in percent, by the month they began in and months since", names, months + 2);
	for (int i = first; i < c->ncohorts; i++)
		write_cohort(page, &c->cohorts[i]);
	close_table(&page->html);
	pc_html_close(&page->html);
}

void
rep_write_figures(ReportPage *page, const FigCurrency *c)
{
	write_mrr(page, c);
	write_revenue(page, c);
	write_deferred(page, c);
	write_ageing(page, c);
	write_retention(page, c);
	write_products(page, c);
}
