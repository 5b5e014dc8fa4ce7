/* SPDX-License-Identifier: MIT */
/*
 * tty_node - ptys and ttys as device nodes: open, set, link, clean
 *
 * I/O.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#define TTY_NODE_ERROR (tty_node_error_quark())
GQuark tty_node_error_quark(void);
enum tty_node_error {
	TTY_NODE_ERROR_FAILED, /**< path and reason */
};

/** Open a new pty, raw. @device gets its name (owned by the caller). @return its master, or -1 */
int tty_node_open_pty(char **device, GError **error);
/** Open an existing tty at 115200 8N1. @return -1 on error */
int tty_node_open_tty(const char *path, GError **error);

/** Make or replace the symbolic link at @path, never anything else. */
bool tty_node_link(const char *device, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Remove it, if it still leads to @device. */
void tty_node_unlink(const char *device, const char *path);

/** Drop what the last user of a pty left unread, and his claim to it. */
void tty_node_forget_user(const char *device);
