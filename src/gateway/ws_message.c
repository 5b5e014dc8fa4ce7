/* SPDX-License-Identifier: MIT */
#include "gateway/ws_message.h"

#include <string.h>

static const double INTERVAL_MIN_S = 0.2, INTERVAL_MAX_S = 60;

unsigned ws_topic_of(const char *name)
{
	return !strcmp(name, "battery")	  ? WS_TOPIC_BATTERY
	       : !strcmp(name, "event")	  ? WS_TOPIC_EVENT
	       : !strcmp(name, "gateway") ? WS_TOPIC_GATEWAY
					  : 0;
}

/* ---- from the server --------------------------------------------------------------------- */

/* Takes @m. */
static GBytes *print(cJSON *m)
{
	char *text = cJSON_PrintUnformatted(m);

	cJSON_Delete(m);
	return g_bytes_new_with_free_func(text, strlen(text), cJSON_free, text);
}

GBytes *ws_message_document(const char *topic, const char *battery, const cJSON *data)
{
	cJSON *m = cJSON_CreateObject();

	cJSON_AddStringToObject(m, "topic", topic);
	cJSON_AddItemToObject(m, "battery",
			      battery ? cJSON_CreateString(battery) : cJSON_CreateNull());
	cJSON_AddNumberToObject(m, "time", (double) (g_get_real_time() / 1000) / 1000.0);
	cJSON_AddItemToObject(m, "data", data ? cJSON_Duplicate(data, true) : cJSON_CreateNull());
	return print(m);
}

GBytes *ws_message_told(const char *topic, const char *reason)
{
	cJSON *m = cJSON_CreateObject();

	cJSON_AddStringToObject(m, "topic", topic);
	cJSON_AddStringToObject(m, "reason", reason);
	return print(m);
}

/* ---- from the client --------------------------------------------------------------------- */

struct ws_wish ws_wish_default(void)
{
	return (struct ws_wish){ .topics = WS_TOPIC_ALL, .interval_us = G_USEC_PER_SEC };
}

static const char *take_topics(const cJSON *list, unsigned *topics)
{
	const cJSON *item;
	unsigned chosen = 0;

	if (!cJSON_IsArray(list))
		return "subscribe is a list of battery, event, gateway";
	cJSON_ArrayForEach (item, list) {
		const unsigned topic = cJSON_IsString(item) ? ws_topic_of(item->valuestring) : 0;

		if (!topic)
			return "subscribe is a list of battery, event, gateway";
		chosen |= topic;
	}
	*topics = chosen;
	return NULL;
}

static const char *take_wish(struct ws_wish *w, const cJSON *wish)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(wish, "subscribe");
	const cJSON *battery = cJSON_GetObjectItemCaseSensitive(wish, "battery");
	const cJSON *interval = cJSON_GetObjectItemCaseSensitive(wish, "interval");
	unsigned topics = w->topics;
	const char *wrong = list ? take_topics(list, &topics) : NULL;

	if (!cJSON_IsObject(wish))
		return "a message is a JSON object with subscribe, battery or interval";
	if (wrong)
		return wrong;
	if (battery && !cJSON_IsString(battery) && !cJSON_IsNull(battery))
		return "battery is an id or null";
	if (interval && !(cJSON_IsNumber(interval) && interval->valuedouble >= INTERVAL_MIN_S &&
			  interval->valuedouble <= INTERVAL_MAX_S))
		return "interval is 0.2 to 60 seconds";

	w->topics = topics;
	if (battery) {
		g_free(w->battery);
		w->battery = g_strdup(cJSON_GetStringValue(battery));
	}
	if (interval)
		w->interval_us = (gint64) (interval->valuedouble * G_USEC_PER_SEC);
	return NULL;
}

const char *ws_wish_read(struct ws_wish *w, const char *text, gsize size)
{
	g_autofree char *line = g_strndup(text, size);
	cJSON *wish = strlen(line) == size && g_utf8_validate(line, -1, NULL)
			      ? cJSON_ParseWithOpts(line, NULL, true)
			      : NULL;
	const char *wrong = take_wish(w, wish);

	cJSON_Delete(wish);
	return wrong;
}
