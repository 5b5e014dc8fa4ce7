/* SPDX-License-Identifier: MIT */
#include "ctl/bus_reader.h"

#include <math.h>
#include <string.h>

#include <dbus/dbus.h>

#include "dbus/bus.h"
#include "dbus/value.h"

enum { ANSWER_MS = 3000, CONFIRMED_MS = 60000 };

struct bus_reader {
	DBusConnection *connection;
};

static DBusConnection *connect_to(const char *address, DBusError *error)
{
	const char *session = g_getenv("DBUS_SESSION_BUS_ADDRESS");

	if (!address && session && *session)
		address = session;
	if (!address)
		return dbus_bus_get_private(DBUS_BUS_SYSTEM, error);

	DBusConnection *connection = dbus_connection_open_private(address, error);

	if (connection && !dbus_bus_register(connection, error)) {
		dbus_connection_close(connection);
		dbus_connection_unref(connection);
		return NULL;
	}
	return connection;
}

struct bus_reader *bus_reader_open(const char *address, GError **error)
{
	DBusError why = DBUS_ERROR_INIT;
	DBusConnection *connection = connect_to(address, &why);

	if (!connection) {
		g_set_error(error, BUS_ERROR, BUS_ERROR_CONNECT, "%s", why.message);
		dbus_error_free(&why);
		return NULL;
	}
	dbus_connection_set_exit_on_disconnect(connection, FALSE);

	struct bus_reader *b = g_new0(struct bus_reader, 1);

	b->connection = connection;
	return b;
}

void bus_reader_free(struct bus_reader *b)
{
	if (!b)
		return;
	dbus_connection_close(b->connection);
	dbus_connection_unref(b->connection);
	g_free(b);
}

/* Takes @call. NULL: an error, or no answer. */
static DBusMessage *ask(struct bus_reader *b, DBusMessage *call)
{
	DBusMessage *reply =
		dbus_connection_send_with_reply_and_block(b->connection, call, ANSWER_MS, NULL);

	dbus_message_unref(call);
	return reply;
}

static DBusMessage *daemon_call(const char *member)
{
	return dbus_message_new_method_call(DBUS_SERVICE_DBUS, DBUS_PATH_DBUS, DBUS_INTERFACE_DBUS,
					    member);
}

char **bus_reader_names(struct bus_reader *b, const char *prefix)
{
	GPtrArray *found = g_ptr_array_new();
	DBusMessage *reply = ask(b, daemon_call("ListNames"));
	char **names = NULL;
	int count = 0;

	if (reply && dbus_message_get_args(reply, NULL, DBUS_TYPE_ARRAY, DBUS_TYPE_STRING, &names,
					   &count, DBUS_TYPE_INVALID)) {
		for (int i = 0; i < count; i++)
			if (g_str_has_prefix(names[i], prefix))
				g_ptr_array_add(found, g_strdup(names[i]));
		dbus_free_string_array(names);
	}
	if (reply)
		dbus_message_unref(reply);
	g_ptr_array_add(found, NULL);
	return (char **) g_ptr_array_free(found, FALSE);
}

bool bus_reader_has_name(struct bus_reader *b, const char *name)
{
	return dbus_bus_name_has_owner(b->connection, name, NULL);
}

unsigned bus_reader_pid(struct bus_reader *b, const char *name)
{
	DBusMessage *call = daemon_call("GetConnectionUnixProcessID");
	dbus_uint32_t pid = 0;

	dbus_message_append_args(call, DBUS_TYPE_STRING, &name, DBUS_TYPE_INVALID);
	DBusMessage *reply = ask(b, call);

	if (!reply)
		return 0;
	dbus_message_get_args(reply, NULL, DBUS_TYPE_UINT32, &pid, DBUS_TYPE_INVALID);
	dbus_message_unref(reply);
	return pid;
}

static DBusMessage *get_value(struct bus_reader *b, const char *service, const char *path,
			      struct value *value)
{
	DBusMessage *reply = ask(b, dbus_message_new_method_call(
					    service, path, "com.victronenergy.BusItem", "GetValue"));
	DBusMessageIter iter;

	*value = value_invalid();
	if (reply && dbus_message_iter_init(reply, &iter) && !value_read(&iter, value))
		*value = value_invalid();
	return reply;
}

double bus_reader_number(struct bus_reader *b, const char *service, const char *path)
{
	struct value value;
	double number = (double) NAN;
	DBusMessage *reply = get_value(b, service, path, &value);

	if (!value_to_double(&value, &number))
		number = (double) NAN;
	if (reply)
		dbus_message_unref(reply);
	return number;
}

char *bus_reader_text(struct bus_reader *b, const char *service, const char *path)
{
	struct value value;
	DBusMessage *reply = get_value(b, service, path, &value);
	char *text = value_to_string(&value);

	if (reply)
		dbus_message_unref(reply);
	return text;
}

/* @reply: {path: {property: value}} */
static void take_paths(DBusMessage *reply, const char *prefix, GPtrArray *found)
{
	DBusMessageIter iter, items, item;

	if (!dbus_message_has_signature(reply, "a{sa{sv}}"))
		return;
	dbus_message_iter_init(reply, &iter);
	dbus_message_iter_recurse(&iter, &items);
	for (; dbus_message_iter_get_arg_type(&items); dbus_message_iter_next(&items)) {
		const char *path;

		dbus_message_iter_recurse(&items, &item);
		dbus_message_iter_get_basic(&item, &path);
		if (g_str_has_prefix(path, prefix))
			g_ptr_array_add(found, g_strdup(path));
	}
}

char **bus_reader_paths(struct bus_reader *b, const char *service, const char *prefix)
{
	GPtrArray *found = g_ptr_array_new();
	DBusMessage *reply = ask(b, dbus_message_new_method_call(
					    service, "/", "com.victronenergy.BusItem", "GetItems"));

	if (reply) {
		take_paths(reply, prefix, found);
		dbus_message_unref(reply);
	}
	g_ptr_array_add(found, NULL);
	return (char **) g_ptr_array_free(found, FALSE);
}

unsigned bus_reader_remove_settings(struct bus_reader *b, char **paths)
{
	static const char group[] = "/Settings";
	DBusMessage *call = dbus_message_new_method_call("com.victronenergy.settings", group,
							 "com.victronenergy.Settings", "RemoveSettings");
	DBusMessageIter args, names;
	dbus_int32_t *results = NULL;
	int count = 0;
	unsigned removed = 0;

	dbus_message_iter_init_append(call, &args);
	dbus_message_iter_open_container(&args, DBUS_TYPE_ARRAY, "s", &names);
	for (; *paths; paths++) {
		const char *name = *paths + sizeof(group); /* relative to the group */

		dbus_message_iter_append_basic(&names, DBUS_TYPE_STRING, &name);
	}
	dbus_message_iter_close_container(&args, &names);

	DBusMessage *reply = ask(b, call);

	if (reply && dbus_message_get_args(reply, NULL, DBUS_TYPE_ARRAY, DBUS_TYPE_INT32, &results,
					   &count, DBUS_TYPE_INVALID))
		for (int i = 0; i < count; i++)
			removed += results[i] == 0;
	if (reply)
		dbus_message_unref(reply);
	return removed;
}

/* Takes @call. */
static char *ask_text(struct bus_reader *b, DBusMessage *call, int timeout_ms, GError **error)
{
	DBusError why = DBUS_ERROR_INIT;
	const char *text = NULL;
	char *answer = NULL;
	DBusMessage *reply =
		dbus_connection_send_with_reply_and_block(b->connection, call, timeout_ms, &why);

	dbus_message_unref(call);
	if (reply && dbus_message_get_args(reply, &why, DBUS_TYPE_STRING, &text, DBUS_TYPE_INVALID))
		answer = g_strdup(text);
	else
		g_set_error(error, BUS_ERROR, BUS_ERROR_REMOTE, "%s", why.message);
	dbus_error_free(&why);
	if (reply)
		dbus_message_unref(reply);
	return answer;
}

char *bus_reader_ask(struct bus_reader *b, const char *service, const char *interface,
		     const char *member, const double *numbers, size_t count, GError **error)
{
	DBusMessage *call = dbus_message_new_method_call(service, "/", interface, member);

	for (size_t i = 0; i < count; i++)
		dbus_message_append_args(call, DBUS_TYPE_DOUBLE, &numbers[i], DBUS_TYPE_INVALID);
	return ask_text(b, call, ANSWER_MS, error);
}

char *bus_reader_tell(struct bus_reader *b, const char *service, const char *interface,
		      const char *member, const char *const *texts, size_t count, GError **error)
{
	DBusMessage *call = dbus_message_new_method_call(service, "/", interface, member);

	for (size_t i = 0; i < count; i++)
		dbus_message_append_args(call, DBUS_TYPE_STRING, &texts[i], DBUS_TYPE_INVALID);
	return ask_text(b, call, CONFIRMED_MS, error);
}

int bus_reader_set(struct bus_reader *b, const char *service, const char *path, const char *text)
{
	DBusMessage *call = dbus_message_new_method_call(service, path,
							 "com.victronenergy.BusItem", "SetValue");
	const struct value value = value_string(text);
	DBusMessageIter iter;
	dbus_int32_t answer = -1;

	dbus_message_iter_init_append(call, &iter);
	value_append(&iter, &value);

	DBusMessage *reply = dbus_connection_send_with_reply_and_block(b->connection, call,
								       CONFIRMED_MS, NULL);

	dbus_message_unref(call);
	if (!reply)
		return -1;
	dbus_message_get_args(reply, NULL, DBUS_TYPE_INT32, &answer, DBUS_TYPE_INVALID);
	dbus_message_unref(reply);
	return answer;
}
