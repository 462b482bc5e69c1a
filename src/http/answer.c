/*
 * answer.c
 *		Collects a response, and says how a request ended.
 */
#include "http/internal.h"

#define HTTP_HEAD_CAP (32 * 1024)

/* curl has a connection and is about to write: from now on the outcome may be unknown. */
int
http_on_connected(void *arg, char *primary_ip, char *local_ip, int primary_port, int local_port)
{
	((HttpExchange *) arg)->sent = true;
	return CURL_PREREQFUNC_OK;
}

static const char *
skip_blanks(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	return p;
}

/* A header or a certificate's subject may hold any byte; what gets into a table must be text in every encoding. */
static const char *
printable(char *text)
{
	for (char *p = text; *p != '\0'; p++)
	{
		if (*p < 0x20 || *p > 0x7e)
			*p = '?';
	}
	return text;
}

/* Keeps "name: value" as two strings; what does not fit or is no header is passed over. */
static void
keep_header(HttpBuffer *head, const char *line, const char *end)
{
	const char *colon = memchr(line, ':', end - line);
	const char *value;
	size_t		before = head->len;

	if (colon == NULL || colon == line || memchr(line, '\0', end - line) != NULL)
		return;
	while (end > colon + 1 && strchr(" \t\r\n", end[-1]) != NULL)
		end--;
	value = skip_blanks(colon + 1, end);
	head->cap = HTTP_HEAD_CAP;
	if (!http_buffer_add(head, line, colon - line) || !http_buffer_add(head, "", 1) ||
		!http_buffer_add(head, value, end - value) || !http_buffer_add(head, "", 1))
		head->len = before;
	else
		(void) printable(head->data + before + (colon - line) + 1);
}

/* Called for every header line; a status line starts afresh (100 Continue came before). */
size_t
http_on_header(char *line, size_t size, size_t nitems, void *arg)
{
	HttpExchange *exchange = arg;
	size_t		len = size * nitems;

	if (len >= 5 && strncmp(line, "HTTP/", 5) == 0)
		exchange->head.len = 0;
	else if (exchange->received.len == 0)	/* else it is a trailer */
		keep_header(&exchange->head, line, line + len);
	return len;
}

size_t
http_on_body(char *data, size_t size, size_t nmemb, void *arg)
{
	HttpExchange *exchange = arg;
	size_t		len = size * nmemb;

	if (http_buffer_add(&exchange->received, data, len))
		return len;
	exchange->too_large = (errno == EFBIG);
	exchange->no_memory = (errno != EFBIG);
	return 0;
}

const char *
http_result_header(const HttpResult *result, const char *name)
{
	const HttpBuffer *head = &((const HttpExchange *) result)->head;
	const char *p = head->data;

	while (p != NULL && p < head->data + head->len)
	{
		const char *value = p + strlen(p) + 1;

		if (pg_strcasecmp(p, name) == 0)
			return value;
		p = value + strlen(value) + 1;
	}
	return NULL;
}

static bool
is_certificate_error(CURLcode code)
{
	return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_ISSUER_ERROR ||
		code == CURLE_SSL_INVALIDCERTSTATUS;
}

static int
version_number(CURL *easy)
{
	long		version = 0;

	(void) curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
	switch (version)
	{
		case CURL_HTTP_VERSION_1_0:
			return 10;
		case CURL_HTTP_VERSION_1_1:
			return 11;
		case CURL_HTTP_VERSION_2_0:
			return 20;
		case CURL_HTTP_VERSION_3:
			return 30;
		default:
			return 0;
	}
}

/*
 * What may be shown of a failure.  curl's own message names host and
 * certificate trouble, and is used only where nothing was sent or received.
 */
static const char *
error_text(HttpExchange *exchange, CURLcode code)
{
	if (exchange->too_large || code == CURLE_FILESIZE_EXCEEDED)
		return "the response body is larger than the limit";
	if (exchange->no_memory)
		return "out of memory for the response";
	if (!exchange->sent && exchange->error[0] != '\0')
		return printable(exchange->error);
	return curl_easy_strerror(code);
}

static void
set_facts(HttpExchange *exchange)
{
	HttpResult *result = &exchange->result;
	long		number = 0;

	result->seconds = (http_now_us() - exchange->submitted_us) / 1000000.0;
	(void) curl_easy_getinfo(exchange->easy, CURLINFO_RESPONSE_CODE, &number);
	result->status = (int) number;
	number = 0;
	(void) curl_easy_getinfo(exchange->easy, CURLINFO_NUM_CONNECTS, &number);
	result->connects = (int) number;
	result->http_version = version_number(exchange->easy);
	result->body = exchange->received.data == NULL ? "" : exchange->received.data;
	result->body_len = exchange->received.len;
	result->content_type = http_result_header(result, "content-type");
}

/* Judges by curl's result code; called while the easy handle is still ours. */
void
http_judge(HttpExchange *exchange, CURLcode code)
{
	HttpResult *result = &exchange->result;

	set_facts(exchange);
	if (code == CURLE_OK && result->status >= 200)
	{
		result->outcome = HTTP_ANSWERED;
		return;
	}
	result->error = error_text(exchange, code == CURLE_OK ? CURLE_WEIRD_SERVER_REPLY : code);
	if (exchange->too_large || code == CURLE_FILESIZE_EXCEEDED)
		result->outcome = HTTP_TOO_LARGE;
	else if (!exchange->sent)
	{
		result->outcome = HTTP_NOT_CONNECTED;
		result->tls_refused = is_certificate_error(code);
	}
	else
		result->outcome = code == CURLE_OPERATION_TIMEDOUT ? HTTP_TIMED_OUT : HTTP_CUT;
}

/* Our own clock ran out, or the peer cannot be reached and others found out first. */
void
http_judge_timeout(HttpExchange *exchange)
{
	set_facts(exchange);
	exchange->result.outcome = exchange->sent ? HTTP_TIMED_OUT : HTTP_NOT_CONNECTED;
	exchange->result.error = exchange->sent
		? "no complete response within the time limit"
		: "no connection within the time limit";
}
