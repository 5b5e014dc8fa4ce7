/* SPDX-License-Identifier: MIT */
/* localsettings_add - AddSettings of localsettings v1.76: the call, its answer, its error codes */
#include "dbus/localsettings_private.h"

#include <string.h>

static const char *const SETTINGS_INTERFACE = "com.victronenergy.Settings";

/* ---- the call ----------------------------------------------------------------------- */

static void append_pair(DBusMessageIter *dict, const char *key, const struct value *value)
{
	DBusMessageIter pair;

	dbus_message_iter_open_container(dict, DBUS_TYPE_DICT_ENTRY, NULL, &pair);
	dbus_message_iter_append_basic(&pair, DBUS_TYPE_STRING, &key);
	value_append(&pair, value);
	dbus_message_iter_close_container(dict, &pair);
}

static struct value limit(const struct localsetting *setting, double number)
{
	return setting->fallback.type == VALUE_DOUBLE ? value_double(number)
						      : value_int((int64_t) number);
}

static void append_setting(DBusMessageIter *array, const struct localsetting *setting)
{
	const struct value path = value_string(setting->path);
	DBusMessageIter dict;

	dbus_message_iter_open_container(array, DBUS_TYPE_ARRAY, "{sv}", &dict);
	append_pair(&dict, "path", &path);
	append_pair(&dict, "default", &setting->fallback);
	if (setting->fallback.type != VALUE_STRING) {
		const struct value min = limit(setting, setting->min);
		const struct value max = limit(setting, setting->max);

		append_pair(&dict, "min", &min);
		append_pair(&dict, "max", &max);
	}
	dbus_message_iter_close_container(array, &dict);
}

/* Appends those that the service does not have, and counts them. */
static unsigned int append_missing(DBusMessage *call, const struct localsettings *s)
{
	DBusMessageIter iter, array;
	unsigned int count = 0;

	dbus_message_iter_init_append(call, &iter);
	dbus_message_iter_open_container(&iter, DBUS_TYPE_ARRAY, "a{sv}", &array);
	for (guint i = 0; i < s->list->len; i++) {
		const struct localsetting *setting = g_ptr_array_index(s->list, i);

		if (setting->is_added)
			continue;
		append_setting(&array, setting);
		count++;
	}
	dbus_message_iter_close_container(&iter, &array);
	return count;
}

/* ---- the answer --------------------------------------------------------------------- */

static const char *why_not_added(int64_t code)
{
	switch (code) {
	case -2:
		return "a part of its name begins with an underscore";
	case -3:
	case -5:
		return "it exists with another type";
	case -4:
	case -9:
		return "its path is not possible";
	case -6:
	case -7:
		return "its default is not possible";
	case -8:
		return "it is a group";
	default:
		return "for an unknown reason";
	}
}

struct added {
	const char *path;
	int64_t code;
	struct value value;
};

static void take_added(struct localsettings *s, const struct added *added)
{
	struct localsetting *setting = added->path ? localsettings_find(s, added->path) : NULL;

	if (!setting)
		return;
	if (added->code != 0) {
		localsettings_complain(s, "The settings service refused %s: %s (answer %d).",
				       setting->path, why_not_added(added->code),
				       (int) added->code);
		return;
	}
	setting->is_added = true;
	localsetting_write_wanted(setting);
	localsetting_take(setting, &added->value);
}

static struct added read_added(DBusMessageIter *dict)
{
	struct added added = { .code = -1 };
	const char *key = NULL;
	DBusMessageIter variant;
	struct value value;

	while (value_next_entry(dict, &key, &variant)) {
		if (!value_read(&variant, &value))
			continue;
		if (strcmp(key, "path") == 0 && value.type == VALUE_STRING)
			added.path = value.string;
		else if (strcmp(key, "error") == 0)
			value_to_int(&value, &added.code);
		else if (strcmp(key, "value") == 0)
			added.value = value;
	}
	return added;
}

static void on_added(DBusMessage *reply, const GError *error, void *user)
{
	struct localsettings *s = user;
	DBusMessageIter iter, array;

	if (error || !dbus_message_has_signature(reply, "aa{sv}")) {
		localsettings_complain(
			s, "The settings service did not take our settings: %s; trying again.",
			error ? error->message : "its answer makes no sense");
		localsettings_add_later(s, LOCALSETTINGS_ADD_AGAIN_MS);
		return;
	}
	dbus_message_iter_init(reply, &iter);
	dbus_message_iter_recurse(&iter, &array);
	for (; dbus_message_iter_get_arg_type(&array) == DBUS_TYPE_ARRAY;
	     dbus_message_iter_next(&array)) {
		DBusMessageIter dict;

		dbus_message_iter_recurse(&array, &dict);
		const struct added added = read_added(&dict);

		take_added(s, &added);
	}
}

void localsettings_add_all(struct localsettings *s)
{
	DBusMessage *call = dbus_message_new_method_call(LOCALSETTINGS_SERVICE, "/",
							 SETTINGS_INTERFACE, "AddSettings");

	if (append_missing(call, s) > 0 && s->owner)
		bus_call(s->bus, call, BUS_CALL_TIMEOUT_MS, on_added, s);
	else
		dbus_message_unref(call);
}

static gboolean on_add_again(void *user)
{
	struct localsettings *s = user;

	s->add_again = 0;
	localsettings_add_all(s);
	return G_SOURCE_REMOVE;
}

void localsettings_add_later(struct localsettings *s, guint delay_ms)
{
	if (!s->add_again)
		s->add_again = g_timeout_add(delay_ms, on_add_again, s);
}
