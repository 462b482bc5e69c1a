/*
 * calendar.c
 *		Billing periods: which times they begin at, which one a time falls in.
 */
#include "billing/calendar.h"

#include "catalog/pg_type.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

#define MONTHS_OF(year, month)	((year) * MONTHS_PER_YEAR + (month) - 1)

static inline int64
divide_down(int64 dividend, int64 divisor)
{
	return dividend / divisor - (dividend % divisor < 0);
}

static inline int
days_of_month(int year, int month)
{
	return day_tab[isleap(year)][month - 1];
}

PcAnchor
pc_anchor(TimestampTz at, PcInterval every, pg_tz *zone)
{
	PcAnchor	anchor = {.at = at, .every = every, .zone = zone};
	int			year;
	int			month;

	anchor.wall = pc_wall_time(zone, at, &anchor.offset);
	j2date(anchor.wall.day, &year, &month, &anchor.day_of_month);
	anchor.month = MONTHS_OF(year, month);
	return anchor;
}

/* The day so many months after the anchor's; the month's last where it has no such day. */
static int
day_after_months(const PcAnchor *anchor, int64 months)
{
	int64		total = anchor->month + months;
	int			year;
	int			month;

	if (total < MONTHS_OF(JULIAN_MINYEAR, JULIAN_MINMONTH) || total >= MONTHS_OF(JULIAN_MAXYEAR, 1))
		pc_time_out_of_range();
	year = (int) divide_down(total, MONTHS_PER_YEAR);
	month = (int) (total - year * MONTHS_PER_YEAR) + 1;
	return date2j(year, month, Min(anchor->day_of_month, days_of_month(year, month)));
}

/* The anchor itself is taken as it is: its clock time may come twice that day. */
TimestampTz
pc_boundary(const PcAnchor *anchor, int64 n)
{
	int64		distance = n * pc_interval_count(anchor->every);

	if (n == 0)
		return anchor->at;
	return pc_instant(anchor->zone,
					  pc_interval_is_months(anchor->every) ? day_after_months(anchor, distance) : anchor->wall.day + distance,
					  anchor->wall.time);
}

/* Whole months from the anchor to this day and time, rounded down. */
static int
months_since(const PcAnchor *anchor, int64 day, int64 time)
{
	int			year;
	int			month;
	int			day_of_month;
	int			due;

	j2date((int) day, &year, &month, &day_of_month);
	due = Min(anchor->day_of_month, days_of_month(year, month));
	return MONTHS_OF(year, month) - anchor->month -
		(day_of_month < due || (day_of_month == due && time < anchor->wall.time));
}

/* The period's number if the zone's offset were the anchor's for ever. */
static int
estimate_number(const PcAnchor *anchor, TimestampTz at)
{
	int64		local = at + anchor->offset * USECS_PER_SEC;
	int64		days = divide_down(local, USECS_PER_DAY);
	int64		time = local - days * USECS_PER_DAY;
	int64		day = days + POSTGRES_EPOCH_JDATE;

	if (pc_interval_is_months(anchor->every))
		return (int) divide_down(months_since(anchor, Max(day, 0), time), pc_interval_count(anchor->every));
	return (int) divide_down(day - anchor->wall.day - (time < anchor->wall.time), pc_interval_count(anchor->every));
}

/*
 * Offsets differ by hours, or by a day where a zone changed sides of the date
 * line, so the estimate is off by one, seldom two.
 */
PcPeriod
pc_period_at(const PcAnchor *anchor, TimestampTz at)
{
	PcPeriod	period;

	pc_check_finite(at);
	period.number = estimate_number(anchor, at);
	period.start = pc_boundary(anchor, period.number);
	period.end = pc_boundary(anchor, (int64) period.number + 1);
	while (period.end <= at)
	{
		period.start = period.end;
		period.end = pc_boundary(anchor, (int64) ++period.number + 1);
	}
	while (period.start > at)
	{
		period.end = period.start;
		period.start = pc_boundary(anchor, --period.number);
	}
	return period;
}

/* What a call keeps for the next one. */
typedef struct CallCache
{
	PcZoneCache zone;
	TypeCacheEntry *range;
} CallCache;

static CallCache *
call_cache(FunctionCallInfo fcinfo)
{
	if (fcinfo->flinfo->fn_extra == NULL)
		fcinfo->flinfo->fn_extra = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(CallCache));
	return fcinfo->flinfo->fn_extra;
}

/* All three functions start with anchor, every, time_zone. */
static PcAnchor
anchor_of(FunctionCallInfo fcinfo)
{
	pg_tz	   *zone = pc_zone(&call_cache(fcinfo)->zone, PG_GETARG_TEXT_PP(2));

	return pc_anchor(PG_GETARG_TIMESTAMPTZ(0), PG_GETARG_PC_INTERVAL(1), zone);
}

PG_FUNCTION_INFO_V1(paycore_period_start);
PGDLLEXPORT Datum
paycore_period_start(PG_FUNCTION_ARGS)
{
	PcAnchor	anchor = anchor_of(fcinfo);

	PG_RETURN_TIMESTAMPTZ(pc_boundary(&anchor, PG_GETARG_INT32(3)));
}

PG_FUNCTION_INFO_V1(paycore_period_number);
PGDLLEXPORT Datum
paycore_period_number(PG_FUNCTION_ARGS)
{
	PcAnchor	anchor = anchor_of(fcinfo);

	PG_RETURN_INT32(pc_period_at(&anchor, PG_GETARG_TIMESTAMPTZ(3)).number);
}

static RangeBound
bound(TimestampTz at, bool is_lower)
{
	RangeBound	result;

	result.val = TimestampTzGetDatum(at);
	result.infinite = false;
	result.inclusive = is_lower;
	result.lower = is_lower;
	return result;
}

PG_FUNCTION_INFO_V1(paycore_period_at);
PGDLLEXPORT Datum
paycore_period_at(PG_FUNCTION_ARGS)
{
	PcAnchor	anchor = anchor_of(fcinfo);
	PcPeriod	period = pc_period_at(&anchor, PG_GETARG_TIMESTAMPTZ(3));
	CallCache  *cache = call_cache(fcinfo);
	RangeBound	lower = bound(period.start, true);
	RangeBound	upper = bound(period.end, false);

	if (cache->range == NULL)
		cache->range = lookup_type_cache(TSTZRANGEOID, TYPECACHE_RANGE_INFO);
	PG_RETURN_RANGE_P(pc_range_serialize(cache->range, &lower, &upper));
}
