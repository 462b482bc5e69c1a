/*
 * utf8.c
 *		Between the server's encoding and UTF-8.
 */
#include "common/paycore.h"

#include "common/utf8.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/memutils.h"

/* Nobody knows what SQL_ASCII holds: read as UTF-8, byte for byte where it is none. */
static const char *
repaired(const char *text, const char *mark)
{
	StringInfoData out;
	int			len;

	initStringInfo(&out);
	for (const char *p = text; *p != '\0'; p += len)
	{
		len = pg_utf_mblen((const unsigned char *) p);
		if (strnlen(p, len) == len && pg_utf8_islegal((const unsigned char *) p, len))
			appendBinaryStringInfo(&out, p, len);
		else
		{
			appendStringInfoString(&out, mark);
			len = 1;
		}
	}
	return out.data;
}

/* NULL where UTF-8 lacks one.  The conversion holds no lock and no resource, so its error may be dropped without a subtransaction. */
static const char *
converted(const char *text)
{
	MemoryContext caller = CurrentMemoryContext;
	const char *volatile result = NULL;

	PG_TRY();
	{
		result = pg_server_to_any(text, (int) strlen(text), PG_UTF8);
	}
	PG_CATCH();
	{
		if (ERRCODE_TO_CATEGORY(geterrcode()) != ERRCODE_DATA_EXCEPTION)
			PG_RE_THROW();
		MemoryContextSwitchTo(caller);
		FlushErrorState();
	}
	PG_END_TRY();
	return result;
}

static const char *
converted_one_by_one(const char *text, const char *mark)
{
	StringInfoData out;
	size_t		len;

	initStringInfo(&out);
	for (const char *p = text; *p != '\0'; p += len)
	{
		const char *character;

		len = strnlen(p, pg_encoding_mblen(GetDatabaseEncoding(), p));
		character = converted(pnstrdup(p, len));
		appendStringInfoString(&out, character != NULL ? character : mark);
	}
	return out.data;
}

const char *
pc_as_utf8(const char *text, const char *mark)
{
	const char *utf8;

	if (text == NULL || GetDatabaseEncoding() == PG_UTF8)
		return text;
	if (GetDatabaseEncoding() == PG_SQL_ASCII)
		return repaired(text, mark);
	utf8 = converted(text);
	return utf8 != NULL ? utf8 : converted_one_by_one(text, mark);
}

char *
pc_from_utf8(const char *utf8)
{
	return pg_any_to_server(utf8, (int) strlen(utf8), PG_UTF8);
}
