/*
 * time.c
 *		The time that a report is about.
 */
#include "common/paycore.h"

#include "catalog/pg_type.h"
#include "invoices/invoices.h"
#include "reports/reports.h"
#include "utils/array.h"
#include "utils/datetime.h"

#define MONTHS_BACK 11

static char *
zone_of_seller(const PcApiCall *call)
{
	static PcPlan plan = PC_PLAN("t", "SELECT time_zone FROM paycore.sellers WHERE tenant_id = $1 AND time_zone IS NOT NULL");
	Datum		tenant = CStringGetTextDatum(call->tenant);

	return pc_execute(&plan, &tenant, NULL, true, 1) > 0 ? pc_get_cstring(0, 1) : pstrdup("UTC");
}

/* When clocks come to the day: where its midnight comes twice, the first time. */
static TimestampTz
beginning(pg_tz *zone, DateADT day)
{
	TimestampTz at = pc_instant(zone, (int64) day + POSTGRES_EPOCH_JDATE, 0);
	int			offset;
	PcWallTime	before = pc_wall_time(zone, at - 1, &offset);

	return before.day - POSTGRES_EPOCH_JDATE == day ? at - 1 - before.time : at;
}

int
rep_month_of(DateADT day)
{
	int			year;
	int			month;
	int			day_of_month;

	j2date(day + POSTGRES_EPOCH_JDATE, &year, &month, &day_of_month);
	return year * MONTHS_PER_YEAR + month - 1;
}

static DateADT
first_of(int month)
{
	int			of_year = (month % MONTHS_PER_YEAR + MONTHS_PER_YEAR) % MONTHS_PER_YEAR;

	return date2j((month - of_year) / MONTHS_PER_YEAR, of_year + 1, 1) - POSTGRES_EPOCH_JDATE;
}

Datum
rep_months(const PcReportTime *time)
{
	int			first = rep_month_of(time->since_day);
	int			n = rep_month_of(time->until_day - 1) - first + 1;
	Datum	   *begin = palloc(sizeof(Datum) * n);

	begin[0] = TimestampTzGetDatum(time->since);
	for (int i = 1; i < n; i++)
		begin[i] = TimestampTzGetDatum(beginning(time->zone, first_of(first + i)));
	return PointerGetDatum(construct_array(begin, n, TIMESTAMPTZOID, sizeof(TimestampTz), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

pc_noreturn static void no_time(void) pg_attribute_cold;

static void
no_time(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_PC_INVALID_ARGUMENT),
			 errmsg("there is no time between since and until"),
			 errdetail("A report is about the days from since until, without it, until."),
			 errhint("Give two dates, the earlier one first.")));
}

PcReportTime
rep_time(const PcApiCall *call, DateADT since, DateADT until, const char *zone)
{
	PcZoneCache cache = {0};
	PcReportTime time = {.now = pc_billing_now(call)};
	int			offset;

	time.zone_name = zone != NULL ? pstrdup(zone) : zone_of_seller(call);
	time.zone = pc_zone(&cache, cstring_to_text(time.zone_name));
	time.until_day = until != NO_DAY ? until : pc_wall_time(time.zone, time.now, &offset).day - POSTGRES_EPOCH_JDATE + 1;
	time.since_day = since != NO_DAY ? since : first_of(rep_month_of(time.until_day - 1) - MONTHS_BACK);
	if (DATE_NOT_FINITE(time.since_day) || DATE_NOT_FINITE(time.until_day) || time.since_day >= time.until_day)
		no_time();
	time.since = beginning(time.zone, time.since_day);
	time.until = beginning(time.zone, time.until_day);
	/* A zone that changed sides of the date line has left a day out. */
	if (time.since >= time.until)
		no_time();
	return time;
}
