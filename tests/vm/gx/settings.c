/* SPDX-License-Identifier: MIT */
/*
 * settings FOLDER - stands in for Venus OS's com.victronenergy.settings
 *
 * Settings of type int, float and string; AddSettings, RemoveSettings, GetValue, SetValue, GetItems;
 * changes are announced on the leaf; the file is replaced two seconds after a
 * change; a new ClassAndVrmInstance gets a free instance (localsettings.py).
 */
#include <dbus/dbus.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { SETTINGS_MAX = 500, PATH_BYTES = 200, TEXT_BYTES = 200, SAVE_AFTER_S = 2 };

struct value {
	char type; /* i, d or s */
	int i;
	double d;
	char s[TEXT_BYTES];
};

struct setting {
	char path[PATH_BYTES]; /* from /Settings on */
	struct value value;
};

static struct setting settings[SETTINGS_MAX];
static int count;
static time_t save_at; /* 0: nothing to save */
static char file[400], new_file[410];
static DBusConnection *bus;

static time_t now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

static struct setting *find(const char *path)
{
	for (int i = 0; i < count; i++)
		if (!strcmp(settings[i].path, path))
			return &settings[i];
	return NULL;
}

/* ---- the file: "path type value" a line ---------------------------------------------- */

static void load(void)
{
	FILE *in = fopen(file, "r");
	char line[PATH_BYTES + TEXT_BYTES + 10], type;
	int at;

	while (in && count < SETTINGS_MAX && fgets(line, sizeof(line), in)) {
		struct setting *s = &settings[count];

		if (sscanf(line, "%199s %c %n", s->path, &type, &at) < 2)
			continue;
		line[strcspn(line, "\n")] = '\0';
		s->value.type = type;
		s->value.i = atoi(line + at);
		s->value.d = atof(line + at);
		snprintf(s->value.s, TEXT_BYTES, "%.199s", line + at);
		count++;
	}
	if (in)
		fclose(in);
}

static void save(void)
{
	FILE *out = fopen(new_file, "w");

	save_at = 0;
	if (!out)
		return;
	for (int i = 0; i < count; i++) {
		const struct value *v = &settings[i].value;

		fprintf(out, "%s %c ", settings[i].path, v->type);
		if (v->type == 'i')
			fprintf(out, "%d\n", v->i);
		else if (v->type == 'd')
			fprintf(out, "%.17g\n", v->d);
		else
			fprintf(out, "%s\n", v->s);
	}
	fflush(out);
	fsync(fileno(out));
	fclose(out);
	rename(new_file, file);
}

/* ---- values on the bus ------------------------------------------------------------- */

static void put(DBusMessageIter *to, const struct value *v)
{
	const char text[2] = { v->type, 0 }, *s = v->s;
	DBusMessageIter inner;

	dbus_message_iter_open_container(to, DBUS_TYPE_VARIANT, text, &inner);
	if (v->type == 'i')
		dbus_message_iter_append_basic(&inner, DBUS_TYPE_INT32, &v->i);
	else if (v->type == 'd')
		dbus_message_iter_append_basic(&inner, DBUS_TYPE_DOUBLE, &v->d);
	else
		dbus_message_iter_append_basic(&inner, DBUS_TYPE_STRING, &s);
	dbus_message_iter_close_container(to, &inner);
}

/* @return false: not a number or text */
static bool get(DBusMessageIter *from, struct value *v)
{
	DBusMessageIter inner;
	const char *s;

	memset(v, 0, sizeof(*v));
	switch (dbus_message_iter_get_arg_type(from)) {
	case DBUS_TYPE_VARIANT:
		dbus_message_iter_recurse(from, &inner);
		return get(&inner, v);
	case DBUS_TYPE_INT32:
		v->type = 'i';
		dbus_message_iter_get_basic(from, &v->i);
		v->d = v->i;
		return true;
	case DBUS_TYPE_DOUBLE:
		v->type = 'd';
		dbus_message_iter_get_basic(from, &v->d);
		v->i = (int) v->d;
		return true;
	case DBUS_TYPE_STRING:
		v->type = 's';
		dbus_message_iter_get_basic(from, &s);
		snprintf(v->s, TEXT_BYTES, "%s", s);
		return true;
	default:
		return false;
	}
}

static void put_entry(DBusMessageIter *array, const char *key, const struct value *v)
{
	DBusMessageIter entry;

	dbus_message_iter_open_container(array, DBUS_TYPE_DICT_ENTRY, NULL, &entry);
	dbus_message_iter_append_basic(&entry, DBUS_TYPE_STRING, &key);
	put(&entry, v);
	dbus_message_iter_close_container(array, &entry);
}

static void announce(const struct setting *s)
{
	DBusMessage *signal = dbus_message_new_signal(s->path, "com.victronenergy.BusItem",
						      "PropertiesChanged");
	DBusMessageIter args, array;

	dbus_message_iter_init_append(signal, &args);
	dbus_message_iter_open_container(&args, DBUS_TYPE_ARRAY, "{sv}", &array);
	put_entry(&array, "Value", &s->value);
	dbus_message_iter_close_container(&args, &array);
	dbus_connection_send(bus, signal, NULL);
	dbus_message_unref(signal);
}

static void change(struct setting *s, struct value v)
{
	v.type = s->value.type;
	if (!memcmp(&v, &s->value, sizeof(v)))
		return;
	s->value = v;
	save_at = now_s() + SAVE_AFTER_S;
	announce(s);
}

/* ---- adding ------------------------------------------------------------------------ */

static bool is_taken(const char *class_and_instance)
{
	for (int i = 0; i < count; i++)
		if (strstr(settings[i].path, "/ClassAndVrmInstance") &&
		    !strcmp(settings[i].value.s, class_and_instance))
			return true;
	return false;
}

/* "battery:288" becomes the next that is free. */
static void assure_free_instance(struct value *v)
{
	char class[TEXT_BYTES];
	int instance;

	if (sscanf(v->s, "%150[^:]:%d", class, &instance) != 2)
		return;
	while (is_taken(v->s))
		snprintf(v->s, TEXT_BYTES, "%.150s:%d", class, ++instance);
}

static int add(const char *path, const struct value *fallback, struct value *now)
{
	struct setting *s = find(path);

	if (strncmp(path, "/Settings/", 10))
		return -9;
	if (strstr(path, "/_"))
		return -2;
	if (!fallback->type)
		return -3;
	if (s && s->value.type != fallback->type)
		return -5;
	if (!s) {
		if (count == SETTINGS_MAX)
			return -4;
		s = &settings[count++];
		snprintf(s->path, PATH_BYTES, "%s", path);
		s->value = *fallback;
		count--; /* it is not its own rival */
		if (strstr(path, "/ClassAndVrmInstance"))
			assure_free_instance(&s->value);
		count++;
		save_at = now_s() + SAVE_AFTER_S;
	}
	*now = s->value;
	return 0;
}

static void add_one(DBusMessageIter *request, DBusMessageIter *answers)
{
	char path[PATH_BYTES] = "";
	struct value fallback = { 0 }, now = { .type = 'i' };
	DBusMessageIter dict, entry, answer;
	const char *key;

	dbus_message_iter_recurse(request, &dict);
	for (; dbus_message_iter_get_arg_type(&dict); dbus_message_iter_next(&dict)) {
		struct value v;

		dbus_message_iter_recurse(&dict, &entry);
		dbus_message_iter_get_basic(&entry, &key);
		dbus_message_iter_next(&entry);
		get(&entry, &v);
		if (!strcmp(key, "path"))
			snprintf(path, PATH_BYTES, "%.199s", v.s);
		else if (!strcmp(key, "default"))
			fallback = v;
	}
	const int error = add(path, &fallback, &now);
	struct value text = { .type = 's' }, number = { .type = 'i', .i = error };

	snprintf(text.s, TEXT_BYTES, "%.199s", path);
	dbus_message_iter_open_container(answers, DBUS_TYPE_ARRAY, "{sv}", &answer);
	put_entry(&answer, "path", &text);
	put_entry(&answer, "error", &number);
	put_entry(&answer, "value", &now);
	dbus_message_iter_close_container(answers, &answer);
}

/* ---- calls ------------------------------------------------------------------------- */

static DBusMessage *answer_add(DBusMessage *call)
{
	DBusMessage *reply = dbus_message_new_method_return(call);
	DBusMessageIter in, requests, out, answers;

	dbus_message_iter_init(call, &in);
	dbus_message_iter_recurse(&in, &requests);
	dbus_message_iter_init_append(reply, &out);
	dbus_message_iter_open_container(&out, DBUS_TYPE_ARRAY, "a{sv}", &answers);
	for (; dbus_message_iter_get_arg_type(&requests); dbus_message_iter_next(&requests))
		add_one(&requests, &answers);
	dbus_message_iter_close_container(&out, &answers);
	return reply;
}

/* @return 0, or -1: there is no such setting */
static int delete(const char *group, const char *name)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), "%s/%s", group, name);
	struct setting *s = find(path);

	if (!s)
		return -1;
	*s = settings[--count];
	save_at = now_s() + SAVE_AFTER_S;
	return 0;
}

static DBusMessage *answer_remove(DBusMessage *call)
{
	DBusMessage *reply = dbus_message_new_method_return(call);
	DBusMessageIter in, names, out, results;

	dbus_message_iter_init(call, &in);
	dbus_message_iter_recurse(&in, &names);
	dbus_message_iter_init_append(reply, &out);
	dbus_message_iter_open_container(&out, DBUS_TYPE_ARRAY, "i", &results);
	for (; dbus_message_iter_get_arg_type(&names); dbus_message_iter_next(&names)) {
		const char *name;
		int result;

		dbus_message_iter_get_basic(&names, &name);
		result = delete(dbus_message_get_path(call), name);
		dbus_message_iter_append_basic(&results, DBUS_TYPE_INT32, &result);
	}
	dbus_message_iter_close_container(&out, &results);
	return reply;
}

static DBusMessage *answer_items(DBusMessage *call)
{
	DBusMessage *reply = dbus_message_new_method_return(call);
	DBusMessageIter out, items, item, properties;

	dbus_message_iter_init_append(reply, &out);
	dbus_message_iter_open_container(&out, DBUS_TYPE_ARRAY, "{sa{sv}}", &items);
	for (int i = 0; i < count; i++) {
		const char *path = settings[i].path;

		dbus_message_iter_open_container(&items, DBUS_TYPE_DICT_ENTRY, NULL, &item);
		dbus_message_iter_append_basic(&item, DBUS_TYPE_STRING, &path);
		dbus_message_iter_open_container(&item, DBUS_TYPE_ARRAY, "{sv}", &properties);
		put_entry(&properties, "Value", &settings[i].value);
		dbus_message_iter_close_container(&item, &properties);
		dbus_message_iter_close_container(&items, &item);
	}
	dbus_message_iter_close_container(&out, &items);
	return reply;
}

static DBusMessage *answer_leaf(DBusMessage *call, struct setting *s)
{
	DBusMessage *reply = dbus_message_new_method_return(call);
	DBusMessageIter in, out;
	struct value v;
	int status = -1;

	dbus_message_iter_init_append(reply, &out);
	if (!strcmp(dbus_message_get_member(call), "GetValue")) {
		put(&out, &s->value);
		return reply;
	}
	if (dbus_message_iter_init(call, &in) && get(&in, &v) &&
	    (v.type == 's') == (s->value.type == 's')) {
		change(s, v);
		status = 0;
	}
	dbus_message_iter_append_basic(&out, DBUS_TYPE_INT32, &status);
	return reply;
}

static DBusMessage *answer(DBusMessage *call)
{
	const char *member = dbus_message_get_member(call), *path = dbus_message_get_path(call);
	struct setting *s = find(path);

	if (!strcmp(member, "AddSettings") && dbus_message_has_signature(call, "aa{sv}"))
		return answer_add(call);
	if (!strcmp(member, "RemoveSettings") && dbus_message_has_signature(call, "as"))
		return answer_remove(call);
	if (!strcmp(member, "GetItems"))
		return answer_items(call);
	if (s && (!strcmp(member, "GetValue") || !strcmp(member, "SetValue")))
		return answer_leaf(call, s);
	return dbus_message_new_error(call, DBUS_ERROR_UNKNOWN_OBJECT, path);
}

static void serve(void)
{
	DBusMessage *message;

	while ((message = dbus_connection_pop_message(bus))) {
		if (dbus_message_get_type(message) == DBUS_MESSAGE_TYPE_METHOD_CALL) {
			DBusMessage *reply = answer(message);

			dbus_connection_send(bus, reply, NULL);
			dbus_message_unref(reply);
		}
		dbus_message_unref(message);
	}
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	snprintf(file, sizeof(file), "%s/settings.xml", argv[1]);
	snprintf(new_file, sizeof(new_file), "%s.new", file);
	load();
	if (!find("/Settings/Services/Bol")) /* DVCC is on */
		settings[count++] = (struct setting){ "/Settings/Services/Bol", { 'i', .i = 1 } };
	bus = dbus_bus_get(DBUS_BUS_SYSTEM, NULL);
	if (!bus)
		return 1;
	dbus_bus_request_name(bus, "com.victronenergy.settings", DBUS_NAME_FLAG_DO_NOT_QUEUE, NULL);
	do {
		serve();
		if (save_at && now_s() >= save_at)
			save();
	} while (dbus_connection_read_write(bus, 500));
	return 1;
}
