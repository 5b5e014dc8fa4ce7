/* SPDX-License-Identifier: MIT */
#include "sim/control_socket.h"

#include <errno.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	LINE_MAX_BYTES = 8192,
	BACKLOG = 8,
};

struct control_socket {
	char *path; /* (owned) */
	int fd;
	guint source;
	control_socket_func func;
	void *user;
	GList *clients; /* of struct client */
};

struct client {
	struct control_socket *socket; /* (borrowed) */
	int fd;
	guint source;
	GString *in; /* (owned) */
};

G_DEFINE_QUARK(control_socket_error, control_socket_error)

static void client_free(struct client *c)
{
	c->socket->clients = g_list_remove(c->socket->clients, c);
	g_source_remove(c->source);
	close(c->fd);
	g_string_free(c->in, TRUE);
	g_free(c);
}

/* The answer is short and its reader waits for it: one send, or the reader is gone. */
static bool answer_line(struct client *c, const char *line)
{
	GString *answer = g_string_new(NULL);

	c->socket->func(line, answer, c->socket->user);
	g_string_append_c(answer, '\n');

	const bool is_sent =
		send(c->fd, answer->str, answer->len, MSG_NOSIGNAL) == (ssize_t) answer->len;

	g_string_free(answer, TRUE);
	return is_sent;
}

static bool answer_lines(struct client *c)
{
	char *end;

	while ((end = memchr(c->in->str, '\n', c->in->len)) != NULL) {
		*end = '\0';
		if (!answer_line(c, c->in->str))
			return false;
		g_string_erase(c->in, 0, end - c->in->str + 1);
	}
	return c->in->len < LINE_MAX_BYTES;
}

static gboolean on_client(int fd, GIOCondition condition, gpointer user)
{
	struct client *c = user;
	char bytes[1024];
	const ssize_t count = recv(fd, bytes, sizeof(bytes), 0);

	if (count > 0)
		g_string_append_len(c->in, bytes, count);
	if (count <= 0 || !answer_lines(c))
		client_free(c);
	return G_SOURCE_CONTINUE; /* client_free() has removed the source */
}

static gboolean on_connection(int fd, GIOCondition condition, gpointer user)
{
	struct control_socket *s = user;
	const int client_fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

	if (client_fd < 0)
		return G_SOURCE_CONTINUE;

	struct client *c = g_new0(struct client, 1);

	c->socket = s;
	c->fd = client_fd;
	c->in = g_string_new(NULL);
	c->source = g_unix_fd_add(client_fd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_client, c);
	s->clients = g_list_prepend(s->clients, c);
	return G_SOURCE_CONTINUE;
}

static bool fail(GError **error, const char *path, const char *why)
{
	g_set_error(error, CONTROL_SOCKET_ERROR, CONTROL_SOCKET_ERROR_FAILED, "%s: %s", path, why);
	return false;
}

static bool is_socket(const char *path)
{
	GStatBuf there;

	return g_lstat(path, &there) == 0 && S_ISSOCK(there.st_mode);
}

static bool listen_at(struct control_socket *s, GError **error)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (strlen(s->path) >= sizeof(address.sun_path))
		return fail(error, s->path, "longer than a socket's name may be (107 bytes)");
	strcpy(address.sun_path, s->path);

	s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s->fd >= 0 && connect(s->fd, (struct sockaddr *) &address, sizeof(address)) == 0)
		return fail(error, s->path, "another simulator listens there");
	if (errno == ECONNREFUSED && is_socket(s->path))
		g_unlink(s->path);
	if (s->fd < 0 || bind(s->fd, (struct sockaddr *) &address, sizeof(address)) < 0 ||
	    listen(s->fd, BACKLOG) < 0)
		return fail(error, s->path, g_strerror(errno));
	return true;
}

struct control_socket *control_socket_new(const char *path, control_socket_func func, void *user,
					  GError **error)
{
	struct control_socket *s = g_new0(struct control_socket, 1);

	s->path = g_strdup(path);
	s->func = func;
	s->user = user;
	if (!listen_at(s, error)) {
		if (s->fd >= 0)
			close(s->fd);
		g_free(s->path);
		g_free(s);
		return NULL;
	}
	s->source = g_unix_fd_add(s->fd, G_IO_IN, on_connection, s);
	return s;
}

void control_socket_free(struct control_socket *s)
{
	if (!s)
		return;
	while (s->clients)
		client_free(s->clients->data);
	g_source_remove(s->source);
	close(s->fd);
	g_unlink(s->path);
	g_free(s->path);
	g_free(s);
}
