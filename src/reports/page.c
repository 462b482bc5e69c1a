/*
 * page.c
 *		report_html(): the reports as one page with charts.
 *
 * Words are English; amounts and dates are the locale's.
 */
#include "common/paycore.h"

#include "documents/page.h"
#include "reports/page.h"

static const char style[] =
#include "documents/report_style.inc"
;

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
	pc_html_attribute(html, "id", rep_code(c));
	pc_html_element(html, "h2", rep_code(c));
	pc_html_open(html, "dl");
	pc_html_attribute(html, "class", "tiles");
	write_tile(html, "MRR now", rep_money(page, c, c->mrr));
	write_tile(html, "ARR now", rep_money(page, c, 12 * c->mrr));
	write_tile(html, "Accounts that pay", psprintf(INT64_FORMAT, c->paying));
	write_tile(html, "Active subscriptions", psprintf(INT64_FORMAT, c->subscriptions));
	write_tile(html, "Revenue, net", rep_money(page, c, rep_total(page, c, FIG_NET)));
	write_tile(html, "Due now", rep_money(page, c, c->due));
	write_tile(html, "Overdue now", rep_money(page, c, c->overdue));
	pc_html_close(html);
	rep_write_figures(page, c);
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
		pc_html_attribute(html, "href", psprintf("#%s", rep_code(shown[i])));
		pc_html_text(html, rep_code(shown[i]));
		pc_html_close(html);
		pc_html_close(html);
	}
	pc_html_close(html);
	pc_html_close(html);
}

static void
write_header(ReportPage *page, const char *title)
{
	const PcReportTime *time = &page->figures->time;
	PcHtml	   *html = &page->html;

	pc_html_open(html, "header");
	pc_html_element(html, "h1", title);
	rep_paragraph(html, NULL, psprintf("%s \u2013 %s (%s), as of %s",
								   pc_locale_date(page->locale, time->since, time->zone), pc_locale_date(page->locale, time->until - 1, time->zone),
								   pc_printable(time->zone_name), pc_locale_date(page->locale, time->now, time->zone)));
	pc_html_close(html);
}

static bool
is_empty(const ReportPage *page, const FigCurrency *c)
{
	return !rep_has_any(page, c, FIG_OPENING, FIG_DEFERRED) && c->subscriptions == 0 && c->mrr == 0 && c->due == 0 && c->nproducts == 0 && c->ncohorts == 0;
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
	ReportPage	page = {.locale = locale, .figures = figures};
	const char *title = seller != NULL ? psprintf("Report: %s", seller) : "Report";
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
	pc_page_head(&page.html, title, style);
	pc_html_open(&page.html, "body");
	write_header(&page, title);
	write_contents(&page, shown, n);
	pc_html_open(&page.html, "main");
	if (n == 0)
		rep_paragraph(&page.html, NULL, "There is nothing to report yet.");
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
	const char *seller = NULL;
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
		seller = pc_printable(pc_get_cstring(0, 1));
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
