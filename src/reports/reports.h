/*
 * reports.h
 *		What reports share: the time they are about, and how they are read.
 */
#ifndef PAYCORE_REPORTS_REPORTS_H
#define PAYCORE_REPORTS_REPORTS_H

#include "api/api.h"
#include "billing/zone.h"
#include "utils/date.h"

typedef enum PcReport
{
	REPORT_REVENUE,
	REPORT_REVENUE_BY_PRODUCT,
	REPORT_PRODUCTS,
	REPORT_MRR,
	REPORT_MRR_BY_MONTH,
	REPORT_CHURN,
	REPORT_RETENTION_OF_SUBSCRIBERS,
	REPORT_RETENTION_OF_PAYERS,
	REPORT_PAYMENT_FAILURES,
	REPORT_DEFERRED_REVENUE,
	REPORT_SUBSCRIPTION_STATISTICS,
	REPORT_INVOICE_AGEING,
	REPORT_TAX_SUMMARY,
	REPORT_BILLING_STATISTICS,
	NREPORTS
} PcReport;

/* From the beginning of a day until, without it, that of another one, by the clocks of a zone. */
typedef struct PcReportTime
{
	DateADT		since_day;
	DateADT		until_day;
	TimestampTz since;
	TimestampTz until;
	TimestampTz now;			/* by the clock of billing */
	char	   *zone_name;
	pg_tz	   *zone;
} PcReportTime;

/*
 * time.c: days of arguments since and until (NO_DAY where null: a year back, and until
 * today), in the zone that is named (NULL: the seller's, or UTC).  PY042 where
 * there is no such zone, or nothing between them.
 */
#define NO_DAY DATEVAL_NOBEGIN
extern PcReportTime rep_time(const PcApiCall *call, DateADT since, DateADT until, const char *zone);

/* Months of a day, counted from the year 0 on. */
extern int	rep_month_of(DateADT day);

/* When its months begin, as timestamptz[]: the first with since. */
extern Datum rep_months(const PcReportTime *time);

/* report.c: runs the report; its rows are the last result.  by: NULL where it has no such argument. */
extern uint64 rep_run(const PcApiCall *call, PcReport report, const PcReportTime *time, const char *by);

#endif							/* PAYCORE_REPORTS_REPORTS_H */
