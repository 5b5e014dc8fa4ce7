/* SPDX-License-Identifier: MIT */
#include "gateway/mqtt_battery.h"

#include <string.h>

enum {
	SLOW_S = 10, /* what changes at each poll, and nobody looks at that often */
};

/* How a key of the document is shown; all others are walked into and shown at each change. */
struct manner {
	const char *key;
	bool is_left_out; /* it says nothing here, or says it by the topic itself */
	bool is_whole;	  /* one topic with all of it */
	unsigned every_s;
};

static const struct manner manners[] = {
	{ "version", .is_left_out = true },
	{ "id", .is_left_out = true },
	{ "age_s", .is_left_out = true },
	{ "time", .every_s = SLOW_S },
	{ "faults", .is_whole = true },
	{ "settings", .is_whole = true },
	{ "can", .is_whole = true, .every_s = SLOW_S },
	{ "history", .is_whole = true, .every_s = SLOW_S },
	{ "energy", .every_s = SLOW_S },
	{ "diagnostics", .is_whole = true, .every_s = SLOW_S },
};

static const struct manner *find_manner(const char *key)
{
	static const struct manner plain = { 0 };

	for (size_t i = 0; i < G_N_ELEMENTS(manners); i++)
		if (strcmp(manners[i].key, key) == 0)
			return &manners[i];
	return &plain;
}

char *mqtt_battery_topic_id(const char *id)
{
	char *text = g_strdup(id);

	for (char *c = text; *c; c++)
		if (!g_ascii_isalnum(*c) && *c != '-' && *c != '.')
			*c = '_';
	return text;
}

static void add_leaf(GPtrArray *list, const char *topic, const cJSON *value, unsigned every_s)
{
	char *text = cJSON_PrintUnformatted(value);
	struct mqtt_message *m = mqtt_messages_add(list, g_strdup(topic), g_strdup(text));

	m->retain = true;
	m->every_s = every_s;
	cJSON_free(text);
}

/* Arrays in the document number their objects by "n": cells. */
static char *level_of(const cJSON *child)
{
	const cJSON *n = cJSON_GetObjectItemCaseSensitive(child, "n");

	if (child->string)
		return mqtt_battery_topic_id(child->string);
	return cJSON_IsNumber(n) ? g_strdup_printf("%d", n->valueint) : NULL;
}

static void add_value(GPtrArray *list, const char *topic, const cJSON *value, unsigned every_s)
{
	const cJSON *child;

	if (!cJSON_IsObject(value) && !cJSON_IsArray(value)) {
		add_leaf(list, topic, value, every_s);
		return;
	}
	cJSON_ArrayForEach (child, value) {
		g_autofree char *level = level_of(child);

		if (!level || strcmp(level, "n") == 0)
			continue;
		g_autofree char *below = g_strdup_printf("%s/%s", topic, level);

		add_value(list, below, child, every_s);
	}
}

void mqtt_battery_add_availability(GPtrArray *list, const char *root, const char *id,
				   bool is_online)
{
	g_autofree char *level = mqtt_battery_topic_id(id);
	struct mqtt_message *m =
		mqtt_messages_add(list, g_strdup_printf("%s/%s/availability", root, level),
				  g_strdup(is_online ? MQTT_ONLINE : MQTT_OFFLINE));

	m->retain = true;
	m->qos = 1;
}

void mqtt_battery_add(GPtrArray *list, const char *root, const cJSON *document)
{
	const char *id = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(document, "id"));
	const cJSON *child;

	if (!id)
		return;
	g_autofree char *level = mqtt_battery_topic_id(id);

	mqtt_battery_add_availability(
		list, root, id,
		cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(document, "is_live")));
	cJSON_ArrayForEach (child, document) {
		const struct manner *manner = find_manner(child->string);
		g_autofree char *key = mqtt_battery_topic_id(child->string);
		g_autofree char *topic = g_strdup_printf("%s/%s/%s", root, level, key);

		if (manner->is_left_out)
			continue;
		if (manner->is_whole)
			add_leaf(list, topic, child, manner->every_s);
		else
			add_value(list, topic, child, manner->every_s);
	}
}
