/*
 * json_parse.c
 *		Text from outside, which may be anything, into jsonb.
 */
#include "common/json.h"

#include "catalog/namespace.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

/* The escape that replaces what jsonb cannot hold; as long as what it replaces. */
#define REPLACEMENT_UTF8	"\\ufffd"
#define REPLACEMENT_OTHER	"\\u003f"
#define ESCAPE_LEN			6

/* The code unit of a \uXXXX escape at text, -1 where it is none. */
static int
code_unit(const char *text, size_t left)
{
	int			unit = 0;

	if (left < ESCAPE_LEN || text[0] != '\\' || text[1] != 'u')
		return -1;
	for (int i = 2; i < ESCAPE_LEN; i++)
	{
		char		c = text[i];
		int			digit;

		if (c >= '0' && c <= '9')
			digit = c - '0';
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			digit = (c | 0x20) - 'a' + 10;
		else
			return -1;
		unit = unit * 16 + digit;
	}
	return unit;
}

static inline bool
is_high_surrogate(int unit)
{
	return unit >= 0xD800 && unit <= 0xDBFF;
}

static inline bool
is_low_surrogate(int unit)
{
	return unit >= 0xDC00 && unit <= 0xDFFF;
}

/* Whether the server's encoding has the character. */
static bool
is_known_here(pg_wchar c)
{
	int			server = GetDatabaseEncoding();
	unsigned char utf8[MAX_MULTIBYTE_CHAR_LEN + 1];
	unsigned char converted[MAX_MULTIBYTE_CHAR_LEN * MAX_CONVERSION_GROWTH + 1];
	int			len;
	Oid			proc;

	if (server == PG_UTF8 || c < 0x80)
		return true;
	proc = server == PG_SQL_ASCII ? InvalidOid : FindDefaultConversionProc(PG_UTF8, server);
	unicode_to_utf8(c, utf8);
	len = pg_utf_mblen(utf8);
	utf8[len] = '\0';
	return OidIsValid(proc) &&
		pg_do_encoding_conversion_buf(proc, PG_UTF8, server, utf8, len, converted, sizeof(converted), true) == len;
}

static void
replace_escape(char *text)
{
	memcpy(text, GetDatabaseEncoding() == PG_UTF8 ? REPLACEMENT_UTF8 : REPLACEMENT_OTHER, ESCAPE_LEN);
}

/* Handles the escape at text (a backslash) and returns how many bytes it takes. */
static size_t
settle_escape(char *text, size_t left)
{
	int			unit = code_unit(text, left);
	int			low = is_high_surrogate(unit) ? code_unit(text + ESCAPE_LEN, left - ESCAPE_LEN) : -1;

	if (unit < 0)
		return Min(left, 2);
	if (is_low_surrogate(low))
	{
		if (!is_known_here(surrogate_pair_to_codepoint(unit, low)))
		{
			replace_escape(text);
			replace_escape(text + ESCAPE_LEN);
		}
		return 2 * ESCAPE_LEN;
	}
	if (unit == 0 || is_high_surrogate(unit) || is_low_surrogate(unit) || !is_known_here(unit))
		replace_escape(text);
	return ESCAPE_LEN;
}

/* Past the string that starts at text[i]; escapes inside are settled on the way. */
static size_t
skip_string(char *text, size_t len, size_t i)
{
	i++;
	while (i < len && text[i] != '"')
		i += text[i] == '\\' ? settle_escape(text + i, len - i) : 1;
	return i + 1;
}

/* More than three digits of exponent: such numbers grow to 100 kB once printed. */
static bool
exponent_too_long(const char *text, size_t left)
{
	size_t		i = 1;
	size_t		start;

	if (i < left && (text[i] == '+' || text[i] == '-'))
		i++;
	start = i;
	while (i < left && text[i] >= '0' && text[i] <= '9')
		i++;
	return i - start > 3;
}

/*
 * One pass over the copy before the real parser sees it: depth, exponents, and
 * escapes jsonb cannot hold.  NULL where all is well.
 */
static const char *
prepare(char *text, size_t len)
{
	int			depth = 0;
	size_t		i = 0;

	while (i < len)
	{
		char		c = text[i];

		if (c == '"')
		{
			i = skip_string(text, len, i);
			continue;
		}
		if ((c == '{' || c == '[') && ++depth > PC_JSON_MAX_DEPTH)
			return "it is nested too deeply";
		if (c == '}' || c == ']')
			depth--;
		if ((c == 'e' || c == 'E') && exponent_too_long(text + i, len - i))
			return "it has a number out of range";
		i++;
	}
	return NULL;
}

/*
 * What the server's encoding lacks becomes a question mark: a name that cannot
 * be written here must not keep a payment out.
 */
static char *
converted(Oid proc, const char *text, int len)
{
	char	   *copy = palloc((Size) len * MAX_CONVERSION_GROWTH + 1);
	char	   *end = copy;

	while (len > 0)
	{
		int			taken = pg_do_encoding_conversion_buf(proc, PG_UTF8, GetDatabaseEncoding(),
														  (unsigned char *) unconstify(char *, text), len,
														  (unsigned char *) end, len * MAX_CONVERSION_GROWTH + 1, true);

		end += strlen(end);
		if (taken < len)
		{
			*end++ = '?';
			taken += pg_utf_mblen((const unsigned char *) text + taken);
		}
		text += taken;
		len -= taken;
	}
	*end = '\0';
	return copy;
}

/* A NUL-terminated copy in the server's encoding, NULL where it cannot be had. */
static char *
to_server(const char *text, size_t len, const char **why)
{
	int			server = GetDatabaseEncoding();
	Oid			proc;

	if (!pg_verify_mbstr(PG_UTF8, text, (int) len, true))
	{
		*why = "it is not valid UTF-8";
		return NULL;
	}
	if (server == PG_UTF8 || server == PG_SQL_ASCII)
		return pnstrdup(text, len);

	proc = FindDefaultConversionProc(PG_UTF8, server);
	if (!OidIsValid(proc))
	{
		*why = "it cannot be converted to this database's encoding";
		return NULL;
	}
	return converted(proc, text, (int) len);
}

#if PG_VERSION_NUM >= 160000

static Jsonb *
parse(char *text)
{
	ErrorSaveContext context = {.type = T_ErrorSaveContext};
	Datum		result;

	if (!DirectInputFunctionCallSafe(jsonb_in, text, InvalidOid, -1, (Node *) &context, &result))
		return NULL;
	return DatumGetJsonbP(result);
}

#else

/*
 * Without soft errors.  The parser holds no lock and no resource, so its error
 * may be dropped without a subtransaction; anything but bad data goes on.
 */
static Jsonb *
parse(char *text)
{
	MemoryContext caller = CurrentMemoryContext;
	Jsonb	   *volatile result = NULL;

	PG_TRY();
	{
		result = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(text)));
	}
	PG_CATCH();
	{
		int			category = ERRCODE_TO_CATEGORY(geterrcode());

		/* The last: an escape that a SQL_ASCII database cannot turn into a character. */
		if (category != ERRCODE_DATA_EXCEPTION && category != ERRCODE_PROGRAM_LIMIT_EXCEEDED &&
			category != ERRCODE_FEATURE_NOT_SUPPORTED)
			PG_RE_THROW();
		MemoryContextSwitchTo(caller);
		FlushErrorState();
	}
	PG_END_TRY();
	return result;
}

#endif

Jsonb *
pc_json_parse(const char *text, size_t len, const char **why)
{
	char	   *copy;
	Jsonb	   *result;

	if (len == 0)
	{
		*why = "it is empty";
		return NULL;
	}
	if (len > PC_JSON_MAX_SIZE)
	{
		*why = "it is too long";
		return NULL;
	}
	copy = to_server(text, len, why);
	if (copy == NULL)
		return NULL;
	*why = prepare(copy, strlen(copy));
	if (*why != NULL)
		return NULL;
	result = parse(copy);
	if (result == NULL)
		*why = "it is not valid JSON";
	pfree(copy);
	return result;
}
