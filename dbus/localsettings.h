/* SPDX-License-Identifier: MIT */
/*
 * localsettings - a client of com.victronenergy.settings
 *
 * Nothing here waits. The settings service may come minutes after us, leave and
 * return, with or without what it knew: each time it appears, all settings are
 * added again (which keeps a value that is there already) and read. What was
 * written while it was away, and what it did not answer, is written then.
 */
#pragma once

#include "dbus/bus.h"
#include "dbus/value.h"

struct localsettings;
struct localsetting;

/** A value is known for the first time, or another one now. `value` is borrowed. */
typedef void (*localsetting_fn)(const struct value *value, void *user);

/** Something that the owner may have to know: no service, a refusal; or that all is well again. */
typedef void (*localsettings_log_fn)(const char *sentence, bool is_trouble, void *user);

struct localsetting_spec {
	const char *path;      /**< "/Settings/Devices/..."; copied */
	struct value fallback; /**< its type is the setting's; a string is copied */
	double min, max;       /**< both 0: unlimited; never of texts */
	localsetting_fn fn;    /**< NULL: none */
	void *user;
};

/** `bus` and `log`'s user outlive it. */
struct localsettings *localsettings_new(struct bus *bus, localsettings_log_fn log, void *user);

/** Frees its settings too, and calls nobody any more. NULL is fine. */
void localsettings_free(struct localsettings *s);

/** Adds a setting and asks for its value; `fn` is called later, from the main loop. */
struct localsetting *localsettings_add(struct localsettings *s,
				       const struct localsetting_spec *spec);
void localsettings_remove(struct localsetting *setting);

/** The last value that the service said; invalid as long as it said none. */
struct value localsetting_value(const struct localsetting *setting);

/** Wants another value; at once, or when the service is there. A refusal is logged. */
void localsetting_write(struct localsetting *setting, const struct value *value);

/**
 * A part of a settings path that is safe whatever `text` is: letters and digits
 * stay, the rest becomes '_'. With a prefix that does not begin with '_'. Free it.
 */
char *localsettings_identifier(const char *prefix, const char *text);

/** "battery:288" of class "battery": 288. -1 if it is something else. */
int localsettings_parse_instance(const char *text, const char *device_class);
