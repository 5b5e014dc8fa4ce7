/* SPDX-License-Identifier: MIT */
/* http_connections - who knocks at the port, and who has to go */
#include "http_private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <glib-unix.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ACCEPTS_AT_ONCE = 16, RESUME_MS = 200 };

static const unsigned phase_limit_s[PHASE_COUNT] = {
	[PHASE_WAIT] = HTTP_WAIT_S,	  [PHASE_BODY] = HTTP_BODY_S,
	[PHASE_HANDLER] = HTTP_HANDLER_S, [PHASE_SEND] = HTTP_SEND_S,
	[PHASE_LINGER] = HTTP_LINGER_S,
};

void connection_phase_set(struct connection *c, enum connection_phase phase)
{
	c->phase = phase;
	c->since_us = g_get_monotonic_time();
}

void connection_free(struct connection *c)
{
	struct http_server *s = c->server;

	if (c->request && c->phase == PHASE_HANDLER)
		c->request->connection = NULL;
	else if (c->request)
		http_request_free(c->request);
	if (c->watch)
		g_source_remove(c->watch);
	if (c->client)
		ws_hub_leave(s->options.hub, c->client);
	if (c->head)
		g_string_free(c->head, TRUE);
	if (c->message)
		g_string_free(c->message, TRUE);
	g_clear_pointer(&c->body, g_bytes_unref);
	access_grant_clear(&c->grant);
	g_hash_table_remove(s->connections, c);
	g_free(c);
}

/* An IPv4 address in IPv6 clothes is the same address. */
static void describe_peer(int fd, struct connection *c)
{
	struct sockaddr_storage peer;
	socklen_t size = sizeof(peer);

	g_strlcpy(c->address, "?", sizeof(c->address));
	if (getpeername(fd, (struct sockaddr *) &peer, &size))
		return;
	if (peer.ss_family == AF_INET) {
		const struct sockaddr_in *in = (const void *) &peer;

		inet_ntop(AF_INET, &in->sin_addr, c->address, sizeof(c->address));
		c->is_local = ntohl(in->sin_addr.s_addr) >> 24 == 127;
	} else if (peer.ss_family == AF_INET6) {
		const struct sockaddr_in6 *in = (const void *) &peer;
		const bool is_mapped = IN6_IS_ADDR_V4MAPPED(&in->sin6_addr);

		if (is_mapped)
			inet_ntop(AF_INET, &in->sin6_addr.s6_addr[12], c->address,
				  sizeof(c->address));
		else
			inet_ntop(AF_INET6, &in->sin6_addr, c->address, sizeof(c->address));
		c->is_local = is_mapped ? in->sin6_addr.s6_addr[12] == 127
					: IN6_IS_ADDR_LOOPBACK(&in->sin6_addr);
	}
}

static unsigned count_of(const struct http_server *s, const char *address)
{
	unsigned count = 0;
	GHashTableIter iter;
	void *one;

	g_hash_table_iter_init(&iter, s->connections);
	while (g_hash_table_iter_next(&iter, &one, NULL))
		count += !strcmp(((struct connection *) one)->address, address);
	return count;
}

/*
 * Of one address: twice what is free, so that it may have most of the table while others stay
 * away, and however few addresses take what they get, some is left for the next one.
 */
static unsigned share_of_address(const struct http_server *s)
{
	const unsigned used = g_hash_table_size(s->connections);
	const unsigned unused = used < HTTP_CONNECTIONS_MAX ? HTTP_CONNECTIONS_MAX - used : 0;

	return MIN(2 * unused, HTTP_CONNECTIONS_OF_ADDRESS_MAX);
}

bool connection_is_over_share(const struct connection *c)
{
	return count_of(c->server, c->address) > share_of_address(c->server);
}

static void set_tcp(int fd, int option, int value)
{
	setsockopt(fd, IPPROTO_TCP, option, &value, sizeof(value));
}

/*
 * A peer that has gone without a word is asked by TCP, after 20 s and three times
 * more. The library could ask by WebSocket, but then forgets now and then to
 * answer a ping that comes in the same moment (libwebsockets 4.1.6).
 */
static void set_socket(int fd)
{
	const int on = 1;

	/* Else an answer's body waits for its head to be acknowledged, 40 ms on Linux. */
	set_tcp(fd, TCP_NODELAY, 1);
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	set_tcp(fd, TCP_KEEPIDLE, 20);
	set_tcp(fd, TCP_KEEPINTVL, 5);
	set_tcp(fd, TCP_KEEPCNT, 3);
	set_tcp(fd, TCP_USER_TIMEOUT, 35000); /* ms that what was sent may stay unanswered */
}

/* Asked for one document after the other, the socket says it has room when the last is sent. */
void connection_keep_fresh(const struct connection *c)
{
	set_tcp(lws_get_socket_fd(c->wsi), TCP_NOTSENT_LOWAT, 1);
}

static void adopt(struct http_server *s, int fd)
{
	struct connection *c = g_new0(struct connection, 1);

	set_socket(fd);
	c->server = s;
	describe_peer(fd, c);
	if (count_of(s, c->address) >= share_of_address(s)) {
		s->refused++;
		close(fd);
		g_free(c);
		return;
	}
	g_hash_table_add(s->connections, c);
	connection_phase_set(c, PHASE_WAIT);
	s->adopting = c;

	struct lws *wsi = lws_adopt_socket_vhost(s->vhost, fd);

	/* The socket may be closed by now, and then http_callback() has freed @c. */
	if (s->adopting && wsi) {
		c->wsi = wsi;
		lws_set_opaque_user_data(wsi, c);
	} else if (s->adopting) {
		connection_free(c);
	}
	s->adopting = NULL;
}

static gboolean on_resume(void *user);

gboolean http_connections_accept(int fd, GIOCondition condition, void *user)
{
	struct http_server *s = user;

	for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
		/* Those that are too many wait in the backlog, which the kernel bounds. */
		const bool is_full = g_hash_table_size(s->connections) >= HTTP_CONNECTIONS_MAX;
		const int client =
			is_full ? -1 : accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (client >= 0) {
			adopt(s, client);
			continue;
		}
		if (!is_full && (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED))
			return G_SOURCE_CONTINUE;
		/* No descriptors or no memory is left either: later. */
		s->refused++;
		s->watch = 0;
		s->resume = g_timeout_add(RESUME_MS, on_resume, s);
		return G_SOURCE_REMOVE;
	}
	return G_SOURCE_CONTINUE;
}

static gboolean on_resume(void *user)
{
	struct http_server *s = user;

	s->resume = 0;
	s->watch = g_unix_fd_add(s->fd, G_IO_IN, http_connections_accept, s);
	return G_SOURCE_REMOVE;
}

static void judge_socket(struct connection *c, gint64 now_us)
{
	const char *why = c->shed;

	if (!why)
		why = access_still(c->server->options.access, &c->grant)
			      ? ws_hub_verdict(c->client, now_us)
			      : "logged out";
	if (why && !c->shed) {
		c->shed = why;
		c->since_us = now_us;
		lws_callback_on_writable(c->wsi);
	} else if (why && now_us - c->since_us > HTTP_LINGER_S * (gint64) G_USEC_PER_SEC) {
		lws_set_timeout(c->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
	}
}

gboolean http_connections_sweep(void *user)
{
	struct http_server *s = user;
	const gint64 now_us = g_get_monotonic_time();
	g_autoptr(GList) all = g_hash_table_get_keys(s->connections);

	for (GList *one = all; one; one = one->next) {
		struct connection *c = one->data;

		if (c->phase == PHASE_SOCKET)
			judge_socket(c, now_us);
		else if (now_us - c->since_us > phase_limit_s[c->phase] * (gint64) G_USEC_PER_SEC)
			lws_set_timeout(c->wsi, PENDING_TIMEOUT_USER_REASON_BASE,
					LWS_TO_KILL_ASYNC);
	}
	return G_SOURCE_CONTINUE;
}
