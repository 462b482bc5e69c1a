/*
 * time.c
 *		The time that a report is about.
 */
#include "common/paycore.h"

#include "invoices/invoices.h"
#include "reports/reports.h"
#include "utils/datetime.h"

#define MONTHS_BACK 11

static char *
zone_of_seller(const PcApiCall *call)
{
	static PcPlan plan = PC_PLAN("t", "SELECT time_zone FROM paycore.sellers WHERE tenant_id = $1 AND time_zone IS NOT NULL");
	Datum		tenant = CStringGetTextDatum(call->tenant);

	return pc_execute(&plan, &tenant, NULL, true, 1) > 0 ? pc_get_cstring(0, 1) : pstrdup("UTC");
}

static TimestampTz
beginning(pg_tz *zone, DateADT day)
{
	return pc_instant(zone, (int64) day + POSTGRES_EPOCH_JDATE, 0);
}

/* The first of the month that was so many months before the day's. */
static DateADT
months_before(DateADT day, int months)
{
	int			year;
	int			month;
	int			day_of_month;

	j2date(day + POSTGRES_EPOCH_JDATE, &year, &month, &day_of_month);
	month -= months;
	while (month < 1)
	{
		month += MONTHS_PER_YEAR;
		year--;
	}
	return date2j(year, month, 1) - POSTGRES_EPOCH_JDATE;
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
	time.since_day = since != NO_DAY ? since : months_before(time.until_day - 1, MONTHS_BACK);
	if (DATE_NOT_FINITE(time.since_day) || DATE_NOT_FINITE(time.until_day) || time.since_day >= time.until_day)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("there is no time between since and until"),
				 errdetail("A report is about the days from since until, without it, until."),
				 errhint("Give two dates, the earlier one first.")));
	time.since = beginning(time.zone, time.since_day);
	time.until = beginning(time.zone, time.until_day);
	return time;
}
