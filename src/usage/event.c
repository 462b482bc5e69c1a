/*
 * event.c
 *		What one event may be.
 *
 * Nothing here raises: in a batch, what is wrong with one event stops no other.
 */
#include "common/paycore.h"

#include "common/card_data.h"
#include "common/metadata.h"
#include "common/number.h"
#include "mb/pg_wchar.h"
#include "usage/usage.h"
#include "utils/timestamp.h"

#define MAX_KEY			255
#define MAX_VALUE		255

/* Clocks differ: so far ahead is taken for now. */
#define TOLERANCE_MS	(5 * 60 * 1000)

void
usg_refuse(UsgEvent *event, int sqlstate, const char *reason, const char *detail)
{
	if (event->outcome == USG_REFUSED)
		return;
	event->outcome = USG_REFUSED;
	event->sqlstate = sqlstate;
	event->reason = reason;
	event->detail = detail;
}

static void
invalid(UsgEvent *event, const char *reason)
{
	usg_refuse(event, ERRCODE_PC_INVALID_ARGUMENT, reason, NULL);
}

static void
check_text(UsgEvent *event, const char *text, const char *name, int most)
{
	PcCardSpot	spot;
	int			length = (int) strlen(text);

	if (length == 0 || (length > most && pg_mbstrlen(text) > most))
		invalid(event, psprintf("%s must have 1 to %d characters", name, most));
	else if (pc_card_data_in_text(text, length, &spot))
		usg_refuse(event, ERRCODE_PC_CARD_DATA, psprintf("%s holds what looks like %s", name, pc_card_data_phrase(spot.what)), NULL);
}

static const char *
wrong_with_key(const JsonbValue *v)
{
	const char *text = v->val.string.val;
	int			length = v->val.string.len;

	if (pc_metadata_is_reserved(text, length))
		return "has a key that starts with " PC_METADATA_RESERVED;
	if (length == 0 || pg_mbstrlen_with_len(text, length) > PC_METADATA_KEY_CHARS)
		return "has a key that is not of 1 to " CppAsString2(PC_METADATA_KEY_CHARS) " characters";
	return NULL;
}

static const char *
wrong_with_value(const JsonbValue *v)
{
	if (v->type == jbvNumeric && strlen(pc_json_value_text(v)) > PC_METADATA_VALUE_CHARS)
		return "has a number of more than " CppAsString2(PC_METADATA_VALUE_CHARS) " digits";
	if (v->type == jbvNumeric || v->type == jbvBool)
		return NULL;
	if (v->type != jbvString)
		return "has a value that is no string, number or boolean";
	if (pg_mbstrlen_with_len(v->val.string.val, v->val.string.len) > PC_METADATA_VALUE_CHARS)
		return "has a value of more than " CppAsString2(PC_METADATA_VALUE_CHARS) " characters";
	return NULL;
}

/* Flat, and within what metadata of other objects may be. */
static void
check_object(UsgEvent *event, Jsonb *json, const char *name)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	v;
	const char *wrong = NULL;
	char	   *key;
	int			keys = 0;

	if (json == NULL || (JB_ROOT_IS_OBJECT(json) && JB_ROOT_COUNT(json) == 0))
		return;
	if (!JB_ROOT_IS_OBJECT(json))
	{
		invalid(event, psprintf("%s must be a JSON object", name));
		return;
	}
	iterator = JsonbIteratorInit(&json->root);
	while ((token = JsonbIteratorNext(&iterator, &v, true)) != WJB_DONE && wrong == NULL)
	{
		if (token == WJB_KEY)
			wrong = ++keys > PC_METADATA_KEYS ? "has more than " CppAsString2(PC_METADATA_KEYS) " keys" : wrong_with_key(&v);
		else if (token == WJB_VALUE)
			wrong = wrong_with_value(&v);
	}
	if (wrong == NULL && pc_card_data_in_json(json, &key) != PC_NO_CARD_DATA)
		usg_refuse(event, ERRCODE_PC_CARD_DATA, psprintf("%s holds what looks like card data", name), NULL);
	else if (wrong != NULL)
		invalid(event, psprintf("%s %s", name, wrong));
}

/* The quantity that a property holds, where the meter says which. */
static void
quantity_of_property(UsgEvent *event)
{
	JsonbValue *v;

	if (event->has_quantity || event->meter->value_key == NULL || event->properties == NULL)
		return;
	v = pc_json_path(event->properties, event->meter->value_key, NULL);
	if (v == NULL || v->type != jbvNumeric)
		return;
	event->quantity = NumericGetDatum(v->val.numeric);
	event->has_quantity = true;
}

void
usg_check_quantity(UsgEvent *event)
{
	static Datum limit = (Datum) 0;
	Numeric		number = DatumGetNumeric(event->quantity);

	if (numeric_is_nan(number) || numeric_is_inf(number))
		invalid(event, "quantity is no finite number");
	else if (event->meter->aggregation != USG_WEIGHTED_SUM && pc_number_compare(event->quantity, pc_number_zero()) < 0)
		invalid(event, "quantity is below zero");
	else if (pc_number_compare(DirectFunctionCall1(numeric_abs, event->quantity), pc_number_keep(&limit, INT64CONST(1000000000000000000), 0)) >= 0)
		invalid(event, "quantity is not below 10^18");
	else if (pc_number_compare(event->quantity, pc_number_truncate(event->quantity, 12)) != 0)
		invalid(event, "quantity has more than 12 decimals");
}

/* What a meter of unique_count looks at. */
static void
value_of_property(UsgEvent *event)
{
	event->value = event->properties != NULL ? pc_json_text(event->properties, event->meter->value_key) : NULL;
	if (event->value == NULL)
		invalid(event, psprintf("the property \"%s\", whose values the meter counts, is missing", event->meter->value_key));
	else
		check_text(event, event->value, "the counted value", MAX_VALUE);
}

static void
check_counted(UsgEvent *event)
{
	UsgAggregation aggregation = event->meter->aggregation;

	if (aggregation == USG_COUNT || aggregation == USG_UNIQUE_COUNT)
	{
		if (event->has_quantity && pc_number_compare(event->quantity, pc_number_from_int(1)) != 0)
			invalid(event, "the meter counts events: they have no quantity");
		event->quantity = pc_number_from_int(1);
		event->has_quantity = true;
		if (aggregation == USG_UNIQUE_COUNT)
			value_of_property(event);
		return;
	}
	quantity_of_property(event);
	if (!event->has_quantity)
		invalid(event, "quantity is missing");
	else
		usg_check_quantity(event);
}

static void
check_time(const UsgBatch *batch, UsgEvent *event)
{
	if (!event->has_time)
		event->occurred_at = batch->now;
	else if (TIMESTAMP_NOT_FINITE(event->occurred_at))
		invalid(event, "occurred_at is no time");
	else if (event->occurred_at > TimestampTzPlusMilliseconds(batch->now, TOLERANCE_MS))
		usg_refuse(event, ERRCODE_PC_INVALID_ARGUMENT, "occurred_at is in the future",
				   psprintf("It is %s by the clock of billing.", timestamptz_to_str(batch->now)));
	else if (event->occurred_at < event->meter->earliest)
		usg_refuse(event, ERRCODE_PC_USAGE_TOO_LATE, psprintf("the event comes later than the late_window of meter \"%s\" allows", event->meter->code),
				   psprintf("The window is %s.", event->meter->late_window));
}

void
usg_check_event(const UsgBatch *batch, UsgEvent *event)
{
	if (event->outcome == USG_REFUSED)
		return;
	if (event->meter_code == NULL)
		invalid(event, "meter is missing");
	else if (event->meter == NULL)
		usg_refuse(event, ERRCODE_PC_NOT_FOUND, psprintf("there is no meter \"%s\"", event->meter_code), NULL);
	else if (!event->meter->active)
		usg_refuse(event, ERRCODE_PC_INTENT_STATE, psprintf("meter \"%s\" is not active", event->meter_code), NULL);
	else if (!event->has_account)
		invalid(event, "billing_account_id is missing");
	if (event->key != NULL)
		check_text(event, event->key, "event_key", MAX_KEY);
	check_object(event, event->properties, "properties");
	check_object(event, event->metadata, "metadata");
	if (event->outcome == USG_REFUSED)
		return;
	check_counted(event);
	check_time(batch, event);
}
