/*
 * verbs.c
 *		record_usage(): one event.
 */
#include "common/paycore.h"

#include "common/args.h"
#include "usage/usage.h"

enum
{
	ARG_METER, ARG_ACCOUNT, ARG_QUANTITY, ARG_KEY, ARG_OCCURRED, ARG_SUBSCRIPTION, ARG_PROPERTIES, ARG_METADATA
};

static void
read_arguments(FunctionCallInfo fcinfo, UsgEvent *event)
{
	event->nth = 1;
	event->meter_code = pc_getarg_text(fcinfo, ARG_METER);
	event->has_account = !PG_ARGISNULL(ARG_ACCOUNT);
	if (event->has_account)
		event->account = *PG_GETARG_UUID_P(ARG_ACCOUNT);
	event->has_quantity = !PG_ARGISNULL(ARG_QUANTITY);
	if (event->has_quantity)
		event->quantity = PG_GETARG_DATUM(ARG_QUANTITY);
	event->key = pc_getarg_text(fcinfo, ARG_KEY);
	event->has_time = !PG_ARGISNULL(ARG_OCCURRED);
	if (event->has_time)
		event->occurred_at = PG_GETARG_TIMESTAMPTZ(ARG_OCCURRED);
	event->has_subscription = !PG_ARGISNULL(ARG_SUBSCRIPTION);
	if (event->has_subscription)
		event->subscription = *PG_GETARG_UUID_P(ARG_SUBSCRIPTION);
	event->properties = pc_getarg_json(fcinfo, ARG_PROPERTIES);
	event->metadata = pc_getarg_json(fcinfo, ARG_METADATA);
}

static void
raise_refusal(const UsgEvent *event)
{
	ereport(ERROR,
			(errcode(event->sqlstate),
			 errmsg("%s", event->reason),
			 event->detail != NULL ? errdetail("%s", event->detail) : 0));
}

/* record_usage(meter, billing_account_id, quantity, event_key, occurred_at, subscription_id, properties, metadata) */
PG_FUNCTION_INFO_V1(paycore_record_usage);
PGDLLEXPORT Datum
paycore_record_usage(PG_FUNCTION_ARGS)
{
	UsgEvent	event = {0};
	PcApiCall	call;
	UsgBatch	batch = {.call = &call, .n = 1, .events = &event};
	Datum		row;

	read_arguments(fcinfo, &event);
	pc_api_begin(&call);
	batch.now = pc_billing_now(&call);
	usg_record(&batch);
	if (event.outcome == USG_REFUSED)
		raise_refusal(&event);
	row = event.outcome == USG_TAKEN ? batch.row : pc_api_read(PC_USAGE_EVENTS, &call, &event.id);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}
