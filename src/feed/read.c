/*
 * read.c
 *		paycore.read_changes(): the next changes of a consumer's page; when all
 *		of it has been acknowledged, the next page.
 */
#include "common/paycore.h"

#include "access/table.h"
#include "access/transam.h"
#include "access/xact.h"
#include "common/xact_tag.h"
#include "feed/consumer.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/rel.h"

#define MAX_CHANGES 10000

/* Rows looked at in one go: most of them are the consumer's. */
#define STRETCH 1000

static PcPlan stretch = PC_PLAN_ROW("t888",
	"SELECT seq, xact, %s FROM paycore.status_changes"
	" WHERE tenant_id OPERATOR(pg_catalog.=) $1 AND seq OPERATOR(pg_catalog.>) $2 AND seq OPERATOR(pg_catalog.<=) $3"
	" ORDER BY seq LIMIT $4", PC_STATUS_CHANGES);

/* A row of another cluster came by a restore, so its transaction has ended. */
static bool
is_in_page(const FeedConsumer *c, int64 xact)
{
	return pc_xact_tag_era(xact) != c->page.era || feed_snapshot_has(&c->page, pc_xact_tag_number(xact));
}

static bool
is_seen(const FeedConsumer *c, int64 seq, int64 xact)
{
	if (pc_xact_tag_era(xact) != c->seen.era)
		return seq <= c->seen_seq;
	return feed_snapshot_has(&c->seen, pc_xact_tag_number(xact));
}

/* The row without the two columns in front. */
static void
give_row(uint64 r, void *arg)
{
	ReturnSetInfo *result = arg;
	TupleDesc	desc = SPI_tuptable->tupdesc;
	Datum	   *values = palloc(sizeof(Datum) * desc->natts);
	bool	   *nulls = palloc(sizeof(bool) * desc->natts);

	heap_deform_tuple(SPI_tuptable->vals[r], desc, values, nulls);
	tuplestore_putvalues(result->setResult, result->setDesc, values + 2, nulls + 2);
	pfree(values);
	pfree(nulls);
}

/* Gives at most wanted changes of the page; returns how many. */
static int
give_page(const PcApiCall *call, const FeedConsumer *c, int wanted, FeedGive give, void *arg)
{
	int64		from = Max(c->acknowledged, c->floor_seq);
	int			given = 0;
	uint64		n;

	do
	{
		Datum		values[] = {
			CStringGetTextDatum(call->tenant), Int64GetDatum(from), Int64GetDatum(c->page_seq), Int64GetDatum(STRETCH)
		};

		CHECK_FOR_INTERRUPTS();
		n = pc_execute(&stretch, values, NULL, false, 0);
		for (uint64 r = 0; r < n && given < wanted; r++)
		{
			from = pc_get_int64(r, 1);
			if (!is_in_page(c, pc_get_int64(r, 2)) || is_seen(c, from, pc_get_int64(r, 2)))
				continue;
			give(r, arg);
			given++;
		}
		SPI_freetuptable(SPI_tuptable);
	} while (n == STRETCH && given < wanted);
	return given;
}

static void
close_page(FeedConsumer *c)
{
	if (c->has_page && c->page.era == pc_xact_era())
	{
		c->seen = c->page;
		c->seen_seq = c->page_seq;
		c->floor_seq = c->page_floor;
	}
	c->has_page = false;
}

/* Whether this very transaction has made changes; those that it makes later have later places. */
static bool
has_own_changes(void)
{
	Relation	relation = table_open(pc_table_oid(PC_STATUS_CHANGES, false), AccessShareLock);
	bool		has = CheckRelationLockedByMe(relation, RowExclusiveLock, true);

	table_close(relation, AccessShareLock);
	return has;
}

/*
 * The oldest transaction whose changes are still to come and may have places
 * that are taken already.  Those from xmax on may be running, too.
 */
static uint64
oldest_writer(const FeedSnapshot *s)
{
	uint64		own = has_own_changes() ? 0 : U64FromFullTransactionId(GetTopFullTransactionIdIfAny());
	uint64		oldest = s->xmax == own ? s->xmax + 1 : s->xmax;

	for (int i = 0; i < s->nrunning; i++)
	{
		if (s->running[i] != own)
			oldest = Min(oldest, s->running[i]);
	}
	return oldest;
}

/*
 * A transaction that has no number yet takes its places later, so what was the
 * highest place before is a floor for it.  The floor becomes the consumer's
 * once all that had a number by then have ended.
 */
static void
raise_floor(FeedConsumer *c, uint64 next_xid, int64 last_seq)
{
	uint64		oldest = oldest_writer(&c->page);

	if (c->seen.era != c->page.era)
		c->mark_xid = 0;
	c->page_floor = c->floor_seq;
	if (c->mark_xid != 0 && oldest >= c->mark_xid)
	{
		c->page_floor = c->mark_seq;
		c->mark_xid = 0;
	}
	if (oldest >= next_xid)
		c->page_floor = last_seq;
	else if (c->mark_xid == 0)
	{
		c->mark_xid = next_xid;
		c->mark_seq = last_seq;
	}
}

static void
open_page(const PcApiCall *call, FeedConsumer *c)
{
	int64		last_seq = feed_last_seq(call);
	uint64		next_xid = U64FromFullTransactionId(ReadNextFullTransactionId());

	feed_snapshot_take(&c->page);
	c->page_seq = feed_last_seq(call);
	c->has_page = true;
	c->acknowledged = c->floor_seq;
	raise_floor(c, next_xid, last_seq);
}

int
feed_read(const PcApiCall *call, FeedConsumer *c, int wanted, FeedGive give, void *arg)
{
	int			given = 0;

	if (c->has_page && c->page.era == pc_xact_era())
		given = give_page(call, c, wanted, give, arg);
	if (given > 0)
		return given;
	close_page(c);
	open_page(call, c);
	given = give_page(call, c, wanted, give, arg);
	if (given > 0)
		feed_consumer_save(call, c);
	return given;
}

/* read_changes(consumer, page_size) */
PG_FUNCTION_INFO_V1(paycore_read_changes);
PGDLLEXPORT Datum
paycore_read_changes(PG_FUNCTION_ARGS)
{
	char	   *name = pc_getarg_text(fcinfo, 0);
	int			wanted = PG_ARGISNULL(1) ? 500 : PG_GETARG_INT32(1);
	FeedConsumer consumer;
	PcApiCall	call;

	if (name == NULL || wanted < 1 || wanted > MAX_CHANGES)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 name == NULL ? errmsg("the consumer's name is missing") :
				 errmsg("page_size must be between 1 and %d", MAX_CHANGES)));
	feed_check_name(name);
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	pc_api_begin(&call);
	feed_consumer_lock(&call, name, &consumer);
	(void) feed_read(&call, &consumer, wanted, give_row, fcinfo->resultinfo);
	pc_api_end(&call);
	return (Datum) 0;
}
