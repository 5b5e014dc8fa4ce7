/* SPDX-License-Identifier: MIT */
#include "snapshot_json.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

#include "tinybms/registers.h"

G_DEFINE_QUARK(snapshot_json_error, snapshot_json_error)

/* Beyond this (30,000 years) a time in microseconds comes near its type's end. */
#define TIME_MAX_S 1e12
#define EVENT_LAST 127

static bool refuse(GError **error, const char *key, const char *why)
{
	g_set_error(error, SNAPSHOT_JSON_ERROR, SNAPSHOT_JSON_ERROR_KEY, "\"%s\": %s", key, why);
	return false;
}

static bool read_number(double *out, const cJSON *item, const char *key, GError **error)
{
	if (cJSON_IsNull(item)) {
		*out = (double) NAN;
		return true;
	}
	if (!cJSON_IsNumber(item) || !isfinite(item->valuedouble))
		return refuse(error, key, "neither a number nor null");
	*out = item->valuedouble;
	return true;
}

/* A whole number from 1 to @max. */
static bool read_id(unsigned *out, const cJSON *item, unsigned max, const char *key,
		    const char *why, GError **error)
{
	const double v = cJSON_IsNumber(item) ? item->valuedouble : 0.0;

	if (!(v >= 1.0 && v <= max) || floor(v) < v)
		return refuse(error, key, why);
	*out = (unsigned) v;
	return true;
}

static bool read_t(struct snapshot_json *s, const cJSON *item, GError **error)
{
	if (!cJSON_IsNumber(item) || !(fabs(item->valuedouble) <= TIME_MAX_S))
		return refuse(error, "t", "no time in seconds");
	s->t_s = item->valuedouble;
	s->battery.taken_us = (gint64) llround(s->t_s * 1e6);
	return true;
}

/* Read after "t". */
static bool read_age(struct snapshot_json *s, const cJSON *item, GError **error)
{
	if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0.0 && item->valuedouble <= TIME_MAX_S))
		return refuse(error, "age", "no time in seconds, 0 or more");
	s->battery.taken_us -= (gint64) llround(item->valuedouble * 1e6);
	return true;
}

static bool read_cells(struct snapshot_json *s, const cJSON *item, GError **error)
{
	const int count = cJSON_IsArray(item) ? cJSON_GetArraySize(item) : 0;
	const cJSON *cell;
	unsigned i = 0;

	if (count < BATTERY_CELLS_MIN || count > BATTERY_CELLS_MAX)
		return refuse(error, "cells", "no list of 4 to 16 voltages");
	cJSON_ArrayForEach (cell, item)
		if (!read_number(&s->battery.cell_v[i++], cell, "cells", error))
			return false;
	s->battery.cell_count = (unsigned) count;
	return true;
}

static bool read_current(struct snapshot_json *s, const cJSON *item, GError **error)
{
	return read_number(&s->battery.current_a, item, "current", error);
}

static bool read_soc(struct snapshot_json *s, const cJSON *item, GError **error)
{
	return read_number(&s->battery.soc_pct, item, "soc", error);
}

static bool read_soh(struct snapshot_json *s, const cJSON *item, GError **error)
{
	return read_number(&s->battery.soh_pct, item, "soh", error);
}

static bool read_temperatures(struct snapshot_json *s, const cJSON *item, GError **error)
{
	struct battery *b = &s->battery;
	double *const to[] = { &b->temp_internal_c, &b->temp_external_c[0],
			       &b->temp_external_c[1] };

	if (!cJSON_IsArray(item) || cJSON_GetArraySize(item) != (int) G_N_ELEMENTS(to))
		return refuse(error, "temperatures", "no list of three: internal and two external");
	for (size_t i = 0; i < G_N_ELEMENTS(to); i++)
		if (!read_number(to[i], cJSON_GetArrayItem(item, (int) i), "temperatures", error))
			return false;
	return true;
}

static bool read_status(struct snapshot_json *s, const cJSON *item, GError **error)
{
	if (cJSON_IsNull(item))
		return true;
	s->battery.status = battery_status_parse(cJSON_IsString(item) ? item->valuestring : "");
	return s->battery.status != BATTERY_STATUS_UNKNOWN ||
	       refuse(error, "status",
		      "none of charging, discharging, idle, full, regenerating, fault");
}

static bool read_faults(struct snapshot_json *s, const cJSON *item, GError **error)
{
	const cJSON *fault;
	unsigned id;

	if (!cJSON_IsArray(item))
		return refuse(error, "faults", "no list of event ids");
	cJSON_ArrayForEach (fault, item) {
		if (!read_id(&id, fault, EVENT_LAST, "faults", "an event id is 1 to 127", error))
			return false;
		battery_events_add(&s->battery.active, id);
	}
	return true;
}

static bool read_balancing(struct snapshot_json *s, const cJSON *item, GError **error)
{
	const cJSON *cell;
	unsigned number;

	if (!cJSON_IsArray(item))
		return refuse(error, "balancing", "no list of cell numbers");
	cJSON_ArrayForEach (cell, item) {
		if (!read_id(&number, cell, BATTERY_CELLS_MAX, "balancing",
			     "a cell number is 1 to 16", error))
			return false;
		s->battery.balancing |= (uint16_t) (1u << (number - 1));
	}
	s->battery.balancing_wanted = s->battery.balancing;
	return true;
}

/* Readers differ in which of two they take. */
static bool has_each_key_once(const cJSON *object, GError **error)
{
	const cJSON *item;

	cJSON_ArrayForEach (item, object)
		for (const cJSON *other = item->next; other; other = other->next)
			if (!strcmp(item->string, other->string))
				return refuse(error, item->string, "is there twice");
	return true;
}

static bool read_settings(struct snapshot_json *s, const cJSON *item, GError **error)
{
	size_t count;
	const struct register_row *rows = registers_settings(&count);

	if (!cJSON_IsObject(item))
		return refuse(error, "settings", "no object");
	if (!has_each_key_once(item, error))
		return false;
	for (size_t i = 0; i < count; i++) {
		const cJSON *value = cJSON_GetObjectItemCaseSensitive(item, rows[i].name);
		double *to = (double *) ((char *) &s->battery.settings + rows[i].field);

		if (value && !read_number(to, value, rows[i].name, error))
			return false;
		if (!value && !s->missing)
			s->missing = rows[i].name;
	}
	return true;
}

static const struct {
	const char *name;
	bool is_needed;
	bool (*read)(struct snapshot_json *s, const cJSON *item, GError **error);
} keys[] = {
	{ "t", true, read_t },
	{ "age", false, read_age },
	{ "cells", true, read_cells },
	{ "current", true, read_current },
	{ "soc", true, read_soc },
	{ "soh", false, read_soh },
	{ "temperatures", true, read_temperatures },
	{ "status", true, read_status },
	{ "faults", true, read_faults },
	{ "balancing", false, read_balancing },
	{ "settings", true, read_settings },
};

static bool read_keys(struct snapshot_json *s, const cJSON *object, GError **error)
{
	if (!has_each_key_once(object, error))
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
		const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, keys[i].name);

		if (item && !keys[i].read(s, item, error))
			return false;
		if (!item && keys[i].is_needed && !s->missing)
			s->missing = keys[i].name;
	}
	return true;
}

bool snapshot_json_take(struct snapshot_json *out, const cJSON *object, GError **error)
{
	struct snapshot_json s = { .t_s = (double) NAN };

	if (!cJSON_IsObject(object)) {
		g_set_error_literal(error, SNAPSHOT_JSON_ERROR, SNAPSHOT_JSON_ERROR_SYNTAX,
				    "not one JSON object");
		return false;
	}
	battery_clear(&s.battery);
	if (!read_keys(&s, object, error))
		return false;
	s.is_silent = cJSON_GetArraySize(object) == 1 && !isnan(s.t_s);
	battery_derive(&s.battery);
	s.battery.pack_v = s.battery.cell_sum_v;
	*out = s;
	return true;
}

/* The key that stands last before @at, where the line is no JSON any more: NaN for instance. */
static bool refuse_syntax(GError **error, const char *line, const char *at)
{
	g_autofree char *before = g_strndup(line, (gsize) (at - line));
	char *colon = g_strrstr(before, "\":");
	char *key = NULL;

	g_strchomp(before);
	if (colon && !g_str_has_suffix(before, "}")) {
		*colon = '\0';
		key = strrchr(before, '"');
	}
	if (key)
		g_set_error(error, SNAPSHOT_JSON_ERROR, SNAPSHOT_JSON_ERROR_SYNTAX,
			    "\"%s\": no JSON from \"%.16s\" on", key + 1, at);
	else
		g_set_error_literal(error, SNAPSHOT_JSON_ERROR, SNAPSHOT_JSON_ERROR_SYNTAX,
				    "not one JSON object");
	return false;
}

bool snapshot_json_read(struct snapshot_json *out, const char *line, GError **error)
{
	const char *end = line;
	cJSON *object = cJSON_ParseWithOpts(line, &end, true);

	if (!object)
		return refuse_syntax(error, line, end);

	const bool is_read = snapshot_json_take(out, object, error);

	cJSON_Delete(object);
	return is_read;
}
