/* SPDX-License-Identifier: MIT */
/*
 * serial_starter - take a serial port from Venus OS's serial-starter, and give it back
 *
 * serial-starter tries its own programs, with other protocols at other speeds,
 * on every USB serial adapter, unless a lock says that somebody has it: a link
 * /var/lock/serial-starter/TTY to the number of a process. stop-tty.sh ends
 * what runs on a port (recipes of meta-victronenergy that call it). No other port is
 * touched. Where serial-starter is not installed, all this does nothing.
 *
 * I/O. Used by one thread.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

struct serial_starter {
	const char *lock_dir; /**< (borrowed) */
	const char *tool_dir; /**< (borrowed) where stop-tty.sh is */
	char tty[32];         /**< whose lock is ours, "" = none */
};

/** The folders of Venus OS, nothing taken. */
void serial_starter_init(struct serial_starter *s);

/**
 * Stop what runs on the port @path (a device node, or a link to one) and lock it.
 * Blocks for up to 20 s. A port that is not there is no error here: opening it
 * tells. Fails with PORT_ERROR_ABSENT where another program keeps the lock,
 * naming it. A lock taken before on another port is given back.
 */
bool serial_starter_take(struct serial_starter *s, const char *path, GError **error)
	G_GNUC_WARN_UNUSED_RESULT;

/** Renew a lock that somebody has removed; does nothing where none was taken. */
void serial_starter_renew(struct serial_starter *s);

/** Remove our lock, no other. */
void serial_starter_give(struct serial_starter *s);
