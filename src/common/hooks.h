/*
 * hooks.h
 *		Where a lower room needs a deed of a higher one.  Each pointer is NULL
 *		until the room that owns the deed has been loaded.
 */
#ifndef PAYCORE_HOOKS_H
#define PAYCORE_HOOKS_H

#include "common/paycore.h"

/* Set by src/worker: when this transaction commits, the launcher looks again which databases are marked. */
extern void (*pc_wake_launcher_at_commit) (void);

#endif							/* PAYCORE_HOOKS_H */
