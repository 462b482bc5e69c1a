/*
 * bucket.h
 *		Days, weeks, months, quarters and years of the calendar, for reports.
 */
#ifndef PAYCORE_BUCKET_H
#define PAYCORE_BUCKET_H

#include "billing/zone.h"
#include "utils/date.h"

#define PC_BUCKET_SLOTS		4096
#define PC_BUCKET_UNIT		7		/* "quarter" */

/* One bucket, as some hour found it. */
typedef struct PcBucketSlot
{
	TimestampTz start;			/* the bucket goes from here */
	TimestampTz end;			/* to here; 0 and 0 where none is kept */
	DateADT		day;
} PcBucketSlot;

typedef struct PcBuckets
{
	pg_tz	   *zone;			/* NULL: not set up */
	char		unit[PC_BUCKET_UNIT + 1];
	PcBucketSlot slots[PC_BUCKET_SLOTS];
} PcBuckets;

/* For this unit and zone; PY042 where there is none such. */
extern void pc_buckets_set(PcBuckets *buckets, PcZoneCache *zones, text *unit, text *time_zone);

extern void pc_bucket_fill(PcBuckets *buckets, PcBucketSlot *slot, TimestampTz at);

/* The first day of the bucket that a time falls in. */
static inline DateADT
pc_bucket(PcBuckets *buckets, TimestampTz at)
{
	PcBucketSlot *slot = &buckets->slots[((uint64) at / USECS_PER_HOUR) % PC_BUCKET_SLOTS];

	if (unlikely(at < slot->start || at >= slot->end))
		pc_bucket_fill(buckets, slot, at);
	return slot->day;
}

#endif							/* PAYCORE_BUCKET_H */
