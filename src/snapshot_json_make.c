/* SPDX-License-Identifier: MIT */
/* snapshot_json_make - the inverse of reading: a snapshot as JSON */
#include "snapshot_json.h"

#include <math.h>

#include "tinybms/registers.h"

enum { EVENT_LAST = 127 };

typedef cJSON *number_fn(double value);

/* A float's digits are noise beyond a millionth of its unit. */
static cJSON *short_number(double value)
{
	return isfinite(value) ? cJSON_CreateNumber(round(value * 1e6) / 1e6) : cJSON_CreateNull();
}

static cJSON *exact_number(double value)
{
	return isfinite(value) ? cJSON_CreateNumber(value) : cJSON_CreateNull();
}

static void add_lists(cJSON *object, const struct battery *b, number_fn *number)
{
	cJSON *cells = cJSON_AddArrayToObject(object, "cells");
	cJSON *temperatures = cJSON_AddArrayToObject(object, "temperatures");
	cJSON *faults = cJSON_AddArrayToObject(object, "faults");
	cJSON *balancing = cJSON_AddArrayToObject(object, "balancing");

	for (unsigned i = 0; i < b->cell_count; i++)
		cJSON_AddItemToArray(cells, number(b->cell_v[i]));
	cJSON_AddItemToArray(temperatures, number(b->temp_internal_c));
	for (unsigned i = 0; i < BATTERY_EXTERNAL_SENSORS; i++)
		cJSON_AddItemToArray(temperatures, number(b->temp_external_c[i]));
	for (unsigned id = 1; id <= EVENT_LAST; id++)
		if (battery_events_contain(&b->active, id))
			cJSON_AddItemToArray(faults, cJSON_CreateNumber(id));
	for (unsigned i = 0; i < BATTERY_CELLS_MAX; i++)
		if (b->balancing & 1u << i)
			cJSON_AddItemToArray(balancing, cJSON_CreateNumber(i + 1));
}

static void add_settings(cJSON *object, const struct battery_settings *settings, number_fn *number)
{
	cJSON *into = cJSON_AddObjectToObject(object, "settings");
	size_t count = 0;
	const struct register_row *rows = registers_settings(&count);

	for (size_t i = 0; i < count; i++)
		cJSON_AddItemToObject(
			into, rows[i].name,
			number(*(const double *) ((const char *) settings + rows[i].field)));
}

static cJSON *make(const struct battery *b, number_fn *number)
{
	cJSON *object = cJSON_CreateObject();

	cJSON_AddItemToObject(object, "t", number((double) b->taken_us / 1e6));
	add_lists(object, b, number);
	cJSON_AddItemToObject(object, "current", number(b->current_a));
	cJSON_AddItemToObject(object, "soc", number(b->soc_pct));
	cJSON_AddItemToObject(object, "soh", number(b->soh_pct));
	if (b->status == BATTERY_STATUS_UNKNOWN)
		cJSON_AddNullToObject(object, "status");
	else
		cJSON_AddStringToObject(object, "status", battery_status_text(b->status));
	add_settings(object, &b->settings, number);
	return object;
}

cJSON *snapshot_json_make(const struct battery *b)
{
	return make(b, short_number);
}

char *snapshot_json_line(const struct battery *b, gint64 now_us)
{
	cJSON *object = b ? make(b, exact_number) : cJSON_CreateObject();
	cJSON *t = cJSON_CreateNumber((double) now_us / 1e6);

	if (b) {
		cJSON_ReplaceItemInObject(object, "t", t);
		cJSON_AddNumberToObject(object, "age", (double) (now_us - b->taken_us) / 1e6);
	} else {
		cJSON_AddItemToObject(object, "t", t);
	}
	char *line = cJSON_PrintUnformatted(object);

	cJSON_Delete(object);
	return line;
}
