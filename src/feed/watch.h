/*
 * watch.h
 *		Whether changes have become visible since one looked last, without a
 *		word from those who make them: kept in the memory of a process.
 */
#ifndef PAYCORE_FEED_WATCH_H
#define PAYCORE_FEED_WATCH_H

#include "common/paycore.h"

typedef struct FeedWatch
{
	char	   *seen;			/* the snapshot of the look, as pg_snapshot's text; NULL = none yet */
	uint64		xmin;
	uint64		next_xid;		/* transactions from this number on came later */
	int64		place;			/* the highest that was taken */
	int64		floor;			/* what is to become visible lies above it */
	uint64		mark_xid;		/* transactions from this number on have places above mark_place */
	int64		mark_place;
} FeedWatch;

/* Looks; false where nothing can have become visible since the last look.  SPI connected, as the owner. */
extern bool feed_watch_look(const FeedWatch *last, FeedWatch *now);

/* All that was to be done about this look is done. */
extern void feed_watch_keep(FeedWatch *watch, const FeedWatch *now);

/* The next look is the first one again. */
extern void feed_watch_forget(FeedWatch *watch);

/* As SQL: the change c was not visible in the snapshot. */
#define FEED_UNSEEN(snapshot) \
	"NOT pg_catalog.pg_visible_in_snapshot((c.xact & 17592186044415)::pg_catalog.text::pg_catalog.xid8, " snapshot ")"

#endif							/* PAYCORE_FEED_WATCH_H */
