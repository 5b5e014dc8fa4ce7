/* SPDX-License-Identifier: MIT */
#include "history/journal_text.h"

#include <glib.h>
#include <math.h>
#include <string.h>

enum { SUM_DIGITS = 8 };

static void checksum(char out[SUM_DIGITS + 1], const char *text, size_t count)
{
	g_autofree char *sum =
		g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *) text, count);

	g_strlcpy(out, sum, SUM_DIGITS + 1);
}

char *journal_line(const cJSON *entry)
{
	char *json = cJSON_PrintUnformatted(entry);
	char sum[SUM_DIGITS + 1];

	checksum(sum, json, strlen(json));

	char *line = g_strdup_printf("%s\t%s\n", json, sum);

	cJSON_free(json);
	return line;
}

/* NULL: no entry. */
static cJSON *parse(const char *line, size_t count)
{
	char sum[SUM_DIGITS + 1];

	if (count < SUM_DIGITS + 1 || line[count - SUM_DIGITS - 1] != '\t')
		return NULL;

	const size_t json = count - SUM_DIGITS - 1;

	checksum(sum, line, json);
	if (memcmp(line + json + 1, sum, SUM_DIGITS) != 0)
		return NULL;
	return cJSON_ParseWithLength(line, json);
}

struct journal_damage journal_each(const char *text, size_t count, journal_entry_fn fn, void *user)
{
	struct journal_damage damage = { 0 };
	const char *end;

	while (count > 0 && (end = memchr(text, '\n', count))) {
		cJSON *entry = parse(text, (size_t) (end - text));

		if (cJSON_IsObject(entry))
			fn(entry, user);
		else
			damage.bad++;
		cJSON_Delete(entry);
		count -= (size_t) (end + 1 - text);
		text = end + 1;
	}
	damage.torn = count;
	return damage;
}

double journal_number(const cJSON *entry, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(entry, key);

	return cJSON_IsNumber(item) ? item->valuedouble : (double) NAN;
}

const char *journal_string(const cJSON *entry, const char *key)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, key));

	return text ? text : "";
}

/* ---- events --------------------------------------------------------------------------- */

static uint32_t time_24(const struct event *e)
{
	return (uint32_t) (e->time_s & 0xFFFFFF);
}

void journal_know(struct journal_known *known, const struct event *event)
{
	if (known->count == JOURNAL_KNOWN_MAX) {
		known->count--;
		memmove(&known->event[0], &known->event[1],
			known->count * sizeof(known->event[0]));
	}
	known->event[known->count].time_24 = time_24(event);
	known->event[known->count].id = event->id;
	known->count++;
}

static size_t times_known(const struct journal_known *known, const struct event *e)
{
	size_t times = 0;

	for (size_t i = 0; i < known->count; i++)
		times += known->event[i].id == e->id && known->event[i].time_24 == time_24(e);
	return times;
}

/* How many of the first @count of @list are like @e. */
static size_t times_listed(const struct event_list *list, size_t count, const struct event *e)
{
	size_t times = 0;

	for (size_t i = 0; i < count; i++)
		times += list->event[i].id == e->id && time_24(&list->event[i]) == time_24(e);
	return times;
}

struct event_list journal_unknown(const struct journal_known *known, const struct event_list *list)
{
	struct event_list out = { 0 };

	for (size_t i = 0; i < list->count; i++)
		if (times_listed(list, i + 1, &list->event[i]) > times_known(known, &list->event[i]))
			out.event[out.count++] = list->event[i];
	return out;
}
