/*
 * internal.h
 *		What the files of src/http share among themselves.
 *
 * Nothing here may raise or palloc: it runs inside curl's callbacks, and the
 * pool outlives transactions.
 */
#ifndef PAYCORE_HTTP_INTERNAL_H
#define PAYCORE_HTTP_INTERNAL_H

#include "http/curl_compat.h"
#include "http/http.h"

#include "lib/ilist.h"

#include <signal.h>
#include <time.h>

/* A buffer that doubles, up to a cap. */
typedef struct HttpBuffer
{
	char	   *data;			/* NUL-terminated once anything was added */
	size_t		len;
	size_t		size;
	size_t		cap;
} HttpBuffer;

/* One request, from http_submit() to http_result_free(). */
typedef struct HttpExchange
{
	HttpResult	result;			/* first: the caller holds a pointer to it */
	dlist_node	link;			/* in flying, then in finished */
	CURL	   *easy;			/* NULL once finished */
	struct curl_slist *headers;
	char	   *body;			/* our copy of what is sent */
	size_t		body_len;
	HttpBuffer	received;
	HttpBuffer	head;			/* name NUL value NUL ... */
	uint32		origin;			/* hash of scheme, host and port */
	bool		plain;			/* http://, loopback only */
	bool		sent;			/* curl had a connection and began to write */
	bool		too_large;
	bool		no_memory;
	int64		submitted_us;	/* monotonic */
	int64		connect_by_us;
	int64		deadline_us;
	char		error[CURL_ERROR_SIZE];
} HttpExchange;

struct HttpPool
{
	CURLM	   *multi;
	int			epoll_fd;
	int			max_connections;
	bool		widened;		/* a peer speaks HTTP/1.1 only: max_connections is allowed */
	int64		timer_due_us;	/* when curl wants to be called; -1 = not at all */
	int64		next_check_us;	/* no request in flight has an earlier deadline; -1 = none */
	int			nflying;
	int			nfinished;
	int			nspare;
	int			spare_size;
	CURL	  **spare;			/* easy handles to use again */
	dlist_head	flying;
	dlist_head	finished;
};

/* memory.c */
extern CURLcode http_global_init(void);
extern bool http_buffer_add(HttpBuffer *buffer, const char *data, size_t len);
extern void http_buffer_free(HttpBuffer *buffer);

/* request.c: False and *why where an option or an argument is refused. */
extern bool http_check_call(const HttpCall *call, HttpExchange *exchange, const char **why);
extern bool http_configure(HttpExchange *exchange, const HttpCall *call, const char **why);
extern void http_wipe_request(HttpExchange *exchange);

/* socket.c: addresses and options of the sockets that curl connects. */
extern bool http_is_loopback_name(const char *host);
extern curl_socket_t http_open_socket(void *exchange, curlsocktype purpose,
									  struct curl_sockaddr *address);
extern int	http_close_socket(void *unused, curl_socket_t fd);

/* answer.c: callbacks that collect a response, and the verdict on how it ended. */
extern int	http_on_connected(void *exchange, char *primary_ip, char *local_ip, int primary_port,
							  int local_port);
extern size_t http_on_header(char *line, size_t size, size_t nitems, void *exchange);
extern size_t http_on_body(char *data, size_t size, size_t nmemb, void *exchange);
extern void http_judge(HttpExchange *exchange, CURLcode code);
extern void http_judge_timeout(HttpExchange *exchange);

/* Monotonic, in microseconds. */
static inline int64
http_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

#endif							/* PAYCORE_HTTP_INTERNAL_H */
