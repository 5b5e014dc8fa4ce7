/* SPDX-License-Identifier: MIT */
/*
 * control_socket - commands by a UNIX stream socket: a line in, a line out
 *
 * I/O, on the default main context.
 */
#pragma once

#include <glib.h>

#define CONTROL_SOCKET_ERROR (control_socket_error_quark())
GQuark control_socket_error_quark(void);
enum control_socket_error {
	CONTROL_SOCKET_ERROR_FAILED, /**< path and reason */
};

/** Carry out @line (without its end) and append the answer, without its end. */
typedef void (*control_socket_func)(const char *line, GString *answer, void *user);

typedef struct control_socket control_socket;

/** Listen at @path. A socket that nobody listens at is replaced. */
struct control_socket *control_socket_new(const char *path, control_socket_func func, void *user,
					  GError **error);
/** Closes all connections, removes the socket. */
void control_socket_free(struct control_socket *socket);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(control_socket, control_socket_free)
