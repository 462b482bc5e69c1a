/*
 * helpers.h
 *		Processes that do a part of a session's work beside it: in its database,
 *		as its users, with its settings.
 */
#ifndef PAYCORE_HELPERS_H
#define PAYCORE_HELPERS_H

#include "common/paycore.h"

/* Numbers that a helper leaves for its session. */
#define PC_HELPER_RESULTS	4

typedef struct PcHelpers PcHelpers;

/*
 * Starts n processes that run the library's function of that name with a copy of
 * the task; fewer where no background worker is free, with a notice.  The
 * function is one line: pc_helper_main() with what is to be done.  The session
 * may commit meanwhile.  Whatever it raises: what has begun is in *helpers, for
 * pc_helpers_end(); and ends with the session.
 */
extern void pc_helpers_start(PcHelpers **helpers, const char *function, int n, const void *task, Size size);

/* Waits for all of them.  Raises what interrupts the session. */
extern void pc_helpers_await(PcHelpers *helpers);

/* How many there were; and what the i-th left: its numbers, and why it stopped halfway, NULL where it did not. */
extern int	pc_helpers_count(const PcHelpers *helpers);
extern const int64 *pc_helper_results(const PcHelpers *helpers, int i);
extern const char *pc_helper_error(const PcHelpers *helpers, int i);

/* Terminates those that are still at it, and forgets them all.  Does nothing with NULL. */
extern void pc_helpers_end(PcHelpers *helpers);

/* A helper, from its first instruction to its last: the task is read only, the numbers start as zeros. */
extern void pc_helper_main(Datum arg, void (*work) (const void *task, int64 *results));

/* A helper: false once its session is gone; nobody wants more of it then. */
extern bool pc_helper_wanted(void);

/* A helper: does that in a transaction of its own, under the name for pg_stat_activity. */
extern void pc_helper_run(const char *activity, void (*step) (void *arg), void *arg);

#endif							/* PAYCORE_HELPERS_H */
