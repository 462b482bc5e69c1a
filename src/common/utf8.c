/*
 * utf8.c
 *		Text of ours for those who read UTF-8.
 */
#include "common/paycore.h"

#include "common/utf8.h"
#include "mb/pg_wchar.h"
#include "utils/memutils.h"

/* What is no UTF-8 in a database that never asked. */
static char *
repaired(const char *text)
{
	char	   *copy = pstrdup(text);
	char	   *p = copy;
	char	   *end = copy + strlen(copy);

	while (p < end)
	{
		int			len = pg_utf_mblen((unsigned char *) p);

		if (len > end - p || !pg_utf8_islegal((unsigned char *) p, len))
		{
			*p = '?';
			len = 1;
		}
		p += len;
	}
	return copy;
}

/* In a server's encoding no byte of what is not ASCII looks like ASCII. */
static char *
ascii_of(const char *text)
{
	char	   *copy = pstrdup(text);

	for (char *p = copy; *p != '\0'; p++)
	{
		if (IS_HIGHBIT_SET(*p))
			*p = '?';
	}
	return copy;
}

/* The conversion holds no lock and no resource, so its error may be dropped without a subtransaction. */
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
		result = ascii_of(text);
	}
	PG_END_TRY();
	return result;
}

const char *
pc_as_utf8(const char *text)
{
	switch (GetDatabaseEncoding())
	{
		case PG_UTF8:
			return text;
		case PG_SQL_ASCII:
			return repaired(text);
		default:
			return converted(text);
	}
}
