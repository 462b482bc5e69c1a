/*
 * snapshot.c
 *		Which transactions had ended at a moment.
 */
#include "common/paycore.h"

#include "access/transam.h"
#include "access/xact.h"
#include "common/plan.h"
#include "common/xact_tag.h"
#include "feed/snapshot.h"
#include "lib/stringinfo.h"

static PcPlan take = PC_PLAN("", "SELECT pg_catalog.pg_current_snapshot()::pg_catalog.text");

static uint64
number(const char **text)
{
	char	   *end;
	uint64		n = strtou64(*text, &end, 10);

	if (end == *text)
		elog(ERROR, "paycore: bad snapshot: %s", *text);
	*text = *end == '\0' ? end : end + 1;
	return n;
}

void
feed_snapshot_read(FeedSnapshot *snapshot, const char *text, int32 era)
{
	const char *p = text;
	int			room = 1;

	snapshot->text = pstrdup(text);
	snapshot->era = era;
	snapshot->xmin = number(&p);
	snapshot->xmax = number(&p);
	for (const char *c = p; *c != '\0'; c++)
		room += *c == ',';
	snapshot->running = palloc(sizeof(uint64) * room);
	snapshot->nrunning = 0;
	while (*p != '\0')
		snapshot->running[snapshot->nrunning++] = number(&p);
}

static bool
is_running(const FeedSnapshot *snapshot, uint64 number)
{
	for (int i = 0; i < snapshot->nrunning; i++)
	{
		if (snapshot->running[i] == number)
			return true;
	}
	return false;
}

bool
feed_snapshot_has(const FeedSnapshot *snapshot, uint64 number)
{
	return number < snapshot->xmin || (number < snapshot->xmax && !is_running(snapshot, number));
}

static char *
with_running(const FeedSnapshot *snapshot, uint64 number)
{
	StringInfoData text;
	const char *comma = "";
	bool		placed = false;

	initStringInfo(&text);
	appendStringInfo(&text, UINT64_FORMAT ":" UINT64_FORMAT ":", Min(snapshot->xmin, number), snapshot->xmax);
	for (int i = 0; i <= snapshot->nrunning; i++)
	{
		if (!placed && (i == snapshot->nrunning || number < snapshot->running[i]))
		{
			appendStringInfo(&text, "%s" UINT64_FORMAT, comma, number);
			placed = true;
			comma = ",";
		}
		if (i < snapshot->nrunning)
			appendStringInfo(&text, "%s" UINT64_FORMAT, comma, snapshot->running[i]);
		comma = ",";
	}
	return text.data;
}

void
feed_snapshot_take(FeedSnapshot *snapshot)
{
	uint64		own = U64FromFullTransactionId(GetTopFullTransactionIdIfAny());

	(void) pc_execute(&take, NULL, NULL, false, 1);
	feed_snapshot_read(snapshot, pc_get_cstring(0, 1), pc_xact_era());
	if (own != 0 && feed_snapshot_has(snapshot, own))
		feed_snapshot_read(snapshot, with_running(snapshot, own), snapshot->era);
}
