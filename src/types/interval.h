/*
 * interval.h
 *		billing_interval: how often something is billed, four bytes by value.
 *
 * A count of days or of months, from 1 day to 10 years.  Weeks are days,
 * quarters and years are months.
 */
#ifndef PAYCORE_INTERVAL_H
#define PAYCORE_INTERVAL_H

#include "common/paycore.h"
#include "types/interval_text.h"

#define DatumGetPcInterval(d)		((PcInterval) DatumGetInt32(d))
#define PcIntervalGetDatum(i)		Int32GetDatum(i)
#define PG_GETARG_PC_INTERVAL(n)	DatumGetPcInterval(PG_GETARG_DATUM(n))
#define PG_RETURN_PC_INTERVAL(i)	return PcIntervalGetDatum(i)

static inline bool
pc_interval_is_months(PcInterval interval)
{
	return interval < 0;
}

/* How many days or months it has. */
static inline int32
pc_interval_count(PcInterval interval)
{
	return interval < 0 ? -interval : interval;
}

#endif							/* PAYCORE_INTERVAL_H */
