/*
 * watch.c
 *		Whether changes have become visible since one looked last.
 */
#include "common/paycore.h"

#include "access/transam.h"
#include "common/fault.h"
#include "common/plan.h"
#include "feed/snapshot.h"
#include "feed/watch.h"
#include "utils/memutils.h"

static PcPlan place_plan = PC_PLAN("", "SELECT last_value FROM paycore.status_changes_seq");

/* As a consumer's floor (read.c): a transaction takes its number before its places. */
static void
raise_floor(const FeedWatch *last, FeedWatch *now)
{
	now->floor = last->floor;
	now->mark_xid = last->mark_xid;
	now->mark_place = last->mark_place;
	if (now->mark_xid != 0 && now->xmin < now->mark_xid)
		return;
	if (now->mark_xid != 0)
		now->floor = now->mark_place;
	now->mark_xid = now->next_xid;
	now->mark_place = now->place;
}

bool
feed_watch_look(const FeedWatch *last, FeedWatch *now)
{
	FeedSnapshot snapshot;

	/* Before the place: who commits in between then has a place or a number that the next look asks about. */
	feed_snapshot_take(&snapshot);
	now->seen = snapshot.text;
	now->xmin = snapshot.xmin;
	PC_FAULT("change_watch");
	(void) pc_execute(&place_plan, NULL, NULL, false, 1);
	now->place = pc_get_int64(0, 1);
	now->next_xid = U64FromFullTransactionId(ReadNextFullTransactionId());
	raise_floor(last, now);
	return last->seen == NULL || last->place != now->place || last->xmin < last->next_xid;
}

void
feed_watch_keep(FeedWatch *watch, const FeedWatch *now)
{
	char	   *seen = MemoryContextStrdup(TopMemoryContext, now->seen);

	feed_watch_forget(watch);
	*watch = *now;
	watch->seen = seen;
}

void
feed_watch_forget(FeedWatch *watch)
{
	if (watch->seen != NULL)
		pfree(watch->seen);
	memset(watch, 0, sizeof(*watch));
}
