/* SPDX-License-Identifier: MIT */
/*
 * fleet - the batteries that are on the bus, each with its document
 *
 * One battery is one second name, org.dbus_tinybms.ID. Its Status is asked for
 * at each interval, its paths are mirrored, new events are told once. Batteries
 * come and go; a bus that ends is looked for again, at most each 10 s.
 *
 * I/O: D-Bus. Nothing here waits; callbacks come from the main loop.
 */
#pragma once

#include <cjson/cJSON.h>
#include <glib.h>
#include <stdbool.h>

#include "dbus/value.h"

struct fleet;
struct fleet_battery;

#define FLEET_ERROR (fleet_error_quark())
GQuark fleet_error_quark(void);

enum fleet_error {
	FLEET_ERROR_GONE,    /**< the service is not on the bus, or does not answer */
	FLEET_ERROR_REFUSED, /**< it says no; the message is its sentence */
};

typedef void (*fleet_fn)(struct fleet_battery *b, void *user);
/** @event: {"n", "t", "serial", "id", "level", "text", "remedy"}, borrowed. */
typedef void (*fleet_event_fn)(struct fleet_battery *b, const cJSON *event, void *user);

/** Each may be NULL. */
struct fleet_watch {
	fleet_fn changed; /**< a new document, once each interval */
	fleet_fn gone;	  /**< just before the battery is forgotten */
	fleet_event_fn event;
	void *user;
};

/** @bus_address as bus_connect() has it; @interval_s 0.2 to 60. */
struct fleet *fleet_new(const char *bus_address, double interval_s);
/** Nothing is called any more. */
void fleet_free(struct fleet *f);

void fleet_add_watch(struct fleet *f, const struct fleet_watch *watch);

/** NULL, or a sentence: why there is no bus. */
const char *fleet_trouble(const struct fleet *f);

/** By id, serial number, device instance or custom name; NULL: none, or more than one. */
struct fleet_battery *fleet_find(struct fleet *f, const char *wanted);
guint fleet_count(const struct fleet *f);
/** In the order of their ids; @index below fleet_count(). */
struct fleet_battery *fleet_at(const struct fleet *f, guint index);

const char *fleet_battery_id(const struct fleet_battery *b);
/** Borrowed until the next change; never NULL. */
const cJSON *fleet_battery_document(const struct fleet_battery *b);

/** A path of the battery on the bus; invalid while it is not there. */
struct value fleet_battery_value(const struct fleet_battery *b, const char *path);
/** As item_mirror_paths(). */
GPtrArray *fleet_battery_paths(const struct fleet_battery *b, const char *prefix);

/** @answer (borrowed), an object, is NULL exactly if @error is set; its message is a sentence. */
typedef void (*fleet_reply_fn)(const cJSON *answer, const GError *error, void *user);

/**
 * Call @method of the second name; @fn is called once, later, also if the battery
 * goes: never after fleet_free().
 */
void fleet_battery_ask(struct fleet_battery *b, const char *method, const struct value *arguments,
		       size_t count, fleet_reply_fn fn, void *user);

/** SetValue on a path of the battery; the answer is {"done": true}. */
void fleet_battery_set(struct fleet_battery *b, const char *path, const struct value *value,
		       fleet_reply_fn fn, void *user);
