/*
 * endpoint.h
 *		Webhook endpoints: readers of the change feed to whom it is pushed.
 */
#ifndef PAYCORE_FEED_ENDPOINT_H
#define PAYCORE_FEED_ENDPOINT_H

#include "common/paycore.h"

/* Name of the consumer that an endpoint is to the feed. */
extern char *feed_endpoint_consumer(const char *endpoint);

/* "*", "payment.*" and "payment.succeeded" are patterns of a text[]; raises PY042 where one is none of these. */
extern void feed_events_check(Datum patterns);
extern bool feed_events_match(Datum patterns, const char *object_type, const char *status);

#endif							/* PAYCORE_FEED_ENDPOINT_H */
