/* SPDX-License-Identifier: MIT */
/*
 * caller - who asks for a change: the process behind a bus connection
 *
 * Venus OS's MQTT bridge writes for whoever has reached the broker, the network
 * included: dbus-flashmq, a plugin of the broker flashmq, since v3.20, dbus-mqtt
 * before. A process that cannot be told counts as remote too.
 *
 * I/O: D-Bus, /proc.
 */
#pragma once

#include <stdbool.h>

#include "dbus/bus.h"

enum { CALLER_WHO_MAX = 96 };

struct caller {
	char who[CALLER_WHO_MAX]; /**< the program's path, or "unknown" */
	bool is_remote;
};

/** @caller is borrowed. */
typedef void (*caller_fn)(const struct caller *caller, void *user);

struct caller_question;

/** @fn is called once, unless caller_forget() comes first. */
struct caller_question *caller_ask(struct bus *bus, const char *sender, caller_fn fn, void *user);
/** Before @bus is freed; not in or after the call of its function. */
void caller_forget(struct caller_question *q);

/** The pure part: a process's command line, its arguments ended by zero bytes. */
struct caller caller_of(const char *command_line, size_t count);
