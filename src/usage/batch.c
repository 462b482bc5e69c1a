/*
 * batch.c
 *		record_usages() and record_usage_rows(): many events, as JSON or as rows.
 */
#include "common/paycore.h"

#include "access/htup_details.h"
#include "common/time_text.h"
#include "funcapi.h"
#include "usage/usage.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#define MAX_EVENTS 100000

/* The keys of an event, in the order of the columns of usage_input. */
enum
{
	KEY_METER, KEY_ACCOUNT, KEY_QUANTITY, KEY_KEY, KEY_OCCURRED, KEY_SUBSCRIPTION, KEY_PROPERTIES, KEY_METADATA, NKEYS
};

static const char *const key_names[NKEYS] = {
	"meter", "billing_account_id", "quantity", "event_key", "occurred_at", "subscription_id", "properties", "metadata"
};

static void
wrong(UsgEvent *event, int key, const char *what)
{
	usg_refuse(event, ERRCODE_PC_INVALID_ARGUMENT, psprintf("%s is no %s", key_names[key], what), NULL);
}

static char *
text_of(UsgEvent *event, int key, const JsonbValue *v)
{
	if (v->type == jbvString)
		return pnstrdup(v->val.string.val, v->val.string.len);
	wrong(event, key, "string");
	return NULL;
}

static bool
id_of(UsgEvent *event, int key, const JsonbValue *v, pg_uuid_t *id)
{
	char	   *text = text_of(event, key, v);

	if (text != NULL && pc_uuid_parse(text, id))
		return true;
	wrong(event, key, "uuid");
	return false;
}

static bool
quantity_of(UsgEvent *event, const JsonbValue *v)
{
	if (v->type == jbvNumeric)
	{
		event->quantity = NumericGetDatum(v->val.numeric);
		return true;
	}
	wrong(event, KEY_QUANTITY, "number");
	return false;
}

/* As timestamptz_in() does it, which would raise; a time without a zone is one of the session's. */
static bool
time_of(UsgEvent *event, const JsonbValue *v, TimestampTz *at)
{
	char	   *text = text_of(event, KEY_OCCURRED, v);

	if (text != NULL && pc_time_parse(text, at))
		return true;
	wrong(event, KEY_OCCURRED, "time");
	return false;
}

static Jsonb *
object_of(const JsonbValue *v)
{
	JsonbValue	copy = *v;

	return JsonbValueToJsonb(&copy);
}

static void
read_value(UsgEvent *event, int key, const JsonbValue *v)
{
	switch (key)
	{
		case KEY_METER:
			event->meter_code = text_of(event, key, v);
			break;
		case KEY_ACCOUNT:
			event->has_account = id_of(event, key, v, &event->account);
			break;
		case KEY_QUANTITY:
			event->has_quantity = quantity_of(event, v);
			break;
		case KEY_KEY:
			event->key = text_of(event, key, v);
			break;
		case KEY_OCCURRED:
			event->has_time = time_of(event, v, &event->occurred_at);
			break;
		case KEY_SUBSCRIPTION:
			event->has_subscription = id_of(event, key, v, &event->subscription);
			break;
		case KEY_PROPERTIES:
			event->properties = object_of(v);
			break;
		case KEY_METADATA:
			event->metadata = object_of(v);
			break;
	}
}

static int
key_called(const JsonbValue *name)
{
	for (int i = 0; i < NKEYS; i++)
	{
		if ((int) strlen(key_names[i]) == name->val.string.len && memcmp(key_names[i], name->val.string.val, name->val.string.len) == 0)
			return i;
	}
	return NKEYS;
}

static void
read_object(UsgEvent *event, JsonbContainer *object)
{
	JsonbIterator *iterator = JsonbIteratorInit(object);
	JsonbIteratorToken token;
	JsonbValue	v;
	int			key = NKEYS;

	while ((token = JsonbIteratorNext(&iterator, &v, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
		{
			key = key_called(&v);
			if (key == NKEYS)
				usg_refuse(event, ERRCODE_PC_INVALID_ARGUMENT,
						   psprintf("an event has no \"%s\"", pnstrdup(v.val.string.val, v.val.string.len)), NULL);
		}
		else if (token == WJB_VALUE && v.type != jbvNull)
			read_value(event, key, &v);
	}
}

static UsgEvent *
room_for(int n)
{
	if (n > MAX_EVENTS)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("there are more than %d events", MAX_EVENTS),
				 errhint("Record them in batches.")));
	return palloc0(sizeof(UsgEvent) * Max(n, 1));
}

static void
read_json(Jsonb *json, UsgBatch *batch)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	v;
	int			n = 0;

	if (!JB_ROOT_IS_ARRAY(json) || JB_ROOT_IS_SCALAR(json))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("events must be an array of objects")));
	batch->n = JB_ROOT_COUNT(json);
	batch->events = room_for(batch->n);
	iterator = JsonbIteratorInit(&json->root);
	while ((token = JsonbIteratorNext(&iterator, &v, true)) != WJB_DONE)
	{
		if (token != WJB_ELEM)
			continue;
		batch->events[n].nth = n + 1;
		if (v.type == jbvBinary && JsonContainerIsObject(v.val.binary.data))
			read_object(&batch->events[n], v.val.binary.data);
		else
			usg_refuse(&batch->events[n], ERRCODE_PC_INVALID_ARGUMENT, "an event is an object", NULL);
		n++;
	}
}

static void
read_row(UsgEvent *event, const Datum *values, const bool *nulls)
{
	event->meter_code = nulls[KEY_METER] ? NULL : TextDatumGetCString(values[KEY_METER]);
	event->has_account = !nulls[KEY_ACCOUNT];
	if (event->has_account)
		event->account = *DatumGetUUIDP(values[KEY_ACCOUNT]);
	event->has_quantity = !nulls[KEY_QUANTITY];
	event->quantity = values[KEY_QUANTITY];
	event->key = nulls[KEY_KEY] ? NULL : TextDatumGetCString(values[KEY_KEY]);
	event->has_time = !nulls[KEY_OCCURRED];
	event->occurred_at = event->has_time ? DatumGetTimestampTz(values[KEY_OCCURRED]) : 0;
	event->has_subscription = !nulls[KEY_SUBSCRIPTION];
	if (event->has_subscription)
		event->subscription = *DatumGetUUIDP(values[KEY_SUBSCRIPTION]);
	event->properties = nulls[KEY_PROPERTIES] ? NULL : DatumGetJsonbP(values[KEY_PROPERTIES]);
	event->metadata = nulls[KEY_METADATA] ? NULL : DatumGetJsonbP(values[KEY_METADATA]);
}

static void
read_rows(ArrayType *array, UsgBatch *batch)
{
	TupleDesc	desc = lookup_rowtype_tupdesc_copy(ARR_ELEMTYPE(array), -1);
	Datum	   *elements;
	bool	   *nulls;
	Datum		values[NKEYS];
	bool		value_nulls[NKEYS];

	if (desc->natts != NKEYS)
		elog(ERROR, "paycore: usage_input has %d columns", desc->natts);
	deconstruct_array(array, ARR_ELEMTYPE(array), -1, false, TYPALIGN_DOUBLE, &elements, &nulls, &batch->n);
	batch->events = room_for(batch->n);
	for (int i = 0; i < batch->n; i++)
	{
		HeapTupleData tuple = {0};
		HeapTupleHeader header;

		batch->events[i].nth = i + 1;
		if (nulls[i])
		{
			usg_refuse(&batch->events[i], ERRCODE_PC_INVALID_ARGUMENT, "an event is a row", NULL);
			continue;
		}
		header = DatumGetHeapTupleHeader(elements[i]);
		tuple.t_len = HeapTupleHeaderGetDatumLength(header);
		tuple.t_data = header;
		heap_deform_tuple(&tuple, desc, values, value_nulls);
		read_row(&batch->events[i], values, value_nulls);
	}
}

static Jsonb *
problem_of(const UsgEvent *event)
{
	PcJsonBuilder b;

	pc_json_begin(&b);
	pc_json_add_int64(&b, "nth", event->nth);
	pc_json_add_text(&b, "event_key", event->key);
	pc_json_add_text(&b, "outcome", event->outcome == USG_DOUBLED ? "doubled" : "refused");
	if (event->outcome == USG_REFUSED)
	{
		pc_json_add_text(&b, "code", unpack_sql_state(event->sqlstate));
		pc_json_add_text(&b, "reason", event->reason);
		pc_json_add_text(&b, "detail", event->detail);
	}
	return pc_json_end(&b);
}

/* (recorded, doubled, refused, problems) */
static Datum
receipt(FunctionCallInfo fcinfo, const UsgBatch *batch)
{
	int			counts[3] = {0};
	const Jsonb **problems = palloc(sizeof(Jsonb *) * Max(batch->n, 1));
	int			nproblems = 0;
	TupleDesc	desc;
	Datum		values[4];
	bool		nulls[4] = {false};

	for (int i = 0; i < batch->n; i++)
	{
		counts[batch->events[i].outcome]++;
		if (batch->events[i].outcome != USG_TAKEN)
			problems[nproblems++] = problem_of(&batch->events[i]);
	}
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE || desc->natts != lengthof(values))
		elog(ERROR, "paycore: record_usages() and record_usage_rows() return a usage_receipt");
	values[0] = Int32GetDatum(counts[USG_TAKEN]);
	values[1] = Int32GetDatum(counts[USG_DOUBLED]);
	values[2] = Int32GetDatum(counts[USG_REFUSED]);
	values[3] = JsonbPGetDatum(pc_json_array(problems, nproblems));
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls));
}

static Datum
record(FunctionCallInfo fcinfo, const UsgBatch *read)
{
	MemoryContext context = CurrentMemoryContext;
	UsgBatch	batch = *read;
	PcApiCall	call;
	Datum		row;

	pc_api_begin(&call);
	batch.call = &call;
	batch.now = pc_billing_now(&call);
	usg_record(&batch);
	context = MemoryContextSwitchTo(context);
	row = receipt(fcinfo, &batch);
	MemoryContextSwitchTo(context);
	pc_api_end(&call);
	return row;
}

/* record_usages(events) */
PG_FUNCTION_INFO_V1(paycore_record_usages_json);
PGDLLEXPORT Datum
paycore_record_usages_json(PG_FUNCTION_ARGS)
{
	UsgBatch	batch = {0};

	read_json(PG_GETARG_JSONB_P(0), &batch);
	PG_RETURN_DATUM(record(fcinfo, &batch));
}

/* record_usage_rows(events) */
PG_FUNCTION_INFO_V1(paycore_record_usages_rows);
PGDLLEXPORT Datum
paycore_record_usages_rows(PG_FUNCTION_ARGS)
{
	UsgBatch	batch = {0};

	read_rows(PG_GETARG_ARRAYTYPE_P(0), &batch);
	PG_RETURN_DATUM(record(fcinfo, &batch));
}
