/*
 * server.c
 *		A payment gateway for benchmarks that answers after a fixed delay, by
 *		HTTP/2 over TLS, on the loopback.
 *
 *		gateway DELAY_MS LISTED KEY.pem CERT.pem ARRIVALS
 *
 * Prints its port.  ARRIVALS gets a line for each request about an intent:
 * paycore's id, and when the request had come, in microseconds since 1970.
 *
 * It shares the machine with what is measured: each microsecond it takes is
 * one that neither the database nor the worker has.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/time.h>

#include "stripe.h"

#define LONGEST_FORM 65536

typedef struct Connection Connection;

typedef struct Request
{
	Connection *connection;
	int32_t		stream;
	char	   *path;
	char	   *form;
	size_t		form_length;
	int64_t		due;			/* 0: not whole yet, or answered */
	char	   *answer;
	size_t		answer_length;
	size_t		sent;
	LIST_ENTRY(Request) of_connection;
	TAILQ_ENTRY(Request) waiting;
} Request;

struct Connection
{
	struct bufferevent *bev;
	nghttp2_session *session;
	LIST_HEAD(Requests, Request) requests;
};

/* The delay is the same for all: whoever came first is due first. */
static TAILQ_HEAD(Queue, Request) waiting = TAILQ_HEAD_INITIALIZER(waiting);
static struct event_base *base;
static struct event *timer;
static int64_t delay;
static long listed;
static FILE *arrivals;
static SSL_CTX *tls;

static void
die(const char *what)
{
	fprintf(stderr, "gateway: %s\n", what);
	exit(1);
}

static int64_t
microseconds(void)
{
	struct timeval now;

	gettimeofday(&now, NULL);
	return (int64_t) now.tv_sec * 1000000 + now.tv_usec;
}

static void
forget(Request *request)
{
	if (request->due != 0)
		TAILQ_REMOVE(&waiting, request, waiting);
	LIST_REMOVE(request, of_connection);
	free(request->path);
	free(request->form);
	free(request->answer);
	free(request);
}

static void
hang_up(Connection *connection)
{
	Request    *request;

	while ((request = LIST_FIRST(&connection->requests)) != NULL)
		forget(request);
	nghttp2_session_del(connection->session);
	bufferevent_free(connection->bev);
	free(connection);
}

static ssize_t
read_answer(nghttp2_session *session, int32_t stream, uint8_t *buffer, size_t size, uint32_t *flags, nghttp2_data_source *source,
			void *arg)
{
	Request    *request = source->ptr;
	size_t		left = request->answer_length - request->sent;
	size_t		n = left < size ? left : size;

	(void) session, (void) stream, (void) arg;
	memcpy(buffer, request->answer + request->sent, n);
	request->sent += n;
	if (n == left)
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	return (ssize_t) n;
}

#define HEADER(n, v) {(uint8_t *) (n), (uint8_t *) (v), sizeof(n) - 1, sizeof(v) - 1, NGHTTP2_NV_FLAG_NONE}

static void
answer(Request *request)
{
	nghttp2_nv	headers[] = {HEADER(":status", "200"), HEADER("content-type", "application/json")};
	nghttp2_data_provider body = {.source.ptr = request, .read_callback = read_answer};

	TAILQ_REMOVE(&waiting, request, waiting);
	request->due = 0;
	request->answer = stripe_answer(request->path, request->form, listed, &request->answer_length);
	if (request->answer == NULL || nghttp2_submit_response(request->connection->session, request->stream, headers, 2, &body) != 0)
		die("an answer could not be made");
}

static void
arm(void)
{
	Request    *first = TAILQ_FIRST(&waiting);
	int64_t		left;
	struct timeval wait;

	if (first == NULL || evtimer_pending(timer, NULL))
		return;
	left = first->due - microseconds();
	if (left < 0)
		left = 0;
	wait.tv_sec = left / 1000000;
	wait.tv_usec = left % 1000000;
	evtimer_add(timer, &wait);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	int64_t		now = microseconds();
	Request    *request;

	(void) fd, (void) what, (void) arg;
	while ((request = TAILQ_FIRST(&waiting)) != NULL && request->due <= now)
	{
		Connection *connection = request->connection;

		answer(request);
		if (nghttp2_session_send(connection->session) != 0)
			hang_up(connection);
	}
	arm();
}

static void
whole(Request *request)
{
	int64_t		now = microseconds();
	const char *intent = stripe_intent_of(request->form);

	if (request->path == NULL)
		die("a request without a path");
	if (intent != NULL)
		fprintf(arrivals, "%.36s\t%lld\n", intent, (long long) now);
	request->due = now + delay;
	TAILQ_INSERT_TAIL(&waiting, request, waiting);
	arm();
}

static ssize_t
on_send(nghttp2_session *session, const uint8_t *data, size_t length, int flags, void *arg)
{
	Connection *connection = arg;

	(void) session, (void) flags;
	return bufferevent_write(connection->bev, data, length) == 0 ? (ssize_t) length : NGHTTP2_ERR_CALLBACK_FAILURE;
}

static int
on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
	Connection *connection = arg;
	Request    *request;

	if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST)
		return 0;
	request = calloc(1, sizeof(Request));
	if (request == NULL || (request->form = calloc(1, 1)) == NULL)
		die("out of memory");
	request->connection = connection;
	request->stream = frame->hd.stream_id;
	LIST_INSERT_HEAD(&connection->requests, request, of_connection);
	return nghttp2_session_set_stream_user_data(session, request->stream, request);
}

static int
on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_length, const uint8_t *value,
		  size_t value_length, uint8_t flags, void *arg)
{
	Request    *request = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);

	(void) flags, (void) arg;
	if (request != NULL && request->path == NULL && name_length == 5 && memcmp(name, ":path", 5) == 0)
		request->path = strndup((const char *) value, value_length);
	return 0;
}

static int
on_data(nghttp2_session *session, uint8_t flags, int32_t stream, const uint8_t *data, size_t length, void *arg)
{
	Request    *request = nghttp2_session_get_stream_user_data(session, stream);

	(void) flags, (void) arg;
	if (request == NULL || request->form_length + length > LONGEST_FORM)
		return NGHTTP2_ERR_CALLBACK_FAILURE;
	request->form = realloc(request->form, request->form_length + length + 1);
	if (request->form == NULL)
		die("out of memory");
	memcpy(request->form + request->form_length, data, length);
	request->form_length += length;
	request->form[request->form_length] = '\0';
	return 0;
}

static int
on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
	Request    *request;

	(void) arg;
	if ((frame->hd.type != NGHTTP2_DATA && frame->hd.type != NGHTTP2_HEADERS) || !(frame->hd.flags & NGHTTP2_FLAG_END_STREAM))
		return 0;
	request = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
	if (request != NULL)
		whole(request);
	return 0;
}

static int
on_close(nghttp2_session *session, int32_t stream, uint32_t error, void *arg)
{
	Request    *request = nghttp2_session_get_stream_user_data(session, stream);

	(void) error, (void) arg;
	if (request != NULL)
		forget(request);
	return 0;
}

static void
start_session(Connection *connection)
{
	nghttp2_session_callbacks *callbacks;

	if (nghttp2_session_callbacks_new(&callbacks) != 0)
		die("out of memory");
	nghttp2_session_callbacks_set_send_callback(callbacks, on_send);
	nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
	nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
	nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
	nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
	if (nghttp2_session_server_new(&connection->session, callbacks, connection) != 0 ||
		nghttp2_submit_settings(connection->session, NGHTTP2_FLAG_NONE, NULL, 0) != 0)
		die("no session");
	nghttp2_session_callbacks_del(callbacks);
}

static void
on_readable(struct bufferevent *bev, void *arg)
{
	Connection *connection = arg;
	struct evbuffer *input = bufferevent_get_input(bev);
	size_t		length = evbuffer_get_length(input);
	ssize_t		used = nghttp2_session_mem_recv(connection->session, evbuffer_pullup(input, -1), length);

	if (used < 0 || evbuffer_drain(input, (size_t) used) != 0 || nghttp2_session_send(connection->session) != 0)
		hang_up(connection);
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
	(void) bev;
	if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR | BEV_EVENT_TIMEOUT))
		hang_up(arg);
}

static void
on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address, int length, void *arg)
{
	Connection *connection = calloc(1, sizeof(Connection));
	SSL		   *ssl = SSL_new(tls);
	int			on = 1;

	(void) listener, (void) address, (void) length, (void) arg;
	if (connection == NULL || ssl == NULL)
		die("out of memory");
	(void) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	connection->bev = bufferevent_openssl_socket_new(base, fd, ssl, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
	if (connection->bev == NULL)
		die("no connection");
	LIST_INIT(&connection->requests);
	start_session(connection);
	bufferevent_setcb(connection->bev, on_readable, NULL, on_event, connection);
	bufferevent_enable(connection->bev, EV_READ | EV_WRITE);
}

static int
choose_protocol(SSL *ssl, const unsigned char **chosen, unsigned char *length, const unsigned char *offered, unsigned int offered_length,
				void *arg)
{
	(void) ssl, (void) arg;
	return nghttp2_select_next_protocol((unsigned char **) chosen, length, offered, offered_length) == 1 ? SSL_TLSEXT_ERR_OK :
		SSL_TLSEXT_ERR_ALERT_FATAL;
}

static void
load_keys(const char *key, const char *certificate)
{
	tls = SSL_CTX_new(TLS_server_method());
	if (tls == NULL || SSL_CTX_use_PrivateKey_file(tls, key, SSL_FILETYPE_PEM) != 1 ||
		SSL_CTX_use_certificate_chain_file(tls, certificate) != 1)
		die("no key or no certificate");
	SSL_CTX_set_alpn_select_cb(tls, choose_protocol, NULL);
}

static int
listen_somewhere(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t	length = sizeof(address);
	struct evconnlistener *listener = evconnlistener_new_bind(base, on_accept, NULL, LEV_OPT_CLOSE_ON_FREE, -1,
															  (struct sockaddr *) &address, sizeof(address));

	if (listener == NULL || getsockname(evconnlistener_get_fd(listener), (struct sockaddr *) &address, &length) != 0)
		die("cannot listen");
	return ntohs(address.sin_port);
}

int
main(int argc, char **argv)
{
	if (argc != 6)
		die("usage: gateway DELAY_MS LISTED KEY.pem CERT.pem ARRIVALS");
	delay = atol(argv[1]) * 1000;
	listed = atol(argv[2]);
	load_keys(argv[3], argv[4]);
	arrivals = fopen(argv[5], "w");
	base = event_base_new();
	if (arrivals == NULL || base == NULL || (timer = evtimer_new(base, on_timer, NULL)) == NULL)
		die(strerror(errno));
	setvbuf(arrivals, NULL, _IOLBF, 1 << 16);
	printf("%d\n", listen_somewhere());
	fflush(stdout);
	return event_base_dispatch(base);
}
