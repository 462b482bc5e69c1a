/*
 * send.c
 *		From a claimed job to bytes on the wire, and from the bytes that come
 *		back to the job.  No transaction is open here.
 */
#include "common/paycore.h"

#include <time.h>

#include "common/secrets.h"
#include "common/settings.h"
#include "worker/send.h"

#define MAX_HEADERS 6

/* A webhook endpoint has to answer sooner than a gateway, and in few words. */
#define PUSH_TIMEOUT_MS 30000
#define PUSH_RESPONSE_CAP (64 * 1024)

static void
add_header(HttpHeader *headers, int *n, const char *name, const char *value)
{
	if (value == NULL || value[0] == '\0')
		return;
	headers[*n].name = name;
	headers[*n].value = value;
	(*n)++;
}

static int
make_headers(const PcJob *job, HttpHeader *headers)
{
	int			n = 0;
	bool		effect = strcmp(job->method, "POST") == 0;

	add_header(headers, &n, "Accept", "application/json");
	add_header(headers, &n, "Stripe-Version", job->api_version);
	add_header(headers, &n, "Stripe-Account", job->on_account);
	if (effect)
	{
		add_header(headers, &n, "Idempotency-Key", job->idempotency_key);
		add_header(headers, &n, "Content-Type", "application/x-www-form-urlencoded");
	}
	return n;
}

static bool
not_started(PcJob *job, const char *why)
{
	job->delivery = PC_NOT_STARTED;
	job->transport_error = MemoryContextStrdup(job->context, why);
	return false;
}

/* Of the gateway: its key goes along. */
static bool
address_request(PcJob *job, const PcSecrets *secrets, HttpCall *call, HttpHeader *headers, const char **why)
{
	const char *base = secrets->base_url != NULL ? secrets->base_url : job->gateway->default_base_url;

	*why = "The secrets file has no API key for the gateway account.";
	if (secrets->api_key == NULL)
		return false;
	/* The path is text of a table: it must not lead the key to another host. */
	*why = "The path does not begin with a slash.";
	if (job->path[0] != '/')
		return false;
	call->url = MemoryContextAlloc(job->context, strlen(base) + strlen(job->path) + 1);
	sprintf(unconstify(char *, call->url), "%s%s", base, job->path);
	call->bearer = secrets->api_key;
	call->nheaders = make_headers(job, headers);
	call->timeout_ms = pc_request_timeout;
	call->response_cap = pc_response_cap;
	return true;
}

/* Of a webhook endpoint: signed anew each time, so that it is never too old. */
static bool
address_push(PcJob *job, const PcSecrets *secrets, HttpCall *call, HttpHeader *headers, const char **why)
{
	MemoryContext old;

	*why = "The secrets file has no webhook_secret for the endpoint.";
	if (secrets->nwebhook_secrets == 0)
		return false;
	*why = "The endpoint has no url, and the secrets file no base_url for it.";
	call->url = job->url != NULL ? job->url : secrets->base_url;
	if (call->url == NULL)
		return false;
	old = MemoryContextSwitchTo(job->context);
	add_header(headers, &call->nheaders, "Content-Type", "application/json");
	add_header(headers, &call->nheaders, "User-Agent", "paycore");
	add_header(headers, &call->nheaders, "Paycore-Signature", gw_sign(job->body, secrets, (int64) time(NULL)));
	MemoryContextSwitchTo(old);
	call->timeout_ms = Min(pc_request_timeout, PUSH_TIMEOUT_MS);
	call->response_cap = Min(pc_response_cap, PUSH_RESPONSE_CAP);
	return true;
}

static bool
send_over_network(HttpPool *pool, PcJob *job)
{
	HttpHeader	headers[MAX_HEADERS];
	HttpCall	call = {0};
	const char *why = NULL;
	const PcSecrets *secrets = pc_secrets_try(job->gateway_account, &why);
	bool		addressed;

	if (secrets == NULL)
		return not_started(job, why);
	addressed = job->op == GW_WEBHOOK_DELIVER ? address_push(job, secrets, &call, headers, &why) :
		address_request(job, secrets, &call, headers, &why);
	if (!addressed)
		return not_started(job, why);
	call.method = job->method;
	call.body = job->body;
	call.ca_file = secrets->ca_file;
	call.headers = headers;
	call.connect_timeout_ms = pc_connect_timeout;
	if (!http_submit(pool, &call, job, &why))
		return not_started(job, why);
	return true;
}

bool
pc_send(HttpPool *pool, PcJob *job)
{
	MemoryContext old;
	GwCall		call;

	job->response.should_retry = -1;
	job->response.retry_after_ms = -1;
	if (job->gateway->networked)
		return send_over_network(pool, job);

	old = MemoryContextSwitchTo(job->context);
	call = job->call;
	call.op = job->wire_op;
	call.params = job->wire_params;
	job->gateway->answer(&call, &job->response);
	job->delivery = PC_ANSWERED;
	MemoryContextSwitchTo(old);
	return false;
}

static int64
seconds_header(const HttpResult *result, const char *name)
{
	const char *text = http_result_header(result, name);
	char	   *end;
	long		seconds;

	if (text == NULL)
		return -1;
	seconds = strtol(text, &end, 10);
	return end != text && *end == '\0' && seconds >= 0 && seconds < 86400 ? seconds * 1000 : -1;
}

/* "Fri, 21 Nov 2026 02:03:06 GMT"; 0 where it is not that. */
static int64
date_header(const HttpResult *result)
{
	const char *text = http_result_header(result, "Date");
	struct tm	tm = {0};

	if (text == NULL || strptime(text, "%a, %d %b %Y %H:%M:%S", &tm) == NULL)
		return 0;
	return (int64) timegm(&tm);
}

static int
should_retry(const HttpResult *result)
{
	const char *text = http_result_header(result, "Stripe-Should-Retry");

	if (text == NULL)
		return -1;
	return strcmp(text, "true") == 0 ? 1 : 0;
}

static void
read_result(PcJob *job, HttpResult *result)
{
	GwResponse *r = &job->response;
	const char *replayed = http_result_header(result, "Idempotent-Replayed");

	r->status = result->status;
	r->body = result->body;
	r->body_len = result->body_len;
	r->content_type = result->content_type;
	r->request_id = http_result_header(result, "Request-Id");
	r->rate_limited_reason = http_result_header(result, "Stripe-Rate-Limited-Reason");
	r->replayed = replayed != NULL && strcmp(replayed, "true") == 0;
	r->should_retry = should_retry(result);
	r->retry_after_ms = seconds_header(result, "Retry-After");
	r->date = date_header(result);
}

PcJob *
pc_receive(HttpPool *pool)
{
	HttpResult *result = http_next(pool);
	PcJob	   *job;

	if (result == NULL)
		return NULL;
	job = result->tag;
	job->carrier = result;
	job->tls_refused = result->tls_refused;
	job->transport_error = result->error;
	read_result(job, result);
	switch (result->outcome)
	{
		case HTTP_ANSWERED:
			job->delivery = PC_ANSWERED;
			break;
		case HTTP_NOT_CONNECTED:
			job->delivery = PC_NOT_CONNECTED;
			break;
		default:
			job->delivery = PC_LOST;
			break;
	}
	return job;
}

void
pc_send_done(PcJob *job)
{
	if (job->carrier != NULL)
		http_result_free(job->carrier);
	pc_job_free(job);
}
