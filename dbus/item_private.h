/* SPDX-License-Identifier: MIT */
/* item_private - what values and objects of a service share */
#pragma once

#include "dbus/item.h"

#define BUS_ITEM_INTERFACE "com.victronenergy.BusItem"

struct item {
	struct items *owner;
	struct item_spec spec;
	struct value value;     /* string: owned */
	struct value published; /* as last announced; string: owned */
	char *label;            /* text in place of the number; owned */
	bool is_queued;         /* in owner->queue */
	bool is_dirty;          /* worth a signal; then it is queued too */
};

struct items {
	struct bus *bus;
	GPtrArray *list;     /* struct item, in the order they came; owned */
	GHashTable *by_path; /* struct item, borrowed */
	GPtrArray *queue;    /* struct item, perhaps dirty; borrowed */
	GPtrArray *requests; /* struct item_request, unanswered; borrowed */
	unsigned int dirty_count, urgent_count;
	GString *text; /* scratch */
	struct items_stats stats;
};

/** What people read, in owner->text: valid until the next call. */
const char *item_text(const struct item *item);

/** Appends {s: a{sv}}, the item with its path. */
void item_append_entry(const struct item *item, DBusMessageIter *iter);

/** Answers every method call to `items`, which are at `/` and below. */
void items_export(struct items *items);
void items_unexport(struct items *items);

/** One method call on its way to an answer. */
struct incoming {
	struct items *items;
	struct item *item;  /**< at a leaf, else NULL */
	const char *prefix; /**< what the paths below start with: the path and a slash */
	DBusMessage *call;
};

/** Sends and takes `message`, unless the caller wants no reply. */
void item_reply(struct bus *bus, DBusMessage *call, DBusMessage *message);
void item_reply_error(const struct incoming *in, const char *name, const char *text);

/** SetValue. */
void item_set_requested(const struct incoming *in);
/** Answers what is unanswered with ITEM_REFUSED. */
void item_refuse_all(struct items *items);
