/*
 * page.h
 *		What the parts of the page of reports share.
 */
#ifndef PAYCORE_REPORTS_PAGE_H
#define PAYCORE_REPORTS_PAGE_H

#include "documents/html.h"
#include "documents/locale.h"
#include "reports/figures.h"

/* A page that is being written. */
typedef struct ReportPage
{
	PcHtml		html;
	PcLocale   *locale;
	const Figures *figures;
	const char **months;		/* "Jan 26" */
} ReportPage;

/* charts.c: the charts of a currency, each with its table; those without a value are left out. */
extern void rep_write_figures(ReportPage *page, const FigCurrency *c);

extern void rep_paragraph(PcHtml *html, const char *class, const char *text);
extern char *rep_money(ReportPage *page, const FigCurrency *c, int64 value);
extern const char *rep_code(const FigCurrency *c);

/* Of all months. */
extern int64 rep_total(const ReportPage *page, const FigCurrency *c, FigMonthly column);
extern bool rep_has_any(const ReportPage *page, const FigCurrency *c, FigMonthly first, FigMonthly last);

#endif							/* PAYCORE_REPORTS_PAGE_H */
