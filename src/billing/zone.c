/*
 * zone.c
 *		Time zones by name, and the way between instants and wall clocks.
 */
#include "billing/zone.h"

#include "common/hashfn.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

void
pc_time_out_of_range(void)
{
	ereport(ERROR,
			errcode(ERRCODE_PC_INVALID_ARGUMENT),
			errmsg("billing period out of range"),
			errdetail("A period begins and ends between 4713 BC and 294276 AD."));
}

void
pc_check_finite(TimestampTz at)
{
	if (TIMESTAMP_NOT_FINITE(at))
		ereport(ERROR,
				errcode(ERRCODE_PC_INVALID_ARGUMENT),
				errmsg("infinity lies in no billing period"));
}

/*
 * Besides files of the database, pg_tzset() takes POSIX rules: any letters and
 * a number that counts westward.  So Europe/Berlin2 would be a zone.  Names of
 * files have a small letter or no digit, once the server has put their case right.
 */
static bool
is_posix_rule(pg_tz *zone)
{
	const char *name = pg_get_timezone_name(zone);

	return strpbrk(name, "0123456789") != NULL && strpbrk(name, "abcdefghijklmnopqrstuvwxyz") == NULL;
}

static pg_tz *
zone_by_name(const char *name)
{
	pg_tz	   *zone = pg_tzset(name);

	if (zone == NULL || name[0] == '\0' || is_posix_rule(zone))
		ereport(ERROR,
				errcode(ERRCODE_PC_INVALID_ARGUMENT),
				errmsg("unknown time zone: \"%s\"", name),
				errhint("Use a name of the IANA database such as Europe/Berlin; pg_timezone_names lists them."));
	if (!pg_tz_acceptable(zone))
		ereport(ERROR,
				errcode(ERRCODE_PC_INVALID_ARGUMENT),
				errmsg("time zone \"%s\" counts leap seconds", name),
				errhint("Use the zone without right/ before it."));
	return zone;
}

pg_tz *
pc_zone(PcZoneCache *cache, text *name)
{
	const char *chars = VARDATA_ANY(name);
	size_t		len = VARSIZE_ANY_EXHDR(name);
	struct PcZoneKept *kept = &cache->kept[hash_bytes((const unsigned char *) chars, len) % PC_ZONES_KEPT];
	pg_tz	   *zone;

	if (kept->zone != NULL && kept->len == len && memcmp(kept->name, chars, len) == 0)
		return kept->zone;
	zone = zone_by_name(text_to_cstring(name));
	if (len <= sizeof(kept->name))
	{
		kept->zone = zone;
		kept->len = len;
		memcpy(kept->name, chars, len);
	}
	return zone;
}

PcWallTime
pc_wall_time(pg_tz *zone, TimestampTz at, int *offset)
{
	struct pg_tm tm;
	fsec_t		fsec;
	int			west;
	PcWallTime	wall;

	pc_check_finite(at);
	if (timestamp2tm(at, &west, &tm, &fsec, NULL, zone) != 0)
		pc_time_out_of_range();
	wall.day = date2j(tm.tm_year, tm.tm_mon, tm.tm_mday);
	wall.time = ((tm.tm_hour * MINS_PER_HOUR + tm.tm_min) * SECS_PER_MINUTE + tm.tm_sec) * USECS_PER_SEC + fsec;
	*offset = -west;
	return wall;
}

TimestampTz
pc_instant(pg_tz *zone, int64 day, int64 time)
{
	struct pg_tm tm = {0};
	fsec_t		fsec;
	TimestampTz at;

	if (day < DATETIME_MIN_JULIAN || day > TIMESTAMP_END_JULIAN)
		pc_time_out_of_range();
	j2date((int) day, &tm.tm_year, &tm.tm_mon, &tm.tm_mday);
	dt2time(time, &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &fsec);
	at = (day - POSTGRES_EPOCH_JDATE) * USECS_PER_DAY + time +
		DetermineTimeZoneOffset(&tm, zone) * USECS_PER_SEC;
	if (!IS_VALID_TIMESTAMP(at))
		pc_time_out_of_range();
	return at;
}
