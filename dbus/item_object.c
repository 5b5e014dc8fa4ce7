/* SPDX-License-Identifier: MIT */
/*
 * item_object - the method calls of com.victronenergy.BusItem
 *
 * One handler for `/` and everything below: a path is a leaf (an item), a node
 * (items are below it) or unknown.
 */
#include "dbus/item_private.h"

#include <math.h>
#include <string.h>

enum place { AT_ROOT = 1, AT_NODE = 2, AT_LEAF = 4 };

void item_reply(struct bus *bus, DBusMessage *call, DBusMessage *message)
{
	if (dbus_message_get_no_reply(call))
		dbus_message_unref(message);
	else
		bus_send(bus, message);
}

void item_reply_error(const struct incoming *in, const char *name, const char *text)
{
	item_reply(in->items->bus, in->call, dbus_message_new_error(in->call, name, text));
}

static void reply_value(const struct incoming *in, const struct value *value)
{
	DBusMessage *message = dbus_message_new_method_return(in->call);
	DBusMessageIter iter;

	dbus_message_iter_init_append(message, &iter);
	value_append(&iter, value);
	item_reply(in->items->bus, in->call, message);
}

/* --- Reading ------------------------------------------------------------------------------ */

static void get_items(const struct incoming *in)
{
	DBusMessage *message = dbus_message_new_method_return(in->call);
	DBusMessageIter iter, dictionary;

	dbus_message_iter_init_append(message, &iter);
	dbus_message_iter_open_container(&iter, DBUS_TYPE_ARRAY, "{sa{sv}}", &dictionary);
	for (unsigned int i = 0; i < in->items->list->len; i++)
		item_append_entry(g_ptr_array_index(in->items->list, i), &dictionary);
	dbus_message_iter_close_container(&iter, &dictionary);
	item_reply(in->items->bus, in->call, message);
}

static void append_below(const struct item *item, const char *key, bool as_text,
			 DBusMessageIter *dictionary)
{
	DBusMessageIter entry;

	dbus_message_iter_open_container(dictionary, DBUS_TYPE_DICT_ENTRY, NULL, &entry);
	dbus_message_iter_append_basic(&entry, DBUS_TYPE_STRING, &key);
	if (as_text) {
		const char *text = item_text(item);

		dbus_message_iter_append_basic(&entry, DBUS_TYPE_STRING, &text);
	} else {
		value_append(&entry, &item->value);
	}
	dbus_message_iter_close_container(dictionary, &entry);
}

/* A dictionary in a variant; its keys are relative and have no slash in front. */
static void reply_tree(const struct incoming *in, bool as_text)
{
	DBusMessage *message = dbus_message_new_method_return(in->call);
	DBusMessageIter iter, variant, dictionary;
	const char *signature = as_text ? "a{ss}" : "a{sv}";
	size_t skip = strlen(in->prefix);

	dbus_message_iter_init_append(message, &iter);
	dbus_message_iter_open_container(&iter, DBUS_TYPE_VARIANT, signature, &variant);
	dbus_message_iter_open_container(&variant, DBUS_TYPE_ARRAY, signature + 1, &dictionary);
	for (unsigned int i = 0; i < in->items->list->len; i++) {
		const struct item *item = g_ptr_array_index(in->items->list, i);

		if (g_str_has_prefix(item->spec.path, in->prefix))
			append_below(item, item->spec.path + skip, as_text, &dictionary);
	}
	dbus_message_iter_close_container(&variant, &dictionary);
	dbus_message_iter_close_container(&iter, &variant);
	item_reply(in->items->bus, in->call, message);
}

static void get_value(const struct incoming *in)
{
	if (in->item)
		reply_value(in, &in->item->value);
	else
		reply_tree(in, false);
}

static void get_text(const struct incoming *in)
{
	if (!in->item) {
		reply_tree(in, true);
		return;
	}

	DBusMessage *message = dbus_message_new_method_return(in->call);
	const char *text = item_text(in->item);

	dbus_message_append_args(message, DBUS_TYPE_STRING, &text, DBUS_TYPE_INVALID);
	item_reply(in->items->bus, in->call, message);
}

static void reply_limit(const struct incoming *in, double limit)
{
	struct value value = value_invalid();

	if (!isfinite(limit))
		value = value_invalid();
	else if (in->item->spec.has_range && in->item->spec.type == VALUE_INT)
		value = value_int((int64_t) limit);
	else if (in->item->spec.has_range && in->item->spec.type == VALUE_DOUBLE)
		value = value_double(limit);
	reply_value(in, &value);
}

static void get_min(const struct incoming *in)
{
	reply_limit(in, in->item->spec.min);
}

static void get_max(const struct incoming *in)
{
	reply_limit(in, in->item->spec.max);
}

static void get_default(const struct incoming *in)
{
	reply_limit(in, in->item->spec.fallback);
}

/* --- The tree ----------------------------------------------------------------------------- */

static void introspect(const struct incoming *in);

static const struct method {
	const char *interface, *name;
	int places;
	void (*answer)(const struct incoming *in);
	const char *arguments;
} methods[] = {
/* clang-format off */
#define VALUE_OUT "<arg name=\"value\" type=\"v\" direction=\"out\"/>"
	{ BUS_ITEM_INTERFACE, "GetItems", AT_ROOT, get_items,
	  "<arg name=\"items\" type=\"a{sa{sv}}\" direction=\"out\"/>" },
	{ BUS_ITEM_INTERFACE, "GetValue", AT_ROOT | AT_NODE | AT_LEAF, get_value, VALUE_OUT },
	{ BUS_ITEM_INTERFACE, "GetText", AT_ROOT | AT_NODE, get_text, VALUE_OUT },
	{ BUS_ITEM_INTERFACE, "GetText", AT_LEAF, get_text,
	  "<arg name=\"text\" type=\"s\" direction=\"out\"/>" },
	{ BUS_ITEM_INTERFACE, "SetValue", AT_LEAF, item_set_requested,
	  "<arg name=\"value\" type=\"v\" direction=\"in\"/>"
	  "<arg name=\"result\" type=\"i\" direction=\"out\"/>" },
	{ BUS_ITEM_INTERFACE, "GetMin", AT_LEAF, get_min, VALUE_OUT },
	{ BUS_ITEM_INTERFACE, "GetMax", AT_LEAF, get_max, VALUE_OUT },
	{ BUS_ITEM_INTERFACE, "GetDefault", AT_LEAF, get_default, VALUE_OUT },
	{ DBUS_INTERFACE_INTROSPECTABLE, "Introspect", AT_ROOT | AT_NODE | AT_LEAF, introspect,
	  "<arg name=\"xml\" type=\"s\" direction=\"out\"/>" },
/* clang-format on */
};

static int place_of(const struct incoming *in)
{
	if (in->item)
		return AT_LEAF;
	if (g_str_equal(in->prefix, "/"))
		return AT_ROOT;
	for (unsigned int i = 0; i < in->items->list->len; i++) {
		const struct item *item = g_ptr_array_index(in->items->list, i);

		if (g_str_has_prefix(item->spec.path, in->prefix))
			return AT_NODE;
	}
	return 0;
}

static void append_interface(GString *xml, const char *interface, int place)
{
	g_string_append_printf(xml, " <interface name=\"%s\">\n", interface);
	for (size_t i = 0; i < G_N_ELEMENTS(methods); i++) {
		const struct method *m = &methods[i];

		if ((m->places & place) && g_str_equal(m->interface, interface))
			g_string_append_printf(xml, "  <method name=\"%s\">%s</method>\n", m->name,
					       m->arguments);
	}
	if (place == AT_ROOT && g_str_equal(interface, BUS_ITEM_INTERFACE))
		g_string_append(xml, "  <signal name=\"ItemsChanged\">"
				     "<arg name=\"changes\" type=\"a{sa{sv}}\"/></signal>\n");
	g_string_append(xml, " </interface>\n");
}

static void append_children(GString *xml, const struct incoming *in)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	size_t skip = strlen(in->prefix);

	for (unsigned int i = 0; i < in->items->list->len; i++) {
		const struct item *item = g_ptr_array_index(in->items->list, i);

		if (!g_str_has_prefix(item->spec.path, in->prefix))
			continue;

		const char *rest = item->spec.path + skip;
		char *name = g_strndup(rest, strcspn(rest, "/"));

		if (!g_hash_table_contains(seen, name))
			g_string_append_printf(xml, " <node name=\"%s\"/>\n", name);
		g_hash_table_add(seen, name);
	}
}

static void introspect(const struct incoming *in)
{
	GString *xml = g_string_new(DBUS_INTROSPECT_1_0_XML_DOCTYPE_DECL_NODE "<node>\n");
	DBusMessage *message = dbus_message_new_method_return(in->call);
	int place = place_of(in);

	append_interface(xml, DBUS_INTERFACE_INTROSPECTABLE, place);
	append_interface(xml, BUS_ITEM_INTERFACE, place);
	if (place != AT_LEAF)
		append_children(xml, in);
	g_string_append(xml, "</node>\n");
	dbus_message_append_args(message, DBUS_TYPE_STRING, &xml->str, DBUS_TYPE_INVALID);
	g_string_free(xml, TRUE);
	item_reply(in->items->bus, in->call, message);
}

static void answer_call(const struct incoming *in)
{
	const char *interface = dbus_message_get_interface(in->call);
	const char *name = dbus_message_get_member(in->call);
	int place = place_of(in);

	if (!place) {
		item_reply_error(in, DBUS_ERROR_UNKNOWN_OBJECT, "nothing has this path");
		return;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(methods); i++) {
		const struct method *m = &methods[i];

		if ((m->places & place) && g_str_equal(m->name, name) &&
		    (!interface || g_str_equal(m->interface, interface))) {
			m->answer(in);
			return;
		}
	}
	item_reply_error(in, DBUS_ERROR_UNKNOWN_METHOD, "this object has no such method");
}

static DBusHandlerResult on_call(DBusConnection *connection, DBusMessage *message, void *user)
{
	struct items *items = user;

	if (dbus_message_get_type(message) != DBUS_MESSAGE_TYPE_METHOD_CALL)
		return DBUS_HANDLER_RESULT_NOT_YET_HANDLED;

	const char *path = dbus_message_get_path(message);
	g_autofree char *prefix = g_str_equal(path, "/") ? g_strdup(path) :
							   g_strconcat(path, "/", NULL);
	struct incoming in = {
		.items = items,
		.item = items_find(items, path),
		.prefix = prefix,
		.call = message,
	};

	answer_call(&in);
	return DBUS_HANDLER_RESULT_HANDLED;
}

void items_export(struct items *items)
{
	static const DBusObjectPathVTable table = { .message_function = on_call };

	if (!dbus_connection_register_fallback(bus_connection(items->bus), "/", &table, items))
		g_error("out of memory");
}

void items_unexport(struct items *items)
{
	item_refuse_all(items);
	dbus_connection_unregister_object_path(bus_connection(items->bus), "/");
}
