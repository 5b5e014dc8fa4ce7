/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "dbus/bus_private.h"

/* Counted, because a callback may forget the subscription it is called for. */
struct subscription {
	char *interface, *member, *path, *path_namespace, *arg0;
	char *rule; /* NULL once it is forgotten */
	bus_signal_fn fn;
	void *user;
};

static void clear_subscription(void *data)
{
	struct subscription *s = data;

	g_free(s->interface);
	g_free(s->member);
	g_free(s->path);
	g_free(s->path_namespace);
	g_free(s->arg0);
	g_free(s->rule);
}

static void release_subscription(void *data)
{
	g_rc_box_release_full(data, clear_subscription);
}

GPtrArray *bus_subscriptions_new(void)
{
	return g_ptr_array_new_with_free_func(release_subscription);
}

static void append_rule(GString *rule, const char *key, const char *value)
{
	if (value)
		g_string_append_printf(rule, ",%s='%s'", key, value);
}

static char *rule_text(const struct bus_match *match)
{
	GString *rule = g_string_new("type='signal'");

	append_rule(rule, "sender", match->sender);
	append_rule(rule, "interface", match->interface);
	append_rule(rule, "member", match->member);
	append_rule(rule, "path", match->path);
	append_rule(rule, "path_namespace", match->path_namespace);
	append_rule(rule, "arg0", match->arg0);
	return g_string_free(rule, FALSE);
}

/* Without a place for an error libdbus does not wait for the daemon's answer. */
void bus_subscribe(struct bus *bus, const struct bus_match *match, bus_signal_fn fn, void *user)
{
	struct subscription *s = g_rc_box_new0(struct subscription);

	s->interface = g_strdup(match->interface);
	s->member = g_strdup(match->member);
	s->path = g_strdup(match->path);
	s->path_namespace = g_strdup(match->path_namespace);
	s->arg0 = g_strdup(match->arg0);
	s->rule = rule_text(match);
	s->fn = fn;
	s->user = user;
	g_ptr_array_add(bus->subscriptions, s);
	if (bus_is_connected(bus))
		dbus_bus_add_match(bus->connection, s->rule, NULL);
}

void bus_forget_subscriptions(struct bus *bus, const void *user)
{
	for (unsigned int i = bus->subscriptions->len; i-- > 0;) {
		struct subscription *s = g_ptr_array_index(bus->subscriptions, i);

		if (s->user != user)
			continue;
		if (bus_is_connected(bus))
			dbus_bus_remove_match(bus->connection, s->rule, NULL);
		g_clear_pointer(&s->rule, g_free);
		g_ptr_array_remove_index(bus->subscriptions, i);
	}
}

static bool is_equal(const char *wanted, const char *have)
{
	return !wanted || g_strcmp0(wanted, have) == 0;
}

static bool is_below(const char *top, const char *path)
{
	if (!top || g_str_equal(top, "/"))
		return true;

	size_t length = strlen(top);

	return path && strncmp(path, top, length) == 0 &&
	       (path[length] == '\0' || path[length] == '/');
}

static bool has_arg0(DBusMessage *message, const char *wanted)
{
	const char *have = NULL;

	if (!wanted)
		return true;
	return dbus_message_get_args(message, NULL, DBUS_TYPE_STRING, &have, DBUS_TYPE_INVALID) &&
	       g_str_equal(have, wanted);
}

static bool is_wanted(const struct subscription *s, DBusMessage *signal)
{
	const char *path = dbus_message_get_path(signal);

	return s->rule && is_equal(s->member, dbus_message_get_member(signal)) &&
	       is_equal(s->interface, dbus_message_get_interface(signal)) &&
	       is_equal(s->path, path) && is_below(s->path_namespace, path) &&
	       has_arg0(signal, s->arg0);
}

/* A callback may subscribe, forget or free the bus: go through a copy, touch no bus after. */
void bus_deliver_signal(struct bus *bus, DBusMessage *signal)
{
	g_autoptr(GPtrArray) copy = bus_subscriptions_new();

	for (unsigned int i = 0; i < bus->subscriptions->len; i++)
		g_ptr_array_add(copy, g_rc_box_acquire(bus->subscriptions->pdata[i]));
	for (unsigned int i = 0; i < copy->len; i++) {
		const struct subscription *s = g_ptr_array_index(copy, i);

		if (is_wanted(s, signal))
			s->fn(signal, s->user);
	}
}
