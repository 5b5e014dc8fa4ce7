/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "gateway/fleet_private.h"
#include "manage/manage_service.h"

enum { RECONNECT_FIRST_S = 1, RECONNECT_MAX_S = 10 };

G_DEFINE_QUARK(fleet_error, fleet_error)

static void connect_bus(struct fleet *f);

/* ---- batteries come and go ---------------------------------------------------------------- */

static gint index_of(const struct fleet *f, const char *name)
{
	for (guint i = 0; i < f->batteries->len; i++) {
		const struct fleet_battery *b = g_ptr_array_index(f->batteries, i);

		if (strcmp(b->name, name) == 0)
			return (gint) i;
	}
	return -1;
}

static gint compare_ids(gconstpointer a, gconstpointer b)
{
	const struct fleet_battery *const *x = a, *const *y = b;

	return strcmp((*x)->id, (*y)->id);
}

static void arrive(struct fleet *f, const char *name)
{
	if (!g_str_has_prefix(name, MANAGE_NAME_PREFIX) || index_of(f, name) >= 0)
		return;
	g_ptr_array_add(f->batteries, fleet_battery_new(f, name));
	g_ptr_array_sort(f->batteries, compare_ids);
}

static void leave(struct fleet *f, guint index)
{
	struct fleet_battery *b = g_ptr_array_steal_index(f->batteries, index);

	for (guint i = 0; i < f->watches->len; i++) {
		const struct fleet_watch *w = &g_array_index(f->watches, struct fleet_watch, i);

		if (w->gone)
			w->gone(b, w->user);
	}
	fleet_battery_free(b, true);
}

static void on_owner_changed(DBusMessage *signal, void *user)
{
	struct fleet *f = user;
	const char *name, *old_owner, *new_owner;

	if (!dbus_message_has_sender(signal, DBUS_SERVICE_DBUS) ||
	    !dbus_message_get_args(signal, NULL, DBUS_TYPE_STRING, &name, DBUS_TYPE_STRING,
				   &old_owner, DBUS_TYPE_STRING, &new_owner, DBUS_TYPE_INVALID))
		return;
	const gint index = index_of(f, name);

	/* A new owner is a new service: what the old one said is not its word. */
	if (index >= 0 && old_owner[0])
		leave(f, (guint) index);
	if (new_owner[0])
		arrive(f, name);
}

static void lose_bus(struct fleet *f, const char *trouble);

static void on_names(DBusMessage *reply, const GError *error, void *user)
{
	struct fleet *f = user;
	char **names = NULL;
	int count = 0;

	if (error && !bus_is_connected(f->bus))
		return; /* its end is told where all ends are */
	/* Who was there before us would never be seen. */
	if (error || !dbus_message_get_args(reply, NULL, DBUS_TYPE_ARRAY, DBUS_TYPE_STRING, &names,
					    &count, DBUS_TYPE_INVALID)) {
		lose_bus(f, "The D-Bus daemon does not say who is on the bus");
		return;
	}
	for (int i = 0; i < count; i++)
		arrive(f, names[i]);
	dbus_free_string_array(names);
}

/* ---- the bus ------------------------------------------------------------------------------ */

static gboolean on_reconnect(void *user)
{
	struct fleet *f = user;

	f->reconnect = 0;
	connect_bus(f);
	return G_SOURCE_REMOVE;
}

static void lose_bus(struct fleet *f, const char *trouble)
{
	g_free(f->trouble);
	f->trouble = g_strdup(trouble);
	while (f->batteries->len)
		leave(f, f->batteries->len - 1);
	g_clear_pointer(&f->bus, bus_free);
	f->reconnect = g_timeout_add_seconds(f->reconnect_s, on_reconnect, f);
	f->reconnect_s = MIN(2 * f->reconnect_s, RECONNECT_MAX_S);
}

static void on_bus_state(const char *trouble, void *user)
{
	struct fleet *f = user;

	if (trouble) {
		lose_bus(f, trouble);
		return;
	}
	g_clear_pointer(&f->trouble, g_free);
	f->reconnect_s = RECONNECT_FIRST_S;
}

static void connect_bus(struct fleet *f)
{
	const struct bus_match match = { .sender = DBUS_SERVICE_DBUS,
					 .interface = DBUS_INTERFACE_DBUS,
					 .member = "NameOwnerChanged" };
	g_autoptr(GError) error = NULL;

	f->bus = bus_connect(f->address, on_bus_state, f, &error);
	if (!f->bus) {
		lose_bus(f, error->message);
		return;
	}
	bus_subscribe(f->bus, &match, on_owner_changed, f);
	bus_call(f->bus,
		 dbus_message_new_method_call(DBUS_SERVICE_DBUS, DBUS_PATH_DBUS,
					      DBUS_INTERFACE_DBUS, "ListNames"),
		 BUS_CALL_TIMEOUT_MS, on_names, f);
}

/* ---- what others see ---------------------------------------------------------------------- */

struct fleet *fleet_new(const char *bus_address, double interval_s)
{
	struct fleet *f = g_new0(struct fleet, 1);

	f->address = g_strdup(bus_address);
	f->interval_s = interval_s;
	f->reconnect_s = RECONNECT_FIRST_S;
	f->batteries = g_ptr_array_new();
	f->watches = g_array_new(FALSE, FALSE, sizeof(struct fleet_watch));
	connect_bus(f);
	return f;
}

void fleet_free(struct fleet *f)
{
	if (!f)
		return;
	if (f->reconnect)
		g_source_remove(f->reconnect);
	for (guint i = 0; i < f->batteries->len; i++)
		fleet_battery_free(g_ptr_array_index(f->batteries, i), false);
	g_ptr_array_unref(f->batteries);
	g_array_unref(f->watches);
	bus_free(f->bus);
	g_free(f->trouble);
	g_free(f->address);
	g_free(f);
}

void fleet_add_watch(struct fleet *f, const struct fleet_watch *watch)
{
	g_array_append_val(f->watches, *watch);
}

const char *fleet_trouble(const struct fleet *f)
{
	return f->trouble;
}

guint fleet_count(const struct fleet *f)
{
	return f->batteries->len;
}

struct fleet_battery *fleet_at(const struct fleet *f, guint index)
{
	return g_ptr_array_index(f->batteries, index);
}

static bool is_text(const cJSON *document, const char *key, const char *wanted)
{
	return g_strcmp0(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(document, key)),
			 wanted) == 0;
}

static bool is_wanted(const struct fleet_battery *b, const char *wanted)
{
	const cJSON *instance = cJSON_GetObjectItemCaseSensitive(b->document, "instance");
	g_autofree char *number =
		cJSON_IsNumber(instance) ? g_strdup_printf("%d", instance->valueint) : NULL;

	return is_text(b->document, "serial", wanted) || is_text(b->document, "name", wanted) ||
	       g_strcmp0(number, wanted) == 0;
}

struct fleet_battery *fleet_find(struct fleet *f, const char *wanted)
{
	struct fleet_battery *found = NULL;

	for (guint i = 0; i < f->batteries->len; i++) {
		struct fleet_battery *b = fleet_at(f, i);

		if (strcmp(b->id, wanted) == 0)
			return b;
	}
	for (guint i = 0; i < f->batteries->len; i++) {
		struct fleet_battery *b = fleet_at(f, i);

		if (!is_wanted(b, wanted))
			continue;
		if (found)
			return NULL;
		found = b;
	}
	return found;
}
