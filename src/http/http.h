/*
 * http.h
 *		Many HTTP requests at once over libcurl, from one process, without a
 *		thread of our own and without ever raising inside a curl callback.
 *
 * Knows no gateway and no SQL.  curl gets its own allocator; bodies are
 * capped; redirects are not followed; TLS is verified; plain http:// goes to
 * loopback only.
 */
#ifndef PAYCORE_HTTP_H
#define PAYCORE_HTTP_H

#include "common/paycore.h"

typedef struct HttpPool HttpPool;

typedef struct HttpHeader
{
	const char *name;
	const char *value;
} HttpHeader;

typedef struct HttpCall
{
	const char *method;			/* GET, POST, DELETE */
	const char *url;
	const char *body;			/* NULL or "" = none (Content-Length: 0 for POST) */
	const char *bearer;			/* API key; wiped from our copies when the request ends */
	const char *ca_file;		/* NULL = the system's */
	const HttpHeader *headers;	/* further ones, copied */
	int			nheaders;
	int			connect_timeout_ms;
	int			timeout_ms;		/* the clock starts now */
	size_t		response_cap;	/* bytes of body; more ends in HTTP_TOO_LARGE */
} HttpCall;

typedef enum HttpOutcome
{
	HTTP_ANSWERED,				/* a whole response, whatever its status */
	HTTP_NOT_CONNECTED,			/* nothing was sent: name, connect, TLS handshake or certificate */
	HTTP_TIMED_OUT,				/* sent, or may have been: outcome unknown */
	HTTP_CUT,					/* connection lost or body shorter than promised: unknown */
	HTTP_TOO_LARGE				/* body over the cap: unknown */
} HttpOutcome;

typedef struct HttpResult
{
	void	   *tag;			/* as given at submission */
	HttpOutcome outcome;
	const char *error;			/* static or pool-owned text without secrets, NULL if answered */
	bool		tls_refused;	/* NOT_CONNECTED because the certificate was not good */
	int			status;			/* of the status line, whatever the outcome; 0 where none came */
	const char *body;			/* NUL-terminated, pool-owned until http_result_free() */
	size_t		body_len;
	const char *content_type;
	double		seconds;		/* from dispatch to the end */
	int			http_version;	/* 10, 11, 20 */
	int			connects;		/* connections opened for it: 0 where one was used again */
} HttpResult;

/*
 * max_connections: for peers that speak HTTP/1.1; HTTP/2 makes do with a few.
 * malloc'd, not palloc'd: lives across transactions and errors.  NULL if out of memory.
 */
extern HttpPool *http_pool_create(int max_connections);
extern void http_pool_destroy(HttpPool *pool);

/* False and *why (static) where the request cannot be started; nothing was sent then. */
extern bool http_submit(HttpPool *pool, const HttpCall *call, void *tag, const char **why);

/* Requests submitted and not yet returned by http_next(). */
extern int	http_in_flight(const HttpPool *pool);

/*
 * An epoll descriptor that becomes readable when there is work for http_run():
 * to be waited on together with the process latch.  -1 on failure.
 */
extern int	http_wait_fd(HttpPool *pool);

/* Milliseconds until the pool wants to be seen to whatever the sockets say: 0 while results wait; -1 = no deadline. */
extern long http_timeout_ms(HttpPool *pool);

/* Moves everything forward without blocking. */
extern void http_run(HttpPool *pool);

/* The next finished request, or NULL.  Freed with http_result_free(). */
extern HttpResult *http_next(HttpPool *pool);
extern void http_result_free(HttpResult *result);

/* A response header by name (any case), NULL where absent. */
extern const char *http_result_header(const HttpResult *result, const char *name);

#endif							/* PAYCORE_HTTP_H */
