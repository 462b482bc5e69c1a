/*
 * testing.c
 *		SQL doors to the pool, for tests and benchmarks only (test builds).
 */
#include "http/http.h"

#ifdef PAYCORE_FAULT_POINTS

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/jsonb.h"

#include <poll.h>
#include <time.h>

PG_FUNCTION_INFO_V1(paycore_test_http);
PG_FUNCTION_INFO_V1(paycore_test_http_many);
PG_FUNCTION_INFO_V1(paycore_test_http_abort);
PG_FUNCTION_INFO_V1(paycore_test_http_unasked);

extern PGDLLEXPORT Datum paycore_test_http(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum paycore_test_http_many(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum paycore_test_http_abort(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum paycore_test_http_unasked(PG_FUNCTION_ARGS);

static const char *const outcome_names[] = {
	[HTTP_ANSWERED] = "answered",
	[HTTP_NOT_CONNECTED] = "not_connected",
	[HTTP_TIMED_OUT] = "timed_out",
	[HTTP_CUT] = "cut",
	[HTTP_TOO_LARGE] = "too_large"
};

/* Kept over calls and over errors, as the worker keeps its own. */
static HttpPool *pool = NULL;

static char *
text_arg(FunctionCallInfo fcinfo, int n)
{
	return PG_ARGISNULL(n) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(n));
}

static double
seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static void
open_pool(int max_connections)
{
	static int	size = 0;

	if (pool != NULL && size != max_connections)
	{
		http_pool_destroy(pool);
		pool = NULL;
	}
	if (pool == NULL)
		pool = http_pool_create(max_connections);
	if (pool == NULL)
		elog(ERROR, "no pool");
	size = max_connections;
}

static void
wait_and_run(void)
{
	struct pollfd fd = {.fd = http_wait_fd(pool), .events = POLLIN};
	long		timeout = http_timeout_ms(pool);

	CHECK_FOR_INTERRUPTS();
	(void) poll(&fd, 1, timeout < 0 || timeout > 100 ? 100 : (int) timeout);
	http_run(pool);
}

static void
add_text(StringInfo out, const char *key, const char *value)
{
	appendStringInfo(out, ", \"%s\": ", key);
	if (value == NULL)
		appendStringInfoString(out, "null");
	else
		escape_json(out, value);
}

static Datum
describe(const HttpResult *result)
{
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfo(&out, "{\"status\": %d, \"seconds\": %f, \"length\": %zu, \"version\": %d,"
					 " \"connects\": %d, \"tls_refused\": %s",
					 result->status, result->seconds, result->body_len, result->http_version,
					 result->connects, result->tls_refused ? "true" : "false");
	add_text(&out, "outcome", outcome_names[result->outcome]);
	add_text(&out, "error", result->error);
	add_text(&out, "body", result->body_len > 10000 ? "long" : result->body);
	add_text(&out, "content_type", result->content_type);
	add_text(&out, "x_test", http_result_header(result, "X-TEST"));
	appendStringInfoChar(&out, '}');
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(out.data));
}

static Datum
refusal(const char *why)
{
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfoString(&out, "{\"refused\": ");
	escape_json(&out, why);
	appendStringInfoChar(&out, '}');
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(out.data));
}

/* (method, url, body, ca_file, timeout_ms, cap, header name, header value, connect_timeout_ms) -> jsonb */
Datum
paycore_test_http(PG_FUNCTION_ARGS)
{
	HttpHeader	header = {.name = text_arg(fcinfo, 6), .value = text_arg(fcinfo, 7)};
	HttpCall	call = {
		.method = text_arg(fcinfo, 0),
		.url = text_arg(fcinfo, 1),
		.body = text_arg(fcinfo, 2),
		.bearer = "sk_test_in_no_log",
		.ca_file = text_arg(fcinfo, 3),
		.headers = &header,
		.nheaders = header.name == NULL ? 0 : 1,
		.connect_timeout_ms = PG_GETARG_INT32(8),
		.timeout_ms = PG_GETARG_INT32(4),
		.response_cap = PG_GETARG_INT32(5)
	};
	const char *why;
	HttpResult *result;
	Datum		answer = (Datum) 0;

	open_pool(8);
	if (!http_submit(pool, &call, &call, &why))
		return refusal(why);
	while (answer == (Datum) 0)
	{
		wait_and_run();
		while ((result = http_next(pool)) != NULL)
		{
			if (result->tag == &call)
				answer = describe(result);
			http_result_free(result);
		}
	}
	return answer;
}

typedef struct Tally
{
	int			outcomes[lengthof(outcome_names)];
	int			connects;
	int			version;
	int			done;
	char		error[300];		/* the last one */
} Tally;

static void
count_results(Tally *tally, void *tag)
{
	HttpResult *result;

	while ((result = http_next(pool)) != NULL)
	{
		/* What an earlier, cancelled call left behind is not ours. */
		if (result->tag != tag)
		{
			http_result_free(result);
			continue;
		}
		tally->outcomes[result->outcome]++;
		tally->connects += result->connects;
		tally->version = Max(tally->version, result->http_version);
		tally->done++;
		if (result->error != NULL)
			strlcpy(tally->error, result->error, sizeof(tally->error));
		http_result_free(result);
	}
}

/* (url, ca_file, requests, in flight, max_connections, timeout_ms, connect_timeout_ms) -> jsonb */
Datum
paycore_test_http_many(PG_FUNCTION_ARGS)
{
	char		body[] = "amount=1099&currency=usd&metadata[paycore_intent]=0190c0de-0000-7000-8000-000000000000";
	HttpHeader	headers[] = {{"Idempotency-Key", "0190c0de-0000-7000-8000-000000000000"},
	{"Stripe-Version", "2026-07-29"}, {"Content-Type", "application/x-www-form-urlencoded"}};
	HttpCall	call = {
		.method = "POST",
		.url = text_arg(fcinfo, 0),
		.body = body,
		.bearer = "sk_test_in_no_log",
		.ca_file = text_arg(fcinfo, 1),
		.headers = headers,
		.nheaders = lengthof(headers),
		.connect_timeout_ms = PG_GETARG_INT32(6),
		.timeout_ms = PG_GETARG_INT32(5),
		.response_cap = 1024 * 1024
	};
	static uintptr_t tag = 0;
	int			total = PG_GETARG_INT32(2);
	int			in_flight = PG_GETARG_INT32(3);
	int			submitted = 0;
	double		start = seconds_now();
	clock_t		cpu = clock();
	Tally		tally = {0};
	const char *why;
	StringInfoData out;

	open_pool(PG_GETARG_INT32(4));
	tag++;
	while (tally.done < total)
	{
		while (submitted < total && http_in_flight(pool) < in_flight)
		{
			if (!http_submit(pool, &call, (void *) tag, &why))
				return refusal(why);
			submitted++;
		}
		wait_and_run();
		count_results(&tally, (void *) tag);
	}
	initStringInfo(&out);
	appendStringInfo(&out, "{\"seconds\": %f, \"cpu_seconds\": %f, \"connects\": %d, \"version\": %d",
					 seconds_now() - start, (double) (clock() - cpu) / CLOCKS_PER_SEC,
					 tally.connects, tally.version);
	for (int i = 0; i < lengthof(outcome_names); i++)
		appendStringInfo(&out, ", \"%s\": %d", outcome_names[i], tally.outcomes[i]);
	add_text(&out, "error", tally.error);
	appendStringInfoChar(&out, '}');
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(out.data));
}

/* One that waits a minute, of the first two arguments. */
static HttpCall
patient_call(FunctionCallInfo fcinfo)
{
	return (HttpCall) {
		.method = "GET",
		.url = text_arg(fcinfo, 0),
		.ca_file = text_arg(fcinfo, 1),
		.connect_timeout_ms = 60000,
		.timeout_ms = 60000,
		.response_cap = 1024
	};
}

/* (url, ca_file, requests) -> milliseconds that it took to destroy a pool of hanging requests */
Datum
paycore_test_http_abort(PG_FUNCTION_ARGS)
{
	HttpCall	call = patient_call(fcinfo);
	double		start = seconds_now();
	const char *why;

	open_pool(PG_GETARG_INT32(2));
	for (int i = 0; i < PG_GETARG_INT32(2); i++)
	{
		if (!http_submit(pool, &call, NULL, &why))
			elog(ERROR, "%s", why);
	}
	while (seconds_now() - start < 0.5)
		wait_and_run();
	start = seconds_now();
	http_pool_destroy(pool);
	pool = NULL;
	PG_RETURN_FLOAT8((seconds_now() - start) * 1000);
}

/* (url, ca_file) -> for how many milliseconds one may wait while the answer to a request has not been asked for */
Datum
paycore_test_http_unasked(PG_FUNCTION_ARGS)
{
	HttpCall	call = patient_call(fcinfo);
	double		start = seconds_now();
	const char *why;
	long		wait_ms;

	open_pool(8);
	if (!http_submit(pool, &call, NULL, &why))
		elog(ERROR, "%s", why);
	while (seconds_now() - start < 0.5)
		wait_and_run();
	wait_ms = http_timeout_ms(pool);
	http_result_free(http_next(pool));
	PG_RETURN_INT32((int32) wait_ms);
}

#endif							/* PAYCORE_FAULT_POINTS */
