/* SPDX-License-Identifier: MIT */
#include "history/event_words.h"

#include <glib.h>

#include "history/journal_text.h"

static const char *level_of(unsigned id)
{
	if (id <= EVENTS_FAULT_LAST)
		return "fault";
	return id <= EVENTS_WARNING_LAST ? "warning" : "information";
}

cJSON *event_words(const cJSON *entry)
{
	static const char *const own[] = { "kind", "offset", "boot" };
	cJSON *o = cJSON_Duplicate(entry, true);
	const double number = journal_number(entry, "id");
	const unsigned id = number >= 0.0 && number <= 255.0 ? (unsigned) number : 0;
	const char *remedy = events_remedy((uint8_t) id);
	g_autofree char *unknown = g_strdup_printf("event 0x%02X", id);
	const char *text = events_text((uint8_t) id);

	for (size_t i = 0; i < G_N_ELEMENTS(own); i++)
		cJSON_DeleteItemFromObjectCaseSensitive(o, own[i]);
	cJSON_AddStringToObject(o, "level", level_of(id));
	cJSON_AddStringToObject(o, "text", text ? text : unknown);
	if (remedy)
		cJSON_AddStringToObject(o, "remedy", remedy);
	return o;
}
