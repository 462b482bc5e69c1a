/*
 * consumer.h
 *		A reader of the change feed, and how far it is.
 *
 * The feed comes in pages: the changes that one snapshot has and the one
 * before has not, in the order of their places (seq).  A place is taken while
 * the changed row is locked, so the order is that of the commits for all that
 * depends on each other; and a change appears in the first page whose
 * snapshot has its transaction, however late that commits, so none is missed.
 */
#ifndef PAYCORE_FEED_CONSUMER_H
#define PAYCORE_FEED_CONSUMER_H

#include "api/api.h"
#include "feed/snapshot.h"

/* Names that are webhook endpoints', nobody else's. */
#define FEED_ENDPOINT_PREFIX "endpoint:"

typedef struct FeedConsumer
{
	char	   *name;
	FeedSnapshot seen;			/* all that it has is acknowledged */
	int64		seen_seq;		/* no place above it was taken in a transaction that seen has */
	bool		has_page;
	FeedSnapshot page;
	int64		page_seq;		/* as seen_seq */
	int64		page_floor;		/* the floor once all of the page is acknowledged */
	int64		acknowledged;	/* of the page, up to this place */
	int64		floor_seq;		/* what seen has not lies above it */
	uint64		mark_xid;		/* transactions from this number on have places above mark_seq; 0 = no mark */
	int64		mark_seq;
} FeedConsumer;

/* PY042 where the name is one of a webhook endpoint's. */
extern void feed_check_name(const char *name);

/*
 * Makes a consumer, whose row is then the last result.  Returns the highest
 * place that it is not given, 0 from the start.
 */
extern int64 feed_consumer_create(const PcApiCall *call, const char *name, bool from_start);
extern bool feed_consumer_drop(const PcApiCall *call, const char *name);

/* Locks the consumer's row until the transaction ends; PY040 where there is none. */
extern void feed_consumer_lock(const PcApiCall *call, const char *name, FeedConsumer *consumer);

/* Writes it back. */
extern void feed_consumer_save(const PcApiCall *call, const FeedConsumer *consumer);

/* Row r of the last result is a change: its place, its transaction, then all of a status_change. */
typedef void (*FeedGive) (uint64 r, void *arg);

/* Gives the next changes, at most wanted; returns how many.  give may not run a statement. */
extern int	feed_read(const PcApiCall *call, FeedConsumer *consumer, int wanted, FeedGive give, void *arg);

/* All that was given up to this place has been dealt with; the row is then the last result. */
extern void feed_consumer_acknowledge(const PcApiCall *call, FeedConsumer *consumer, int64 seq);

/* The highest place of a change that can be seen now; 0 where there is none. */
extern int64 feed_last_seq(const PcApiCall *call);

#endif							/* PAYCORE_FEED_CONSUMER_H */
