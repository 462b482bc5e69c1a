/*
 * find.c
 *		The meters that events name, and the subscriptions that they are of.
 */
#include "common/paycore.h"

#include "catalog/pg_type.h"
#include "common/args.h"
#include "usage/usage.h"
#include "utils/array.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"

/* A time in which a subscription has an item that a meter counts for. */
typedef struct Span
{
	pg_uuid_t	account;		/* the first: compare_ids() orders by it */
	pg_uuid_t	meter;
	pg_uuid_t	subscription;
	TimestampTz since;
	TimestampTz until;			/* DT_NOEND where it runs */
} Span;

static int
compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}

static int
compare_ids(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(pg_uuid_t));
}

static Datum
codes_of(const UsgBatch *batch)
{
	char	  **codes = palloc(sizeof(char *) * batch->n);
	Datum	   *elements = palloc(sizeof(Datum) * batch->n);
	int			n = 0;
	int			distinct = 0;

	for (int i = 0; i < batch->n; i++)
	{
		if (batch->events[i].meter_code != NULL && (n == 0 || strcmp(codes[n - 1], batch->events[i].meter_code) != 0))
			codes[n++] = batch->events[i].meter_code;
	}
	qsort(codes, n, sizeof(char *), compare_texts);
	for (int i = 0; i < n; i++)
	{
		if (i == 0 || strcmp(codes[i], codes[i - 1]) != 0)
			elements[distinct++] = CStringGetTextDatum(codes[i]);
	}
	return PointerGetDatum(construct_array(elements, distinct, TEXTOID, -1, false, TYPALIGN_INT));
}

static const UsgMeter *
meter_called(const UsgBatch *batch, const char *code)
{
	for (int i = 0; i < batch->nmeters; i++)
	{
		if (strcmp(batch->meters[i].code, code) == 0)
			return &batch->meters[i];
	}
	return NULL;
}

/* The meter of the last single event of this session, until the table or the tenant changes. */
static struct
{
	MemoryContext context;
	uint64		changes;
	char	   *tenant;
	Interval   *late_window;
	UsgMeter	meter;
}			remembered;

static TimestampTz
before(TimestampTz now, const Interval *window)
{
	return DatumGetTimestampTz(DirectFunctionCall2(timestamptz_mi_interval, TimestampTzGetDatum(now), IntervalPGetDatum(window)));
}

static bool
recall(UsgBatch *batch)
{
	if (batch->n != 1 || remembered.tenant == NULL || batch->events[0].meter_code == NULL || remembered.changes != pc_row_changes(PC_METERS) ||
		strcmp(remembered.meter.code, batch->events[0].meter_code) != 0 || strcmp(remembered.tenant, batch->call->tenant) != 0)
		return false;
	remembered.meter.earliest = before(batch->now, remembered.late_window);
	batch->nmeters = 1;
	batch->meters = &remembered.meter;
	return true;
}

static void
remember(const UsgBatch *batch, uint64 changes, const Interval *window)
{
	MemoryContext old;
	UsgMeter   *meter = &remembered.meter;

	remembered.tenant = NULL;
	if (batch->n != 1 || batch->nmeters != 1)
		return;
	if (remembered.context == NULL)
		remembered.context = AllocSetContextCreate(TopMemoryContext, "paycore meter", ALLOCSET_SMALL_SIZES);
	MemoryContextReset(remembered.context);
	old = MemoryContextSwitchTo(remembered.context);
	*meter = batch->meters[0];
	meter->code = pstrdup(meter->code);
	meter->value_key = meter->value_key != NULL ? pstrdup(meter->value_key) : NULL;
	meter->late_window = pstrdup(meter->late_window);
	remembered.late_window = palloc(sizeof(Interval));
	*remembered.late_window = *window;
	remembered.changes = changes;
	remembered.tenant = pstrdup(batch->call->tenant);
	MemoryContextSwitchTo(old);
}

static void
read_meters(UsgBatch *batch)
{
	static PcPlan plan = PC_PLAN("tT",
								 "SELECT id, code, aggregation, value_key, active, late_window, late_window::text FROM paycore.meters WHERE code = ANY($2) AND tenant_id = $1");
	Datum		values[2] = {CStringGetTextDatum(batch->call->tenant), codes_of(batch)};
	uint64		changes = pc_row_changes(PC_METERS);
	UsgMeter   *meters;
	Interval   *window = NULL;
	bool		isnull;

	batch->nmeters = (int) pc_execute(&plan, values, NULL, false, 0);
	batch->meters = meters = palloc0(sizeof(UsgMeter) * Max(batch->nmeters, 1));
	for (int i = 0; i < batch->nmeters; i++)
	{
		UsgMeter   *meter = &meters[i];

		meter->id = pc_get_id(i, 1);
		meter->code = pc_get_cstring(i, 2);
		meter->aggregation = usg_aggregation_of(pc_get_cstring(i, 3));
		meter->value_key = pc_get_cstring(i, 4);
		meter->active = pc_get_bool(i, 5);
		window = DatumGetIntervalP(pc_get(i, 6, &isnull));
		meter->earliest = before(batch->now, window);
		meter->late_window = pc_get_cstring(i, 7);
	}
	remember(batch, changes, window);
}

void
usg_find_meters(UsgBatch *batch)
{
	const UsgMeter *last = NULL;

	if (!recall(batch))
		read_meters(batch);
	for (int i = 0; i < batch->n; i++)
	{
		UsgEvent   *event = &batch->events[i];

		if (event->meter_code == NULL)
			continue;
		if (last == NULL || strcmp(last->code, event->meter_code) != 0)
			last = meter_called(batch, event->meter_code);
		event->meter = last;
	}
}

/* The different accounts of the events that are still to be taken. */
static Datum
accounts_of(const UsgBatch *batch)
{
	pg_uuid_t  *ids = palloc(sizeof(pg_uuid_t) * batch->n);
	Datum	   *elements = palloc(sizeof(Datum) * batch->n);
	int			n = 0;
	int			distinct = 0;

	for (int i = 0; i < batch->n; i++)
	{
		if (batch->events[i].outcome == USG_TAKEN)
			ids[n++] = batch->events[i].account;
	}
	qsort(ids, n, sizeof(pg_uuid_t), compare_ids);
	for (int i = 0; i < n; i++)
	{
		if (i == 0 || compare_ids(&ids[i], &ids[i - 1]) != 0)
			elements[distinct++] = UUIDPGetDatum(&ids[i]);
	}
	return PointerGetDatum(construct_array(elements, distinct, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR));
}

#define SPANS \
	"SELECT i.billing_account_id, p.meter_id, i.subscription_id, i.starts_at, coalesce(i.ends_at, 'infinity') "
#define PRICES \
	"JOIN paycore.prices p ON p.id = i.price_id AND p.tenant_id = $1 " \
	"WHERE i.tenant_id = $1 AND p.meter_id IS NOT NULL AND (i.ends_at IS NULL OR i.ends_at > i.starts_at)"

/* Ordered by account. */
static int
read_spans(const UsgBatch *batch, Span **spans)
{
	static PcPlan many = PC_PLAN("tU",
								 SPANS "FROM unnest($2) a(id) "
								 "JOIN paycore.subscription_items i ON i.billing_account_id = a.id " PRICES);
	static PcPlan one = PC_PLAN("tu", SPANS "FROM paycore.subscription_items i " PRICES " AND i.billing_account_id = $2");
	Datum		values[2] = {CStringGetTextDatum(batch->call->tenant)};
	int			n;

	if (batch->n == 1)
		values[1] = UUIDPGetDatum(&batch->events[0].account);
	else
		values[1] = accounts_of(batch);
	n = (int) pc_execute(batch->n == 1 ? &one : &many, values, NULL, false, 0);

	*spans = palloc(sizeof(Span) * Max(n, 1));
	for (int i = 0; i < n; i++)
	{
		Span	   *span = &(*spans)[i];

		span->account = pc_get_id(i, 1);
		span->meter = pc_get_id(i, 2);
		span->subscription = pc_get_id(i, 3);
		span->since = pc_get_time(i, 4);
		span->until = pc_get_time(i, 5);
	}
	qsort(*spans, n, sizeof(Span), compare_ids);
	return n;
}

static int
first_of_account(const Span *spans, int n, const pg_uuid_t *account)
{
	int			low = 0;
	int			high = n;

	while (low < high)
	{
		int			middle = (low + high) / 2;

		if (compare_ids(&spans[middle].account, account) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
may_count(const Span *span, const UsgEvent *event)
{
	return compare_ids(&span->meter, &event->meter->id) == 0 &&
		span->since <= event->occurred_at && event->occurred_at < span->until &&
		(!event->has_subscription || compare_ids(&span->subscription, &event->subscription) == 0);
}

static void
find_subscription(UsgEvent *event, const Span *spans, int n)
{
	const Span *found = NULL;

	for (int i = first_of_account(spans, n, &event->account); i < n && compare_ids(&spans[i].account, &event->account) == 0; i++)
	{
		if (!may_count(&spans[i], event))
			continue;
		if (found != NULL && compare_ids(&found->subscription, &spans[i].subscription) != 0)
		{
			usg_refuse(event, ERRCODE_PC_INVALID_ARGUMENT, "several subscriptions of the account have the meter", "Say which, as subscription_id.");
			return;
		}
		found = &spans[i];
	}
	if (found == NULL)
		usg_refuse(event, ERRCODE_PC_NOT_FOUND,
				   event->has_subscription ? "the subscription is none of the account with an item of the meter at that time"
				   : "the account has no subscription with an item of the meter at that time",
				   psprintf("Account %s, meter \"%s\", %s.", pc_uuid_text(&event->account), event->meter->code,
							timestamptz_to_str(event->occurred_at)));
	else
	{
		event->subscription = found->subscription;
		event->has_subscription = true;
	}
}

void
usg_find_subscriptions(UsgBatch *batch)
{
	Span	   *spans;
	int			n = read_spans(batch, &spans);

	for (int i = 0; i < batch->n; i++)
	{
		if (batch->events[i].outcome == USG_TAKEN)
			find_subscription(&batch->events[i], spans, n);
	}
}
