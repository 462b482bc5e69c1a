/*
 * proration.c
 *		The share of an amount that falls to a part of its period.
 *
 * A share is the difference between what has fallen due by the part's end and by
 * its beginning, each rounded.  So the shares of parts that tile the period add
 * up to the amount, whatever the parts and in whatever order they are reckoned.
 */
#include "billing/zone.h"
#include "types/money_allocate.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/rangetypes.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

typedef struct Span
{
	TimestampTz start;
	TimestampTz end;
} Span;

/* What a call keeps for the next one. */
typedef struct CallCache
{
	TypeCacheEntry *range;
	PcZoneCache zone;
} CallCache;

static CallCache *
call_cache(FunctionCallInfo fcinfo)
{
	CallCache  *cache = fcinfo->flinfo->fn_extra;

	if (cache == NULL)
	{
		cache = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(CallCache));
		cache->range = lookup_type_cache(TSTZRANGEOID, TYPECACHE_RANGE_INFO);
		fcinfo->flinfo->fn_extra = cache;
	}
	return cache;
}

/* The bounds of a range as instants, infinity where it has none; false where it is empty. */
static bool
read_range(CallCache *cache, RangeType *range, Span *span)
{
	RangeBound	lower;
	RangeBound	upper;
	bool		empty;

	range_deserialize(cache->range, range, &lower, &upper, &empty);
	span->start = lower.infinite ? DT_NOBEGIN : DatumGetTimestampTz(lower.val);
	span->end = upper.infinite ? DT_NOEND : DatumGetTimestampTz(upper.val);
	return !empty;
}

static Span
read_period(CallCache *cache, RangeType *range)
{
	Span		period;

	if (!read_range(cache, range, &period) || period.start >= period.end)
		ereport(ERROR,
				errcode(ERRCODE_PC_INVALID_ARGUMENT),
				errmsg("the period is empty"),
				errhint("Give a range from its beginning to its end."));
	if (TIMESTAMP_NOT_FINITE(period.start) || TIMESTAMP_NOT_FINITE(period.end))
		ereport(ERROR,
				errcode(ERRCODE_PC_INVALID_ARGUMENT),
				errmsg("the period has no %s", TIMESTAMP_NOT_FINITE(period.start) ? "beginning" : "end"),
				errhint("An amount can be shared out over a bounded period only."));
	return period;
}

static bool
read_by_day(const text *by)
{
	char	   *name = text_to_cstring(by);

	if (strcmp(name, "day") == 0)
		return true;
	if (strcmp(name, "second") != 0)
		ereport(ERROR,
				errcode(ERRCODE_PC_INVALID_ARGUMENT),
				errmsg("unknown way to prorate: \"%s\"", name),
				errhint("Use second or day."));
	return false;
}

/* The first day that begins at this instant or later. */
static int64
first_day(pg_tz *zone, TimestampTz at)
{
	int			offset;
	int64		day = pc_wall_time(zone, at, &offset).day;

	while (pc_instant(zone, day, 0) < at)
		day++;
	while (pc_instant(zone, day - 1, 0) >= at)
		day--;
	return day;
}

/* A part as units since the period began. */
typedef struct Measure
{
	uint64		from;
	uint64		to;
	uint64		whole;
} Measure;

static Measure
by_time(Span period, Span part)
{
	return (Measure) {
		.from = (uint64) part.start - (uint64) period.start,
		.to = (uint64) part.end - (uint64) period.start,
		.whole = (uint64) period.end - (uint64) period.start
	};
}

/*
 * A day counts where it begins.  A period in which none does is one day, and
 * begins with it.
 */
static Measure
by_day(Span period, Span part, pg_tz *zone)
{
	int64		first = first_day(zone, period.start);
	Measure		m = {.whole = first_day(zone, period.end) - first};

	if (m.whole == 0)
		return (Measure) {.from = part.start > period.start, .to = 1, .whole = 1};
	m.from = part.start == period.start ? 0 : first_day(zone, part.start) - first;
	m.to = part.end == period.end ? m.whole : first_day(zone, part.end) - first;
	return m;
}

PG_FUNCTION_INFO_V1(paycore_prorate);
PGDLLEXPORT Datum
paycore_prorate(PG_FUNCTION_ARGS)
{
	PcMoney		amount = PG_GETARG_PC_MONEY(0);
	CallCache  *cache = call_cache(fcinfo);
	Span		period = read_period(cache, PG_GETARG_RANGE_P(1));
	bool		by_days = read_by_day(PG_GETARG_TEXT_PP(3));
	pg_tz	   *zone = pc_zone(&cache->zone, PG_GETARG_TEXT_PP(4));
	Span		part;
	Measure		m;

	if (!read_range(cache, PG_GETARG_RANGE_P(2), &part))
		PG_RETURN_PC_MONEY(pc_money_pack(pc_money_currency(amount), 0));
	part.start = Max(part.start, period.start);
	part.end = Min(part.end, period.end);
	if (part.start >= part.end)
		PG_RETURN_PC_MONEY(pc_money_pack(pc_money_currency(amount), 0));
	m = by_days ? by_day(period, part, zone) : by_time(period, part);
	PG_RETURN_PC_MONEY(pc_money_subtract(pc_money_fraction(amount, m.to, m.whole), pc_money_fraction(amount, m.from, m.whole)));
}
