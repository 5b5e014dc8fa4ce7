/* SPDX-License-Identifier: MIT */
#include "gateway/item_mirror.h"

#include <math.h>
#include <string.h>

#define ITEM_INTERFACE "com.victronenergy.BusItem"

struct item_mirror {
	struct bus *bus;
	char *service;
	char *owner;	    /* (nullable) unique name */
	bool has_failed;    /* it did not answer */
	GHashTable *values; /* path: struct value */
};

static void free_value(void *value)
{
	value_clear(value);
	g_free(value);
}

static void keep(struct item_mirror *m, const char *path, DBusMessageIter *variant)
{
	struct value value, *copy;

	if (!value_read(variant, &value))
		value = value_invalid(); /* what it was before it is no more */
	copy = g_new(struct value, 1);
	*copy = value_copy(&value);
	g_hash_table_insert(m->values, g_strdup(path), copy);
}

/* {"Value": variant, "Text": variant, ...} of one path. */
static void take_item(struct item_mirror *m, const char *path, DBusMessageIter *item)
{
	DBusMessageIter fields, variant;
	const char *key;

	if (dbus_message_iter_get_arg_type(item) != DBUS_TYPE_ARRAY)
		return;
	dbus_message_iter_recurse(item, &fields);
	while (value_next_entry(&fields, &key, &variant)) {
		if (strcmp(key, "Value") == 0)
			keep(m, path, &variant);
	}
}

static void take_items(struct item_mirror *m, DBusMessage *message)
{
	DBusMessageIter argument, items, item;
	const char *path;

	if (!dbus_message_has_signature(message, "a{sa{sv}}"))
		return;
	dbus_message_iter_init(message, &argument);
	dbus_message_iter_recurse(&argument, &items);
	while (value_next_entry(&items, &path, &item))
		take_item(m, path, &item);
}

static void on_changed(DBusMessage *signal, void *user)
{
	struct item_mirror *m = user;

	if (m->owner && dbus_message_has_sender(signal, m->owner))
		take_items(m, signal);
}

static void on_items(DBusMessage *reply, const GError *error, void *user)
{
	struct item_mirror *m = user;

	if (error)
		m->has_failed = true;
	else if (m->owner && dbus_message_has_sender(reply, m->owner))
		take_items(m, reply);
}

static void on_owner(const char *name, const char *owner, void *user)
{
	struct item_mirror *m = user;

	g_hash_table_remove_all(m->values);
	g_free(m->owner);
	m->owner = g_strdup(owner);
	m->has_failed = false;
	if (owner)
		bus_call(m->bus,
			 dbus_message_new_method_call(owner, "/", ITEM_INTERFACE, "GetItems"),
			 BUS_CALL_TIMEOUT_MS, on_items, m);
}

struct item_mirror *item_mirror_new(struct bus *bus, const char *service)
{
	struct item_mirror *m = g_new0(struct item_mirror, 1);
	const struct bus_match match = { .sender = service,
					 .interface = ITEM_INTERFACE,
					 .member = "ItemsChanged",
					 .path = "/" };

	m->bus = bus;
	m->service = g_strdup(service);
	m->values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_value);
	bus_subscribe(bus, &match, on_changed, m);
	bus_watch_name(bus, service, on_owner, m);
	return m;
}

void item_mirror_free(struct item_mirror *m)
{
	if (!m)
		return;
	bus_forget(m->bus, m);
	g_hash_table_unref(m->values);
	g_free(m->service);
	g_free(m->owner);
	g_free(m);
}

const char *item_mirror_service(const struct item_mirror *m)
{
	return m->service;
}

bool item_mirror_has_failed(const struct item_mirror *m)
{
	return m->has_failed;
}

struct value item_mirror_value(const struct item_mirror *m, const char *path)
{
	const struct value *value = m ? g_hash_table_lookup(m->values, path) : NULL;

	return value ? *value : value_invalid();
}

double item_mirror_number(const struct item_mirror *m, const char *path)
{
	const struct value value = item_mirror_value(m, path);
	double number;

	return value.type != VALUE_STRING && value_to_double(&value, &number) ? number
									      : (double) NAN;
}

const char *item_mirror_text(const struct item_mirror *m, const char *path)
{
	const struct value value = item_mirror_value(m, path);

	return value.type == VALUE_STRING ? value.string : NULL;
}

static int compare_paths(const void *a, const void *b)
{
	return strcmp(*(const char *const *) a, *(const char *const *) b);
}

GPtrArray *item_mirror_paths(const struct item_mirror *m, const char *prefix)
{
	GPtrArray *paths = g_ptr_array_new();
	GHashTableIter iter;
	void *path;

	if (!m)
		return paths;
	g_hash_table_iter_init(&iter, m->values);
	while (g_hash_table_iter_next(&iter, &path, NULL)) {
		if (g_str_has_prefix(path, prefix))
			g_ptr_array_add(paths, path);
	}
	g_ptr_array_sort(paths, compare_paths);
	return paths;
}
