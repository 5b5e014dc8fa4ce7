/* SPDX-License-Identifier: MIT */
/*
 * tty_line - the simulator's end of a serial line: a pty with a link, or a tty
 *
 * A pty that no program has open drops what is sent to it, as a port does.
 *
 * I/O, on the default main context. Errors are those of tty_node.h.
 */
#pragma once

#include <glib.h>

#include "clock.h"
#include "sim/simulator.h"

typedef struct tty_line tty_line;

/** A new pty; @link_path becomes a symbolic link to it. @s and @clock are borrowed. */
struct tty_line *tty_line_new_pty(const char *link_path, struct simulator *s,
				  const struct clock *clock, GError **error);
/** An existing tty at 115200 8N1. */
struct tty_line *tty_line_new_tty(const char *path, struct simulator *s, const struct clock *clock,
				  GError **error);
/** Removes the link, if it is still ours. */
void tty_line_free(struct tty_line *line);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(tty_line, tty_line_free)

/** The simulator was changed from outside: look what is due. */
void tty_line_update(struct tty_line *line);

/** The device node: changes with every unplugging of a pty. */
const char *tty_line_device(const struct tty_line *line);
