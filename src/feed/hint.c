/*
 * hint.c
 *		NOTIFY paycore_changes: a hint to look, sent after changes have become
 *		visible.
 *
 * Never by those who make the changes: their commits would queue behind each
 * other for the lock that NOTIFY takes.
 */
#include "common/paycore.h"

#include "commands/async.h"
#include "common/plan.h"
#include "feed/consumer.h"
#include "feed/feed.h"
#include "feed/watch.h"
#include "utils/builtins.h"

#define CHANNEL "paycore_changes"
#define MAX_PAYLOAD 7999

#define READERS "paycore.change_consumers k WHERE k.name NOT LIKE '" FEED_ENDPOINT_PREFIX "%'"

static PcPlan readers_plan = PC_PLAN("", "SELECT 1 FROM " READERS " LIMIT 1");

static PcPlan unread_plan = PC_PLAN("",
	"SELECT DISTINCT k.tenant_id FROM " READERS " AND EXISTS (SELECT 1 FROM paycore.status_changes c"
	" WHERE c.tenant_id = k.tenant_id AND c.seq > greatest(k.acknowledged, k.seen_seq))");

/* What is new has the highest places, mostly. */
static PcPlan new_plan = PC_PLAN("8t",
	"SELECT t.tenant_id FROM (SELECT DISTINCT k.tenant_id FROM " READERS ") t"
	" WHERE (SELECT true FROM paycore.status_changes c WHERE c.tenant_id = t.tenant_id AND c.seq > $1"
	" AND " FEED_UNSEEN("$2::pg_catalog.pg_snapshot") " ORDER BY c.seq DESC LIMIT 1)");

static void
notify(uint64 tenants)
{
	for (uint64 r = 0; r < tenants; r++)
	{
		char	   *tenant = pc_get_cstring(r, 1);

		Async_Notify(CHANNEL, strlen(tenant) <= MAX_PAYLOAD ? tenant : "");
	}
}

/* What became visible before the first look is not known: who has something to read is told. */
static uint64
find_tenants(const FeedWatch *last)
{
	Datum		values[2];

	if (last->seen == NULL)
		return pc_execute(&unread_plan, NULL, NULL, false, 0);
	values[0] = Int64GetDatum(last->floor);
	values[1] = CStringGetTextDatum(last->seen);
	return pc_execute(&new_plan, values, NULL, false, 0);
}

bool
pc_feed_hint(void)
{
	static FeedWatch watch;
	FeedWatch	now;

	if (pc_execute(&readers_plan, NULL, NULL, false, 1) == 0)
	{
		feed_watch_forget(&watch);
		return false;
	}
	if (feed_watch_look(&watch, &now))
		notify(find_tenants(&watch));
	feed_watch_keep(&watch, &now);
	return false;
}
