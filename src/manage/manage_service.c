/* SPDX-License-Identifier: MIT */
#include "manage/manage_private.h"

#include <string.h>

enum { RECONNECT_FIRST_S = 1, RECONNECT_MAX_S = 10 };

static void connect_bus(struct manage_service *s);

/* ---- method calls ------------------------------------------------------------------- */

void manage_reply(struct manage_service *s, DBusMessage *call, DBusMessage *reply)
{
	if (dbus_message_get_no_reply(call))
		dbus_message_unref(reply);
	else
		bus_send(s->bus, reply);
}

static void append_method(GString *xml, const struct manage_method *method)
{
	g_string_append_printf(xml, "  <method name=\"%s\">\n", method->name);
	for (unsigned i = 0; i < MANAGE_ARGUMENTS_MAX && method->arguments[i].name; i++)
		g_string_append_printf(xml, "   <arg name=\"%s\" type=\"%c\" direction=\"in\"/>\n",
				       method->arguments[i].name,
				       method->arguments[i].type == VALUE_STRING ? 's' : 'd');
	g_string_append(xml, "   <arg name=\"json\" type=\"s\" direction=\"out\"/>\n"
			     "  </method>\n");
}

static void introspect(struct manage_service *s, DBusMessage *call)
{
	g_autoptr(GString) xml = g_string_new(DBUS_INTROSPECT_1_0_XML_DOCTYPE_DECL_NODE "<node>\n");
	DBusMessage *reply = dbus_message_new_method_return(call);

	g_string_append(xml, " <interface name=\"" DBUS_INTERFACE_INTROSPECTABLE "\">\n"
			     "  <method name=\"Introspect\">"
			     "<arg name=\"xml\" type=\"s\" direction=\"out\"/></method>\n"
			     " </interface>\n <interface name=\"" MANAGE_INTERFACE "\">\n");
	g_string_append_printf(
		xml, "  <annotation name=\"" MANAGE_INTERFACE ".Version\" value=\"%d\"/>\n",
		MANAGE_VERSION);
	for (guint i = 0; i < s->methods->len; i++)
		append_method(xml,
			      ((struct registered *) g_ptr_array_index(s->methods, i))->method);
	g_string_append(xml, " </interface>\n</node>\n");
	dbus_message_append_args(reply, DBUS_TYPE_STRING, &xml->str, DBUS_TYPE_INVALID);
	manage_reply(s, call, reply);
}

static const struct registered *find(const struct manage_service *s, DBusMessage *call)
{
	const char *interface = dbus_message_get_interface(call);

	if (interface && strcmp(interface, MANAGE_INTERFACE) != 0)
		return NULL;
	for (guint i = 0; i < s->methods->len; i++) {
		const struct registered *r = g_ptr_array_index(s->methods, i);

		if (dbus_message_has_member(call, r->method->name))
			return r;
	}
	return NULL;
}

static DBusHandlerResult on_call(DBusConnection *connection, DBusMessage *call, void *user)
{
	struct manage_service *s = user;
	const struct registered *r;

	if (dbus_message_get_type(call) != DBUS_MESSAGE_TYPE_METHOD_CALL)
		return DBUS_HANDLER_RESULT_NOT_YET_HANDLED;
	if (dbus_message_is_method_call(call, DBUS_INTERFACE_INTROSPECTABLE, "Introspect")) {
		introspect(s, call);
		return DBUS_HANDLER_RESULT_HANDLED;
	}
	r = find(s, call);
	if (!r)
		return DBUS_HANDLER_RESULT_NOT_YET_HANDLED; /* libdbus says which is unknown */
	manage_request_begin(s, r, call);
	return DBUS_HANDLER_RESULT_HANDLED;
}

/* ---- the connection ----------------------------------------------------------------- */

static void on_name(const GError *error, void *user)
{
	struct manage_service *s = user;

	if (error)
		log_transition(&s->topic, LOG_WARNING, "%s; tinybmsctl cannot reach this service.",
			       error->message);
}

static void ask_for_name(struct manage_service *s)
{
	bus_request_name(s->bus, s->name, on_name, s);
}

static void forget_bus(struct manage_service *s)
{
	if (!s->bus)
		return;
	manage_requests_orphan(s);
	dbus_connection_unregister_object_path(bus_connection(s->bus), "/");
	g_clear_pointer(&s->bus, bus_free);
}

static gboolean on_reconnect(void *user)
{
	struct manage_service *s = user;

	s->reconnect = 0;
	connect_bus(s);
	return G_SOURCE_REMOVE;
}

static void connect_later(struct manage_service *s)
{
	s->reconnect = g_timeout_add_seconds(s->reconnect_s, on_reconnect, s);
	s->reconnect_s = MIN(2 * s->reconnect_s, RECONNECT_MAX_S);
}

/* The battery's own connection says it in the log when the bus ends. */
static void on_bus_state(const char *trouble, void *user)
{
	struct manage_service *s = user;

	if (!trouble) {
		s->reconnect_s = RECONNECT_FIRST_S;
		return;
	}
	forget_bus(s);
	connect_later(s);
}

static void connect_bus(struct manage_service *s)
{
	static const DBusObjectPathVTable table = { .message_function = on_call };

	s->bus = bus_connect(s->address, on_bus_state, s, NULL);
	if (!s->bus) {
		connect_later(s);
		return;
	}
	if (!dbus_connection_register_object_path(bus_connection(s->bus), "/", &table, s))
		g_error("out of memory");
	ask_for_name(s);
}

/* ---- what the owner sees ------------------------------------------------------------- */

/* "/dev/serial/by-id/usb-Silicon_Labs_CP2102-if00": "usb_Silicon_Labs_CP2102_if00". */
static char *name_of(const char *port)
{
	g_autofree char *base = port[0] ? g_path_get_basename(port) : g_strdup("none");
	const char *digit = g_ascii_isdigit(base[0]) ? "port" : "";

	g_strcanon(base, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_", '_');
	return g_strconcat(MANAGE_NAME_PREFIX, digit, base, NULL);
}

void manage_service_set_id(struct manage_service *s, const char *port)
{
	g_autofree char *name = name_of(port);

	if (strcmp(name, s->name) == 0)
		return;
	if (s->bus)
		bus_release_name(s->bus, s->name);
	g_free(s->name);
	s->name = g_steal_pointer(&name);
	if (s->bus)
		ask_for_name(s);
}

void manage_service_allow_remote(struct manage_service *s, bool is_allowed)
{
	s->is_remote_allowed = is_allowed;
}

void manage_service_add(struct manage_service *s, const struct manage_method *method, void *user)
{
	struct registered *r = g_new(struct registered, 1);

	*r = (struct registered){ .method = method, .user = user };
	g_ptr_array_add(s->methods, r);
}

struct manage_service *manage_service_new(const char *address, const char *id)
{
	struct manage_service *s = g_new0(struct manage_service, 1);

	s->address = g_strdup(address);
	s->name = name_of(id);
	s->reconnect_s = RECONNECT_FIRST_S;
	s->methods = g_ptr_array_new_with_free_func(g_free);
	s->requests = g_ptr_array_new();
	connect_bus(s);
	return s;
}

void manage_service_free(struct manage_service *s)
{
	if (!s)
		return;
	if (s->reconnect)
		g_source_remove(s->reconnect);
	forget_bus(s);
	g_ptr_array_unref(s->methods);
	g_ptr_array_unref(s->requests);
	g_free(s->name);
	g_free(s->address);
	g_free(s);
}
