/*
 * feed.h
 *		What the worker does for the readers of the change feed, in the caller's
 *		transaction, as the owner, with SPI connected.
 */
#ifndef PAYCORE_FEED_FEED_H
#define PAYCORE_FEED_FEED_H

#include "common/paycore.h"

/* Tells listeners of the channel paycore_changes whose tenants have new changes.  Returns false: nothing is left. */
extern bool pc_feed_hint(void);

/* Puts new changes for webhook endpoints into the outbox. */
extern bool pc_feed_queue(void);

#endif							/* PAYCORE_FEED_FEED_H */
