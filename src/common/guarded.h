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

/*
 * lock_timeout where others lock the same rows in another order, and are not to
 * find a deadlock: we give way sooner than deadlock_timeout (1 s).
 */
#define PC_GIVE_WAY_MS "50"

/* Sets it, until pc_give_way_end() with what this returns, or until an error. */
extern int	pc_give_way_begin(void);
extern void pc_give_way_end(int level);

#endif							/* PAYCORE_GUARDED_H */
