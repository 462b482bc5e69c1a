/*
 * report.c
 *		The reports: each is a statement, which is planned for the very values it
 *		is about, and in parallel where there is much to read.
 */
#include "common/paycore.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "reports/reports.h"
#include "utils/array.h"

static const char *const statements[NREPORTS] = {
	[REPORT_REVENUE] =
#include "reports/revenue.inc"
	,
	[REPORT_REVENUE_BY_PRODUCT] =
#include "reports/revenue_entries.inc"
#include "reports/revenue_by_product.inc"
	,
	[REPORT_PRODUCTS] =
#include "reports/revenue_entries.inc"
#include "reports/products.inc"
	,
	[REPORT_MRR] =
#include "reports/mrr.inc"
	,
	[REPORT_MRR_BY_MONTH] =
#include "reports/mrr_by_month.inc"
	,
	[REPORT_CHURN] =
#include "reports/churn.inc"
	,
	[REPORT_RETENTION_OF_SUBSCRIBERS] =
#include "reports/retention_of_subscribers.inc"
	,
	[REPORT_RETENTION_OF_PAYERS] =
#include "reports/retention_of_payers.inc"
	,
	[REPORT_PAYMENT_FAILURES] =
#include "reports/payment_failures.inc"
	,
	[REPORT_DEFERRED_REVENUE] =
#include "reports/deferred_revenue.inc"
	,
	[REPORT_SUBSCRIPTION_STATISTICS] =
#include "reports/subscription_statistics.inc"
	,
	[REPORT_INVOICE_AGEING] =
#include "reports/invoice_ageing.inc"
	,
	[REPORT_TAX_SUMMARY] =
#include "reports/tax_summary.inc"
	,
	[REPORT_BILLING_STATISTICS] =
#include "reports/billing_statistics.inc"
	,
};

/* $1 tenant, $2 since, $3 until, $4 time zone, $5 by, $6 now, $7 when months begin, where it is asked for. */
uint64
rep_run(const PcApiCall *call, PcReport report, const PcReportTime *time, const char *by)
{
	Datum		values[] = {
		CStringGetTextDatum(call->tenant), TimestampTzGetDatum(time->since), TimestampTzGetDatum(time->until),
		CStringGetTextDatum(time->zone_name), CStringGetTextDatum(by != NULL ? by : "month"),
		TimestampTzGetDatum(time->now),
		report == REPORT_DEFERRED_REVENUE ? rep_months(time) : PointerGetDatum(construct_empty_array(TIMESTAMPTZOID))
	};

	return pc_execute_once(statements[report], "tzzttzZ", values, NULL);
}

static DateADT
day_argument(FunctionCallInfo fcinfo, int n)
{
	return PG_ARGISNULL(n) ? NO_DAY : PG_GETARG_DATEADT(n);
}

/* A report from since until until, in time_zone; by is what it is sorted by, NULL for months. */
static Datum
give(FunctionCallInfo fcinfo, PcReport report, const char *by, int zone_argument)
{
	char	   *zone = pc_getarg_text(fcinfo, zone_argument);
	PcApiCall	call;
	PcReportTime time;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	pc_api_begin(&call);
	time = rep_time(&call, day_argument(fcinfo, 0), day_argument(fcinfo, 1), zone);
	pc_api_give(fcinfo, rep_run(&call, report, &time, by));
	pc_api_end(&call);
	return (Datum) 0;
}

/* The unit that rows are for: a day, or more. */
static char *
unit_argument(FunctionCallInfo fcinfo)
{
	static const char *const units[] = {"day", "week", "month", "quarter", "year", NULL};
	char	   *unit = pc_getarg_given_text(fcinfo, 2, "by");

	pc_check_one_of(unit, "by", units);
	return unit;
}

/* revenue(since, until, by, time_zone) */
PG_FUNCTION_INFO_V1(paycore_revenue);
PGDLLEXPORT Datum
paycore_revenue(PG_FUNCTION_ARGS)
{
	return give(fcinfo, REPORT_REVENUE, unit_argument(fcinfo), 3);
}

/* revenue_by_product(since, until, by, time_zone) */
PG_FUNCTION_INFO_V1(paycore_revenue_by_product);
PGDLLEXPORT Datum
paycore_revenue_by_product(PG_FUNCTION_ARGS)
{
	return give(fcinfo, REPORT_REVENUE_BY_PRODUCT, unit_argument(fcinfo), 3);
}

/* payment_failures(since, until, by, time_zone) */
PG_FUNCTION_INFO_V1(paycore_payment_failures);
PGDLLEXPORT Datum
paycore_payment_failures(PG_FUNCTION_ARGS)
{
	return give(fcinfo, REPORT_PAYMENT_FAILURES, unit_argument(fcinfo), 3);
}

/* mrr_by_month(since, until, time_zone) */
PG_FUNCTION_INFO_V1(paycore_mrr_by_month);
PGDLLEXPORT Datum
paycore_mrr_by_month(PG_FUNCTION_ARGS)
{
	return give(fcinfo, REPORT_MRR_BY_MONTH, NULL, 2);
}

/* churn(since, until, time_zone) */
PG_FUNCTION_INFO_V1(paycore_churn);
PGDLLEXPORT Datum
paycore_churn(PG_FUNCTION_ARGS)
{
	return give(fcinfo, REPORT_CHURN, NULL, 2);
}

/* deferred_revenue(since, until, time_zone) */
PG_FUNCTION_INFO_V1(paycore_deferred_revenue);
PGDLLEXPORT Datum
paycore_deferred_revenue(PG_FUNCTION_ARGS)
{
	return give(fcinfo, REPORT_DEFERRED_REVENUE, NULL, 2);
}

/* subscription_statistics(since, until, time_zone) */
PG_FUNCTION_INFO_V1(paycore_subscription_statistics);
PGDLLEXPORT Datum
paycore_subscription_statistics(PG_FUNCTION_ARGS)
{
	return give(fcinfo, REPORT_SUBSCRIPTION_STATISTICS, NULL, 2);
}

/* tax_summary(since, until, by, time_zone) */
PG_FUNCTION_INFO_V1(paycore_tax_summary);
PGDLLEXPORT Datum
paycore_tax_summary(PG_FUNCTION_ARGS)
{
	return give(fcinfo, REPORT_TAX_SUMMARY, unit_argument(fcinfo), 3);
}

/* billing_statistics(since, until, time_zone) */
PG_FUNCTION_INFO_V1(paycore_billing_statistics);
PGDLLEXPORT Datum
paycore_billing_statistics(PG_FUNCTION_ARGS)
{
	return give(fcinfo, REPORT_BILLING_STATISTICS, NULL, 2);
}

/* retention(since, until, of, time_zone) */
PG_FUNCTION_INFO_V1(paycore_retention);
PGDLLEXPORT Datum
paycore_retention(PG_FUNCTION_ARGS)
{
	static const char *const known[] = {"subscribers", "payers", NULL};
	char	   *of = pc_getarg_given_text(fcinfo, 2, "of");

	pc_check_one_of(of, "of", known);
	return give(fcinfo, strcmp(of, "payers") == 0 ? REPORT_RETENTION_OF_PAYERS : REPORT_RETENTION_OF_SUBSCRIBERS, NULL, 3);
}

/* A report as of now, or of another time. */
static Datum
give_as_of(FunctionCallInfo fcinfo, PcReport report)
{
	PcApiCall	call;
	PcReportTime time;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	pc_api_begin(&call);
	time = rep_time(&call, NO_DAY, NO_DAY, NULL);
	time.until = PG_NARGS() == 0 || PG_ARGISNULL(0) ? time.now : PG_GETARG_TIMESTAMPTZ(0);
	pc_api_give(fcinfo, rep_run(&call, report, &time, NULL));
	pc_api_end(&call);
	return (Datum) 0;
}

/* mrr(as_of) */
PG_FUNCTION_INFO_V1(paycore_mrr);
PGDLLEXPORT Datum
paycore_mrr(PG_FUNCTION_ARGS)
{
	return give_as_of(fcinfo, REPORT_MRR);
}

/* invoice_ageing() */
PG_FUNCTION_INFO_V1(paycore_invoice_ageing);
PGDLLEXPORT Datum
paycore_invoice_ageing(PG_FUNCTION_ARGS)
{
	return give_as_of(fcinfo, REPORT_INVOICE_AGEING);
}
