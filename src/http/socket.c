/*
 * socket.c
 *		The sockets that curl connects: which addresses they may go to, and
 *		what the process and the kernel must know of them.
 */
#include "http/internal.h"

#include "storage/fd.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

/* Bytes unacknowledged for so long mean that the peer is gone, though nobody said so. */
#define HTTP_UNACKNOWLEDGED_MS 30000

/* Idle connections are probed, so that a firewall that forgot them is noticed. */
#define HTTP_KEEPALIVE_S 30

/* 127.0.0.0/8, ::1 (with or without brackets) or localhost, which curl never asks DNS for. */
bool
http_is_loopback_name(const char *host)
{
	struct in_addr v4;

	if (pg_strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
		strcmp(host, "::1") == 0)
		return true;
	return inet_pton(AF_INET, host, &v4) == 1 && (ntohl(v4.s_addr) >> 24) == 127;
}

static bool
is_loopback_address(const struct curl_sockaddr *address)
{
	if (address->family == AF_INET)
		return (ntohl(((const struct sockaddr_in *) &address->addr)->sin_addr.s_addr) >> 24) == 127;
	if (address->family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *) &address->addr)->sin6_addr);
	return false;
}

static void
set_int(curl_socket_t fd, int level, int option, int value)
{
	/* A kernel without the option serves us all the same. */
	(void) setsockopt(fd, level, option, &value, sizeof(value));
}

/*
 * Close-on-exec, counted among the server's open files, and never plain text
 * to another machine, whatever a name resolved to.
 */
curl_socket_t
http_open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	const HttpExchange *exchange = arg;
	curl_socket_t fd;

	if (exchange->plain && !is_loopback_address(address))
		return CURL_SOCKET_BAD;
	fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
	if (fd == CURL_SOCKET_BAD)
		return fd;
	ReserveExternalFD();
	set_int(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set_int(fd, IPPROTO_TCP, TCP_KEEPIDLE, HTTP_KEEPALIVE_S);
	set_int(fd, IPPROTO_TCP, TCP_KEEPINTVL, HTTP_KEEPALIVE_S);
	set_int(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, HTTP_UNACKNOWLEDGED_MS);
	return fd;
}

int
http_close_socket(void *unused, curl_socket_t fd)
{
	ReleaseExternalFD();
	return close(fd);
}
