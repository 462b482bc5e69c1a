/*
 * bucket.c
 *		calendar_start(): the day that a day, week, month, quarter or year of the
 *		calendar begins with, for reports that group millions of rows by it.
 *
 * What was reckoned is kept for all times of the same hour, by that hour: times
 * in whatever order find it, and the hour that two buckets meet in is redone.
 */
#include "billing/zone.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

#define SLOTS			4096
#define MAX_UNIT		7		/* "quarter" */
#define MONTHS_PER_QUARTER 3
#define DAYS_PER_WEEK	7

typedef struct Slot
{
	TimestampTz start;			/* the bucket goes from here */
	TimestampTz end;			/* to here; 0 and 0 where none is kept */
	DateADT		day;
} Slot;

typedef struct Buckets
{
	PcZoneCache zones;
	pg_tz	   *zone;
	char		unit[MAX_UNIT + 1];
	Slot		slots[SLOTS];
} Buckets;

pc_noreturn static void refuse_unit(const char *unit) pg_attribute_cold;

static void
refuse_unit(const char *unit)
{
	ereport(ERROR,
			(errcode(ERRCODE_PC_INVALID_ARGUMENT),
			 errmsg("there is no unit \"%s\"", unit),
			 errhint("Units: day, week, month, quarter, year.")));
}

static bool
is_unit(text *unit, const char *name)
{
	return VARSIZE_ANY_EXHDR(unit) == strlen(name) && memcmp(VARDATA_ANY(unit), name, strlen(name)) == 0;
}

/* First day of the bucket with this day, and of the next one; as PostgreSQL's day numbers. */
static void
find_days(text *unit, int day, int *first, int *next)
{
	int			year;
	int			month;
	int			day_of_month;
	int			months = 1;

	if (is_unit(unit, "day"))
	{
		*first = day;
		*next = day + 1;
		return;
	}
	if (is_unit(unit, "week"))
	{
		*first = day - (j2day(day) + DAYS_PER_WEEK - 1) % DAYS_PER_WEEK;
		*next = *first + DAYS_PER_WEEK;
		return;
	}
	j2date(day, &year, &month, &day_of_month);
	if (is_unit(unit, "quarter"))
	{
		months = MONTHS_PER_QUARTER;
		month -= (month - 1) % MONTHS_PER_QUARTER;
	}
	else if (is_unit(unit, "year"))
	{
		months = MONTHS_PER_YEAR;
		month = 1;
	}
	else if (!is_unit(unit, "month"))
		refuse_unit(text_to_cstring(unit));
	*first = date2j(year, month, 1);
	month += months;
	*next = month > MONTHS_PER_YEAR ? date2j(year + 1, month - MONTHS_PER_YEAR, 1) : date2j(year, month, 1);
}

static Buckets *
buckets_of(FunctionCallInfo fcinfo, text *unit, text *time_zone)
{
	Buckets    *buckets = fcinfo->flinfo->fn_extra;
	pg_tz	   *zone;

	if (buckets == NULL)
	{
		buckets = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(Buckets));
		fcinfo->flinfo->fn_extra = buckets;
	}
	zone = pc_zone(&buckets->zones, time_zone);
	if (zone != buckets->zone || !is_unit(unit, buckets->unit))
	{
		if (VARSIZE_ANY_EXHDR(unit) > MAX_UNIT)
			refuse_unit(text_to_cstring(unit));
		memset(buckets->slots, 0, sizeof(buckets->slots));
		text_to_cstring_buffer(unit, buckets->unit, sizeof(buckets->unit));
		buckets->zone = zone;
	}
	return buckets;
}

static void
fill(Slot *slot, text *unit, pg_tz *zone, TimestampTz at)
{
	int			offset;
	int			first;
	int			next;

	find_days(unit, pc_wall_time(zone, at, &offset).day, &first, &next);
	slot->start = pc_instant(zone, first, 0);
	slot->end = pc_instant(zone, next, 0);
	slot->day = first - POSTGRES_EPOCH_JDATE;
	/* Where clocks skip midnight or show it twice, the day is what clocks say it is. */
	slot->start = Min(slot->start, at);
	slot->end = Max(slot->end, at + 1);
}

/* calendar_start(at, unit, time_zone) */
PG_FUNCTION_INFO_V1(paycore_calendar_start);
PGDLLEXPORT Datum
paycore_calendar_start(PG_FUNCTION_ARGS)
{
	TimestampTz at = PG_GETARG_TIMESTAMPTZ(0);
	text	   *unit = PG_GETARG_TEXT_PP(1);
	Buckets    *buckets = buckets_of(fcinfo, unit, PG_GETARG_TEXT_PP(2));
	Slot	   *slot = &buckets->slots[((uint64) at / USECS_PER_HOUR) % SLOTS];

	if (at < slot->start || at >= slot->end)
		fill(slot, unit, buckets->zone, at);
	PG_RETURN_DATEADT(slot->day);
}
