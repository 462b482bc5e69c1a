/*
 * find.c
 *		The meters that events name, and the subscriptions that they are of.
 */
#include "common/paycore.h"

#include "catalog/pg_type.h"
#include "common/args.h"
#include "usage/usage.h"
#include "utils/array.h"

/* A time in which a subscription has an item that a meter counts for. */
typedef struct Span
{
	pg_uuid_t	account;
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

void
usg_find_meters(UsgBatch *batch)
{
	static PcPlan plan = PC_PLAN("tTz",
								 "SELECT id, code, aggregation, value_key, active, $3 - late_window, late_window::text "
								 "FROM paycore.meters WHERE code = ANY($2) AND tenant_id = $1");
	Datum		values[3] = {CStringGetTextDatum(batch->call->tenant), codes_of(batch), TimestampTzGetDatum(batch->now)};
	const UsgMeter *last = NULL;

	batch->nmeters = (int) pc_execute(&plan, values, NULL, false, 0);
	batch->meters = palloc0(sizeof(UsgMeter) * Max(batch->nmeters, 1));
	for (int i = 0; i < batch->nmeters; i++)
	{
		UsgMeter   *meter = &batch->meters[i];

		meter->id = pc_get_id(i, 1);
		meter->code = pc_get_cstring(i, 2);
		meter->aggregation = usg_aggregation_of(pc_get_cstring(i, 3));
		meter->value_key = pc_get_cstring(i, 4);
		meter->active = pc_get_bool(i, 5);
		meter->earliest = pc_get_time(i, 6);
		meter->late_window = pc_get_cstring(i, 7);
	}
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

/* Ordered by account. */
static int
read_spans(const UsgBatch *batch, Span **spans)
{
	static PcPlan plan = PC_PLAN("tU",
								 "SELECT a.id, p.meter_id, i.subscription_id, i.starts_at, coalesce(i.ends_at, 'infinity') "
								 "FROM unnest($2) a(id) "
								 "JOIN paycore.subscription_items i ON i.billing_account_id = a.id AND i.tenant_id = $1 "
								 "JOIN paycore.prices p ON p.id = i.price_id AND p.tenant_id = $1 "
								 "WHERE p.meter_id IS NOT NULL AND (i.ends_at IS NULL OR i.ends_at > i.starts_at)");
	Datum		values[2] = {CStringGetTextDatum(batch->call->tenant), accounts_of(batch)};
	int			n = (int) pc_execute(&plan, values, NULL, false, 0);

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
