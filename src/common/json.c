/*
 * json.c
 *		Reading and building jsonb from C.
 */
#include "common/json.h"

#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

/* The value of a key; NULL where json is no object, or the key absent or null. */
static JsonbValue *
lookup(const Jsonb *json, const char *key)
{
	JsonbValue *value;

	if (json == NULL || !JB_ROOT_IS_OBJECT(json))
		return NULL;
	value = getKeyJsonValueFromContainer(unconstify(JsonbContainer *, &json->root),
										 key, strlen(key), NULL);
	return value == NULL || value->type == jbvNull ? NULL : value;
}

static Jsonb *
container(JsonbValue *value)
{
	return value != NULL && value->type == jbvBinary ? JsonbValueToJsonb(value) : NULL;
}

JsonbValue *
pc_json_path(const Jsonb *json, const char *first,...)
{
	JsonbValue *value = lookup(json, first);
	const char *key;
	va_list		args;

	va_start(args, first);
	while (value != NULL && (key = va_arg(args, const char *)) != NULL)
		value = lookup(container(value), key);
	va_end(args);
	return value;
}

char *
pc_json_value_text(const JsonbValue *value)
{
	if (value == NULL)
		return NULL;
	switch (value->type)
	{
		case jbvString:
			return pnstrdup(value->val.string.val, value->val.string.len);
		case jbvNumeric:
			return DatumGetCString(DirectFunctionCall1(numeric_out,
													   NumericGetDatum(value->val.numeric)));
		case jbvBool:
			return pstrdup(value->val.boolean ? "true" : "false");
		default:
			return NULL;
	}
}

char *
pc_json_text(const Jsonb *json, const char *key)
{
	return pc_json_value_text(lookup(json, key));
}

char *
pc_json_text2(const Jsonb *json, const char *key, const char *key2)
{
	return pc_json_text(pc_json_object(json, key), key2);
}

char *
pc_json_string(const Jsonb *json, const char *key)
{
	JsonbValue *value = lookup(json, key);

	return value != NULL && value->type == jbvString ? pc_json_value_text(value) : NULL;
}

/* Through text: before 17 no function turns a numeric into an int8 without raising. */
bool
pc_json_int64(const Jsonb *json, const char *key, int64 *out)
{
	JsonbValue *value = lookup(json, key);
	char	   *text;
	char	   *end;
	int64		number;

	if (value == NULL || value->type != jbvNumeric)
		return false;
	text = pc_json_value_text(value);
	errno = 0;
	number = strtoll(text, &end, 10);
	if (*end == '.')
		end += 1 + strspn(end + 1, "0");
	if (errno != 0 || end == text || *end != '\0')
		return false;
	*out = number;
	return true;
}

bool
pc_json_bool(const Jsonb *json, const char *key, bool dflt)
{
	JsonbValue *value = lookup(json, key);

	return value != NULL && value->type == jbvBool ? value->val.boolean : dflt;
}

Jsonb *
pc_json_object(const Jsonb *json, const char *key)
{
	return container(lookup(json, key));
}

int
pc_json_array_length(const Jsonb *json)
{
	return json != NULL && JB_ROOT_IS_ARRAY(json) && !JB_ROOT_IS_SCALAR(json) ?
		JB_ROOT_COUNT(json) : 0;
}

Jsonb *
pc_json_element(const Jsonb *json, int index)
{
	Jsonb	   *element;

	if (index < 0 || index >= pc_json_array_length(json))
		return NULL;
	element = container(getIthJsonbValueFromContainer(unconstify(JsonbContainer *, &json->root),
													  index));
	return element != NULL && JB_ROOT_IS_OBJECT(element) ? element : NULL;
}

static bool
is_client_secret(const JsonbValue *key)
{
	return key->val.string.len == strlen("client_secret") &&
		memcmp(key->val.string.val, "client_secret", key->val.string.len) == 0;
}

Jsonb *
pc_json_redact(const Jsonb *json)
{
	PcJsonbState state = {0};
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue	v;
	JsonbValue	null = {.type = jbvNull};

	if (json == NULL)
		return NULL;
	it = JsonbIteratorInit(unconstify(JsonbContainer *, &json->root));
	while ((token = JsonbIteratorNext(&it, &v, false)) != WJB_DONE)
	{
		bool		with_value = token < WJB_BEGIN_ARRAY ||
			(token == WJB_BEGIN_ARRAY && v.val.array.rawScalar);

		pc_jsonb_push(&state, token, with_value ? &v : NULL);
		if (token == WJB_KEY && is_client_secret(&v))
		{
			JsonbIteratorNext(&it, &v, true);	/* whatever its value, as one */
			pc_jsonb_push(&state, WJB_VALUE, &null);
		}
	}
	return JsonbValueToJsonb(state.result);
}

void
pc_json_begin(PcJsonBuilder *b)
{
	memset(b, 0, sizeof(*b));
	pc_jsonb_push(&b->state, WJB_BEGIN_OBJECT, NULL);
}

static void
add(PcJsonBuilder *b, const char *key, JsonbValue *value)
{
	JsonbValue	k = {.type = jbvString};

	k.val.string.val = pstrdup(key);
	k.val.string.len = strlen(key);
	pc_jsonb_push(&b->state, WJB_KEY, &k);
	pc_jsonb_push(&b->state, WJB_VALUE, value);
}

/* What a jsonb as a whole is as a value: a scalar root is not a container. */
static void
as_value(const Jsonb *json, JsonbValue *v)
{
	if (!JB_ROOT_IS_SCALAR(json))
	{
		v->type = jbvBinary;
		v->val.binary.data = unconstify(JsonbContainer *, &json->root);
		v->val.binary.len = VARSIZE(json) - VARHDRSZ;
	}
	else
		*v = *getIthJsonbValueFromContainer(unconstify(JsonbContainer *, &json->root), 0);
}

void
pc_json_add_text(PcJsonBuilder *b, const char *key, const char *value)
{
	JsonbValue	v = {.type = jbvString};

	if (value == NULL)
		return;
	v.val.string.val = pstrdup(value);
	v.val.string.len = strlen(value);
	add(b, key, &v);
}

void
pc_json_add_int64(PcJsonBuilder *b, const char *key, int64 value)
{
	JsonbValue	v = {.type = jbvNumeric};

	v.val.numeric = int64_to_numeric(value);
	add(b, key, &v);
}

void
pc_json_add_bool(PcJsonBuilder *b, const char *key, bool value)
{
	JsonbValue	v = {.type = jbvBool};

	v.val.boolean = value;
	add(b, key, &v);
}

void
pc_json_add_json(PcJsonBuilder *b, const char *key, const Jsonb *value)
{
	JsonbValue	v;

	if (value == NULL)
		return;
	as_value(value, &v);
	add(b, key, &v);
}

Jsonb *
pc_json_end(PcJsonBuilder *b)
{
	pc_jsonb_push(&b->state, WJB_END_OBJECT, NULL);
	return JsonbValueToJsonb(b->state.result);
}

Jsonb *
pc_json_array(const Jsonb *const *items, int nitems)
{
	PcJsonbState state = {0};

	pc_jsonb_push(&state, WJB_BEGIN_ARRAY, NULL);
	for (int i = 0; i < nitems; i++)
	{
		JsonbValue	v;

		as_value(items[i], &v);
		pc_jsonb_push(&state, WJB_ELEM, &v);
	}
	pc_jsonb_push(&state, WJB_END_ARRAY, NULL);
	return JsonbValueToJsonb(state.result);
}

const Jsonb *
pc_json_empty(void)
{
	static Jsonb *empty = NULL;

	if (empty == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(TopMemoryContext);

		empty = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum("{}")));
		MemoryContextSwitchTo(old);
	}
	return empty;
}
