/* SPDX-License-Identifier: MIT */
/* http_flow - when a connection's socket is read, and when it is left alone */
#include "http_private.h"

#include <errno.h>
#include <glib-unix.h>
#include <sys/socket.h>

void connection_hold(struct connection *c)
{
	if (c->is_held)
		return;
	c->is_held = true;
	lws_rx_flow_control(c->wsi, 0);
}

void connection_release(struct connection *c)
{
	if (!c->is_held)
		return;
	c->is_held = false;
	lws_rx_flow_control(c->wsi, 1);
}

static gboolean on_room(int fd, GIOCondition condition, void *user)
{
	struct connection *c = user;

	c->watch = 0;
	connection_release(c);
	lws_callback_on_writable(c->wsi);
	return G_SOURCE_REMOVE;
}

/* The library does not write to a socket that it may not read. */
void connection_wait_for_room(struct connection *c)
{
	if (c->watch)
		return;
	connection_hold(c);
	c->watch = g_unix_fd_add(lws_get_socket_fd(c->wsi), G_IO_OUT, on_room, c);
}

static gboolean on_rest(int fd, GIOCondition condition, void *user)
{
	struct connection *c = user;
	char rest[HTTP_CHUNK];
	const ssize_t size = recv(fd, rest, sizeof(rest), MSG_DONTWAIT);

	if (size > 0)
		c->discarded += (gsize) size;
	if ((size > 0 && c->discarded < HTTP_DISCARD_MAX) || (size < 0 && errno == EAGAIN))
		return G_SOURCE_CONTINUE;
	c->watch = 0;
	lws_set_timeout(c->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
	return G_SOURCE_REMOVE;
}

/* A close with unread bytes would destroy the answer on its way. */
void connection_linger(struct connection *c)
{
	const int fd = lws_get_socket_fd(c->wsi);

	shutdown(fd, SHUT_WR);
	connection_phase_set(c, PHASE_LINGER);
	connection_hold(c);
	c->watch = g_unix_fd_add(fd, G_IO_IN, on_rest, c);
}

/*
 * The library keeps its table of headers where there is more, and gives it up where there is
 * not (lws_http_transaction_completed()). It tells by what it does to the buffer:
 * lws_hdr_custom_copy() ends it with a 0 only if there is a table.
 */
bool connection_is_ahead(struct connection *c)
{
	char mark[2] = "?";

	lws_hdr_custom_copy(c->wsi, mark, sizeof(mark), ":", 1);
	return mark[0] == '\0';
}
