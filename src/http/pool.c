/*
 * pool.c
 *		The pool of requests in flight: curl's multi handle, driven through an
 *		epoll descriptor of its sockets.
 */
#include "http/internal.h"

#include <limits.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <unistd.h>

#define HTTP_EVENTS 128

/* Rounds of one http_run(), so that its caller gets to its interrupts and results. */
#define HTTP_ROUNDS 4

/*
 * Connections until a peer has shown that it needs one for each request: a
 * burst would otherwise open all that are allowed before the first of them
 * turns out to carry a hundred streams.
 */
#define HTTP_FEW_CONNECTIONS 16

/*
 * curl's resolver thread inherits the mask of the moment: with all signals
 * blocked, the server's handlers never run in it.
 */
static void
block_signals(sigset_t *saved)
{
	sigset_t	all;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, saved);
}

static void
restore_signals(const sigset_t *saved)
{
	pthread_sigmask(SIG_SETMASK, saved, NULL);
}

/* curl tells which sockets it waits for; a descriptor may be known or not, as it was closed and made anew. */
static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *unused)
{
	HttpPool   *pool = arg;
	struct epoll_event event = {0};

	event.data.fd = fd;
	if (what != CURL_POLL_OUT)
		event.events |= EPOLLIN;
	if (what != CURL_POLL_IN)
		event.events |= EPOLLOUT;
	if (what == CURL_POLL_REMOVE)
		(void) epoll_ctl(pool->epoll_fd, EPOLL_CTL_DEL, fd, &event);
	else if (epoll_ctl(pool->epoll_fd, EPOLL_CTL_MOD, fd, &event) < 0 && errno == ENOENT)
		(void) epoll_ctl(pool->epoll_fd, EPOLL_CTL_ADD, fd, &event);
	/* A failure would abort every request; so only this one's deadline ends it. */
	return 0;
}

static int
on_timer(CURLM *multi, long timeout_ms, void *arg)
{
	HttpPool   *pool = arg;

	pool->timer_due_us = timeout_ms < 0 ? -1 : http_now_us() + (int64) timeout_ms * 1000;
	return 0;
}

static bool
limit_connections(HttpPool *pool, int most)
{
	return curl_multi_setopt(pool->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long) most) == CURLM_OK &&
		curl_multi_setopt(pool->multi, CURLMOPT_MAXCONNECTS, (long) most) == CURLM_OK;
}

static bool
configure_multi(HttpPool *pool)
{
	CURLM	   *multi = pool->multi;

#ifdef HTTP_HAVE_MULTI_QUICK_EXIT
	(void) curl_multi_setopt(multi, CURLMOPT_QUICK_EXIT, 1L);
#endif
	return curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket) == CURLM_OK &&
		curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, pool) == CURLM_OK &&
		curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer) == CURLM_OK &&
		curl_multi_setopt(multi, CURLMOPT_TIMERDATA, pool) == CURLM_OK &&
		curl_multi_setopt(multi, CURLMOPT_PIPELINING, (long) CURLPIPE_MULTIPLEX) == CURLM_OK &&
		limit_connections(pool, Min(pool->max_connections, HTTP_FEW_CONNECTIONS));
}

HttpPool *
http_pool_create(int max_connections)
{
	HttpPool   *pool;

	if (max_connections < 1 || http_global_init() != CURLE_OK)
		return NULL;
	pool = calloc(1, sizeof(HttpPool));
	if (pool == NULL)
		return NULL;
	dlist_init(&pool->flying);
	dlist_init(&pool->finished);
	pool->timer_due_us = pool->next_check_us = -1;
	pool->max_connections = max_connections;
	pool->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	pool->multi = curl_multi_init();
	if (pool->epoll_fd < 0 || pool->multi == NULL || !configure_multi(pool))
	{
		http_pool_destroy(pool);
		return NULL;
	}
	return pool;
}

static void
free_exchange(HttpExchange *exchange)
{
	http_wipe_request(exchange);
	if (exchange->easy != NULL)
		curl_easy_cleanup(exchange->easy);
	http_buffer_free(&exchange->received);
	http_buffer_free(&exchange->head);
	free(exchange);
}

static void
free_list(HttpPool *pool, dlist_head *list)
{
	while (!dlist_is_empty(list))
	{
		HttpExchange *exchange = dlist_container(HttpExchange, link, dlist_pop_head_node(list));

		if (exchange->easy != NULL)
			(void) curl_multi_remove_handle(pool->multi, exchange->easy);
		free_exchange(exchange);
	}
}

/* Drops what is in flight without waiting for anybody.  NULL is fine. */
void
http_pool_destroy(HttpPool *pool)
{
	sigset_t	saved;

	if (pool == NULL)
		return;
	block_signals(&saved);
	free_list(pool, &pool->flying);
	free_list(pool, &pool->finished);
	for (int i = 0; i < pool->nspare; i++)
		curl_easy_cleanup(pool->spare[i]);
	if (pool->multi != NULL)
		(void) curl_multi_cleanup(pool->multi);
	restore_signals(&saved);
	if (pool->epoll_fd >= 0)
		close(pool->epoll_fd);
	free(pool->spare);
	free(pool);
}

/* Room to keep as many handles as were ever in flight, made while failing is still easy. */
static bool
reserve_spare(HttpPool *pool)
{
	int			size = Max(16, pool->spare_size * 2);
	CURL	  **grown;

	if (pool->nflying < pool->spare_size)
		return true;
	grown = realloc(pool->spare, size * sizeof(CURL *));
	if (grown == NULL)
		return false;
	pool->spare = grown;
	pool->spare_size = size;
	return true;
}

static bool
start(HttpPool *pool, HttpExchange *exchange, const HttpCall *call, const char **why)
{
	*why = "out of memory";
	if (!reserve_spare(pool))
		return false;
	exchange->easy = pool->nspare > 0 ? pool->spare[--pool->nspare] : curl_easy_init();
	if (exchange->easy == NULL || !http_configure(exchange, call, why))
		return false;
	if (curl_multi_add_handle(pool->multi, exchange->easy) != CURLM_OK)
	{
		*why = "libcurl refused the request";
		return false;
	}
	return true;
}

bool
http_submit(HttpPool *pool, const HttpCall *call, void *tag, const char **why)
{
	HttpExchange *exchange = calloc(1, sizeof(HttpExchange));
	sigset_t	saved;
	bool		started;

	*why = "out of memory";
	if (exchange == NULL)
		return false;
	exchange->result.tag = tag;
	exchange->submitted_us = http_now_us();
	exchange->connect_by_us = exchange->submitted_us + (int64) call->connect_timeout_ms * 1000;
	exchange->deadline_us = exchange->submitted_us + (int64) call->timeout_ms * 1000;
	block_signals(&saved);
	started = http_check_call(call, exchange, why) && start(pool, exchange, call, why);
	restore_signals(&saved);
	if (!started)
	{
		free_exchange(exchange);
		return false;
	}
	dlist_push_tail(&pool->flying, &exchange->link);
	pool->nflying++;
	if (pool->next_check_us < 0 || exchange->deadline_us < pool->next_check_us)
		pool->next_check_us = exchange->deadline_us;
	*why = NULL;
	return true;
}

int
http_in_flight(const HttpPool *pool)
{
	return pool->nflying + pool->nfinished;
}

int
http_wait_fd(HttpPool *pool)
{
	return pool->epoll_fd;
}

long
http_timeout_ms(HttpPool *pool)
{
	int64		due = pool->timer_due_us;
	int64		left;

	if (!dlist_is_empty(&pool->finished))
		return 0;
	if (due < 0 || (pool->next_check_us >= 0 && pool->next_check_us < due))
		due = pool->next_check_us;
	if (due < 0)
		return -1;
	left = due - http_now_us();
	return left <= 0 ? 0 : (long) Min((left + 999) / 1000, INT_MAX);
}

/* After the verdict: the handle goes back to the spares, secrets go. */
static void
finish(HttpPool *pool, HttpExchange *exchange)
{
	(void) curl_multi_remove_handle(pool->multi, exchange->easy);
	curl_easy_reset(exchange->easy);
	pool->spare[pool->nspare++] = exchange->easy;
	exchange->easy = NULL;
	http_wipe_request(exchange);
	dlist_delete(&exchange->link);
	dlist_push_tail(&pool->finished, &exchange->link);
	pool->nflying--;
	pool->nfinished++;
}

/*
 * One request could not connect in time.  Those behind it that wait for the
 * same peer, and have waited as long, would only find out one after another.
 */
static void
give_up_on_peer(HttpPool *pool, uint32 origin)
{
	int64		now = http_now_us();
	dlist_mutable_iter iter;

	dlist_foreach_modify(iter, &pool->flying)
	{
		HttpExchange *exchange = dlist_container(HttpExchange, link, iter.cur);

		if (exchange->origin == origin && !exchange->sent && exchange->connect_by_us <= now)
		{
			http_judge_timeout(exchange);
			finish(pool, exchange);
		}
	}
}

static void
collect(HttpPool *pool)
{
	CURLMsg    *message;
	int			left;

	while ((message = curl_multi_info_read(pool->multi, &left)) != NULL)
	{
		CURLcode	code = message->data.result;
		char	   *private = NULL;
		HttpExchange *exchange;

		if (message->msg != CURLMSG_DONE)
			continue;
		(void) curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
		exchange = (HttpExchange *) private;
		http_judge(exchange, code);
		finish(pool, exchange);
		if (!pool->widened && exchange->result.http_version > 0 && exchange->result.http_version < 20)
			pool->widened = limit_connections(pool, pool->max_connections);
		if (!exchange->sent && code == CURLE_OPERATION_TIMEDOUT)
			give_up_on_peer(pool, exchange->origin);
	}
}

/* curl does not count the time that a request waits for a connection: so the whole clock is ours. */
static void
expire(HttpPool *pool)
{
	int64		now = http_now_us();
	int64		next = -1;
	dlist_mutable_iter iter;

	if (pool->next_check_us < 0 || now < pool->next_check_us)
		return;
	dlist_foreach_modify(iter, &pool->flying)
	{
		HttpExchange *exchange = dlist_container(HttpExchange, link, iter.cur);

		if (exchange->deadline_us <= now)
		{
			http_judge_timeout(exchange);
			finish(pool, exchange);
		}
		else if (next < 0 || exchange->deadline_us < next)
			next = exchange->deadline_us;
	}
	pool->next_check_us = next;
}

static void
act_on_socket(HttpPool *pool, const struct epoll_event *event)
{
	int			mask = 0;
	int			running;

	if (event->events & (EPOLLIN | EPOLLHUP))
		mask |= CURL_CSELECT_IN;
	if (event->events & EPOLLOUT)
		mask |= CURL_CSELECT_OUT;
	if (event->events & EPOLLERR)
		mask |= CURL_CSELECT_ERR;
	(void) curl_multi_socket_action(pool->multi, event->data.fd, mask, &running);
}

void
http_run(HttpPool *pool)
{
	struct epoll_event events[HTTP_EVENTS];
	sigset_t	saved;
	int			running;

	block_signals(&saved);
	for (int round = 0; round < HTTP_ROUNDS; round++)
	{
		bool		timer = pool->timer_due_us >= 0 && pool->timer_due_us <= http_now_us();
		int			n = epoll_wait(pool->epoll_fd, events, HTTP_EVENTS, 0);

		for (int i = 0; i < n; i++)
			act_on_socket(pool, &events[i]);
		if (timer)
		{
			pool->timer_due_us = -1;
			(void) curl_multi_socket_action(pool->multi, CURL_SOCKET_TIMEOUT, 0, &running);
		}
		if (n <= 0 && !timer)
			break;
	}
	collect(pool);
	expire(pool);
	restore_signals(&saved);
}

HttpResult *
http_next(HttpPool *pool)
{
	HttpExchange *exchange;

	if (dlist_is_empty(&pool->finished))
		return NULL;
	exchange = dlist_container(HttpExchange, link, dlist_pop_head_node(&pool->finished));
	pool->nfinished--;
	return &exchange->result;
}

void
http_result_free(HttpResult *result)
{
	if (result != NULL)
		free_exchange((HttpExchange *) result);
}
