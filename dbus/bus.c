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

/* D-Bus specification, "Well-known Message Bus Instances". */
static const char SYSTEM_BUS[] = "unix:path=/var/run/dbus/system_bus_socket";

static const char *address_of(const char *address)
{
	const char *candidates[] = { address, g_getenv("DBUS_SESSION_BUS_ADDRESS"),
				     g_getenv("DBUS_SYSTEM_BUS_ADDRESS") };

	for (size_t i = 0; i < G_N_ELEMENTS(candidates); i++) {
		if (candidates[i] && *candidates[i])
			return candidates[i];
	}
	return SYSTEM_BUS;
}

static void tell_state(struct bus *bus, const char *trouble)
{
	if (bus->is_lost)
		return;
	bus->is_lost = trouble != NULL;
	if (bus->state_fn)
		bus->state_fn(trouble, bus->state_user);
}

static DBusHandlerResult on_message(DBusConnection *connection, DBusMessage *message, void *user)
{
	struct bus *bus = user;

	if (dbus_message_is_signal(message, DBUS_INTERFACE_LOCAL, "Disconnected")) {
		tell_state(bus, "The D-Bus daemon has ended the connection");
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

/* dbus_bus_register() would wait for this answer, for minutes if it must. */
static void on_hello(DBusMessage *reply, const GError *error, void *user)
{
	struct bus *bus = user;
	const char *name = NULL;

	if (reply && dbus_message_get_args(reply, NULL, DBUS_TYPE_STRING, &name, DBUS_TYPE_INVALID)) {
		dbus_bus_set_unique_name(bus->connection, name);
		tell_state(bus, NULL);
		return;
	}
	if (!bus_is_connected(bus))
		return; /* its end is told where all ends are */
	dbus_connection_close(bus->connection);
	tell_state(bus, "The D-Bus daemon does not answer");
}

static void say_hello(struct bus *bus)
{
	bus_call(bus,
		 dbus_message_new_method_call(DBUS_SERVICE_DBUS, DBUS_PATH_DBUS,
					      DBUS_INTERFACE_DBUS, "Hello"),
		 BUS_CALL_TIMEOUT_MS, on_hello, bus);
}

struct bus *bus_connect(const char *address, bus_state_fn fn, void *user, GError **error)
{
	DBusError dbus_error = DBUS_ERROR_INIT;
	DBusConnection *connection = dbus_connection_open_private(address_of(address), &dbus_error);

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
	bus->state_fn = fn;
	bus->state_user = user;
	bus->calls = g_ptr_array_new_with_free_func(free_call);
	bus->subscriptions = bus_subscriptions_new();
	bus->names = bus_names_new();
	bus->source = bus_source_new(connection, bus->context);
	if (!dbus_connection_add_filter(connection, on_message, bus, NULL))
		g_error("out of memory");
	say_hello(bus);
	return bus;
}

/* dbus_connection_flush() waits for ever if the daemon does not read. */
static void flush_briefly(DBusConnection *connection)
{
	const gint64 end_us = g_get_monotonic_time() + BUS_FLUSH_MS * G_TIME_SPAN_MILLISECOND;

	while (dbus_connection_get_is_authenticated(connection) &&
	       dbus_connection_has_messages_to_send(connection) &&
	       g_get_monotonic_time() < end_us &&
	       dbus_connection_read_write(connection, 10))
		;
}

void bus_free(struct bus *bus)
{
	if (!bus)
		return;

	g_ptr_array_unref(bus->names);
	g_ptr_array_unref(bus->calls);
	g_ptr_array_unref(bus->subscriptions);
	dbus_connection_remove_filter(bus->connection, on_message, bus);
	flush_briefly(bus->connection);
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
