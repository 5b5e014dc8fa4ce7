/* SPDX-License-Identifier: MIT */
#include "dbus/localsettings_private.h"

#include <stdarg.h>
#include <string.h>

void localsettings_complain(const struct localsettings *s, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_autofree char *sentence = g_strdup_vprintf(format, arguments);

	va_end(arguments);
	s->log(sentence, true, s->log_user);
}

struct localsetting *localsettings_find(const struct localsettings *s, const char *path)
{
	for (guint i = 0; i < s->list->len; i++) {
		struct localsetting *setting = g_ptr_array_index(s->list, i);

		if (strcmp(setting->path, path) == 0)
			return setting;
	}
	return NULL;
}

void localsetting_take(struct localsetting *setting, const struct value *value)
{
	if (value->type == VALUE_INVALID || value_equals(value, &setting->known))
		return;
	value_clear(&setting->known);
	setting->known = value_copy(value);
	if (setting->fn)
		setting->fn(&setting->known, setting->user);
}

/* ---- writing ------------------------------------------------------------------------ */

/* Without an answer it is written again when the service returns. */
static void keep_unanswered(struct localsetting *setting)
{
	if (setting->wanted.type != VALUE_INVALID)
		return;
	setting->wanted = setting->sent;
	setting->sent = value_invalid();
}

static void on_written(DBusMessage *reply, const GError *error, void *user)
{
	struct localsetting *setting = user;
	dbus_int32_t code = -1;

	if (error) {
		keep_unanswered(setting);
		localsettings_complain(setting->owner, "The setting %s could not be written: %s",
				       setting->path, error->message);
	} else if (!dbus_message_get_args(reply, NULL, DBUS_TYPE_INT32, &code, DBUS_TYPE_INVALID) ||
		   code != 0) {
		localsettings_complain(setting->owner,
				       "The settings service refused a value for %s (answer %d).",
				       setting->path, code);
	}
	value_clear(&setting->sent);
}

void localsetting_write_wanted(struct localsetting *setting)
{
	struct localsettings *s = setting->owner;

	if (setting->wanted.type == VALUE_INVALID || !setting->is_added || !s->owner)
		return;
	DBusMessage *call = dbus_message_new_method_call(LOCALSETTINGS_SERVICE, setting->path,
							 LOCALSETTINGS_ITEM_INTERFACE, "SetValue");
	DBusMessageIter iter;

	dbus_message_iter_init_append(call, &iter);
	value_append(&iter, &setting->wanted);
	value_clear(&setting->sent);
	setting->sent = setting->wanted;
	setting->wanted = value_invalid();
	bus_call(s->bus, call, BUS_CALL_TIMEOUT_MS, on_written, setting);
}

void localsetting_write(struct localsetting *setting, const struct value *value)
{
	value_clear(&setting->wanted);
	setting->wanted = value_copy(value);
	localsetting_write_wanted(setting);
}

struct value localsetting_value(const struct localsetting *setting)
{
	return setting->known;
}

/* ---- the list ----------------------------------------------------------------------- */

struct localsetting *localsettings_add(struct localsettings *s,
				       const struct localsetting_spec *spec)
{
	struct localsetting *setting = g_new0(struct localsetting, 1);

	setting->owner = s;
	setting->path = g_strdup(spec->path);
	setting->fallback = value_copy(&spec->fallback);
	setting->min = spec->min;
	setting->max = spec->max;
	setting->fn = spec->fn;
	setting->user = spec->user;
	g_ptr_array_add(s->list, setting);
	/* those that are added in one go are asked for in one call */
	localsettings_add_later(s, 0);
	return setting;
}

static void free_setting(void *data)
{
	struct localsetting *setting = data;

	bus_forget(setting->owner->bus, setting);
	value_clear(&setting->fallback);
	value_clear(&setting->known);
	value_clear(&setting->wanted);
	value_clear(&setting->sent);
	g_free(setting->path);
	g_free(setting);
}

void localsettings_remove(struct localsetting *setting)
{
	g_ptr_array_remove(setting->owner->list, setting);
}

/* ---- the service -------------------------------------------------------------------- */

static void on_owner(const char *name, const char *owner, void *user)
{
	struct localsettings *s = user;
	const bool was_missed = s->is_missed;

	g_free(s->owner);
	s->owner = g_strdup(owner);
	s->is_missed = !owner;
	for (guint i = 0; i < s->list->len; i++)
		((struct localsetting *) g_ptr_array_index(s->list, i))->is_added = false;
	if (!owner)
		localsettings_complain(
			s, "The settings service (%s) is not on the bus; waiting for it.", name);
	else if (was_missed)
		s->log("The settings service is on the bus.", false, s->log_user);
	if (owner)
		localsettings_add_all(s);
}

struct localsettings *localsettings_new(struct bus *bus, localsettings_log_fn log, void *user)
{
	struct localsettings *s = g_new0(struct localsettings, 1);

	s->bus = bus;
	s->log = log;
	s->log_user = user;
	s->list = g_ptr_array_new_with_free_func(free_setting);
	localsettings_listen(s);
	bus_watch_name(bus, LOCALSETTINGS_SERVICE, on_owner, s);
	return s;
}

void localsettings_free(struct localsettings *s)
{
	if (!s)
		return;
	bus_forget(s->bus, s);
	if (s->add_again)
		g_source_remove(s->add_again);
	g_ptr_array_unref(s->list);
	g_free(s->owner);
	g_free(s);
}

/* ---- names -------------------------------------------------------------------------- */

char *localsettings_identifier(const char *prefix, const char *text)
{
	char *identifier = g_strconcat(prefix, text, NULL);

	return g_strcanon(identifier, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_", '_');
}

int localsettings_parse_instance(const char *text, const char *device_class)
{
	const size_t length = strlen(device_class);
	char *end = NULL;

	if (strncmp(text, device_class, length) != 0 || text[length] != ':' ||
	    !g_ascii_isdigit(text[length + 1]))
		return -1;
	const guint64 instance = g_ascii_strtoull(text + length + 1, &end, 10);

	return *end || instance > G_MAXINT ? -1 : (int) instance;
}
