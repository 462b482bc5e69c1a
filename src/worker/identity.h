/*
 * identity.h
 *		Transactions of a process that connects as superuser and must never act
 *		as one.
 */
#ifndef PAYCORE_WORKER_IDENTITY_H
#define PAYCORE_WORKER_IDENTITY_H

#include "common/paycore.h"

/* Once, after connecting: settings that no database, role or user changes for us. */
extern void pc_worker_pin_settings(void);

/*
 * Looks, in a transaction that reads catalogs only, for the owner in whose
 * name the next transactions run.  False where there is nothing to serve: the
 * tables or the extension are gone, or somebody needs the database to himself.
 */
extern bool pc_worker_find_owner(void);

/* Between them everything, deferred triggers included, runs as the owner. */
extern void pc_worker_begin(void);
extern void pc_worker_commit(void);
extern void pc_worker_abort(void);

/*
 * Runs work(arg) in a transaction of its own; NULL if it went through, else its
 * error, in the current context.  A shutdown is raised again.
 */
extern ErrorData *pc_worker_run(void (*work) (void *arg), void *arg);

#endif							/* PAYCORE_WORKER_IDENTITY_H */
