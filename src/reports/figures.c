/*
 * figures.c
 *		What the page of reports shows, read from the reports.
 */
#include "common/paycore.h"

#include "documents/html.h"
#include "reports/figures.h"
#include "utils/datetime.h"

#define MAX_CURRENCIES 200

static FigCurrency *
currency(Figures *figures, PcCurrency code)
{
	FigCurrency *found;

	for (int i = 0; i < figures->n; i++)
	{
		if (figures->currencies[i].code == code)
			return &figures->currencies[i];
	}
	if (figures->n == MAX_CURRENCIES)
		elog(ERROR, "paycore: more than %d currencies in a report", MAX_CURRENCIES);
	found = &figures->currencies[figures->n++];
	found->code = code;
	for (int i = 0; i < FIG_NMONTHLY; i++)
		found->monthly[i] = palloc0(sizeof(int64) * figures->nmonths);
	return found;
}

static FigCurrency *
currency_of_row(Figures *figures, uint64 row, int column)
{
	bool		isnull;

	return currency(figures, DatumGetPcCurrency(pc_get(row, column, &isnull)));
}

static int64
cents(uint64 row, int column)
{
	bool		isnull;
	Datum		value = pc_get(row, column, &isnull);

	return isnull ? 0 : pc_money_amount(DatumGetPcMoney(value));
}

static DateADT
day(uint64 row, int column)
{
	bool		isnull;

	return DatumGetDateADT(pc_get(row, column, &isnull));
}

/* Of the report, from 0 on. */
static int
month_of_row(const Figures *figures, uint64 row)
{
	int			month = rep_month_of(day(row, 1)) - figures->first_month;

	if (month < 0 || month >= figures->nmonths)
		elog(ERROR, "paycore: month %d of a report about %d", month, figures->nmonths);
	return month;
}

/* A report with a row for each month and currency; columns from the third (skip more of them) on are these. */
static void
read_monthly(const PcApiCall *call, Figures *figures, PcReport report, int skip, const FigMonthly *columns, int ncolumns)
{
	uint64		n = rep_run(call, report, &figures->time, "month");

	for (uint64 r = 0; r < n; r++)
	{
		FigCurrency *c = currency_of_row(figures, r, 2);
		int			month = month_of_row(figures, r);

		for (int i = 0; i < ncolumns; i++)
			c->monthly[columns[i]][month] = cents(r, 3 + skip + i);
	}
}

static void
read_months(const PcApiCall *call, Figures *figures)
{
	static const FigMonthly mrr[] = {FIG_OPENING, FIG_NEW, FIG_EXPANSION, FIG_CONTRACTION, FIG_CHURN, FIG_REACTIVATION, FIG_CLOSING};
	static const FigMonthly revenue[] = {FIG_GROSS, FIG_REFUNDS, FIG_DISPUTES, FIG_BOUNCED, FIG_FEES, FIG_NET};
	static const FigMonthly deferred[] = {FIG_INVOICED, FIG_RECOGNISED, FIG_DEFERRED};

	read_monthly(call, figures, REPORT_MRR_BY_MONTH, 0, mrr, lengthof(mrr));
	read_monthly(call, figures, REPORT_REVENUE, 1, revenue, lengthof(revenue));
	read_monthly(call, figures, REPORT_DEFERRED_REVENUE, 0, deferred, lengthof(deferred));
}

static void
read_statistics(const PcApiCall *call, Figures *figures)
{
	enum {CURRENCY = 1, PAYING = 3, SUBSCRIPTIONS, MRR, DUE = 15, OVERDUE};	/* columns of the report */
	uint64		n = rep_run(call, REPORT_BILLING_STATISTICS, &figures->time, NULL);

	for (uint64 r = 0; r < n; r++)
	{
		FigCurrency *c = currency_of_row(figures, r, CURRENCY);

		c->paying = pc_get_int64(r, PAYING);
		c->subscriptions = pc_get_int64(r, SUBSCRIPTIONS);
		c->mrr = cents(r, MRR);
		c->due = cents(r, DUE);
		c->overdue = cents(r, OVERDUE);
	}
}

/* Its rows are all buckets of a currency, in their order, then those of the next. */
static void
read_ageing(const PcApiCall *call, Figures *figures)
{
	uint64		n = rep_run(call, REPORT_INVOICE_AGEING, &figures->time, NULL);

	for (uint64 r = 0; r < n; r++)
	{
		FigCurrency *c = currency_of_row(figures, r, 2);

		c->bucket_invoices[r % FIG_BUCKETS] = pc_get_int64(r, 3);
		c->bucket_due[r % FIG_BUCKETS] = cents(r, 4);
	}
}

static double
percent(uint64 row, int column)
{
	bool		isnull;
	Datum		value = pc_get(row, column, &isnull);

	return isnull ? 0 : DatumGetFloat8(DirectFunctionCall1(numeric_float8, value));
}

static void
read_retention(const PcApiCall *call, Figures *figures)
{
	uint64		n = rep_run(call, REPORT_RETENTION_OF_SUBSCRIBERS, &figures->time, NULL);
	FigCohort  *cohort = NULL;

	for (uint64 r = 0; r < n; r++)
	{
		FigCurrency *c = currency_of_row(figures, r, 2);
		int			nth = pc_get_int32(r, 4);

		if (nth == 0)
		{
			if (c->cohorts == NULL)
				c->cohorts = palloc0(sizeof(FigCohort) * figures->nmonths);
			cohort = &c->cohorts[c->ncohorts++];
			cohort->month = month_of_row(figures, r);
			cohort->accounts = pc_get_int64(r, 3);
			cohort->retention = palloc0(sizeof(double) * figures->nmonths);
			cohort->retained = palloc0(sizeof(int64) * figures->nmonths);
		}
		if (nth >= figures->nmonths)
			continue;
		cohort->retained[nth] = pc_get_int64(r, 5);
		cohort->retention[nth] = percent(r, 6);
		cohort->n = nth + 1;
	}
}

static int
by_revenue(const void *a, const void *b)
{
	const FigProduct *x = a;
	const FigProduct *y = b;

	return x->revenue < y->revenue ? 1 : x->revenue > y->revenue ? -1 : strcmp(x->name, y->name);
}

/* The products that bring most by name, the rest in one. */
static void
sum_rest(FigCurrency *c)
{
	if (c->nproducts == 0)
		return;
	qsort(c->products, c->nproducts, sizeof(FigProduct), by_revenue);
	if (c->nproducts <= FIG_PRODUCTS)
		return;
	for (int i = FIG_PRODUCTS; i < c->nproducts; i++)
		c->products[FIG_PRODUCTS - 1].revenue += c->products[i].revenue;
	c->products[FIG_PRODUCTS - 1].name = psprintf("%d others", c->nproducts - FIG_PRODUCTS + 1);
	c->nproducts = FIG_PRODUCTS;
}

static void
read_products(const PcApiCall *call, Figures *figures)
{
	uint64		n = rep_run(call, REPORT_PRODUCTS, &figures->time, NULL);

	for (uint64 r = 0; r < n; r++)
	{
		FigCurrency *c = currency_of_row(figures, r, 1);

		if (c->products == NULL)
			c->products = palloc0(sizeof(FigProduct) * n);
		c->products[c->nproducts].name = pc_printable(pc_get_cstring(r, 2));
		c->products[c->nproducts++].revenue = cents(r, 3);
	}
	for (int i = 0; i < figures->n; i++)
		sum_rest(&figures->currencies[i]);
}

void
fig_read(const PcApiCall *call, const PcReportTime *time, Figures *figures)
{
	memset(figures, 0, sizeof(*figures));
	figures->time = *time;
	figures->first_month = rep_month_of(time->since_day);
	figures->nmonths = rep_month_of(time->until_day - 1) - figures->first_month + 1;
	if (figures->nmonths > FIG_MAX_MONTHS)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("a page of reports is about %d months at most", FIG_MAX_MONTHS),
				 errdetail("From since until until there are %d.", figures->nmonths)));
	figures->currencies = palloc0(sizeof(FigCurrency) * MAX_CURRENCIES);
	read_statistics(call, figures);
	read_months(call, figures);
	read_ageing(call, figures);
	read_retention(call, figures);
	read_products(call, figures);
}
