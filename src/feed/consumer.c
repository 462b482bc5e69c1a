/*
 * consumer.c
 *		Readers of the change feed: made, told that their changes have arrived,
 *		and dropped.
 */
#include "common/paycore.h"

#include "common/xact_tag.h"
#include "feed/consumer.h"
#include "miscadmin.h"
#include "storage/lmgr.h"

#define MAX_NAME 100

static PcPlan last_seq = PC_PLAN("t",
	"SELECT seq FROM paycore.status_changes WHERE tenant_id OPERATOR(pg_catalog.=) $1 ORDER BY seq DESC LIMIT 1");

static PcPlan lock_row = PC_PLAN("tt",
	"SELECT seen::pg_catalog.text, seen_era, seen_seq, page::pg_catalog.text, page_era, page_seq, page_floor,"
	" acknowledged, floor_seq, mark_xid, mark_seq FROM paycore.change_consumers"
	" WHERE tenant_id OPERATOR(pg_catalog.=) $1 AND name OPERATOR(pg_catalog.=) $2 FOR UPDATE");

static PcPlan insert_row = PC_PLAN_ROW("ttt488",
	"INSERT INTO paycore.change_consumers (tenant_id, name, seen, seen_era, seen_seq, acknowledged, floor_seq, mark_xid, mark_seq)"
	" VALUES ($1, $2, $3::pg_catalog.pg_snapshot, $4, $5, $6, $6, 0, 0) ON CONFLICT DO NOTHING RETURNING %s", PC_CHANGE_CONSUMERS);

static PcPlan save_row = PC_PLAN("ttt48t4888888",
	"UPDATE paycore.change_consumers SET seen = $3::pg_catalog.pg_snapshot, seen_era = $4, seen_seq = $5,"
	" page = $6::pg_catalog.pg_snapshot, page_era = $7, page_seq = $8, page_floor = $9, acknowledged = $10,"
	" floor_seq = $11, mark_xid = $12, mark_seq = $13"
	" WHERE tenant_id OPERATOR(pg_catalog.=) $1 AND name OPERATOR(pg_catalog.=) $2");

static PcPlan acknowledge_row = PC_PLAN_ROW("tt8",
	"UPDATE paycore.change_consumers SET acknowledged = $3, acknowledged_at = pg_catalog.now()"
	" WHERE tenant_id OPERATOR(pg_catalog.=) $1 AND name OPERATOR(pg_catalog.=) $2 RETURNING %s", PC_CHANGE_CONSUMERS);

static PcPlan drop_row = PC_PLAN("tt",
	"DELETE FROM paycore.change_consumers"
	" WHERE tenant_id OPERATOR(pg_catalog.=) $1 AND name OPERATOR(pg_catalog.=) $2");

int64
feed_last_seq(const PcApiCall *call)
{
	Datum		tenant = CStringGetTextDatum(call->tenant);

	return pc_execute(&last_seq, &tenant, NULL, false, 1) > 0 ? pc_get_int64(0, 1) : 0;
}

static void
no_consumer(const PcApiCall *call, const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_PC_NOT_FOUND),
			 errmsg("tenant \"%s\" has no change consumer \"%s\"", call->tenant, name),
			 errhint("Make it with paycore.create_change_consumer().")));
}

void
feed_consumer_lock(const PcApiCall *call, const char *name, FeedConsumer *consumer)
{
	Datum		values[2] = {CStringGetTextDatum(call->tenant), CStringGetTextDatum(name)};
	char	   *page;

	memset(consumer, 0, sizeof(*consumer));
	if (pc_api_write(&lock_row, values, NULL, NULL) == 0)
		no_consumer(call, name);
	consumer->name = pstrdup(name);
	feed_snapshot_read(&consumer->seen, pc_get_cstring(0, 1), pc_get_int32(0, 2));
	consumer->seen_seq = pc_get_int64(0, 3);
	page = pc_get_cstring(0, 4);
	consumer->has_page = page != NULL;
	if (page != NULL)
		feed_snapshot_read(&consumer->page, page, pc_get_int32(0, 5));
	consumer->page_seq = pc_get_int64(0, 6);
	consumer->page_floor = pc_get_int64(0, 7);
	consumer->acknowledged = pc_get_int64(0, 8);
	consumer->floor_seq = pc_get_int64(0, 9);
	consumer->mark_xid = pc_get_int64(0, 10);
	consumer->mark_seq = pc_get_int64(0, 11);
}

void
feed_consumer_save(const PcApiCall *call, const FeedConsumer *consumer)
{
	Datum		values[] = {
		CStringGetTextDatum(call->tenant),
		CStringGetTextDatum(consumer->name),
		CStringGetTextDatum(consumer->seen.text),
		Int32GetDatum(consumer->seen.era),
		Int64GetDatum(consumer->seen_seq),
		consumer->has_page ? CStringGetTextDatum(consumer->page.text) : (Datum) 0,
		Int32GetDatum(consumer->page.era),
		Int64GetDatum(consumer->page_seq),
		Int64GetDatum(consumer->page_floor),
		Int64GetDatum(consumer->acknowledged),
		Int64GetDatum(consumer->floor_seq),
		Int64GetDatum(consumer->mark_xid),
		Int64GetDatum(consumer->mark_seq)
	};
	char		nulls[] = "             ";

	nulls[5] = nulls[6] = nulls[7] = nulls[8] = consumer->has_page ? ' ' : 'n';
	(void) pc_api_write(&save_row, values, nulls, NULL);
}

void
feed_check_name(const char *name)
{
	if (strncmp(name, FEED_ENDPOINT_PREFIX, strlen(FEED_ENDPOINT_PREFIX)) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("change consumers named \"%s...\" are those of webhook endpoints", FEED_ENDPOINT_PREFIX),
				 errhint("Read with a consumer of your own.")));
}

static char *
name_argument(FunctionCallInfo fcinfo)
{
	char	   *name = pc_getarg_text(fcinfo, 0);

	if (name == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("the consumer's name is missing")));
	pc_check_length(name, "name", MAX_NAME);
	feed_check_name(name);
	return name;
}

/* Until every transaction that has written changes by now has ended: what comes later has later places. */
static void
wait_for_writers(void)
{
	LOCKTAG		tag;

	SET_LOCKTAG_RELATION(tag, MyDatabaseId, pc_table_oid(PC_STATUS_CHANGES, false));
	WaitForLockers(tag, ShareLock, false);
}

/* Where a consumer begins: before everything, or after all that is committed now. */
static void
beginning(const PcApiCall *call, bool from_start, FeedConsumer *consumer)
{
	memset(consumer, 0, sizeof(*consumer));
	if (from_start)
	{
		feed_snapshot_read(&consumer->seen, FEED_SNAPSHOT_EMPTY, pc_xact_era());
		return;
	}
	consumer->floor_seq = feed_last_seq(call);
	wait_for_writers();
	feed_snapshot_take(&consumer->seen);
	consumer->seen_seq = feed_last_seq(call);
}

int64
feed_consumer_create(const PcApiCall *call, const char *name, bool from_start)
{
	FeedConsumer consumer;
	Datum		values[6];

	beginning(call, from_start, &consumer);
	values[0] = CStringGetTextDatum(call->tenant);
	values[1] = CStringGetTextDatum(name);
	values[2] = CStringGetTextDatum(consumer.seen.text);
	values[3] = Int32GetDatum(consumer.seen.era);
	values[4] = Int64GetDatum(consumer.seen_seq);
	values[5] = Int64GetDatum(consumer.floor_seq);

	if (pc_api_write(&insert_row, values, NULL, NULL) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("tenant \"%s\" has a change consumer \"%s\" already", call->tenant, name),
				 errhint("Use it, give another name, or drop it with paycore.drop_change_consumer().")));
	return consumer.seen_seq;
}

/* create_change_consumer(name, from_start) */
PG_FUNCTION_INFO_V1(paycore_create_change_consumer);
PGDLLEXPORT Datum
paycore_create_change_consumer(PG_FUNCTION_ARGS)
{
	char	   *name = name_argument(fcinfo);
	PcApiCall	call;
	Datum		row;

	pc_api_begin(&call);
	(void) feed_consumer_create(&call, name, pc_getarg_bool(fcinfo, 1, false));
	row = pc_row_datum(0, PC_CHANGE_CONSUMERS);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

static void
check_place(const FeedConsumer *consumer, int64 seq)
{
	if (!consumer->has_page || seq > consumer->page_seq || seq < 1)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("change consumer \"%s\" has not been given a change at place " INT64_FORMAT, consumer->name, seq),
				 errhint("Acknowledge the seq of the last change that paycore.read_changes() gave and that has been dealt with.")));
}

void
feed_consumer_acknowledge(const PcApiCall *call, FeedConsumer *consumer, int64 seq)
{
	Datum		values[3];

	consumer->acknowledged = Max(seq, consumer->acknowledged);
	values[0] = CStringGetTextDatum(call->tenant);
	values[1] = CStringGetTextDatum(consumer->name);
	values[2] = Int64GetDatum(consumer->acknowledged);
	(void) pc_api_write(&acknowledge_row, values, NULL, NULL);
}

/* acknowledge_changes(consumer, seq) */
PG_FUNCTION_INFO_V1(paycore_acknowledge_changes);
PGDLLEXPORT Datum
paycore_acknowledge_changes(PG_FUNCTION_ARGS)
{
	char	   *name = name_argument(fcinfo);
	int64		seq = PG_ARGISNULL(1) ? 0 : PG_GETARG_INT64(1);
	FeedConsumer consumer;
	PcApiCall	call;
	Datum		row;

	pc_api_begin(&call);
	feed_consumer_lock(&call, name, &consumer);
	check_place(&consumer, seq);
	feed_consumer_acknowledge(&call, &consumer, seq);
	row = pc_row_datum(0, PC_CHANGE_CONSUMERS);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

bool
feed_consumer_drop(const PcApiCall *call, const char *name)
{
	Datum		values[2] = {CStringGetTextDatum(call->tenant), CStringGetTextDatum(name)};

	return pc_api_plumbing(&drop_row, values, NULL) > 0;
}

/* drop_change_consumer(name) */
PG_FUNCTION_INFO_V1(paycore_drop_change_consumer);
PGDLLEXPORT Datum
paycore_drop_change_consumer(PG_FUNCTION_ARGS)
{
	char	   *name = name_argument(fcinfo);
	PcApiCall	call;

	pc_api_begin(&call);
	if (!feed_consumer_drop(&call, name))
		no_consumer(&call, name);
	pc_api_end(&call);
	PG_RETURN_VOID();
}
