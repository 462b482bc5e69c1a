/*
 * harness.c
 *		libFuzzer's door to a target: starts as much of the server as the code
 *		needs, and runs each input in a memory context of its own.
 */
#include "harness.h"

#include "common/hashfn.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "tcop/tcopprot.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"

/* What the run leaves behind may be caches, which end; leaks do not. */
#define MAX_LEFT_BEHIND (1024 * 1024)

extern int	LLVMFuzzerInitialize(int *argc, char ***argv);
extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static MemoryContext run_context;

void
fuzz_finding(const char *file, int line, const char *what)
{
	fprintf(stderr, "FINDING %s:%d: %s does not hold\n", file, line, what);
	abort();
}

/*
 * In the server's place: its own reads as it pleases, unwatched, and this one
 * is called on texts without an end.
 */
int
pg_strncasecmp(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
	{
		int			order = pg_tolower((unsigned char) a[i]) - pg_tolower((unsigned char) b[i]);

		if (order != 0 || a[i] == '\0')
			return order;
	}
	return 0;
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	MemoryContextInit();
	SetDatabaseEncoding(PG_UTF8);
	(void) set_stack_base();
	max_stack_depth = 2048;
	run_context = fuzz_context(TopMemoryContext, "fuzz run");
	return 0;
}

/* Errors that are nobody's to expect. */
static void
report_error(void)
{
	ErrorData  *error;

	MemoryContextSwitchTo(run_context);
	error = CopyErrorData();
	fprintf(stderr, "FINDING raised %s: %s\n", unpack_sql_state(error->sqlerrcode), error->message);
	abort();
}

static void
check_left_behind(void)
{
	static Size first = 0;
	Size		now = MemoryContextMemAllocated(TopMemoryContext, true);

	if (first == 0)
		first = now;
	must(now <= first + MAX_LEFT_BEHIND);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	MemoryContextSwitchTo(run_context);
	PG_TRY();
	{
		fuzz_one((const char *) data, size);
	}
	PG_CATCH();
	{
		report_error();
	}
	PG_END_TRY();
	must(CurrentMemoryContext == run_context);
	SetDatabaseEncoding(PG_UTF8);
	MemoryContextSwitchTo(TopMemoryContext);
	MemoryContextReset(run_context);
	check_left_behind();
	return 0;
}

int
fuzz_sqlstate(void (*call) (void *argument), void *argument)
{
	volatile int sqlstate = 0;

	PG_TRY();
	{
		call(argument);
	}
	PG_CATCH();
	{
		sqlstate = geterrcode();
		MemoryContextSwitchTo(run_context);
		FlushErrorState();
	}
	PG_END_TRY();
	return sqlstate;
}

bool
fuzz_chosen(const char *data, size_t size)
{
	return hash_bytes((const unsigned char *) data, (int) size) % 4 == 0;
}

char *
fuzz_exact(const char *data, size_t size)
{
	char	   *copy = palloc(size);

	memcpy(copy, data, size);
	return copy;
}

char *
fuzz_text(const char *data, size_t size)
{
	return pnstrdup(data, size);
}

char *
fuzz_first_line(const char *data, size_t size, const char **rest, size_t *rest_size)
{
	const char *end = memchr(data, '\n', size);
	size_t		len = end != NULL ? end - data : size;

	*rest = end != NULL ? end + 1 : data + size;
	*rest_size = data + size - *rest;
	return fuzz_text(data, len);
}

char *
fuzz_jsonb_text(const Jsonb *json)
{
	return DatumGetCString(DirectFunctionCall1(jsonb_out, JsonbPGetDatum(json)));
}

Jsonb *
fuzz_jsonb(const char *text)
{
	return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(text)));
}

/* One content has one form. */
bool
fuzz_same_jsonb(const Jsonb *a, const Jsonb *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return VARSIZE(a) == VARSIZE(b) && memcmp(a, b, VARSIZE(a)) == 0;
}

void
fuzz_check_jsonb(const Jsonb *json)
{
	char	   *text;

	if (json == NULL)
		return;
	text = fuzz_jsonb_text(json);
	must(pg_verify_mbstr(GetDatabaseEncoding(), text, (int) strlen(text), true));
	must(fuzz_same_jsonb(json, fuzz_jsonb(text)));
}
