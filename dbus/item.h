/* SPDX-License-Identifier: MIT */
/*
 * item - com.victronenergy.BusItem: the values of one service
 *
 * An item is one object path with one value. Setting it only notes the change;
 * items_flush() announces all that changed in one ItemsChanged signal. Readers
 * always get the value as it is now. The intermediate paths, and `/`, answer
 * GetValue and GetText with what is below them, as Victron's libraries do.
 *
 * Add all items first, set them, and request the bus name last: consumers read
 * everything the moment the name appears, /DeviceInstance only then.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "dbus/bus.h"
#include "dbus/value.h"

struct items;
struct item;
struct item_request;

/** The replies of SetValue. Consumers take everything but 0 for a failure. */
enum item_answer {
	ITEM_OK = 0,
	ITEM_NOT_WRITABLE = 1, /**< read-only, or the value cannot be made to fit the type */
	ITEM_REFUSED = 2,      /**< out of range, or the setter said no */
};

/**
 * Somebody wants `value` (already of the item's type and inside its range). The
 * setter changes what it changes, items too, and answers by item_request_answer(),
 * now or later. `value` is borrowed for the call only.
 */
typedef void (*item_setter_fn)(struct item_request *request, const struct value *value, void *user);

/** Appends to `text` what people read; never called for an invalid value. */
typedef void (*item_text_fn)(GString *text, const struct value *value);

struct item_spec {
	const char *path;     /**< "/Dc/0/Voltage"; copied */
	enum value_type type; /**< for life; anything but VALUE_INVALID */
	const char *unit;     /**< put after the number; static, or NULL */
	int decimals;         /**< of a double's text, 0 to 9 */
	double dead_band;     /**< smallest change of a double worth a signal; 0: any */
	item_text_fn text;    /**< NULL: number with decimals and unit */
	item_setter_fn setter; /**< NULL: read-only */
	void *user;            /**< for the setter */
	bool may_be_cleared;   /**< the setter takes an invalid value too */
	bool is_urgent;        /**< a change should not wait: see items_has_urgent() */
	bool has_range;        /**< numbers: SetValue outside min to max is refused */
	bool setter_judges;    /**< ... by the setter, who says why: the range is for readers */
	double min, max;
	double fallback; /**< for GetDefault, if has_range */
};

struct items_stats {
	guint64 signals; /**< ItemsChanged sent */
	guint64 paths;   /**< in them */
	guint64 bytes;   /**< of them, as they are on the wire */
};

/** No item is visible on the bus before the first items_add(). The bus must outlive them. */
struct items *items_new(struct bus *bus);

/** Requests that are still unanswered get ITEM_REFUSED. NULL is fine. */
void items_free(struct items *items);

/** Adds an item without a value. The path must be valid and new. It lives as long as `items`. */
struct item *items_add(struct items *items, const struct item_spec *spec);

struct item *items_find(const struct items *items, const char *path);

/* The setters cost next to nothing if the value is what it was. */

void item_set_int(struct item *item, int value);
/** NAN and infinities: invalid. */
void item_set_double(struct item *item, double value);
/** Copied; what is not UTF-8 is replaced by U+FFFD. NULL: invalid. */
void item_set_string(struct item *item, const char *value);
void item_set_invalid(struct item *item);

/** What people read in place of the number, until this is called again; NULL: the number. */
void item_set_label(struct item *item, const char *label);
/** Another range for readers and SetValue, of an item with has_range. NAN as @fallback: none. */
void item_set_range(struct item *item, double min, double max, double fallback);

/** The value as it is now; a string is borrowed until the item is set again. */
struct value item_value(const struct item *item);
const char *item_path(const struct item *item);

/** Something changed that readers of signals do not know yet. */
bool items_has_dirty(const struct items *items);
/** Among it an item with is_urgent. */
bool items_has_urgent(const struct items *items);
/** Announces it, in one signal. Nothing is sent if nothing changed. */
void items_flush(struct items *items);

struct items_stats items_stats(const struct items *items);

/** Who asks: a unique bus name, as long as the request is unanswered. */
const char *item_request_sender(const struct item_request *request);

/**
 * Answers and frees `request`, exactly once. With ITEM_OK, changes are announced
 * before the reply, as consumers expect. Allowed after items_free().
 */
void item_request_answer(struct item_request *request, enum item_answer answer);
