/* SPDX-License-Identifier: MIT */
#include "publish/identity.h"

#include <glib.h>

#include "log.h"

static const char *const DEVICE_CLASS = "battery";

struct identity {
	char *key;
	struct localsetting *instance, *name;
	int device_instance; /* -1: not known */
	identity_fn fn;
	void *user;
};

static void on_instance(const struct value *value, void *user)
{
	struct identity *i = user;
	const int instance = value->type == VALUE_STRING
				     ? localsettings_parse_instance(value->string, DEVICE_CLASS)
				     : -1;

	if (instance < 0) {
		log_say(LOG_ERROR, "The device instance in the settings is \"%s\": \"%s:NUMBER\" is "
				   "needed; the previous one stays.",
			value->type == VALUE_STRING ? value->string : "?", DEVICE_CLASS);
		return;
	}
	i->device_instance = instance;
	i->fn(i->user);
}

static void on_name(const struct value *value, void *user)
{
	struct identity *i = user;

	i->fn(i->user);
}

struct identity *identity_new(struct localsettings *settings, const char *key, int wanted_instance,
			      const char *wanted_name, identity_fn fn, void *user)
{
	struct identity *i = g_new0(struct identity, 1);
	g_autofree char *id = localsettings_identifier("tinybms_", key);
	g_autofree char *instance_path =
		g_strconcat("/Settings/Devices/", id, "/ClassAndVrmInstance", NULL);
	g_autofree char *name_path = g_strconcat("/Settings/Devices/", id, "/CustomName", NULL);
	g_autofree char *instance = g_strdup_printf("%s:%d", DEVICE_CLASS, wanted_instance);

	i->key = g_strdup(key);
	i->device_instance = -1;
	i->fn = fn;
	i->user = user;
	i->instance = localsettings_add(
		settings, &(struct localsetting_spec){ .path = instance_path,
						       .fallback = value_string(instance),
						       .fn = on_instance,
						       .user = i });
	i->name = localsettings_add(settings,
				    &(struct localsetting_spec){ .path = name_path,
								 .fallback = value_string(wanted_name),
								 .fn = on_name,
								 .user = i });
	return i;
}

void identity_free(struct identity *i)
{
	if (!i)
		return;
	localsettings_remove(i->instance);
	localsettings_remove(i->name);
	g_free(i->key);
	g_free(i);
}

const char *identity_key(const struct identity *i)
{
	return i->key;
}

bool identity_is_known(const struct identity *i)
{
	return i->device_instance >= 0 && localsetting_value(i->name).type == VALUE_STRING;
}

int identity_instance(const struct identity *i)
{
	return i->device_instance;
}

const char *identity_name(const struct identity *i)
{
	const struct value name = localsetting_value(i->name);

	return name.type == VALUE_STRING ? name.string : "";
}

void identity_set_name(struct identity *i, const char *name)
{
	const struct value value = value_string(name);

	localsetting_write(i->name, &value);
}
