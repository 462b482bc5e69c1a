/*
 * queue.c
 *		Changes for webhook endpoints, from the feed into the outbox.
 *
 * Each endpoint is a consumer: what is put into the outbox is acknowledged in
 * the same transaction.  An endpoint that does not take what it is sent keeps
 * at most so many requests waiting; the rest waits in the feed.
 */
#include "common/paycore.h"

#include "access/xact.h"
#include "api/api.h"
#include "common/guarded.h"
#include "common/hashfn.h"
#include "common/secrets.h"
#include "feed/consumer.h"
#include "feed/endpoint.h"
#include "feed/feed.h"
#include "feed/watch.h"
#include "miscadmin.h"
#include "utils/datum.h"

#define PAGE 200
#define MAX_QUEUED 1000

/* However many changes an endpoint does not want: others have their turn. */
#define MAX_PAGES 10

/* Looked at anyway, should a look have been lost with its transaction.  In ms. */
#define NET 60000

typedef struct Endpoint
{
	pg_uuid_t	id;
	const char *name;
	Datum		events;
	int			room;
	PcApiCall	call;			/* for its tenant */
	bool		more;			/* there may be changes that were not taken */
} Endpoint;

typedef struct Change
{
	pg_uuid_t	id;
	char	   *object_type;
	char	   *object_id;
	char	   *from_status;
	char	   *to_status;
	char	   *reason;
	TimestampTz changed_at;
	int64		seq;
} Change;

static PcPlan endpoints_plan = PC_PLAN("to",
	"SELECT e.id, e.name, e.tenant_id FROM paycore.webhook_endpoints e"
	" WHERE e.status = 'enabled' AND e.instance = $1 AND e.database_oid = $2 ORDER BY e.id");

/* Whoever changes or deletes it waits, or is not waited for. */
static PcPlan lock_plan = PC_PLAN("ut8",
	"SELECT e.enabled_events, $3 - (SELECT pg_catalog.count(*) FROM (SELECT 1 FROM paycore.outbox o"
	"  WHERE o.gateway_account = e.name AND o.tenant_id = e.tenant_id AND o.operation = 'webhook.deliver'"
	"  AND o.object_id = e.id AND o.finished_at IS NULL LIMIT $3) u)"
	" FROM paycore.webhook_endpoints e WHERE e.id = $1 AND e.tenant_id = $2 AND e.status = 'enabled' FOR UPDATE SKIP LOCKED");

/* Columns of a status_change, behind its place and its transaction. */
static void
collect(uint64 r, void *arg)
{
	List	  **changes = arg;
	Change	   *change = palloc(sizeof(Change));

	change->seq = pc_get_int64(r, 1);
	change->id = pc_get_id(r, 3);
	change->object_type = pc_get_cstring(r, 5);
	change->object_id = pc_get_cstring(r, 6);
	change->from_status = pc_get_cstring(r, 7);
	change->to_status = pc_get_cstring(r, 8);
	change->changed_at = pc_get_time(r, 9);
	change->reason = pc_get_cstring(r, 12);
	*changes = lappend(*changes, change);
}

static const Jsonb *
params_of(const Change *change)
{
	PcJsonBuilder params;

	pc_json_begin(&params);
	pc_json_add_text(&params, "id", pc_uuid_text(&change->id));
	pc_json_add_text(&params, "object_type", change->object_type);
	pc_json_add_text(&params, "object_id", change->object_id);
	pc_json_add_text(&params, "from_status", change->from_status);
	pc_json_add_text(&params, "to_status", change->to_status);
	pc_json_add_text(&params, "reason", change->reason);
	pc_json_add_int64(&params, "created", change->changed_at / USECS_PER_SEC +
					  (int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY);
	pc_json_add_int64(&params, "seq", change->seq);
	return pc_json_end(&params);
}

/* One lane for each object: what befalls it arrives in order. */
static void
enqueue(const Endpoint *endpoint, const Change *change)
{
	PcRequest	request = {0};

	request.op = GW_WEBHOOK_DELIVER;
	request.tenant = endpoint->call.tenant;
	request.gateway_account = endpoint->name;
	request.object_type = "webhook_endpoint";
	request.object_id = endpoint->id;
	request.lane = pc_uuid_of_text(psprintf("%s %s %s", pc_uuid_text(&endpoint->id), change->object_type, change->object_id));
	request.params = params_of(change);
	request.account_seen = true;
	(void) pc_outbox_enqueue(&request);
}

/* Returns the number of changes, wanted or not. */
static int
take_page(Endpoint *endpoint, FeedConsumer *consumer)
{
	List	   *changes = NIL;
	int64		last = 0;
	ListCell   *lc;

	(void) feed_read(&endpoint->call, consumer, Min(PAGE, endpoint->room), collect, &changes);
	foreach(lc, changes)
	{
		Change	   *change = lfirst(lc);

		last = change->seq;
		if (!feed_events_match(endpoint->events, change->object_type, change->to_status))
			continue;
		enqueue(endpoint, change);
		endpoint->room--;
	}
	if (changes != NIL)
		feed_consumer_acknowledge(&endpoint->call, consumer, last);
	return list_length(changes);
}

static void
queue(void *arg)
{
	Endpoint   *endpoint = arg;
	Datum		values[3] = {UUIDPGetDatum(&endpoint->id), CStringGetTextDatum(endpoint->call.tenant), Int64GetDatum(MAX_QUEUED)};
	FeedConsumer consumer;
	bool		isnull;
	int			pages = 0;

	endpoint->more = true;
	if (pc_execute(&lock_plan, values, NULL, false, 0) == 0)
		return;
	endpoint->events = datumCopy(pc_get(0, 1, &isnull), false, -1);
	endpoint->room = (int) pc_get_int64(0, 2);
	feed_consumer_lock(&endpoint->call, feed_endpoint_consumer(endpoint->name), &consumer);
	while (endpoint->room > 0 && pages++ < MAX_PAGES)
	{
		if (take_page(endpoint, &consumer) > 0)
			continue;
		endpoint->more = false;
		break;
	}
}

static List *
find_endpoints(void)
{
	Datum		values[2] = {CStringGetTextDatum(pc_instance_name()), ObjectIdGetDatum(MyDatabaseId)};
	uint64		n = pc_execute(&endpoints_plan, values, NULL, false, 0);
	List	   *endpoints = NIL;

	for (uint64 r = 0; r < n; r++)
	{
		Endpoint   *endpoint = palloc0(sizeof(Endpoint));

		endpoint->id = pc_get_id(r, 1);
		endpoint->name = pc_get_cstring(r, 2);
		endpoint->call.tenant = pc_get_cstring(r, 3);
		endpoints = lappend(endpoints, endpoint);
	}
	return endpoints;
}

/* One that fails is tried again, and keeps nobody else waiting. */
static bool
queue_all(List *endpoints)
{
	bool		more = false;
	ListCell   *lc;

	foreach(lc, endpoints)
	{
		Endpoint   *endpoint = lfirst(lc);
		ErrorData  *error = pc_run_guarded(queue, endpoint);

		more |= endpoint->more;
		if (error != NULL)
			ereport(LOG, (errmsg("paycore: changes for webhook endpoint %s could not be queued: %s", endpoint->name, error->message)));
	}
	return more;
}

/* The same for the same endpoints: one that is new, or enabled again, may be behind. */
static uint32
hash_of(List *endpoints)
{
	uint32		hash = 0;
	ListCell   *lc;

	foreach(lc, endpoints)
		hash = hash_combine(hash, hash_bytes(((Endpoint *) lfirst(lc))->id.data, UUID_LEN));
	return hash;
}

bool
pc_feed_queue(void)
{
	static FeedWatch watch;
	static bool more = false;
	static uint32 known = 0;
	static TimestampTz looked_at = 0;
	List	   *endpoints = find_endpoints();
	FeedWatch	now;
	bool		changed;

	if (endpoints == NIL)
	{
		feed_watch_forget(&watch);
		return false;
	}
	changed = feed_watch_look(&watch, &now) || hash_of(endpoints) != known;
	known = hash_of(endpoints);
	if (changed || more || TimestampDifferenceExceeds(looked_at, GetCurrentTimestamp(), NET))
	{
		looked_at = GetCurrentTimestamp();
		more = queue_all(endpoints);
	}
	feed_watch_keep(&watch, &now);
	return false;
}
