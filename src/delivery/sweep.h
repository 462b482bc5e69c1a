/*
 * sweep.h
 *		Bounded batches of upkeep, each in the caller's transaction, as the
 *		owner, with SPI connected.  True: there is more.
 */
#ifndef PAYCORE_SWEEP_H
#define PAYCORE_SWEEP_H

#include "common/paycore.h"

/* A webhook that never comes must not leave a payer stuck: open objects are looked at. */
extern bool pc_sweep_intents(void);
extern bool pc_sweep_refunds(void);
extern bool pc_sweep_payouts(void);
extern bool pc_sweep_setups(void);
extern bool pc_sweep_disputes(void);
extern bool pc_sweep_webhooks(void);	/* failed events, again */
extern bool pc_start_feeds(void);		/* lists of gateway accounts, from where they were last read */

/* Says in the log that requests of another instance or database lie here, unsent. */
extern bool pc_warn_of_foreign(void);

extern bool pc_prune_outbox(void);
extern bool pc_prune_keys(void);
extern bool pc_prune_webhooks(void);

#endif							/* PAYCORE_SWEEP_H */
