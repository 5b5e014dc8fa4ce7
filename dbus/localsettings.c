/* SPDX-License-Identifier: MIT */
/*
 * Source: localsettings v1.76: AddSettings and its errors, PropertiesChanged on
 * the setting's own object (never ItemsChanged for one that was set).
 */
#include "dbus/localsettings.h"

#include <stdarg.h>
#include <string.h>

static const char *const SERVICE = "com.victronenergy.settings";
static const char *const SETTINGS_INTERFACE = "com.victronenergy.Settings";
static const char *const ITEM_INTERFACE = "com.victronenergy.BusItem";

enum { ADD_AGAIN_MS = 5000 };

struct localsetting {
	struct localsettings *owner;
	char *path;
	struct value fallback; /* a string is ours */
	double min, max;
	localsetting_fn fn;
	void *user;
	struct value known;    /* a string is ours */
	struct value wanted;   /* written, and not yet sent; invalid: none */
	bool is_added;         /* the service that is there now has it */
};

struct localsettings {
	struct bus *bus;
	localsettings_log_fn log;
	void *log_user;
	GPtrArray *list;
	char *owner;     /* unique name of the service; NULL while it is away */
	guint add_again; /* timer; 0: none */
};

/* ---- values that are ours ---------------------------------------------------------- */

static struct value copy(const struct value *value)
{
	struct value made = *value;

	if (value->type == VALUE_STRING)
		made.string = g_strdup(value->string);
	return made;
}

static void clear(struct value *value)
{
	if (value->type == VALUE_STRING)
		g_free((char *) value->string);
	*value = value_invalid();
}

static bool equal(const struct value *a, const struct value *b)
{
	if (a->type != b->type)
		return false;
	switch (a->type) {
	case VALUE_INT:
		return a->integer == b->integer;
	case VALUE_DOUBLE:
		return a->number == b->number;
	case VALUE_STRING:
		return strcmp(a->string, b->string) == 0;
	case VALUE_INVALID:
		break;
	}
	return true;
}

static void say(const struct localsettings *s, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void say(const struct localsettings *s, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_autofree char *sentence = g_strdup_vprintf(format, arguments);

	va_end(arguments);
	s->log(sentence, s->log_user);
}

/* ---- from the service -------------------------------------------------------------- */

static void take(struct localsetting *setting, const struct value *value)
{
	if (value->type == VALUE_INVALID || equal(value, &setting->known))
		return;
	clear(&setting->known);
	setting->known = copy(value);
	if (setting->fn)
		setting->fn(&setting->known, setting->user);
}

static struct localsetting *find(const struct localsettings *s, const char *path)
{
	for (guint i = 0; i < s->list->len; i++) {
		struct localsetting *setting = g_ptr_array_index(s->list, i);

		if (strcmp(setting->path, path) == 0)
			return setting;
	}
	return NULL;
}

/* `dict` points into an a{sv}. Gives each key and the iterator of its variant. */
static bool next_pair(DBusMessageIter *dict, const char **key, DBusMessageIter *value)
{
	if (dbus_message_iter_get_arg_type(dict) != DBUS_TYPE_DICT_ENTRY)
		return false;
	DBusMessageIter pair;

	dbus_message_iter_recurse(dict, &pair);
	dbus_message_iter_get_basic(&pair, key);
	dbus_message_iter_next(&pair);
	*value = pair;
	dbus_message_iter_next(dict);
	return true;
}

static void on_changed(DBusMessage *signal, void *user)
{
	struct localsettings *s = user;
	struct localsetting *setting = find(s, dbus_message_get_path(signal));
	DBusMessageIter iter, dict, variant;
	const char *key = NULL;
	struct value value;

	if (!setting || g_strcmp0(dbus_message_get_sender(signal), s->owner) != 0 ||
	    !dbus_message_has_signature(signal, "a{sv}"))
		return;
	dbus_message_iter_init(signal, &iter);
	dbus_message_iter_recurse(&iter, &dict);
	while (next_pair(&dict, &key, &variant))
		if (strcmp(key, "Value") == 0 && value_read(&variant, &value))
			take(setting, &value);
}

/* ---- writing ------------------------------------------------------------------------ */

static void on_written(DBusMessage *reply, const GError *error, void *user)
{
	struct localsetting *setting = user;
	dbus_int32_t code = -1;

	if (error)
		say(setting->owner, "The setting %s could not be written: %s", setting->path,
		    error->message);
	else if (!dbus_message_get_args(reply, NULL, DBUS_TYPE_INT32, &code, DBUS_TYPE_INVALID) ||
		 code != 0)
		say(setting->owner, "The settings service refused a value for %s (answer %d).",
		    setting->path, code);
}

static void write_wanted(struct localsetting *setting)
{
	struct localsettings *s = setting->owner;

	if (setting->wanted.type == VALUE_INVALID || !setting->is_added || !s->owner)
		return;
	DBusMessage *call = dbus_message_new_method_call(SERVICE, setting->path, ITEM_INTERFACE,
							 "SetValue");
	DBusMessageIter iter;

	dbus_message_iter_init_append(call, &iter);
	value_append(&iter, &setting->wanted);
	clear(&setting->wanted);
	bus_call(s->bus, call, BUS_CALL_TIMEOUT_MS, on_written, setting);
}

void localsetting_write(struct localsetting *setting, const struct value *value)
{
	clear(&setting->wanted);
	setting->wanted = copy(value);
	write_wanted(setting);
}

/* ---- adding ------------------------------------------------------------------------- */

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
	struct localsetting *setting = added->path ? find(s, added->path) : NULL;

	if (!setting)
		return;
	if (added->code != 0) {
		say(s, "The settings service refused %s: %s (answer %d).", setting->path,
		    why_not_added(added->code), (int) added->code);
		return;
	}
	setting->is_added = true;
	write_wanted(setting);
	take(setting, &added->value);
}

static struct added read_added(DBusMessageIter *dict)
{
	struct added added = { .code = -1 };
	const char *key = NULL;
	DBusMessageIter variant;
	struct value value;

	while (next_pair(dict, &key, &variant)) {
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

static void add_all(struct localsettings *s);

static gboolean on_add_again(void *user)
{
	struct localsettings *s = user;

	s->add_again = 0;
	add_all(s);
	return G_SOURCE_REMOVE;
}

static void on_added(DBusMessage *reply, const GError *error, void *user)
{
	struct localsettings *s = user;
	DBusMessageIter iter, array;

	if (error || !dbus_message_has_signature(reply, "aa{sv}")) {
		say(s, "The settings service did not take our settings: %s; trying again.",
		    error ? error->message : "its answer makes no sense");
		if (s->owner && !s->add_again)
			s->add_again = g_timeout_add(ADD_AGAIN_MS, on_add_again, s);
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

static void add_all(struct localsettings *s)
{
	DBusMessage *call = dbus_message_new_method_call(SERVICE, "/", SETTINGS_INTERFACE,
							 "AddSettings");
	DBusMessageIter iter, array;
	unsigned count = 0;

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
	if (count > 0 && s->owner)
		bus_call(s->bus, call, BUS_CALL_TIMEOUT_MS, on_added, s);
	else
		dbus_message_unref(call);
}

static void on_owner(const char *name, const char *owner, void *user)
{
	struct localsettings *s = user;

	g_free(s->owner);
	s->owner = g_strdup(owner);
	for (guint i = 0; i < s->list->len; i++)
		((struct localsetting *) g_ptr_array_index(s->list, i))->is_added = false;
	if (owner)
		add_all(s);
	else
		say(s, "The settings service (%s) is not on the bus; waiting for it.", name);
}

struct localsetting *localsettings_add(struct localsettings *s,
				       const struct localsetting_spec *spec)
{
	struct localsetting *setting = g_new0(struct localsetting, 1);

	setting->owner = s;
	setting->path = g_strdup(spec->path);
	setting->fallback = copy(&spec->fallback);
	setting->min = spec->min;
	setting->max = spec->max;
	setting->fn = spec->fn;
	setting->user = spec->user;
	g_ptr_array_add(s->list, setting);
	/* those that are added in one go are asked for in one call */
	if (!s->add_again)
		s->add_again = g_timeout_add(0, on_add_again, s);
	return setting;
}

static void free_setting(void *data)
{
	struct localsetting *setting = data;

	bus_forget(setting->owner->bus, setting);
	clear(&setting->fallback);
	clear(&setting->known);
	clear(&setting->wanted);
	g_free(setting->path);
	g_free(setting);
}

void localsettings_remove(struct localsetting *setting)
{
	g_ptr_array_remove(setting->owner->list, setting);
}

struct value localsetting_value(const struct localsetting *setting)
{
	return setting->known;
}

struct localsettings *localsettings_new(struct bus *bus, localsettings_log_fn log, void *user)
{
	struct localsettings *s = g_new0(struct localsettings, 1);
	const struct bus_match match = { .sender = SERVICE,
					 .interface = ITEM_INTERFACE,
					 .member = "PropertiesChanged",
					 .path_namespace = "/Settings" };

	s->bus = bus;
	s->log = log;
	s->log_user = user;
	s->list = g_ptr_array_new_with_free_func(free_setting);
	bus_subscribe(bus, &match, on_changed, s);
	bus_watch_name(bus, SERVICE, on_owner, s);
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
