/*
 * guarded.h
 *		Work in a subtransaction, so that its error is the caller's to judge.
 */
#ifndef PAYCORE_GUARDED_H
#define PAYCORE_GUARDED_H

#include "common/paycore.h"

/*
 * Runs work(arg); NULL if it went through.  Else all that it did is undone, and
 * its error is returned, in the current memory context.  A cancel or a
 * shutdown is the whole transaction's, and is raised again.
 */
extern ErrorData *pc_run_guarded(void (*work) (void *arg), void *arg);

/* Runs work(arg) and undoes all that it did in the database; an error is raised again. */
extern void pc_run_undone(void (*work) (void *arg), void *arg);

#endif							/* PAYCORE_GUARDED_H */
