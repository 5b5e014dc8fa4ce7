/* SPDX-License-Identifier: MIT */
#include "dbus/item_private.h"

#include <math.h>
#include <string.h>

/* A step of one dead-band counts, although 52.11 - 52.10 is a little less than 0.01. */
static const double DEAD_BAND_SLACK = 0.999;

static void free_item(void *data)
{
	struct item *item = data;

	value_clear(&item->value);
	value_clear(&item->published);
	g_free(item->label);
	g_free((char *) item->spec.path);
	g_free(item);
}

struct items *items_new(struct bus *bus)
{
	struct items *items = g_new0(struct items, 1);

	items->bus = bus;
	items->list = g_ptr_array_new_with_free_func(free_item);
	items->by_path = g_hash_table_new(g_str_hash, g_str_equal);
	items->queue = g_ptr_array_new();
	items->requests = g_ptr_array_new();
	items->text = g_string_new(NULL);
	items_export(items);
	return items;
}

void items_free(struct items *items)
{
	if (!items)
		return;
	items_unexport(items);
	g_ptr_array_unref(items->requests);
	g_ptr_array_unref(items->queue);
	g_hash_table_unref(items->by_path);
	g_ptr_array_unref(items->list);
	g_string_free(items->text, TRUE);
	g_free(items);
}

struct item *items_add(struct items *items, const struct item_spec *spec)
{
	g_return_val_if_fail(dbus_validate_path(spec->path, NULL), NULL);
	g_return_val_if_fail(!g_hash_table_contains(items->by_path, spec->path), NULL);
	g_return_val_if_fail(spec->type != VALUE_INVALID, NULL);

	struct item *item = g_new0(struct item, 1);

	item->owner = items;
	item->spec = *spec;
	item->spec.path = g_strdup(spec->path);
	g_ptr_array_add(items->list, item);
	g_hash_table_insert(items->by_path, (char *) item->spec.path, item);
	return item;
}

struct item *items_find(const struct items *items, const char *path)
{
	return g_hash_table_lookup(items->by_path, path);
}

/* --- Setting ------------------------------------------------------------------------------ */

static bool differs(const struct item *item)
{
	const struct value *now = &item->value, *then = &item->published;

	if (now->type != then->type)
		return true;
	switch (now->type) {
	case VALUE_INT:
		return now->integer != then->integer;
	case VALUE_DOUBLE: {
		double change = fabs(now->number - then->number);

		return change > 0.0 && change >= item->spec.dead_band * DEAD_BAND_SLACK;
	}
	case VALUE_STRING:
		return strcmp(now->string, then->string) != 0;
	case VALUE_INVALID:
		break;
	}
	return false;
}

static void set_dirty(struct item *item, bool is_dirty)
{
	struct items *items = item->owner;

	if (item->is_dirty == is_dirty)
		return;
	item->is_dirty = is_dirty;
	items->dirty_count += is_dirty ? 1 : -1u;
	if (item->spec.is_urgent)
		items->urgent_count += is_dirty ? 1 : -1u;
	if (is_dirty && !item->is_queued) {
		item->is_queued = true;
		g_ptr_array_add(items->queue, item);
	}
}

void item_set_int(struct item *item, int value)
{
	g_return_if_fail(item->spec.type == VALUE_INT);
	if (item->value.type == VALUE_INT && item->value.integer == value)
		return;

	item->value = value_int(value);
	set_dirty(item, differs(item));
}

void item_set_double(struct item *item, double value)
{
	g_return_if_fail(item->spec.type == VALUE_DOUBLE);
	if (!isfinite(value)) {
		item_set_invalid(item);
		return;
	}
	if (item->value.type == VALUE_DOUBLE && item->value.number == value)
		return;

	item->value = value_double(value);
	set_dirty(item, differs(item));
}

void item_set_string(struct item *item, const char *value)
{
	g_return_if_fail(item->spec.type == VALUE_STRING);
	if (!value) {
		item_set_invalid(item);
		return;
	}
	if (item->value.type == VALUE_STRING && strcmp(item->value.string, value) == 0)
		return;

	char *copy = g_utf8_make_valid(value, -1);

	value_clear(&item->value);
	item->value = value_string(copy);
	set_dirty(item, differs(item));
}

void item_set_invalid(struct item *item)
{
	if (item->value.type == VALUE_INVALID)
		return;

	value_clear(&item->value);
	set_dirty(item, differs(item));
}

void item_set_label(struct item *item, const char *label)
{
	char *copy = label ? g_utf8_make_valid(label, -1) : NULL;

	g_free(item->label);
	item->label = copy;
}

void item_set_range(struct item *item, double min, double max, double fallback)
{
	g_return_if_fail(item->spec.has_range);
	item->spec.min = min;
	item->spec.max = max;
	item->spec.fallback = fallback;
}

struct value item_value(const struct item *item)
{
	return item->value;
}

const char *item_path(const struct item *item)
{
	return item->spec.path;
}

/* --- Announcing --------------------------------------------------------------------------- */

/* "-0.00" says nothing that "0.00" does not. */
static void append_number(GString *text, double number, int decimals)
{
	g_string_append_printf(text, "%.*f", decimals, number);
	if (text->str[0] == '-' && !strpbrk(text->str, "123456789"))
		g_string_erase(text, 0, 1);
}

const char *item_text(const struct item *item)
{
	const struct item_spec *spec = &item->spec;
	GString *text = item->owner->text;

	g_string_truncate(text, 0);
	if (item->value.type == VALUE_INVALID) {
		g_string_append(text, "---"); /* as velib_python: vedbus.py */
		return text->str;
	}
	if (item->label)
		return item->label;
	if (spec->text) {
		spec->text(text, &item->value);
		return text->str;
	}
	if (item->value.type == VALUE_STRING)
		return item->value.string;
	if (item->value.type == VALUE_INT)
		g_string_append_printf(text, "%" G_GINT64_FORMAT, item->value.integer);
	else
		append_number(text, item->value.number, spec->decimals);
	if (spec->unit)
		g_string_append(text, spec->unit);
	return text->str;
}

void item_append_entry(const struct item *item, DBusMessageIter *iter)
{
	static const char *const value_key = "Value", *const text_key = "Text";
	DBusMessageIter entry, properties, property;

	dbus_message_iter_open_container(iter, DBUS_TYPE_DICT_ENTRY, NULL, &entry);
	dbus_message_iter_append_basic(&entry, DBUS_TYPE_STRING, &item->spec.path);
	dbus_message_iter_open_container(&entry, DBUS_TYPE_ARRAY, "{sv}", &properties);

	dbus_message_iter_open_container(&properties, DBUS_TYPE_DICT_ENTRY, NULL, &property);
	dbus_message_iter_append_basic(&property, DBUS_TYPE_STRING, &value_key);
	value_append(&property, &item->value);
	dbus_message_iter_close_container(&properties, &property);

	dbus_message_iter_open_container(&properties, DBUS_TYPE_DICT_ENTRY, NULL, &property);
	dbus_message_iter_append_basic(&property, DBUS_TYPE_STRING, &text_key);
	value_append_text(&property, item_text(item));
	dbus_message_iter_close_container(&properties, &property);

	dbus_message_iter_close_container(&entry, &properties);
	dbus_message_iter_close_container(iter, &entry);
}

static void note_published(struct item *item)
{
	value_clear(&item->published);
	item->published = value_copy(&item->value);
	set_dirty(item, false);
}

static void count_signal(struct items *items, DBusMessage *signal)
{
	char *wire = NULL;
	int length = 0;

	if (dbus_message_marshal(signal, &wire, &length)) {
		items->stats.bytes += (guint64) length;
		dbus_free(wire);
	}
	items->stats.signals++;
}

/* An item that came back to what it was is queued, but not dirty. */
static void append_dirty(struct items *items, DBusMessage *signal)
{
	DBusMessageIter iter, dictionary;

	dbus_message_iter_init_append(signal, &iter);
	dbus_message_iter_open_container(&iter, DBUS_TYPE_ARRAY, "{sa{sv}}", &dictionary);
	for (unsigned int i = 0; i < items->queue->len; i++) {
		struct item *item = g_ptr_array_index(items->queue, i);

		item->is_queued = false;
		if (!item->is_dirty)
			continue;
		item_append_entry(item, &dictionary);
		note_published(item);
		items->stats.paths++;
	}
	dbus_message_iter_close_container(&iter, &dictionary);
	g_ptr_array_set_size(items->queue, 0);
}

void items_flush(struct items *items)
{
	if (!items->dirty_count)
		return;

	DBusMessage *signal = dbus_message_new_signal("/", BUS_ITEM_INTERFACE, "ItemsChanged");

	dbus_message_set_no_reply(signal, TRUE);
	append_dirty(items, signal);
	count_signal(items, signal);
	bus_send(items->bus, signal);
}

bool items_has_dirty(const struct items *items)
{
	return items->dirty_count > 0;
}

bool items_has_urgent(const struct items *items)
{
	return items->urgent_count > 0;
}

struct items_stats items_stats(const struct items *items)
{
	return items->stats;
}
