/* SPDX-License-Identifier: MIT */
/*
 * gateway_support - the example document, and looking into lists of messages
 */
#pragma once

#include "support.h"

#include <cjson/cJSON.h>
#include <glib.h>

#include "gateway/mqtt_message.h"

/** tests/gateway/document.json; cJSON_Delete() it. */
static inline cJSON *read_document(void)
{
	char *text = NULL;

	assert_true(g_file_get_contents(DOCUMENT, &text, NULL, NULL));
	cJSON *document = cJSON_Parse(text);

	g_free(text);
	assert_non_null(document);
	return document;
}

static inline const struct mqtt_message *message_at(const GPtrArray *list, const char *topic)
{
	for (guint i = 0; i < list->len; i++) {
		const struct mqtt_message *m = list->pdata[i];

		if (strcmp(m->topic, topic) == 0)
			return m;
	}
	return NULL;
}

static inline const char *payload_at(const GPtrArray *list, const char *topic)
{
	const struct mqtt_message *m = message_at(list, topic);

	return m ? m->payload : "(no such topic)";
}
