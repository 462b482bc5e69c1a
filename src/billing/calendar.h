/*
 * calendar.h
 *		Billing periods: which times they begin at, which one a time falls in.
 *
 * Periods are half-open and numbered from the anchor on, which begins number 0.
 * Each boundary is reckoned from the anchor, never from the one before: so an
 * anchor on the 31st comes back to the 31st after a shorter month.
 */
#ifndef PAYCORE_CALENDAR_H
#define PAYCORE_CALENDAR_H

#include "billing/zone.h"
#include "types/interval.h"

/* What boundaries are reckoned from. */
typedef struct PcAnchor
{
	TimestampTz at;
	PcInterval	every;
	pg_tz	   *zone;
	int			offset;			/* seconds that clocks are ahead of UTC at the anchor */
	PcWallTime	wall;
	int			month;			/* years * 12 + months, of the wall clock */
	int			day_of_month;
} PcAnchor;

typedef struct PcPeriod
{
	int			number;
	TimestampTz start;
	TimestampTz end;
} PcPeriod;

/* Raises PY042 for an infinite anchor. */
extern PcAnchor pc_anchor(TimestampTz at, PcInterval every, pg_tz *zone);

/* Where period number n begins; raises PY042 outside of what timestamptz can hold. */
extern TimestampTz pc_boundary(const PcAnchor *anchor, int64 n);

/* The period with start <= at < end; raises as pc_boundary(). */
extern PcPeriod pc_period_at(const PcAnchor *anchor, TimestampTz at);

#endif							/* PAYCORE_CALENDAR_H */
