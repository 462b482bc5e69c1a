/*
 * json.c
 *		JSON from outside, in a database of UTF-8 or (first byte S) of no
 *		encoding: never an error, a verdict that quotes nothing, and what is
 *		read is sound and within the limits.
 */
#include "harness.h"

#include "common/card_data.h"
#include "mb/pg_wchar.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

typedef struct Parse
{
	char	   *text;
	Jsonb	   *result;
} Parse;

static void
parse_plainly(void *argument)
{
	Parse	   *parse = argument;

	parse->result = fuzz_jsonb(parse->text);
}

static void
check_depth(const Jsonb *json)
{
	JsonbIterator *it = JsonbIteratorInit(unconstify(JsonbContainer *, &json->root));
	JsonbIteratorToken token;
	JsonbValue	v;
	int			depth = 0;

	while ((token = JsonbIteratorNext(&it, &v, false)) != WJB_DONE)
	{
		if (token == WJB_BEGIN_ARRAY || token == WJB_BEGIN_OBJECT)
			must(++depth <= PC_JSON_MAX_DEPTH + 1);		/* a scalar stands in an array of its own */
		else if (token == WJB_END_ARRAY || token == WJB_END_OBJECT)
			depth--;
	}
}

/* Where there is no escape to settle, the server reads the same. */
static void
check_against_server(const char *data, size_t size, const Jsonb *json)
{
	Parse		parse = {.text = fuzz_text(data, size)};

	if (memchr(data, '\\', size) != NULL)
		return;
	must(fuzz_sqlstate(parse_plainly, &parse) == 0);
	must(fuzz_same_jsonb(json, parse.result));
}

/* Half a document is none. */
static void
check_cut(const char *data, size_t size, const Jsonb *json)
{
	const char *why;
	size_t		len;

	if (JB_ROOT_IS_SCALAR(json))
		return;
	while (size > 0 && strchr(" \t\r\n", data[size - 1]) != NULL)
		size--;
	len = size * 7 / 11;
	must(pc_json_parse(fuzz_exact(data, len), len, &why) == NULL);
}

/* No secret of a payer's is left at any depth, and no card number. */
static void
check_cleaned(const Jsonb *json)
{
	Jsonb	   *redacted = pc_json_redact(json);
	Jsonb	   *masked = pc_card_data_masked_json(json);
	JsonbIterator *it = JsonbIteratorInit(&redacted->root);
	JsonbIteratorToken token;
	JsonbValue	v;
	char	   *key;

	fuzz_check_jsonb(redacted);
	fuzz_check_jsonb(masked);
	must(pc_card_data_in_json(masked, &key) == PC_NO_CARD_DATA);
	while ((token = JsonbIteratorNext(&it, &v, false)) != WJB_DONE)
	{
		if (token == WJB_KEY && strcmp(pc_json_value_text(&v), "client_secret") == 0)
			must(JsonbIteratorNext(&it, &v, true) == WJB_VALUE && v.type == jbvNull);
	}
}

/* A number is an int64 where the server's numeric says so. */
static void
check_number(const Jsonb *json, const char *key, Numeric number)
{
	static Numeric limit = NULL;
	int64		value;
	Datum		whole = DirectFunctionCall2(numeric_trunc, NumericGetDatum(number), Int32GetDatum(0));

	if (limit == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(TopMemoryContext);

		limit = int64_to_numeric(PG_INT64_MAX);
		MemoryContextSwitchTo(old);
	}
	if (pc_json_int64(json, key, &value))
		must(DatumGetBool(DirectFunctionCall2(numeric_eq, NumericGetDatum(number),
											  NumericGetDatum(int64_to_numeric(value)))));
	else
		must(!DatumGetBool(DirectFunctionCall2(numeric_eq, NumericGetDatum(number), whole)) ||
			 DatumGetBool(DirectFunctionCall2(numeric_gt, DirectFunctionCall1(numeric_abs, NumericGetDatum(number)),
											  NumericGetDatum(limit))));
}

static void
check_fields(const Jsonb *json)
{
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue	v;
	char	   *key = NULL;

	if (!JB_ROOT_IS_OBJECT(json))
		return;
	it = JsonbIteratorInit(unconstify(JsonbContainer *, &json->root));
	while ((token = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			key = pc_json_value_text(&v);
		else if (token == WJB_VALUE)
		{
			must((pc_json_path(json, key, NULL) == NULL) == (v.type == jbvNull));
			must((pc_json_object(json, key) != NULL) == (v.type == jbvBinary));
			must((pc_json_string(json, key) != NULL) == (v.type == jbvString));
			if (v.type == jbvNumeric)
				check_number(json, key, v.val.numeric);
		}
	}
}

void
fuzz_one(const char *data, size_t size)
{
	const char *why = NULL;
	Jsonb	   *json;

	if (size > 0 && data[0] == 'S')
	{
		SetDatabaseEncoding(PG_SQL_ASCII);
		data++;
		size--;
	}
	data = fuzz_exact(data, size);
	json = pc_json_parse(data, size, &why);
	must((json == NULL) == (why != NULL));
	must(why == NULL || why < data || why > data + size);
	if (json == NULL)
		return;
	fuzz_check_jsonb(json);
	check_depth(json);
	check_against_server(data, size, json);
	check_cut(data, size, json);
	check_cleaned(json);
	check_fields(json);
}
