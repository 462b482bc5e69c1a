/*
 * page.c
 *		report_html(): the reports as one page with charts.
 *
 * Words are English; amounts and dates are the locale's.
 */
#include "common/paycore.h"

#include "documents/chart.h"
#include "documents/locale.h"
#include "documents/page.h"
#include "reports/figures.h"

#define MAX_HEAT	24			/* months of the table of retention */
#define HEAT_LEVELS 10

static const char style[] =
#include "documents/report_style.inc"
;

/* A page that is being written. */
typedef struct ReportPage
{
	PcHtml		html;
	PcLocale   *locale;
	const Figures *figures;
	const char **months;		/* "Jan 26" */
} ReportPage;

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

static char *
money(ReportPage *page, const FigCurrency *c, int64 value)
{
	return pc_locale_money(page->locale, pc_money_make(c->code, value));
}

static const char *
code_of(const FigCurrency *c)
{
	return pc_currency_by_number(c->code)->code;
}

static void
paragraph(PcHtml *html, const char *class, const char *text)
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
	paragraph(html, NULL, text);
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
			pc_html_element(html, "td", money(page, c, c->monthly[columns[i]][m]));
		pc_html_close(html);
	}
	close_table(html);
}

static PcChart
chart_of(ReportPage *page, const FigCurrency *c, Amounts *amounts, const char *what, const char *title, const char *description)
{
	PcChart		chart = {
		.id = psprintf("%s-%s", code_of(c), what),
		.title = psprintf("%s, %s", title, code_of(c)),
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

static int64
total(const ReportPage *page, const FigCurrency *c, FigMonthly column)
{
	int64		sum = 0;

	for (int m = 0; m < page->figures->nmonths; m++)
		sum += c->monthly[column][m];
	return sum;
}

static bool
has_any(const ReportPage *page, const FigCurrency *c, FigMonthly first, FigMonthly last)
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

	if (!has_any(page, c, FIG_OPENING, FIG_CLOSING))
		return;
	line = chart_of(page, c, &amounts, "mrr", "Monthly recurring revenue",
					psprintf("A line from %s at the end of %s to %s at the end of %s.", money(page, c, c->monthly[FIG_CLOSING][0]), page->months[0],
							 money(page, c, c->monthly[FIG_CLOSING][last]), page->months[last]));
	add_series(&line, "MRR", "c1", c->monthly[FIG_CLOSING]);
	open_figure(html, "Monthly recurring revenue", "At the end of each month, net of discounts and taxes.");
	pc_chart_line(html, &line);
	bars = chart_of(page, c, &amounts, "movements", "Movements of recurring revenue",
					psprintf("Bars by month. In all %s new, %s expansion, %s reactivation, %s contraction, %s churn.",
							 money(page, c, total(page, c, FIG_NEW)), money(page, c, total(page, c, FIG_EXPANSION)),
							 money(page, c, total(page, c, FIG_REACTIVATION)), money(page, c, total(page, c, FIG_CONTRACTION)),
							 money(page, c, total(page, c, FIG_CHURN))));
	add_series(&bars, "New", "c1", c->monthly[FIG_NEW]);
	add_series(&bars, "Expansion", "c2", c->monthly[FIG_EXPANSION]);
	add_series(&bars, "Reactivation", "c3", c->monthly[FIG_REACTIVATION]);
	add_series(&bars, "Contraction", "c4", c->monthly[FIG_CONTRACTION]);
	add_series(&bars, "Churn", "c5", c->monthly[FIG_CHURN]);
	paragraph(html, NULL, "What moved it: above the line what came, below it what went.");
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

	if (!has_any(page, c, FIG_GROSS, FIG_NET))
		return;
	for (int m = 0; m < page->figures->nmonths; m++)
		returned[m] = c->monthly[FIG_DISPUTES][m] + c->monthly[FIG_BOUNCED][m];
	chart = chart_of(page, c, &amounts, "revenue", "Revenue by month",
					 psprintf("Bars by month. In all %s gross, of which %s net.", money(page, c, total(page, c, FIG_GROSS)),
							  money(page, c, total(page, c, FIG_NET))));
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

	if (!has_any(page, c, FIG_INVOICED, FIG_DEFERRED))
		return;
	chart = chart_of(page, c, &amounts, "recognised", "Recognised revenue by month",
					 psprintf("Bars by month, %s in all.", money(page, c, total(page, c, FIG_RECOGNISED))));
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
					 psprintf("Rows by days overdue. %s is due in all, %s of it overdue.", money(page, c, c->due), money(page, c, c->overdue)));
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
		pc_html_element(html, "td", money(page, c, c->bucket_due[i]));
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
		pc_html_element(html, "td", money(page, c, values[i]));
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

static void
write_tile(PcHtml *html, const char *name, const char *value)
{
	pc_html_open(html, "div");
	pc_html_element(html, "dt", name);
	pc_html_element(html, "dd", value);
	pc_html_close(html);
}

static void
write_currency(ReportPage *page, const FigCurrency *c)
{
	PcHtml	   *html = &page->html;

	pc_html_open(html, "section");
	pc_html_attribute(html, "id", code_of(c));
	pc_html_element(html, "h2", code_of(c));
	pc_html_open(html, "dl");
	pc_html_attribute(html, "class", "tiles");
	write_tile(html, "MRR now", money(page, c, c->mrr));
	write_tile(html, "ARR now", money(page, c, 12 * c->mrr));
	write_tile(html, "Accounts that pay", psprintf(INT64_FORMAT, c->paying));
	write_tile(html, "Active subscriptions", psprintf(INT64_FORMAT, c->subscriptions));
	write_tile(html, "Revenue, net", money(page, c, total(page, c, FIG_NET)));
	write_tile(html, "Due now", money(page, c, c->due));
	write_tile(html, "Overdue now", money(page, c, c->overdue));
	pc_html_close(html);
	write_mrr(page, c);
	write_revenue(page, c);
	write_deferred(page, c);
	write_ageing(page, c);
	write_retention(page, c);
	write_products(page, c);
	pc_html_close(html);
}

/* Links to the currencies, where there are several. */
static void
write_contents(ReportPage *page, const FigCurrency *const *shown, int n)
{
	PcHtml	   *html = &page->html;

	if (n < 2)
		return;
	pc_html_open(html, "nav");
	pc_html_attribute(html, "aria-label", "Currencies");
	pc_html_open(html, "ul");
	for (int i = 0; i < n; i++)
	{
		pc_html_open(html, "li");
		pc_html_open(html, "a");
		pc_html_attribute(html, "href", psprintf("#%s", code_of(shown[i])));
		pc_html_text(html, code_of(shown[i]));
		pc_html_close(html);
		pc_html_close(html);
	}
	pc_html_close(html);
	pc_html_close(html);
}

static void
write_header(ReportPage *page, const char *seller)
{
	const PcReportTime *time = &page->figures->time;
	PcHtml	   *html = &page->html;

	pc_html_open(html, "header");
	pc_html_element(html, "h1", seller != NULL ? psprintf("Report: %s", seller) : "Report");
	paragraph(html, NULL, psprintf("%s \u2013 %s (%s), as of %s",
								   pc_locale_date(page->locale, time->since, time->zone), pc_locale_date(page->locale, time->until - 1, time->zone),
								   pc_utf8(time->zone_name), pc_locale_date(page->locale, time->now, time->zone)));
	pc_html_close(html);
}

static bool
is_empty(const ReportPage *page, const FigCurrency *c)
{
	return !has_any(page, c, FIG_OPENING, FIG_DEFERRED) && c->subscriptions == 0 && c->mrr == 0 && c->due == 0 && c->nproducts == 0 && c->ncohorts == 0;
}

static void
name_months(ReportPage *page)
{
	static const char *const names[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

	page->months = palloc(sizeof(char *) * page->figures->nmonths);
	for (int m = 0; m < page->figures->nmonths; m++)
	{
		int			month = page->figures->first_month + m;

		page->months[m] = psprintf("%s %02d", names[month % 12], month / 12 % 100);
	}
}

static text *
write_page(const Figures *figures, const char *seller, PcLocale *locale)
{
	ReportPage		page = {.locale = locale, .figures = figures};
	const FigCurrency **shown = palloc(sizeof(FigCurrency *) * Max(figures->n, 1));
	int			n = 0;

	name_months(&page);
	for (int i = 0; i < figures->n; i++)
	{
		if (!is_empty(&page, &figures->currencies[i]))
			shown[n++] = &figures->currencies[i];
	}
	pc_html_begin(&page.html);
	pc_html_open(&page.html, "html");
	pc_html_attribute(&page.html, "lang", "en");
	pc_page_head(&page.html, seller != NULL ? psprintf("Report: %s", seller) : "Report", style);
	pc_html_open(&page.html, "body");
	write_header(&page, seller);
	write_contents(&page, shown, n);
	pc_html_open(&page.html, "main");
	if (n == 0)
		paragraph(&page.html, NULL, "There is nothing to report yet.");
	for (int i = 0; i < n; i++)
		write_currency(&page, shown[i]);
	return pc_html_end(&page.html);
}

static PcLocale *
choose_locale(const char *wanted, const char *sellers)
{
	PcLocale   *locale = pc_locale_open(wanted);

	if (locale == NULL)
		locale = pc_locale_open(sellers);
	return locale != NULL ? locale : pc_locale_open("en");
}

/* report_html(since, until, time_zone, locale) */
PG_FUNCTION_INFO_V1(paycore_report_html);
PGDLLEXPORT Datum
paycore_report_html(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN("t", "SELECT name, locale FROM paycore.sellers WHERE tenant_id = $1");
	char	   *zone = pc_getarg_text(fcinfo, 2);
	char	   *locale = pc_getarg_text(fcinfo, 3);
	char	   *seller = NULL;
	char	   *sellers_locale = NULL;
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext old;
	PcReportTime time;
	PcApiCall	call;
	Figures		figures;
	Datum		tenant;
	text	   *html;

	pc_check_locale(locale);
	pc_api_begin(&call);
	time = rep_time(&call, PG_ARGISNULL(0) ? NO_DAY : PG_GETARG_DATEADT(0), PG_ARGISNULL(1) ? NO_DAY : PG_GETARG_DATEADT(1), zone);
	tenant = CStringGetTextDatum(call.tenant);
	if (pc_execute(&plan, &tenant, NULL, true, 1) > 0)
	{
		seller = pc_utf8(pc_get_cstring(0, 1));
		sellers_locale = pc_get_cstring(0, 2);
	}
	fig_read(&call, &time, &figures);
	html = write_page(&figures, seller, choose_locale(locale, sellers_locale));
	old = MemoryContextSwitchTo(caller);
	html = (text *) PG_DETOAST_DATUM_COPY(PointerGetDatum(html));
	MemoryContextSwitchTo(old);
	pc_api_end(&call);
	PG_RETURN_TEXT_P(html);
}
