/* SPDX-License-Identifier: MIT */
#include "publish/peers.h"

#include <string.h>

#include "dbus/value.h"

enum {
	ASK_AGAIN_S = 10,
	PEERS_MAX = 16, /* more are not counted; a GX has fewer USB ports */
};

static const char BATTERY[] = "com.victronenergy.battery.";

struct peer {
	struct peers *owner;
	char *name;
	bool is_ours;
	enum managed managed;
};

struct peers {
	struct bus *bus;
	GPtrArray *list; /* of struct peer, all batteries but us */
	guint timer;
};

static void free_peer(gpointer data)
{
	struct peer *peer = data;

	bus_forget(peer->owner->bus, peer);
	g_free(peer->name);
	g_free(peer);
}

/* Asks @peer for the value of @path; @fn gets the text, NULL if there is none. */
static void ask(struct peer *peer, const char *path, bus_reply_fn fn)
{
	bus_call(peer->owner->bus,
		 dbus_message_new_method_call(peer->name, path, "com.victronenergy.BusItem",
					      "GetValue"),
		 BUS_CALL_TIMEOUT_MS, fn, peer);
}

static char *text_of(DBusMessage *reply)
{
	struct value value = value_invalid();
	DBusMessageIter iter;

	if (!reply || !dbus_message_iter_init(reply, &iter) || !value_read(&iter, &value))
		return NULL;
	return value_to_string(&value);
}

/* One that does not answer keeps what it said last. */
static void on_managed(DBusMessage *reply, const GError *error, void *user)
{
	struct peer *peer = user;
	g_autofree char *word = text_of(reply);

	if (word)
		peer->managed = managed_parse(word);
}

static void ask_managed(struct peer *peer)
{
	ask(peer, "/Settings/Charge/managed", on_managed);
}

static void on_process(DBusMessage *reply, const GError *error, void *user)
{
	struct peer *peer = user;
	g_autofree char *process = text_of(reply);

	peer->is_ours = process && strstr(process, "dbus-tinybms");
	if (peer->is_ours)
		ask_managed(peer);
}

static gboolean on_timer(void *user)
{
	struct peers *p = user;

	for (guint i = 0; i < p->list->len; i++) {
		struct peer *peer = g_ptr_array_index(p->list, i);

		if (peer->is_ours)
			ask_managed(peer);
	}
	return G_SOURCE_CONTINUE;
}

/* ---- names that come and go --------------------------------------------------------- */

static void remove_peer(struct peers *p, const char *name)
{
	for (guint i = 0; i < p->list->len; i++) {
		struct peer *peer = g_ptr_array_index(p->list, i);

		if (!g_str_equal(peer->name, name))
			continue;
		g_ptr_array_remove_index(p->list, i);
		return;
	}
}

static void add_peer(struct peers *p, const char *name)
{
	if (!g_str_has_prefix(name, BATTERY) || p->list->len == PEERS_MAX)
		return;

	struct peer *peer = g_new0(struct peer, 1);

	peer->owner = p;
	peer->name = g_strdup(name);
	g_ptr_array_add(p->list, peer);
	ask(peer, "/Mgmt/ProcessName", on_process);
}

static bool is_us(const struct peers *p, const char *unique_name)
{
	return g_strcmp0(unique_name, bus_unique_name(p->bus)) == 0;
}

static void on_owner(DBusMessage *signal, void *user)
{
	struct peers *p = user;
	const char *name, *old, *new;

	if (!dbus_message_get_args(signal, NULL, DBUS_TYPE_STRING, &name, DBUS_TYPE_STRING, &old,
				   DBUS_TYPE_STRING, &new, DBUS_TYPE_INVALID) ||
	    !g_str_has_prefix(name, BATTERY))
		return;
	remove_peer(p, name);
	if (*new && !is_us(p, new))
		add_peer(p, name);
}

/* Asked before we have a name: all that are there are others. */
static void on_names(DBusMessage *reply, const GError *error, void *user)
{
	struct peers *p = user;
	char **names = NULL;
	int count = 0;

	if (!reply || !dbus_message_get_args(reply, NULL, DBUS_TYPE_ARRAY, DBUS_TYPE_STRING, &names,
					     &count, DBUS_TYPE_INVALID))
		return;
	for (int i = 0; i < count; i++) {
		remove_peer(p, names[i]);
		add_peer(p, names[i]);
	}
	dbus_free_string_array(names);
}

struct peers *peers_new(struct bus *bus)
{
	const struct bus_match owner_changes = { .sender = DBUS_SERVICE_DBUS,
						 .interface = DBUS_INTERFACE_DBUS,
						 .member = "NameOwnerChanged" };
	struct peers *p = g_new0(struct peers, 1);

	p->bus = bus;
	p->list = g_ptr_array_new_with_free_func(free_peer);
	bus_subscribe(bus, &owner_changes, on_owner, p);
	bus_call(bus,
		 dbus_message_new_method_call(DBUS_SERVICE_DBUS, DBUS_PATH_DBUS,
					      DBUS_INTERFACE_DBUS, "ListNames"),
		 BUS_CALL_TIMEOUT_MS, on_names, p);
	p->timer = g_timeout_add_seconds(ASK_AGAIN_S, on_timer, p);
	return p;
}

void peers_free(struct peers *p)
{
	if (!p)
		return;
	g_source_remove(p->timer);
	bus_forget(p->bus, p);
	g_ptr_array_unref(p->list);
	g_free(p);
}

unsigned peers_count(const struct peers *p)
{
	unsigned count = 0;

	for (guint i = 0; i < p->list->len; i++)
		count += ((const struct peer *) g_ptr_array_index(p->list, i))->is_ours;
	return count;
}

const char *peers_complaint(const struct peers *p, enum managed own)
{
	enum managed all[PEERS_MAX + 1] = { own };
	unsigned count = 1;

	for (guint i = 0; i < p->list->len; i++) {
		const struct peer *peer = g_ptr_array_index(p->list, i);

		if (peer->is_ours)
			all[count++] = peer->managed;
	}
	return managed_complaint(all, count);
}
