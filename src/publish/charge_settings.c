/* SPDX-License-Identifier: MIT */
#include "publish/charge_settings.h"

#include <string.h>

#include "log.h"

struct row {
	struct charge_settings *owner;
	const struct config_key *key;
	struct item *item;
};

struct charge_settings {
	struct config_watch *watch;
	charge_full_fn full_fn;
	void *user;
	struct item *full;
	struct item *last_error;
	GPtrArray *rows;
};

static enum value_type type_of(const struct config_key *key)
{
	switch (key->type) {
	case CONFIG_BOOL:
	case CONFIG_INT:
		return VALUE_INT;
	case CONFIG_NUMBER:
		return VALUE_DOUBLE;
	case CONFIG_TEXT:
	case CONFIG_CHOICE:
	case CONFIG_CURVE:
	case CONFIG_JSON:
		break;
	}
	return VALUE_STRING;
}

static void show(const struct row *row)
{
	g_autofree char *text = config_get_text(config_watch_get(row->owner->watch), row->key);
	const struct value value = value_string(text);
	double number = 0.0;

	if (type_of(row->key) == VALUE_STRING)
		item_set_string(row->item, text);
	else if (!value_to_double(&value, &number))
		item_set_invalid(row->item); /* worked out from the battery */
	else if (type_of(row->key) == VALUE_INT)
		item_set_int(row->item, (int) number);
	else
		item_set_double(row->item, number);
}

static enum item_answer refuse(const struct row *row, const GError *error)
{
	item_set_string(row->owner->last_error, error->message);
	log_say(LOG_WARNING, "/Settings/Charge/%s was not changed: %s", row->key->name,
		error->message);
	return ITEM_REFUSED;
}

static enum item_answer change(const struct row *row, const struct value *value)
{
	struct config changed = *config_watch_get(row->owner->watch);
	g_autofree char *text = value_to_string(value);
	g_autoptr(GError) error = NULL;

	if (!config_set_text(&changed, row->key, text ? text : "", &error) ||
	    !config_watch_save(row->owner->watch, &changed, &error))
		return refuse(row, error);
	item_set_string(row->owner->last_error, "");
	log_say(LOG_INFO, "%s is set to %s.", row->key->name, text && text[0] ? text : "its default");
	charge_settings_update(row->owner);
	return ITEM_OK;
}

static void on_set(struct item_request *request, const struct value *value, void *user)
{
	item_request_answer(request, change(user, value));
}

/* The last part of the path: the key's name, but for the owner's switches. */
static const char *path_name(const struct config_key *key)
{
	if (strcmp(key->name, "force_charging_off") == 0)
		return "ForceChargingOff";
	if (strcmp(key->name, "force_discharging_off") == 0)
		return "ForceDischargingOff";
	if (strcmp(key->name, "storage") == 0)
		return "Storage";
	return key->name;
}

static void add(struct charge_settings *s, struct items *items, const struct config_key *key)
{
	struct row *row = g_new0(struct row, 1);
	g_autofree char *path = g_strconcat("/Settings/Charge/", path_name(key), NULL);
	const enum value_type type = type_of(key);
	const struct item_spec spec = {
		.path = path,
		.type = type,
		.unit = key->unit,
		.decimals = type == VALUE_DOUBLE ? 3 : 0,
		.setter = on_set,
		.user = row,
		.may_be_cleared = true,
		.has_range = type != VALUE_STRING,
		.setter_judges = true,
		.min = key->min,
		.max = key->max,
		.fallback = key->fallback,
	};

	row->owner = s;
	row->key = key;
	row->item = items_add(items, &spec);
	g_ptr_array_add(s->rows, row);
}

static void on_full(struct item_request *request, const struct value *value, void *user)
{
	struct charge_settings *s = user;

	s->full_fn(value->integer != 0, s->user);
	charge_settings_show_full(s, value->integer != 0);
	log_say(LOG_INFO, value->integer ? "A full charge is asked for." : "The full charge is called off.");
	item_request_answer(request, ITEM_OK);
}

static struct item *add_full(struct charge_settings *s, struct items *items)
{
	const struct item_spec spec = { .path = "/Settings/Charge/FullChargeNow",
					.type = VALUE_INT,
					.setter = on_full,
					.user = s,
					.has_range = true,
					.max = 1 };

	return items_add(items, &spec);
}

void charge_settings_show_full(struct charge_settings *s, bool is_wanted)
{
	item_set_int(s->full, is_wanted);
}

struct charge_settings *charge_settings_new(struct items *items, struct config_watch *watch,
					    charge_full_fn full_fn, void *user)
{
	const struct item_spec error = { .path = "/Settings/Charge/LastError", .type = VALUE_STRING };
	struct charge_settings *s = g_new0(struct charge_settings, 1);

	s->watch = watch;
	s->full_fn = full_fn;
	s->user = user;
	s->full = add_full(s, items);
	s->rows = g_ptr_array_new_with_free_func(g_free);
	for (size_t i = 0; i < config_count(); i++)
		if (config_at(i)->is_charge)
			add(s, items, config_at(i));
	s->last_error = items_add(items, &error);
	item_set_string(s->last_error, "");
	charge_settings_update(s);
	return s;
}

void charge_settings_free(struct charge_settings *s)
{
	if (!s)
		return;
	g_ptr_array_unref(s->rows);
	g_free(s);
}

void charge_settings_update(struct charge_settings *s)
{
	for (guint i = 0; i < s->rows->len; i++)
		show(g_ptr_array_index(s->rows, i));
}
