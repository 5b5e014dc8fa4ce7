/* SPDX-License-Identifier: MIT */
#include "tinybms/settings_json.h"

#include <math.h>
#include <string.h>

static void add_number(cJSON *object, const char *key, bool is_known, double value)
{
	if (is_known && isfinite(value))
		cJSON_AddNumberToObject(object, key, value);
	else
		cJSON_AddNullToObject(object, key);
}

static void add_choices(cJSON *object, const struct setting *s)
{
	cJSON *choices = s->choices ? cJSON_AddObjectToObject(object, "choices") : NULL;

	for (const struct setting_choice *c = s->choices; c && c->text; c++) {
		g_autofree char *number = g_strdup_printf("%u", c->raw);

		cJSON_AddStringToObject(choices, number, c->text);
	}
}

/* 323 and 328 read 65535 once the BMS has taken them: that is no value. */
static bool is_value(const struct setting *s, uint32_t raw)
{
	return raw != SETTING_TAKEN || s->raw_default < SETTING_TAKEN;
}

static cJSON *make(const struct setting *s, const struct settings_words *words,
		   const struct job_ranges *ranges)
{
	cJSON *object = cJSON_CreateObject();
	const struct setting_range range = setting_range(s, ranges);
	uint32_t raw = 0;
	const bool is_known = setting_raw(s, words, &raw) && is_value(s, raw);
	g_autofree char *text = is_known ? setting_text(s, raw) : g_strdup("---");

	cJSON_AddStringToObject(object, "name", s->name);
	cJSON_AddNumberToObject(object, "register", s->address);
	add_number(object, "value", is_known, setting_number(s, raw));
	cJSON_AddStringToObject(object, "text", text);
	cJSON_AddStringToObject(object, "unit", s->unit);
	add_number(object, "min", true, range.min);
	add_number(object, "max", true, range.max);
	add_number(object, "default", true, range.fallback);
	cJSON_AddBoolToObject(object, "device_range", range.is_device);
	cJSON_AddBoolToObject(object, "risky", setting_is_risky(s));
	cJSON_AddStringToObject(object, "meaning", s->sentence);
	add_choices(object, s);
	return object;
}

cJSON *settings_json_make(const struct settings_words *words, const struct job_ranges *ranges)
{
	cJSON *list = cJSON_CreateArray();
	size_t count = 0;
	const struct setting *table = settings_table(&count);

	for (size_t i = 0; i < count; i++)
		cJSON_AddItemToArray(list, make(&table[i], words, ranges));
	return list;
}

/* ---- a set -------------------------------------------------------------------------------- */

static bool take(const cJSON *item, struct setting_set *set, GError **error)
{
	const struct setting *s = settings_by_name(item->string);
	char number[G_ASCII_DTOSTR_BUF_SIZE];
	uint32_t raw;

	if (!s) {
		g_set_error(error, SETTING_ERROR, SETTING_ERROR_UNKNOWN,
			    "There is no setting \"%.60s\"; settings list shows them.",
			    item->string);
		return false;
	}
	if (cJSON_IsNumber(item))
		g_ascii_formatd(number, sizeof(number), "%.10g", item->valuedouble);
	else if (!cJSON_IsString(item)) {
		g_set_error(error, SETTING_ERROR, SETTING_ERROR_VALUE,
			    "%s: neither a number nor a text.", s->name);
		return false;
	}
	if (!setting_parse(s, cJSON_IsNumber(item) ? number : item->valuestring, &raw, error))
		return false;
	setting_set_add(set, s, raw);
	return true;
}

bool settings_json_set(const cJSON *object, struct setting_set *set, GError **error)
{
	const cJSON *changes = cJSON_GetObjectItemCaseSensitive(object, "set");
	struct setting_set whole = { 0 };
	const cJSON *item;

	if (!cJSON_IsObject(changes) || !changes->child) {
		g_set_error_literal(
			error, SETTING_ERROR, SETTING_ERROR_VALUE,
			"There is nothing to set: {\"set\": {name: value}} is expected.");
		return false;
	}
	cJSON_ArrayForEach (item, changes)
		if (!take(item, &whole, error))
			return false;
	*set = whole;
	return true;
}

cJSON *settings_json_unconfirmed(const cJSON *object, const struct setting_set *set,
				 const struct settings_words *words)
{
	const cJSON *confirmed = cJSON_GetObjectItemCaseSensitive(object, "confirm");
	cJSON *missing = NULL;

	for (size_t i = 0; i < set->count; i++) {
		const struct setting *s = set->change[i].setting;
		uint32_t before = 0;

		setting_raw(s, words, &before);
		if (!setting_is_risky(s) || before == set->change[i].raw)
			continue;
		g_autofree char *old = setting_plain(s, before);
		g_autofree char *new = setting_plain(s, set->change[i].raw);
		g_autofree char *wanted = g_strconcat(old, "->", new, NULL);
		const cJSON *given = cJSON_GetObjectItemCaseSensitive(confirmed, s->name);

		if (cJSON_IsString(given) && strcmp(given->valuestring, wanted) == 0)
			continue;
		if (!missing)
			missing = cJSON_CreateObject();
		cJSON_AddStringToObject(missing, s->name, wanted);
	}
	return missing;
}
