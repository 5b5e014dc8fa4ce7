/* SPDX-License-Identifier: MIT */
#include "dbus/bus_private.h"

struct call {
	struct bus *bus;
	DBusPendingCall *pending; /* NULL: it could not be sent */
	GSource *unsent;          /* reports that */
	char *text;               /* "Method of service", for errors */
	bus_reply_fn fn;
	void *user;
};

G_DEFINE_QUARK(bus-error-quark, bus_error)

static DBusConnection *open_connection(const char *address, DBusError *error)
{
	if (!address || !*address)
		address = g_getenv("DBUS_SESSION_BUS_ADDRESS");
	if (!address || !*address)
		return dbus_bus_get_private(DBUS_BUS_SYSTEM, error);

	DBusConnection *connection = dbus_connection_open_private(address, error);

	if (connection && !dbus_bus_register(connection, error)) {
		dbus_connection_close(connection);
		dbus_connection_unref(connection);
		return NULL;
	}
	return connection;
}

static DBusHandlerResult on_message(DBusConnection *connection, DBusMessage *message, void *user)
{
	struct bus *bus = user;

	if (dbus_message_is_signal(message, DBUS_INTERFACE_LOCAL, "Disconnected")) {
		if (bus->lost)
			bus->lost(bus->lost_user);
		return DBUS_HANDLER_RESULT_HANDLED;
	}
	if (dbus_message_get_type(message) == DBUS_MESSAGE_TYPE_SIGNAL)
		bus_deliver_signal(bus, message);
	return DBUS_HANDLER_RESULT_NOT_YET_HANDLED;
}

static void free_call(void *data)
{
	struct call *call = data;

	if (call->pending) {
		dbus_pending_call_cancel(call->pending);
		dbus_pending_call_unref(call->pending);
	}
	if (call->unsent) {
		g_source_destroy(call->unsent);
		g_source_unref(call->unsent);
	}
	g_free(call->text);
	g_free(call);
}

struct bus *bus_connect(const char *address, bus_lost_fn lost, void *user, GError **error)
{
	DBusError dbus_error = DBUS_ERROR_INIT;
	DBusConnection *connection = open_connection(address, &dbus_error);

	if (!connection) {
		g_set_error(error, BUS_ERROR, BUS_ERROR_CONNECT,
			    "cannot connect to the D-Bus daemon: %s", dbus_error.message);
		dbus_error_free(&dbus_error);
		return NULL;
	}
	dbus_connection_set_exit_on_disconnect(connection, FALSE);

	struct bus *bus = g_new0(struct bus, 1);

	bus->connection = connection;
	bus->context = g_main_context_ref_thread_default();
	bus->lost = lost;
	bus->lost_user = user;
	bus->calls = g_ptr_array_new_with_free_func(free_call);
	bus->subscriptions = bus_subscriptions_new();
	bus->names = bus_names_new();
	bus->source = bus_source_new(connection, bus->context);
	if (!dbus_connection_add_filter(connection, on_message, bus, NULL))
		g_error("out of memory");
	return bus;
}

void bus_free(struct bus *bus)
{
	if (!bus)
		return;

	g_ptr_array_unref(bus->names);
	g_ptr_array_unref(bus->calls);
	g_ptr_array_unref(bus->subscriptions);
	dbus_connection_remove_filter(bus->connection, on_message, bus);
	dbus_connection_flush(bus->connection);
	dbus_connection_set_watch_functions(bus->connection, NULL, NULL, NULL, NULL, NULL);
	dbus_connection_set_timeout_functions(bus->connection, NULL, NULL, NULL, NULL, NULL);
	dbus_connection_close(bus->connection);
	g_source_destroy(bus->source);
	g_source_unref(bus->source);
	dbus_connection_unref(bus->connection);
	g_main_context_unref(bus->context);
	g_free(bus);
}

bool bus_is_connected(const struct bus *bus)
{
	return dbus_connection_get_is_connected(bus->connection);
}

const char *bus_unique_name(const struct bus *bus)
{
	return dbus_bus_get_unique_name(bus->connection);
}

DBusConnection *bus_connection(const struct bus *bus)
{
	return bus->connection;
}

void bus_send(struct bus *bus, DBusMessage *message)
{
	if (bus_is_connected(bus))
		dbus_connection_send(bus->connection, message, NULL);
	dbus_message_unref(message);
}

/* Takes the call out of the list first, so that the callback may free the bus. */
static void finish_call(struct call *call, DBusMessage *reply, const GError *error)
{
	unsigned int index = 0;

	if (g_ptr_array_find(call->bus->calls, call, &index))
		g_ptr_array_steal_index_fast(call->bus->calls, index);
	call->fn(reply, error, call->user);
	free_call(call);
}

static GError *error_from_reply(const struct call *call, DBusMessage *reply)
{
	const char *name = dbus_message_get_error_name(reply);
	enum bus_error code = BUS_ERROR_REMOTE;
	DBusError error = DBUS_ERROR_INIT;

	if (g_str_equal(name, DBUS_ERROR_NO_REPLY) || g_str_equal(name, DBUS_ERROR_TIMEOUT))
		code = BUS_ERROR_TIMEOUT;
	else if (g_str_equal(name, DBUS_ERROR_DISCONNECTED))
		code = BUS_ERROR_DISCONNECTED;
	dbus_set_error_from_message(&error, reply);

	GError *result = g_error_new(BUS_ERROR, code, "%s: %s (%s)", call->text, error.message, name);

	dbus_error_free(&error);
	return result;
}

static void on_reply(DBusPendingCall *pending, void *user)
{
	struct call *call = user;
	DBusMessage *reply = dbus_pending_call_steal_reply(pending);

	if (dbus_message_get_type(reply) == DBUS_MESSAGE_TYPE_ERROR) {
		g_autoptr(GError) error = error_from_reply(call, reply);

		finish_call(call, NULL, error);
	} else {
		finish_call(call, reply, NULL);
	}
	dbus_message_unref(reply);
}

static gboolean report_unsent(void *user)
{
	struct call *call = user;
	g_autoptr(GError) error = g_error_new(BUS_ERROR, BUS_ERROR_DISCONNECTED,
					      "%s: the D-Bus connection is lost", call->text);

	finish_call(call, NULL, error);
	return G_SOURCE_REMOVE;
}

void bus_call(struct bus *bus, DBusMessage *message, int timeout_ms, bus_reply_fn fn, void *user)
{
	struct call *call = g_new0(struct call, 1);

	call->bus = bus;
	call->fn = fn;
	call->user = user;
	call->text = g_strdup_printf("%s of %s", dbus_message_get_member(message),
				     dbus_message_get_destination(message));
	g_ptr_array_add(bus->calls, call);

	dbus_connection_send_with_reply(bus->connection, message, &call->pending, timeout_ms);
	if (call->pending) {
		dbus_pending_call_set_notify(call->pending, on_reply, call, NULL);
	} else {
		call->unsent = g_idle_source_new();
		g_source_set_callback(call->unsent, report_unsent, call, NULL);
		g_source_attach(call->unsent, bus->context);
	}
	dbus_message_unref(message);
}

void bus_forget_calls(struct bus *bus, const void *user)
{
	for (unsigned int i = bus->calls->len; i-- > 0;) {
		const struct call *call = g_ptr_array_index(bus->calls, i);

		if (call->user == user)
			g_ptr_array_remove_index_fast(bus->calls, i);
	}
}

void bus_forget(struct bus *bus, const void *user)
{
	bus_forget_names(bus, user);
	bus_forget_calls(bus, user);
	bus_forget_subscriptions(bus, user);
}
