/*
 * record.c
 *		Events become rows, each key once.
 */
#include "common/paycore.h"

#include "catalog/pg_type.h"
#include "common/args.h"
#include "common/number.h"
#include "usage/usage.h"
#include "utils/array.h"

/* The columns of one row, and of the arrays of many. */
enum
{
	COL_ID, COL_METER, COL_ACCOUNT, COL_SUBSCRIPTION, COL_KEY, COL_QUANTITY, COL_VALUE, COL_OCCURRED, COL_PROPERTIES, COL_METADATA, NCOLUMNS
};

static const struct
{
	Oid			type;
	int16		length;
	bool		by_value;
	char		align;
}			columns[NCOLUMNS] = {
	[COL_ID] = {UUIDOID, UUID_LEN, false, TYPALIGN_CHAR},
	[COL_METER] = {UUIDOID, UUID_LEN, false, TYPALIGN_CHAR},
	[COL_ACCOUNT] = {UUIDOID, UUID_LEN, false, TYPALIGN_CHAR},
	[COL_SUBSCRIPTION] = {UUIDOID, UUID_LEN, false, TYPALIGN_CHAR},
	[COL_KEY] = {TEXTOID, -1, false, TYPALIGN_INT},
	[COL_QUANTITY] = {NUMERICOID, -1, false, TYPALIGN_INT},
	[COL_VALUE] = {TEXTOID, -1, false, TYPALIGN_INT},
	[COL_OCCURRED] = {TIMESTAMPTZOID, 8, FLOAT8PASSBYVAL, TYPALIGN_DOUBLE},
	[COL_PROPERTIES] = {JSONBOID, -1, false, TYPALIGN_INT},
	[COL_METADATA] = {JSONBOID, -1, false, TYPALIGN_INT},
};

static Datum
json_or_empty(const Jsonb *json)
{
	return JsonbPGetDatum(json != NULL ? json : pc_json_empty());
}

/* One without a key is its own: its id says so. */
static void
fill_row(const UsgEvent *event, Datum *values, bool *nulls)
{
	memset(nulls, 0, sizeof(bool) * NCOLUMNS);
	values[COL_ID] = UUIDPGetDatum(&event->id);
	values[COL_METER] = UUIDPGetDatum(&event->meter->id);
	values[COL_ACCOUNT] = UUIDPGetDatum(&event->account);
	values[COL_SUBSCRIPTION] = UUIDPGetDatum(&event->subscription);
	values[COL_KEY] = CStringGetTextDatum(event->key);
	values[COL_QUANTITY] = event->quantity;
	values[COL_VALUE] = event->value != NULL ? CStringGetTextDatum(event->value) : (Datum) 0;
	nulls[COL_VALUE] = event->value == NULL;
	values[COL_OCCURRED] = TimestampTzGetDatum(event->occurred_at);
	values[COL_PROPERTIES] = json_or_empty(event->properties);
	values[COL_METADATA] = json_or_empty(event->metadata);
}

static void
name_event(UsgEvent *event)
{
	pc_uuid_v7(&event->id);
	if (event->key == NULL)
		event->key = pc_uuid_text(&event->id);
}

static int
compare_events(const void *a, const void *b)
{
	const UsgEvent *x = *(UsgEvent *const *) a;
	const UsgEvent *y = *(UsgEvent *const *) b;
	int			order = strcmp(x->key, y->key);

	return order != 0 ? order : x->nth - y->nth;
}

/*
 * All that is to be taken, in the order of its keys, which others may be
 * recording as well: of two who do, one waits, and the other one for nobody.
 */
static UsgEvent **
in_order(const UsgBatch *batch, int *n)
{
	UsgEvent  **events = palloc(sizeof(UsgEvent *) * batch->n);

	*n = 0;
	for (int i = 0; i < batch->n; i++)
	{
		if (batch->events[i].outcome == USG_TAKEN)
			events[(*n)++] = &batch->events[i];
	}
	qsort(events, *n, sizeof(UsgEvent *), compare_events);
	return events;
}

static void
fill_arrays(UsgEvent *const *events, int n, Datum *arrays)
{
	Datum	   *values = palloc(sizeof(Datum) * NCOLUMNS * n);
	bool	   *nulls = palloc(sizeof(bool) * NCOLUMNS * n);

	for (int i = 0; i < n; i++)
	{
		Datum		row[NCOLUMNS];
		bool		row_nulls[NCOLUMNS];

		fill_row(events[i], row, row_nulls);
		for (int c = 0; c < NCOLUMNS; c++)
		{
			values[c * n + i] = row[c];
			nulls[c * n + i] = row_nulls[c];
		}
	}
	for (int c = 0; c < NCOLUMNS; c++)
	{
		int			lower = 1;

		arrays[c] = PointerGetDatum(construct_md_array(values + c * n, nulls + c * n, 1, &n, &lower, columns[c].type, columns[c].length, columns[c].by_value, columns[c].align));
	}
}

static bool
is_returned(uint64 r, const UsgEvent *event)
{
	pg_uuid_t	id = pc_get_id(r, 1);

	return memcmp(&id, &event->id, sizeof(id)) == 0;
}

/* What is not among the ids that were returned, in the same order, was there already. */
static void
mark_doubled(UsgEvent *const *events, int n, uint64 found)
{
	uint64		next = 0;

	for (int i = 0; i < n; i++)
	{
		if (next < found && is_returned(next, events[i]))
			next++;
		else
			events[i]->outcome = USG_DOUBLED;
	}
	if (next != found)
		elog(ERROR, "paycore: events came back in another order");
}

static void
insert_events(UsgBatch *batch)
{
	static PcPlan plan = PC_PLAN("tUUUUTQTZJJz8",
								 "INSERT INTO paycore.usage_events (id, tenant_id, meter_id, billing_account_id, subscription_id, event_key, quantity, "
								 "value, n, occurred_at, properties, metadata, recorded_at, txn) "
								 "SELECT e.id, $1, e.meter, e.account, e.subscription, e.key, e.quantity, e.value, 1, e.occurred, e.properties, "
								 "e.metadata, $12, $13 "
								 "FROM unnest($2, $3, $4, $5, $6, $7, $8, $9, $10, $11) "
								 "e(id, meter, account, subscription, key, quantity, value, occurred, properties, metadata) "
								 "ON CONFLICT (event_key, tenant_id) DO NOTHING RETURNING id");
	Datum		values[NCOLUMNS + 3];
	int			n;
	UsgEvent  **events = in_order(batch, &n);

	if (n == 0)
		return;
	values[0] = CStringGetTextDatum(batch->call->tenant);
	fill_arrays(events, n, values + 1);
	values[NCOLUMNS + 1] = TimestampTzGetDatum(GetCurrentTimestamp());
	values[NCOLUMNS + 2] = Int64GetDatum(usg_txn());
	mark_doubled(events, n, pc_api_write(&plan, values, NULL, NULL));
}

/* One event goes past the executor, where the table lets it. */
static void
insert_event(UsgBatch *batch)
{
	static PcInsert insert = PC_INSERT_ROW_OR(PC_USAGE_EVENTS, "utuuutnt4zjjutz8",
											  "id, tenant_id, meter_id, billing_account_id, subscription_id, event_key, quantity, value, n, occurred_at, "
											  "properties, metadata, corrects_id, reason, recorded_at, txn",
											  " ON CONFLICT (event_key, tenant_id) DO NOTHING");
	UsgEvent   *event = &batch->events[0];
	Datum		row[NCOLUMNS];
	bool		nulls[NCOLUMNS];
	PcArgs		a = {0};

	if (event->outcome != USG_TAKEN)
		return;
	fill_row(event, row, nulls);
	pc_arg(&a, row[COL_ID], false);
	pc_arg_text(&a, batch->call->tenant);
	for (int c = COL_METER; c <= COL_VALUE; c++)
		pc_arg(&a, row[c], nulls[c]);
	pc_arg(&a, Int32GetDatum(1), false);
	for (int c = COL_OCCURRED; c <= COL_METADATA; c++)
		pc_arg(&a, row[c], false);
	pc_arg_null(&a);
	pc_arg_null(&a);
	pc_arg(&a, TimestampTzGetDatum(GetCurrentTimestamp()), false);
	pc_arg(&a, Int64GetDatum(usg_txn()), false);
	a.nulls[a.n] = '\0';
	PC_WRITE_AS(.source = PC_SOURCE_API, .through_api = true)
	{
		if (pc_insert_row(&insert, a.values, a.nulls, &batch->row) == 0)
			event->outcome = USG_DOUBLED;
	}
	PC_WRITE_END;
}

typedef struct Recorded
{
	char	   *key;
	uint64		row;
} Recorded;

static int
compare_keys(const void *a, const void *b)
{
	return strcmp(((const Recorded *) a)->key, ((const Recorded *) b)->key);
}

/* What was not said is not compared. */
static bool
same_content(uint64 row, const UsgEvent *event)
{
	pg_uuid_t	meter = pc_get_id(row, 3);
	pg_uuid_t	account = pc_get_id(row, 4);
	pg_uuid_t	subscription = pc_get_id(row, 5);
	bool		isnull;
	char	   *value = pc_get_cstring(row, 7);

	return memcmp(&meter, &event->meter->id, sizeof(meter)) == 0 && memcmp(&account, &event->account, sizeof(account)) == 0 &&
		(!event->has_subscription || memcmp(&subscription, &event->subscription, sizeof(subscription)) == 0) &&
		pc_number_compare(pc_get(row, 6, &isnull), event->quantity) == 0 &&
		(value == NULL) == (event->value == NULL) && (value == NULL || strcmp(value, event->value) == 0) &&
		(!event->has_time || pc_get_time(row, 8) == event->occurred_at) &&
		compareJsonbContainers(&pc_get_json(row, 9)->root, &DatumGetJsonbP(json_or_empty(event->properties))->root) == 0 &&
		compareJsonbContainers(&pc_get_json(row, 10)->root, &DatumGetJsonbP(json_or_empty(event->metadata))->root) == 0 &&
		!pc_get_bool(row, 11);
}

/* Its key may be there: it was doubled, or is refused for what can have changed since the first time. */
static bool
may_be_there(const UsgEvent *event)
{
	if (event->outcome == USG_REFUSED)
		return event->key != NULL && event->meter != NULL && event->has_account && event->has_quantity &&
			(event->sqlstate == ERRCODE_PC_USAGE_TOO_LATE || event->sqlstate == ERRCODE_PC_NOT_FOUND || event->sqlstate == ERRCODE_PC_INTENT_STATE);
	return event->outcome == USG_DOUBLED;
}

static void
compare_with_first(UsgEvent *event, const Recorded *recorded, int n)
{
	Recorded	wanted = {.key = event->key};
	const Recorded *first = bsearch(&wanted, recorded, n, sizeof(Recorded), compare_keys);
	bool		isnull;

	if (first == NULL && event->outcome == USG_REFUSED)
		return;
	if (first == NULL)
		elog(ERROR, "paycore: an event is neither new nor there");
	if (same_content(first->row, event))
	{
		event->id = pc_get_id(first->row, 1);
		event->outcome = USG_DOUBLED;
	}
	else
		usg_refuse(event, ERRCODE_PC_IDEMPOTENCY_MISMATCH, "the event_key was used before for another event",
				   psprintf("It is that of event %s.", DatumGetCString(DirectFunctionCall1(uuid_out, pc_get(first->row, 1, &isnull)))));
}

static int
read_recorded(const UsgBatch *batch, Datum *keys, int nkeys, Recorded **recorded)
{
	static PcPlan plan = PC_PLAN("tT",
								 "SELECT id, event_key, meter_id, billing_account_id, subscription_id, quantity, value, occurred_at, properties, metadata, "
								 "corrects_id IS NOT NULL FROM paycore.usage_events WHERE event_key = ANY($2) AND tenant_id = $1");
	Datum		values[2] = {
		CStringGetTextDatum(batch->call->tenant),
		PointerGetDatum(construct_array(keys, nkeys, TEXTOID, -1, false, TYPALIGN_INT))
	};
	int			n = (int) pc_execute(&plan, values, NULL, false, 0);

	*recorded = palloc(sizeof(Recorded) * Max(n, 1));
	for (int i = 0; i < n; i++)
		(*recorded)[i] = (Recorded) {pc_get_cstring(i, 2), i};
	qsort(*recorded, n, sizeof(Recorded), compare_keys);
	return n;
}

static void
look_at_first_ones(UsgBatch *batch)
{
	Datum	   *keys = palloc(sizeof(Datum) * batch->n);
	Recorded   *recorded;
	int			n = 0;

	for (int i = 0; i < batch->n; i++)
	{
		if (may_be_there(&batch->events[i]))
			keys[n++] = CStringGetTextDatum(batch->events[i].key);
	}
	if (n == 0)
		return;
	n = read_recorded(batch, keys, n, &recorded);
	for (int i = 0; i < batch->n; i++)
	{
		if (may_be_there(&batch->events[i]))
			compare_with_first(&batch->events[i], recorded, n);
	}
}

void
usg_record(UsgBatch *batch)
{
	usg_find_meters(batch);
	for (int i = 0; i < batch->n; i++)
		usg_check_event(batch, &batch->events[i]);
	usg_find_subscriptions(batch);
	for (int i = 0; i < batch->n; i++)
	{
		if (batch->events[i].outcome == USG_TAKEN)
			name_event(&batch->events[i]);
	}
	if (batch->n == 1)
		insert_event(batch);
	else
		insert_events(batch);
	look_at_first_ones(batch);
}
