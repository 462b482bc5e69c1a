/*
 * snapshot.h
 *		Which transactions had ended at a moment, as pg_snapshot tells it, and
 *		in which cluster that was.
 */
#ifndef PAYCORE_FEED_SNAPSHOT_H
#define PAYCORE_FEED_SNAPSHOT_H

#include "common/paycore.h"

typedef struct FeedSnapshot
{
	char	   *text;			/* "xmin:xmax:running,running" */
	int32		era;			/* pc_xact_era() */
	uint64		xmin;
	uint64		xmax;
	int			nrunning;
	uint64	   *running;
} FeedSnapshot;

/* Nothing had ended. */
#define FEED_SNAPSHOT_EMPTY "1:1:"

extern void feed_snapshot_read(FeedSnapshot *snapshot, const char *text, int32 era);

/* What a statement sees now, but for the changes of this very transaction, which may still be undone.  SPI. */
extern void feed_snapshot_take(FeedSnapshot *snapshot);

/* Whether the transaction with this number, of the snapshot's cluster, had ended. */
extern bool feed_snapshot_has(const FeedSnapshot *snapshot, uint64 number);

#endif							/* PAYCORE_FEED_SNAPSHOT_H */
