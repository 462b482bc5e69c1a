/*
 * events.c
 *		Which changes a webhook endpoint wants: patterns of their types.
 */
#include "common/paycore.h"

#include "catalog/pg_type.h"
#include "feed/endpoint.h"
#include "utils/array.h"
#include "utils/builtins.h"

#define MAX_PATTERN 200

/* Of status types and of tables, any words. */
#define WORD "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

static int
take_apart(Datum patterns, Datum **elements, bool **nulls)
{
	int			n;

	deconstruct_array(DatumGetArrayTypeP(patterns), TEXTOID, -1, false, TYPALIGN_INT, elements, nulls, &n);
	return n;
}

static bool
is_pattern(const char *text)
{
	size_t		object = strspn(text, WORD);
	const char *status = text + object + 1;

	if (strcmp(text, "*") == 0)
		return true;
	if (strlen(text) > MAX_PATTERN || object == 0 || text[object] != '.' || *status == '\0')
		return false;
	return strcmp(status, "*") == 0 || strspn(status, WORD) == strlen(status);
}

void
feed_events_check(Datum patterns)
{
	Datum	   *elements;
	bool	   *nulls;
	int			n = take_apart(patterns, &elements, &nulls);

	for (int i = 0; i < n; i++)
	{
		if (nulls[i] || !is_pattern(TextDatumGetCString(elements[i])))
			ereport(ERROR,
					(errcode(ERRCODE_PC_INVALID_ARGUMENT),
					 errmsg("enabled_events holds what is no pattern of events"),
					 errdetail("It is %s.", nulls[i] ? "null" : quote_literal_cstr(TextDatumGetCString(elements[i]))),
					 errhint("Say '*', 'payment.*' or 'payment.succeeded'.")));
	}
	if (n == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("enabled_events is empty"),
				 errhint("Say {*} for all.")));
}

static bool
matches(const char *pattern, const char *object_type, const char *status)
{
	size_t		len = strlen(object_type);

	if (strcmp(pattern, "*") == 0)
		return true;
	if (strncmp(pattern, object_type, len) != 0 || pattern[len] != '.')
		return false;
	return strcmp(pattern + len + 1, "*") == 0 || strcmp(pattern + len + 1, status) == 0;
}

bool
feed_events_match(Datum patterns, const char *object_type, const char *status)
{
	Datum	   *elements;
	bool	   *nulls;
	int			n = take_apart(patterns, &elements, &nulls);

	for (int i = 0; i < n; i++)
	{
		if (!nulls[i] && matches(TextDatumGetCString(elements[i]), object_type, status))
			return true;
	}
	return false;
}
