/*
 * webhooks.h
 *		Events that a gateway posts: checked, stored once, applied.
 *
 * Status of an event:
 *	processed	applied, or nothing new in it
 *	ignored		nothing for us in it: an unknown type, the other mode, an object
 *				that is not ours; error_code says which
 *	received	waits for its parent, which was asked for
 *	failed		applying it raised an error, kept in error_code (SQLSTATE) and
 *				error_message; tried again with growing pauses
 *	rejected	not to be trusted: one row for each account, reason and hour,
 *				without payload
 */
#ifndef PAYCORE_WEBHOOKS_H
#define PAYCORE_WEBHOOKS_H

#include "common/paycore.h"
#include "utils/jsonb.h"

/*
 * Tries up to limit failed or waiting events again whose time has come, each
 * in a subtransaction of its own.  Runs inside a transaction, as the owner of
 * the tables or as anybody (it takes the owner's identity).  Returns how many
 * were tried.
 */
extern int	pc_webhook_retry_failed(int limit);

/*
 * Takes events that were read from the gateway's list (an array of them): those that
 * are not known yet go the way of posted ones, from after the signature.
 * Returns how many were new.  SPI connected, as the owner.
 */
extern int	pc_webhook_take_polled(const char *gateway_account, const char *tenant, const Jsonb *events);

#endif							/* PAYCORE_WEBHOOKS_H */
