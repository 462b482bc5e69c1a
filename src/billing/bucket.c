/*
 * bucket.c
 *		calendar_start(): the day that a day, week, month, quarter or year of the
 *		calendar begins with, for reports that group millions of rows by it.
 *
 * What was reckoned is kept for all times of the same hour, by that hour: times
 * in whatever order find it, and the hour that two buckets meet in is redone.
 */
#include "billing/bucket.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

#define MONTHS_PER_QUARTER 3
#define DAYS_PER_WEEK	7

pc_noreturn static void refuse_unit(const char *unit) pg_attribute_cold;

static void
refuse_unit(const char *unit)
{
	ereport(ERROR,
			(errcode(ERRCODE_PC_INVALID_ARGUMENT),
			 errmsg("there is no unit \"%s\"", unit),
			 errhint("Units: day, week, month, quarter, year.")));
}

static inline bool
is_unit(const char *unit, const char *name)
{
	return strcmp(unit, name) == 0;
}

/* First day of the bucket with this day, and of the next one; as PostgreSQL's day numbers. */
static void
find_days(const char *unit, int day, int *first, int *next)
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
		refuse_unit(unit);
	*first = date2j(year, month, 1);
	month += months;
	*next = month > MONTHS_PER_YEAR ? date2j(year + 1, month - MONTHS_PER_YEAR, 1) : date2j(year, month, 1);
}

void
pc_buckets_set(PcBuckets *buckets, PcZoneCache *zones, text *unit, text *time_zone)
{
	pg_tz	   *zone = pc_zone(zones, time_zone);
	size_t		len = VARSIZE_ANY_EXHDR(unit);

	if (zone == buckets->zone && len == strlen(buckets->unit) && memcmp(VARDATA_ANY(unit), buckets->unit, len) == 0)
		return;
	if (len > PC_BUCKET_UNIT)
		refuse_unit(text_to_cstring(unit));
	memset(buckets, 0, sizeof(*buckets));
	text_to_cstring_buffer(unit, buckets->unit, sizeof(buckets->unit));
	buckets->zone = zone;
}

void
pc_bucket_fill(PcBuckets *buckets, PcBucketSlot *slot, TimestampTz at)
{
	int			offset;
	int			first;
	int			next;

	find_days(buckets->unit, pc_wall_time(buckets->zone, at, &offset).day, &first, &next);
	slot->start = pc_instant(buckets->zone, first, 0);
	slot->end = pc_instant(buckets->zone, next, 0);
	slot->day = first - POSTGRES_EPOCH_JDATE;
	/* Where clocks skip midnight or show it twice, the day is what clocks say it is. */
	slot->start = Min(slot->start, at);
	slot->end = Max(slot->end, at + 1);
}

/* What a call keeps for the next one. */
typedef struct CallCache
{
	bool		constant;		/* unit and zone stay what they are: of a statement that names them */
	PcZoneCache zones;
	PcBuckets	buckets;
} CallCache;

/* calendar_start(at, unit, time_zone) */
PG_FUNCTION_INFO_V1(paycore_calendar_start);
PGDLLEXPORT Datum
paycore_calendar_start(PG_FUNCTION_ARGS)
{
	CallCache  *cache = fcinfo->flinfo->fn_extra;

	if (cache == NULL)
	{
		cache = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(CallCache));
		cache->constant = get_fn_expr_arg_stable(fcinfo->flinfo, 1) && get_fn_expr_arg_stable(fcinfo->flinfo, 2);
		fcinfo->flinfo->fn_extra = cache;
	}
	if (!cache->constant || cache->buckets.zone == NULL)
		pc_buckets_set(&cache->buckets, &cache->zones, PG_GETARG_TEXT_PP(1), PG_GETARG_TEXT_PP(2));
	PG_RETURN_DATEADT(pc_bucket(&cache->buckets, PG_GETARG_TIMESTAMPTZ(0)));
}
