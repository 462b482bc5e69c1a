/*
 * upkeep.h
 *		What the worker does now and then, beside sending.
 */
#ifndef PAYCORE_UPKEEP_H
#define PAYCORE_UPKEEP_H

#include "common/paycore.h"

/*
 * Leases that ran out, sweeps, retries of webhook events, pruning, the check
 * of gateway accounts: each when its time has come, in its own transaction.
 * A drain does what requests depend on, and leaves the rest.
 */
extern void pc_upkeep(bool drain);

/* At the end of a drain: listeners hear once of all that was changed. */
extern void pc_upkeep_drained(void);

/* The settings may have changed: accounts are checked again, as after each change of the secrets file. */
extern void pc_upkeep_reloaded(void);

/* The version of the secrets file whose keys are being checked, or have been. */
extern uint64 pc_upkeep_secrets(void);

#endif							/* PAYCORE_UPKEEP_H */
