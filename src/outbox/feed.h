/*
 * feed.h
 *		Lists of a gateway account that are read from time to time, page by page,
 *		each from where its last reading ended.
 *
 * An unfinished outbox row does the reading; its cursor is the last id of the
 * page before.  The lists of a backfill are read in parts, several at once, each
 * of what was created between two times.  What is known of the list is in
 * paycore.gateway_feeds.
 */
#ifndef PAYCORE_FEED_H
#define PAYCORE_FEED_H

#include "common/paycore.h"
#include "gateway/gateway.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#define PC_FEED_BALANCE "balance_transactions"
#define PC_FEED_EVENTS "events"

/* A gateway account over the network, in its home tenant. */
typedef struct PcFeedAccount
{
	char	   *name;
	char	   *tenant;
	pg_uuid_t	id;
	TimestampTz created_at;
} PcFeedAccount;

/* False where no such account takes requests over the network. */
extern bool pc_feed_account(const char *name, PcFeedAccount *account);

/* Who begins to read lists of an account holds this to the end of the transaction: then the next one sees what is begun. */
extern void pc_feed_lock(const PcFeedAccount *account);

/*
 * Starts a reading: from since on, or, where since is NULL, from where the
 * last one ended, less overlap seconds.  False where one is under way.  SPI
 * connected, as the owner.
 */
extern bool pc_feed_start(const PcFeedAccount *account, const char *feed, GwOperation op, const TimestampTz *since, int overlap);

/* Refuses to read from the end of time.  The near future may be past by the gateway's clock. */
extern void pc_feed_check_since(TimestampTz since);

/* Starts readings whose time has come (paycore.balance_interval, paycore.event_interval). */
extern void pc_feeds_start_due(void);

/*
 * A backfill reads one list after the other, each in a feed of its own
 * ("backfill:payment_intents" ...).  Starts with the first, or goes on where
 * one stopped for good.  False where it is under way.
 */
extern bool pc_backfill_start(const PcFeedAccount *account, TimestampTz since);

/* Whether a feed is a list of a backfill, and an operation one that reads such lists. */
extern bool pc_backfill_is_feed(const char *feed);
extern bool pc_backfill_reads(GwOperation op);

/* After a feed's end: the next list of its backfill, if it is of one. */
extern void pc_backfill_next(const char *gateway_account, const char *feed, TimestampTz since);

/* Reads what may hold fees of payments captured since then.  False where the account is not one to ask. */
extern bool pc_feed_seek_fees(const char *gateway_account, TimestampTz since);

/*
 * Notes a page of n objects; over: it was the last one of its part, or, with an
 * error, the part ends without it.  True where that ends the list, which *since
 * is read from, with no error in any part.
 */
extern bool pc_feed_note(const char *tenant, const char *gateway_account, const char *feed, int n, bool over,
						 const char *error, TimestampTz *since);

/* A reading that is under way, by its outbox row. */
typedef struct PcFeedReading
{
	const char *tenant;
	const char *gateway_account;
	const char *feed;
	GwOperation op;
	pg_uuid_t	id;
	int64		since;			/* it lists what was created from then ... */
	int64		before;			/* ... to before then (unix seconds), newest first: down to here it has been */
} PcFeedReading;

/* Leaves the older half of what it still has to read to a new reading, unless enough are under way. */
extern void pc_feed_split(const PcFeedReading *reading);

#endif							/* PAYCORE_FEED_H */
