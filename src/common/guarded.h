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

/*
 * Runs work(arg), and from the beginning again where it lost a deadlock, most
 * times in all.  What it keeps in arg, it must set anew.  Its error is raised
 * again.  Others lock tables and rows in orders of their own, and get on when
 * the subtransaction ends; in a transaction that holds what they wait for, no
 * attempt helps.
 */
extern void pc_run_despite_deadlocks(void (*work) (void *arg), void *arg, int most);

/* Runs work(arg) and undoes all that it did in the database; an error is raised again. */
extern void pc_run_undone(void (*work) (void *arg), void *arg);

#endif							/* PAYCORE_GUARDED_H */
