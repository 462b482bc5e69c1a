/*
 * guarded.c
 *		Work in a subtransaction, so that its error is the caller's to judge.
 */
#include "common/guarded.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

static ErrorData *
run(void (*work) (void *arg), void *arg, bool keep)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	ErrorData  *volatile error = NULL;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		work(arg);
		if (keep)
			ReleaseCurrentSubTransaction();
		else
			RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		CurrentResourceOwner = owner;
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		CurrentResourceOwner = owner;
		if (!keep || error->sqlerrcode == ERRCODE_QUERY_CANCELED || error->sqlerrcode == ERRCODE_ADMIN_SHUTDOWN)
			ReThrowError(error);
	}
	PG_END_TRY();
	return error;
}

ErrorData *
pc_run_guarded(void (*work) (void *arg), void *arg)
{
	return run(work, arg, true);
}

void
pc_run_despite_deadlocks(void (*work) (void *arg), void *arg, int most)
{
	ErrorData  *error;
	int			lost = 0;

	while ((error = pc_run_guarded(work, arg)) != NULL)
	{
		if (error->sqlerrcode != ERRCODE_T_R_DEADLOCK_DETECTED || ++lost == most)
			ReThrowError(error);
		CHECK_FOR_INTERRUPTS();
	}
}

void
pc_run_undone(void (*work) (void *arg), void *arg)
{
	(void) run(work, arg, false);
}

int
pc_give_way_begin(void)
{
	int			level = NewGUCNestLevel();

	(void) set_config_option("lock_timeout", PC_GIVE_WAY_MS, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	return level;
}

void
pc_give_way_end(int level)
{
	AtEOXact_GUC(true, level);
}
