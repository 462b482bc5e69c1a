/*
 * zone.h
 *		Time zones by name, and the way between instants and wall clocks.
 */
#ifndef PAYCORE_ZONE_H
#define PAYCORE_ZONE_H

#include "common/paycore.h"
#include "datatype/timestamp.h"
#include "pgtime.h"

/* A date as PostgreSQL's day number (date2j), and microseconds since midnight by the clock. */
typedef struct PcWallTime
{
	int			day;
	int64		time;
} PcWallTime;

/* Zones of earlier calls, for fn_extra: the rows of a statement name few of them, in any order. */
#define PC_ZONES_KEPT	64

typedef struct PcZoneCache
{
	struct PcZoneKept
	{
		pg_tz	   *zone;		/* NULL where none is kept yet */
		size_t		len;
		char		name[40];	/* the longest of the database has 32 */
	}			kept[PC_ZONES_KEPT];
} PcZoneCache;

/* The zone with this name, of the IANA database; raises PY042 for others. */
extern pg_tz *pc_zone(PcZoneCache *cache, text *name);

/* What clocks in the zone show at an instant, and in *offset how many seconds they are ahead of UTC; raises PY042 for infinity. */
extern PcWallTime pc_wall_time(pg_tz *zone, TimestampTz at, int *offset);

/*
 * When clocks in the zone show this, as AT TIME ZONE has it: of a time that
 * comes twice the second; a time that is skipped as though the clocks had not
 * been put forward yet.  Raises PY042 outside of what timestamptz can hold.
 */
extern TimestampTz pc_instant(pg_tz *zone, int64 day, int64 time);

/* Raise PY042, the second one for infinity. */
pc_noreturn extern void pc_time_out_of_range(void) pg_attribute_cold;
extern void pc_check_finite(TimestampTz at);

#endif							/* PAYCORE_ZONE_H */
