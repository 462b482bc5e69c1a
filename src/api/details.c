/*
 * details.c
 *		Arguments that are a jsonb object of named values, checked.
 */
#include "common/paycore.h"

#include "api/api.h"
#include "api/details.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

static const char *const wanted[] = {
	[PC_DETAIL_TEXT] = "a string, or null to remove it",
	[PC_DETAIL_NAME] = "a string",
	[PC_DETAIL_BOOL] = "true or false",
	[PC_DETAIL_COUNT] = "a whole number from 0 on",
	[PC_DETAIL_NUMBER] = "a number from 0 on",
	[PC_DETAIL_SIGNED] = "a number",
	[PC_DETAIL_TEXTS] = "an array of strings",
	[PC_DETAIL_OBJECTS] = "an array of objects",
	[PC_DETAIL_METADATA] = "an object",
};

static const PcDetail *
find(const JsonbValue *key, const PcDetail *known, int nknown, const char *whose, bool change)
{
	StringInfoData names;

	initStringInfo(&names);
	for (int i = 0; i < nknown; i++)
	{
		if (!(known[i].when & (change ? PC_DETAIL_CHANGED : PC_DETAIL_GIVEN)))
			continue;
		if (strlen(known[i].key) == key->val.string.len &&
			memcmp(known[i].key, key->val.string.val, key->val.string.len) == 0)
			return &known[i];
		appendStringInfo(&names, "%s%s", names.len > 0 ? ", " : "", known[i].key);
	}
	ereport(ERROR,
			(errcode(ERRCODE_PC_INVALID_ARGUMENT),
			 errmsg("%s has no detail \"%s\" that could be %s", whose,
					pnstrdup(key->val.string.val, key->val.string.len), change ? "changed" : "given"),
			 errdetail("Known: %s.", names.data)));
	return NULL;
}

static bool
is_text(const JsonbValue *v)
{
	return v->type == jbvString;
}

static bool
is_object(const JsonbValue *v)
{
	return v->type == jbvBinary && JsonContainerIsObject(v->val.binary.data);
}

static bool
is_array_of(const JsonbValue *v, bool (*is_element) (const JsonbValue *v))
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	element;

	if (v->type != jbvBinary || !JsonContainerIsArray(v->val.binary.data))
		return false;
	iterator = JsonbIteratorInit(v->val.binary.data);
	while ((token = JsonbIteratorNext(&iterator, &element, true)) != WJB_DONE)
	{
		if (token == WJB_ELEM && !is_element(&element))
			return false;
	}
	return true;
}

/* Digits with at most one point: no sign, no exponent, nothing that is not finite. */
static bool
is_decimal(const char *text, size_t len)
{
	size_t		digits = strspn(text, "0123456789");
	size_t		fraction = 0;

	if (digits == 0 || digits > 20)
		return false;
	if (digits < len && text[digits] == '.')
		fraction = 1 + strspn(text + digits + 1, "0123456789");
	return digits + fraction == len && fraction != 1 && fraction <= 21;
}

static bool
is_signed(const JsonbValue *v)
{
	char	   *text = pc_json_value_text(v);

	if (text == NULL || (v->type != jbvNumeric && v->type != jbvString))
		return false;
	if (*text == '-')
		text++;
	return is_decimal(text, strlen(text));
}

static bool
is_number(const JsonbValue *v, bool whole)
{
	char	   *text = pc_json_value_text(v);

	if (text == NULL || (v->type != jbvNumeric && (whole || v->type != jbvString)) || !is_decimal(text, strlen(text)))
		return false;
	return !whole || (strchr(text, '.') == NULL && strtoll(text, NULL, 10) <= PG_INT32_MAX);
}

static bool
fits(const PcDetail *detail, const JsonbValue *v)
{
	switch (detail->kind)
	{
		case PC_DETAIL_TEXT:
			return is_text(v) || v->type == jbvNull;
		case PC_DETAIL_NAME:
			return is_text(v);
		case PC_DETAIL_BOOL:
			return v->type == jbvBool;
		case PC_DETAIL_COUNT:
			return v->type == jbvNull || is_number(v, true);
		case PC_DETAIL_NUMBER:
			return v->type == jbvNull || is_number(v, false);
		case PC_DETAIL_SIGNED:
			return is_signed(v);
		case PC_DETAIL_TEXTS:
			return v->type == jbvNull || is_array_of(v, is_text);
		case PC_DETAIL_OBJECTS:
			return is_array_of(v, is_object);
		case PC_DETAIL_METADATA:
			return is_object(v);
	}
	return false;
}

void
pc_check_detail(const Jsonb *details, const PcDetail *detail, const JsonbValue *v, bool change)
{
	if (!fits(detail, v))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("%s must be %s", detail->key, wanted[detail->kind])));
	if (detail->kind == PC_DETAIL_COUNT && detail->most > 0 && v->type == jbvNumeric && strtoll(pc_json_value_text(v), NULL, 10) > detail->most)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("%s must be a whole number from 0 to %d", detail->key, detail->most),
				 errdetail("It is %s.", pc_json_value_text(v))));
	if (detail->most > 0 && v->type == jbvString)
		pc_check_length(pnstrdup(v->val.string.val, v->val.string.len), detail->key, detail->most);
	if (detail->kind == PC_DETAIL_METADATA)
		pc_check_metadata(pc_json_object(details, detail->key), change);
}

void
pc_check_details(const Jsonb *details, const PcDetail *known, int nknown, const char *whose, bool change)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	v;
	const PcDetail *detail = NULL;

	if (details == NULL)
		return;
	pc_check_object(details, change ? "changes" : "details");
	iterator = JsonbIteratorInit(unconstify(JsonbContainer *, &details->root));
	while ((token = JsonbIteratorNext(&iterator, &v, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			detail = find(&v, known, nknown, whose, change);
		else if (token == WJB_VALUE)
			pc_check_detail(details, detail, &v, change);
	}
}
