/*
 * figures.h
 *		What the page of reports shows, read once, by currency.
 */
#ifndef PAYCORE_REPORTS_FIGURES_H
#define PAYCORE_REPORTS_FIGURES_H

#include "reports/reports.h"

#define FIG_BUCKETS		5		/* of overdue invoices */
#define FIG_PRODUCTS	8		/* that are named; the rest is summed */
#define FIG_MAX_MONTHS	120

/* Columns of the tables by month, in minor units. */
typedef enum FigMonthly
{
	FIG_OPENING, FIG_NEW, FIG_EXPANSION, FIG_REACTIVATION, FIG_CONTRACTION, FIG_CHURN, FIG_CLOSING,
	FIG_GROSS, FIG_REFUNDS, FIG_DISPUTES, FIG_BOUNCED, FIG_FEES, FIG_NET,
	FIG_INVOICED, FIG_RECOGNISED, FIG_DEFERRED,
	FIG_NMONTHLY
} FigMonthly;

typedef struct FigCohort
{
	int			month;			/* of the report, from 0 on */
	int64		accounts;
	int			n;				/* months there are */
	double	   *retention;		/* in percent */
	int64	   *retained;
} FigCohort;

typedef struct FigProduct
{
	const char *name;			/* UTF-8 */
	int64		revenue;
} FigProduct;

/* Of one currency. */
typedef struct FigCurrency
{
	PcCurrency	code;
	int64	   *monthly[FIG_NMONTHLY];
	int64		paying;
	int64		subscriptions;
	int64		mrr;
	int64		due;
	int64		overdue;
	int64		bucket_due[FIG_BUCKETS];
	int64		bucket_invoices[FIG_BUCKETS];
	int			ncohorts;
	FigCohort  *cohorts;
	int			nproducts;
	FigProduct *products;
} FigCurrency;

typedef struct Figures
{
	PcReportTime time;
	int			nmonths;
	int			first_month;	/* years * 12 + months - 1 */
	int			n;
	FigCurrency *currencies;
} Figures;

/* Raises PY042 where it is about more than FIG_MAX_MONTHS. */
extern void fig_read(const PcApiCall *call, const PcReportTime *time, Figures *figures);

#endif							/* PAYCORE_REPORTS_FIGURES_H */
