/*
 * request.c
 *		Checks a call and turns it into the options of a curl handle.
 */
#include "http/internal.h"

#include "common/hashfn.h"

#define HTTP_MAX_HEADERS 64

/* No line end or other control byte: it would let a value add headers of its own. */
static bool
is_header_text(const char *text)
{
	for (; *text != '\0'; text++)
	{
		if ((unsigned char) *text < 0x20 || *text == 0x7f)
			return false;
	}
	return true;
}

static bool
is_header_name(const char *text)
{
	return text[0] != '\0' &&
		strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == strlen(text);
}

static uint32
hash_part(uint32 seed, const char *text)
{
	return hash_combine(seed, hash_bytes((const unsigned char *) text, strlen(text)));
}

/* The parts of an URL by curl's own parser: what is checked is what will be used. */
static bool
check_url_parts(CURLU *parsed, HttpExchange *exchange, const char **why)
{
	char	   *scheme = NULL;
	char	   *host = NULL;
	char	   *port = NULL;
	char	   *user = NULL;

	*why = "the URL lacks a host";
	if (curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
		curl_url_get(parsed, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
		curl_url_get(parsed, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK)
	{
		exchange->plain = strcmp(scheme, "http") == 0;
		exchange->origin = hash_part(hash_part(hash_part(0, scheme), host), port);
		*why = NULL;
		if (!exchange->plain && strcmp(scheme, "https") != 0)
			*why = "the URL is neither https nor http";
		else if (exchange->plain && !http_is_loopback_name(host))
			*why = "http without TLS is for loopback addresses only";
		else if (curl_url_get(parsed, CURLUPART_USER, &user, 0) == CURLUE_OK)
			*why = "the URL carries a user name";
	}
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	curl_free(user);
	return *why == NULL;
}

static bool
check_url(const char *url, HttpExchange *exchange, const char **why)
{
	CURLU	   *parsed;
	bool		good = false;

	if (url == NULL || !is_header_text(url))
	{
		*why = "the URL contains a control character";
		return false;
	}
	parsed = curl_url();
	if (parsed == NULL)
		*why = "out of memory";
	else if (curl_url_set(parsed, CURLUPART_URL, url, 0) != CURLUE_OK)
		*why = "the URL is malformed";
	else
		good = check_url_parts(parsed, exchange, why);
	curl_url_cleanup(parsed);
	return good;
}

static bool
check_headers(const HttpCall *call, const char **why)
{
	if (call->nheaders < 0 || call->nheaders > HTTP_MAX_HEADERS)
	{
		*why = "too many headers";
		return false;
	}
	for (int i = 0; i < call->nheaders; i++)
	{
		if (!is_header_name(call->headers[i].name) || !is_header_text(call->headers[i].value))
		{
			*why = "a header contains a character that is not allowed";
			return false;
		}
	}
	if (call->bearer != NULL && !is_header_text(call->bearer))
	{
		*why = "the API key contains a control character";
		return false;
	}
	return true;
}

/* Everything that can be refused before curl is asked; fills in origin and plain. */
bool
http_check_call(const HttpCall *call, HttpExchange *exchange, const char **why)
{
	bool		has_body = call->body != NULL && call->body[0] != '\0';

	if (strcmp(call->method, "GET") != 0 && strcmp(call->method, "POST") != 0 &&
		strcmp(call->method, "DELETE") != 0)
		*why = "the method is not GET, POST or DELETE";
	else if (has_body && strcmp(call->method, "POST") != 0)
		*why = "only a POST carries a body";
	else if (call->timeout_ms <= 0 || call->connect_timeout_ms <= 0)
		*why = "a time limit is not above zero";
	else if (call->response_cap == 0 || call->response_cap > SIZE_MAX / 4)
		*why = "the limit of the response is out of range";
	else
		return check_headers(call, why) && check_url(call->url, exchange, why);
	return false;
}

/* False where memory is out; an empty value is sent as "Name;", curl's notation for it. */
static bool
add_header(struct curl_slist **list, const char *name, const char *prefix, const char *value)
{
	size_t		size = strlen(name) + strlen(prefix) + strlen(value) + 3;
	char	   *line = malloc(size);
	struct curl_slist *longer;

	if (line == NULL)
		return false;
	if (prefix[0] == '\0' && value[0] == '\0')
		snprintf(line, size, "%s;", name);
	else
		snprintf(line, size, "%s: %s%s", name, prefix, value);
	longer = curl_slist_append(*list, line);
	explicit_bzero(line, size);
	free(line);
	if (longer == NULL)
		return false;
	*list = longer;
	return true;
}

static bool
build_headers(HttpExchange *exchange, const HttpCall *call)
{
	struct curl_slist *longer;

	if (call->bearer != NULL &&
		!add_header(&exchange->headers, "Authorization", "Bearer ", call->bearer))
		return false;
	for (int i = 0; i < call->nheaders; i++)
	{
		if (!add_header(&exchange->headers, call->headers[i].name, "", call->headers[i].value))
			return false;
	}
	/* A large POST would wait a second for a "100 Continue" that few servers send. */
	longer = curl_slist_append(exchange->headers, "Expect:");
	if (longer == NULL)
		return false;
	exchange->headers = longer;
	return true;
}

/* Sets an option, or returns false with the name of the one that failed in *why. */
#define HTTP_SET(option, value) \
	do { \
		if (curl_easy_setopt(exchange->easy, option, value) != CURLE_OK) \
		{ \
			*why = "libcurl refused " #option; \
			return false; \
		} \
	} while (0)

/* Nothing from the environment, no redirects, verified TLS. */
static bool
set_transport(HttpExchange *exchange, const HttpCall *call, const char **why)
{
	HTTP_SET(CURLOPT_URL, call->url);
	HTTP_SET(HTTP_PROTOCOLS_OPTION, HTTP_PROTOCOLS(exchange->plain));
	HTTP_SET(CURLOPT_FOLLOWLOCATION, 0L);
	HTTP_SET(CURLOPT_PROXY, "");
	HTTP_SET(CURLOPT_NOPROXY, "*");
	HTTP_SET(CURLOPT_NETRC, (long) CURL_NETRC_IGNORED);
	HTTP_SET(CURLOPT_NOSIGNAL, 1L);
	HTTP_SET(CURLOPT_SSL_VERIFYPEER, 1L);
	HTTP_SET(CURLOPT_SSL_VERIFYHOST, 2L);
	HTTP_SET(CURLOPT_SSLVERSION, (long) CURL_SSLVERSION_TLSv1_2);
	if (call->ca_file != NULL)
	{
		HTTP_SET(CURLOPT_CAINFO, call->ca_file);
		HTTP_SET(CURLOPT_CAPATH, NULL);
	}
	/* Refused by a libcurl without HTTP/2, which then speaks 1.1. */
	(void) curl_easy_setopt(exchange->easy, CURLOPT_HTTP_VERSION, (long) CURL_HTTP_VERSION_2TLS);
	HTTP_SET(CURLOPT_PIPEWAIT, 1L);
	HTTP_SET(CURLOPT_CONNECTTIMEOUT_MS, (long) Min(call->connect_timeout_ms, call->timeout_ms));
#ifdef HTTP_HAVE_QUICK_EXIT
	HTTP_SET(CURLOPT_QUICK_EXIT, 1L);
#endif
	return true;
}

static bool
set_callbacks(HttpExchange *exchange, const char **why)
{
	HTTP_SET(CURLOPT_PRIVATE, exchange);
	HTTP_SET(CURLOPT_ERRORBUFFER, exchange->error);
	HTTP_SET(CURLOPT_OPENSOCKETFUNCTION, http_open_socket);
	HTTP_SET(CURLOPT_OPENSOCKETDATA, exchange);
	HTTP_SET(CURLOPT_CLOSESOCKETFUNCTION, http_close_socket);
	HTTP_SET(CURLOPT_PREREQFUNCTION, http_on_connected);
	HTTP_SET(CURLOPT_PREREQDATA, exchange);
	HTTP_SET(CURLOPT_HEADERFUNCTION, http_on_header);
	HTTP_SET(CURLOPT_HEADERDATA, exchange);
	HTTP_SET(CURLOPT_WRITEFUNCTION, http_on_body);
	HTTP_SET(CURLOPT_WRITEDATA, exchange);
	return true;
}

static bool
set_message(HttpExchange *exchange, const HttpCall *call, const char **why)
{
	HTTP_SET(CURLOPT_HTTPHEADER, exchange->headers);
	/* The least that curl takes: each request over TLS has a buffer of its own, and wipes it. */
	HTTP_SET(CURLOPT_UPLOAD_BUFFERSIZE, 16384L);
	HTTP_SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t) call->response_cap);
	if (strcmp(call->method, "POST") == 0)
	{
		HTTP_SET(CURLOPT_POST, 1L);
		HTTP_SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) exchange->body_len);
		HTTP_SET(CURLOPT_POSTFIELDS, exchange->body);
	}
	else if (strcmp(call->method, "DELETE") == 0)
		HTTP_SET(CURLOPT_CUSTOMREQUEST, "DELETE");
	else
		HTTP_SET(CURLOPT_HTTPGET, 1L);
	return true;
}

/* Copies the call and sets every option of the exchange's (fresh or reset) handle. */
bool
http_configure(HttpExchange *exchange, const HttpCall *call, const char **why)
{
	exchange->body = strdup(call->body == NULL ? "" : call->body);
	exchange->received.cap = call->response_cap;
	if (exchange->body == NULL || !build_headers(exchange, call))
	{
		*why = "out of memory";
		return false;
	}
	exchange->body_len = strlen(exchange->body);
	return set_transport(exchange, call, why) && set_callbacks(exchange, why) &&
		set_message(exchange, call, why);
}

/* The API key sits in the headers, a payer's data in the body. */
void
http_wipe_request(HttpExchange *exchange)
{
	for (struct curl_slist *node = exchange->headers; node != NULL; node = node->next)
		explicit_bzero(node->data, strlen(node->data));
	curl_slist_free_all(exchange->headers);
	exchange->headers = NULL;
	if (exchange->body != NULL)
		explicit_bzero(exchange->body, exchange->body_len);
	free(exchange->body);
	exchange->body = NULL;
}
