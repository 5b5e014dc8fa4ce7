/* SPDX-License-Identifier: MIT */
#include "gateway/ha_discovery.h"

#include <string.h>

#include "battery/battery.h"
#include "gateway/ha_entities.h"
#include "gateway/mqtt_battery.h"
#include "gateway/mqtt_commands.h"

static const char VALUE[] = "{{ value_json }}";
/* Unknown is unknown, never "off": an alarm that nobody can know of is not absent. */
static const char TRUTH[] =
	"{{ 'None' if value_json is none else 'ON' if value_json | int > 0 else 'OFF' }}";

struct maker {
	const struct ha_discovery *d;
	const cJSON *document;
	char *device; /* the device's own word in unique_id */
	char *base;   /* ROOT/ID */
	cJSON *components;
};

static const char *text_of(const cJSON *document, const char *key)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(document, key));

	return text ? text : "";
}

static char *device_of(const cJSON *document)
{
	const char *serial = text_of(document, "serial");
	g_autofree char *word = mqtt_battery_topic_id(serial[0] ? serial : text_of(document, "id"));

	g_strdelimit(word, ".", '_'); /* an object id is [a-zA-Z0-9_-] */
	return g_strdup_printf("tinybms_%s", word);
}

char *ha_discovery_signature(const cJSON *document)
{
	static const char *const keys[] = { "id",      "serial",   "name",
					    "product", "firmware", "hardware" };
	GString *text = g_string_new(NULL);
	const cJSON *alarm;

	for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
		g_string_append_printf(text, "%s\n", text_of(document, keys[i]));
	g_string_append_printf(
		text, "%d\n",
		cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(document, "cells")));
	cJSON_ArrayForEach (alarm, cJSON_GetObjectItemCaseSensitive(document, "alarms"))
		g_string_append_printf(text, "%s\n", alarm->string);
	return g_string_free(text, FALSE);
}

/* ---- entities ------------------------------------------------------------------------------ */

static void add_text(cJSON *object, const char *key, const char *text)
{
	if (text && text[0] != '\0')
		cJSON_AddStringToObject(object, key, text);
}

static void add_topic(cJSON *object, const char *key, const struct maker *m, const char *below)
{
	g_autofree char *topic = g_strdup_printf("%s/%s", m->base, below);

	cJSON_AddStringToObject(object, key, topic);
}

/* A component of its platform alone is one that the device has no more. */
static cJSON *add_absent(struct maker *m, const char *platform, const char *key)
{
	cJSON *c = cJSON_AddObjectToObject(m->components, key);

	cJSON_AddStringToObject(c, "platform", platform);
	return c;
}

static cJSON *add_component(struct maker *m, const char *platform, const char *key,
			    const char *name)
{
	cJSON *c = add_absent(m, platform, key);
	g_autofree char *unique = g_strdup_printf("%s_%s", m->device, key);

	cJSON_AddStringToObject(c, "unique_id", unique);
	cJSON_AddStringToObject(c, "name", name);
	return c;
}

static void add_entity(struct maker *m, const char *platform, const struct ha_entity *e,
		       const char *template)
{
	cJSON *c = add_component(m, platform, e->key, e->name);

	add_topic(c, "state_topic", m, e->topic);
	add_text(c, "value_template", e->template ? e->template : template);
	add_text(c, "device_class", e->device_class);
	add_text(c, "unit_of_measurement", e->unit);
	add_text(c, "state_class", e->state_class);
	if (e->decimals >= 0)
		cJSON_AddNumberToObject(c, "suggested_display_precision", e->decimals);
	if (e->is_diagnostic)
		cJSON_AddStringToObject(c, "entity_category", "diagnostic");
}

static void add_cells(struct maker *m)
{
	const int count =
		cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(m->document, "cells"));

	for (int n = 1; n <= MAX(count, (int) BATTERY_CELLS_MAX); n++) {
		g_autofree char *key = g_strdup_printf("cell_%d", n);
		g_autofree char *topic = g_strdup_printf("cells/%d/voltage_v", n);
		g_autofree char *name = g_strdup_printf("Cell %d", n);
		const struct ha_entity e = { key, topic,	 name, "voltage",
					     "V", "measurement", NULL, 3 };

		if (n <= count)
			add_entity(m, "sensor", &e, VALUE);
		else
			add_absent(m, "sensor", key);
	}
}

static void add_alarms(struct maker *m)
{
	const cJSON *alarm;

	cJSON_ArrayForEach (alarm, cJSON_GetObjectItemCaseSensitive(m->document, "alarms")) {
		const char *known = ha_entities_alarm_name(alarm->string);
		g_autofree char *lower = g_ascii_strdown(alarm->string, -1);
		g_autofree char *key = g_strdup_printf("alarm_%s", lower);
		g_autofree char *topic = g_strdup_printf("alarms/%s", alarm->string);
		const struct ha_entity e = { key,	topic, known ? known : alarm->string,
					     "problem", NULL,  NULL,
					     NULL,	-1 };

		add_entity(m, "binary_sensor", &e, TRUTH);
	}
}

static void add_number(cJSON *c, const struct mqtt_command_row *row)
{
	double min = 0.0, max = 0.0;
	const char *unit = NULL;

	mqtt_commands_range(row, &min, &max, &unit);
	cJSON_AddNumberToObject(c, "min", min);
	cJSON_AddNumberToObject(c, "max", max);
	cJSON_AddNumberToObject(c, "step", 1);
	cJSON_AddStringToObject(c, "mode", "box");
	add_text(c, "unit_of_measurement", unit);
	if (strcmp(unit, "A") == 0)
		cJSON_AddStringToObject(c, "device_class", "current");
	else if (strcmp(unit, "d") == 0)
		cJSON_AddStringToObject(c, "device_class", "duration");
	cJSON_AddStringToObject(c, "value_template", VALUE);
}

static void add_command(struct maker *m, const struct mqtt_command_row *row)
{
	static const char *const platforms[] = {
		[MQTT_COMMAND_BUTTON] = "button",
		[MQTT_COMMAND_SWITCH] = "switch",
		[MQTT_COMMAND_NUMBER] = "number",
	};
	g_autofree char *key = g_strdup_printf("set_%s", row->name);
	g_autofree char *command = g_strdup_printf("set/%s", row->name);
	g_autofree char *state = g_strdup_printf("charge/%s", row->name);

	if (!m->d->may_command) {
		add_absent(m, platforms[row->kind], key);
		return;
	}
	cJSON *c = add_component(m, platforms[row->kind], key, row->label);

	add_topic(c, "command_topic", m, command);
	cJSON_AddStringToObject(c, "entity_category", "config");
	if (row->kind == MQTT_COMMAND_BUTTON)
		return;
	add_topic(c, "state_topic", m, state);
	if (row->kind == MQTT_COMMAND_SWITCH)
		cJSON_AddStringToObject(c, "value_template", TRUTH);
	else
		add_number(c, row);
}

static void add_components(struct maker *m)
{
	size_t count = 0;
	const struct ha_entity *e = ha_entities_sensors(&count);

	for (size_t i = 0; i < count; i++)
		add_entity(m, "sensor", &e[i], VALUE);
	e = ha_entities_binary(&count);
	for (size_t i = 0; i < count; i++)
		add_entity(m, "binary_sensor", &e[i], TRUTH);
	add_cells(m);
	add_alarms(m);
	for (size_t i = 0; mqtt_commands_at(i); i++)
		add_command(m, mqtt_commands_at(i));
}

/* ---- the device ---------------------------------------------------------------------------- */

static void add_device(cJSON *object, const struct maker *m)
{
	cJSON *device = cJSON_AddObjectToObject(object, "device");
	cJSON *identifiers = cJSON_AddArrayToObject(device, "identifiers");
	const char *name = text_of(m->document, "name");
	const char *product = text_of(m->document, "product");

	cJSON_AddItemToArray(identifiers, cJSON_CreateString(m->device));
	cJSON_AddStringToObject(device, "name", name[0] ? name : "TinyBMS");
	cJSON_AddStringToObject(device, "manufacturer", "Energus");
	cJSON_AddStringToObject(device, "model", product[0] ? product : "TinyBMS");
	add_text(device, "serial_number", text_of(m->document, "serial"));
	add_text(device, "sw_version", text_of(m->document, "firmware"));
	add_text(device, "hw_version", text_of(m->document, "hardware"));
	add_text(device, "configuration_url", m->d->page_url);
}

static void add_availability(cJSON *object, const struct maker *m)
{
	cJSON *list = cJSON_AddArrayToObject(object, "availability");
	const char *const places[] = { m->d->root, m->base };

	for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
		g_autofree char *topic = g_strdup_printf("%s/availability", places[i]);
		cJSON *item = cJSON_CreateObject();

		cJSON_AddStringToObject(item, "topic", topic);
		cJSON_AddItemToArray(list, item);
	}
	cJSON_AddStringToObject(object, "availability_mode", "all");
}

static void add_origin(cJSON *object)
{
	cJSON *origin = cJSON_AddObjectToObject(object, "origin");

	cJSON_AddStringToObject(origin, "name", "dbus-tinybms");
	cJSON_AddStringToObject(origin, "sw_version", VERSION);
}

static void add_message(GPtrArray *list, const char *prefix, const char *device, char *payload)
{
	struct mqtt_message *message = mqtt_messages_add(
		list, g_strdup_printf("%s/device/%s/config", prefix, device), payload);

	message->qos = 1;
	message->retain = true;
}

void ha_discovery_add(GPtrArray *list, const struct ha_discovery *d, const cJSON *document)
{
	g_autofree char *level = mqtt_battery_topic_id(text_of(document, "id"));
	g_autofree char *device = device_of(document);
	g_autofree char *base = g_strdup_printf("%s/%s", d->root, level);
	cJSON *object = cJSON_CreateObject();
	struct maker m = { .d = d, .document = document, .device = device, .base = base };

	add_device(object, &m);
	add_origin(object);
	add_availability(object, &m);
	m.components = cJSON_AddObjectToObject(object, "components");
	add_components(&m);

	char *printed = cJSON_PrintUnformatted(object);

	add_message(list, d->prefix, device, g_strdup(printed));
	cJSON_free(printed);
	cJSON_Delete(object);
}

void ha_discovery_add_removal(GPtrArray *list, const char *prefix, const cJSON *document)
{
	g_autofree char *device = device_of(document);

	add_message(list, prefix, device, g_strdup(""));
}
