/* SPDX-License-Identifier: MIT */
/*
 * localsettings_signals - what the settings service announces
 *
 * Source: localsettings v1.76 sends PropertiesChanged from the setting's own
 * object, with an invalid value when the setting is removed. velib_python
 * listens to ItemsChanged on `/` as well, and so do we.
 */
#include "dbus/localsettings_private.h"

#include <string.h>

/* `dict` points into the a{sv} of the setting at `path`, ours or not. */
static void take_change(struct localsettings *s, const char *path, DBusMessageIter *dict)
{
	struct localsetting *setting = localsettings_find(s, path);
	DBusMessageIter variant;
	const char *key = NULL;
	struct value value;

	while (setting && value_next_entry(dict, &key, &variant)) {
		if (strcmp(key, "Value") != 0 || !value_read(&variant, &value))
			continue;
		if (value.type != VALUE_INVALID) {
			localsetting_take(setting, &value);
			return;
		}
		/* somebody removed it */
		setting->is_added = false;
		localsettings_add_later(s, LOCALSETTINGS_ADD_AGAIN_MS);
		return;
	}
}

static bool is_from_service(const struct localsettings *s, DBusMessage *signal)
{
	return s->owner && g_strcmp0(dbus_message_get_sender(signal), s->owner) == 0;
}

static void on_properties_changed(DBusMessage *signal, void *user)
{
	struct localsettings *s = user;
	DBusMessageIter iter, dict;

	if (!is_from_service(s, signal) || !dbus_message_has_signature(signal, "a{sv}"))
		return;
	dbus_message_iter_init(signal, &iter);
	dbus_message_iter_recurse(&iter, &dict);
	take_change(s, dbus_message_get_path(signal), &dict);
}

static void on_items_changed(DBusMessage *signal, void *user)
{
	struct localsettings *s = user;
	DBusMessageIter iter, items, properties, dict;
	const char *path = NULL;

	if (!is_from_service(s, signal) || !dbus_message_has_signature(signal, "a{sa{sv}}"))
		return;
	dbus_message_iter_init(signal, &iter);
	dbus_message_iter_recurse(&iter, &items);
	while (value_next_entry(&items, &path, &properties)) {
		dbus_message_iter_recurse(&properties, &dict);
		take_change(s, path, &dict);
	}
}

void localsettings_listen(struct localsettings *s)
{
	const struct bus_match one = { .sender = LOCALSETTINGS_SERVICE,
				       .interface = LOCALSETTINGS_ITEM_INTERFACE,
				       .member = "PropertiesChanged",
				       .path_namespace = "/Settings" };
	const struct bus_match many = { .sender = LOCALSETTINGS_SERVICE,
					.interface = LOCALSETTINGS_ITEM_INTERFACE,
					.member = "ItemsChanged",
					.path = "/" };

	bus_subscribe(s->bus, &one, on_properties_changed, s);
	bus_subscribe(s->bus, &many, on_items_changed, s);
}
