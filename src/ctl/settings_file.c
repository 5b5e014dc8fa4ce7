/* SPDX-License-Identifier: MIT */
#include "ctl/settings_file.h"

#include <math.h>
#include <string.h>

#include "tinybms/setting_value.h"

enum { FILE_VERSION = 1 };

static const double same = 1e-6; /* finer than every step */

static const cJSON *get(const cJSON *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

static void copy(cJSON *to, const cJSON *from, const char *key)
{
	const cJSON *item = get(from, key);

	if (item)
		cJSON_AddItemToObject(to, key, cJSON_Duplicate(item, true));
}

cJSON *settings_file_make(const cJSON *answer)
{
	cJSON *file = cJSON_CreateObject();
	const cJSON *item;

	cJSON_AddNumberToObject(file, "version", FILE_VERSION);
	cJSON_AddStringToObject(file, "program", VERSION);
	copy(file, answer, "serial");
	copy(file, answer, "firmware");
	copy(file, answer, "hardware");
	copy(file, answer, "profile");

	cJSON *settings = cJSON_AddObjectToObject(file, "settings");

	cJSON_ArrayForEach (item, get(answer, "settings"))
		if (cJSON_IsString(get(item, "name")) && cJSON_IsNumber(get(item, "value")))
			cJSON_AddNumberToObject(settings, get(item, "name")->valuestring,
						get(item, "value")->valuedouble);
	return file;
}

const cJSON *settings_file_find(const cJSON *answer, const char *name)
{
	const cJSON *item;

	cJSON_ArrayForEach (item, get(answer, "settings")) {
		const char *its = cJSON_GetStringValue(get(item, "name"));

		if (its && strcmp(its, name) == 0)
			return item;
	}
	return NULL;
}

/* Of what is put together of bits and bytes the service judges. */
static bool fits(const cJSON *wanted, const cJSON *known, GError **error)
{
	const cJSON *min = get(known, "min"), *max = get(known, "max");

	if (!cJSON_IsNumber(wanted)) {
		g_set_error(error, SETTING_ERROR, SETTING_ERROR_VALUE, "%s: no number in the file",
			    wanted->string);
		return false;
	}
	if (!cJSON_IsNumber(get(known, "value"))) {
		g_set_error(error, SETTING_ERROR, SETTING_ERROR_UNKNOWN,
			    "%s: this BMS does not have it", wanted->string);
		return false;
	}
	if (!cJSON_IsNumber(min) || !cJSON_IsNumber(max) ||
	    (wanted->valuedouble >= min->valuedouble - same &&
	     wanted->valuedouble <= max->valuedouble + same))
		return true;
	g_set_error(
		error, SETTING_ERROR, SETTING_ERROR_RANGE,
		"%s: %.10g is in the file, this BMS takes %.10g to %.10g: it is of another model",
		wanted->string, wanted->valuedouble, min->valuedouble, max->valuedouble);
	return false;
}

static bool add_changes(cJSON *changes, const cJSON *settings, const cJSON *answer, GError **error)
{
	const cJSON *wanted;

	cJSON_ArrayForEach (wanted, settings) {
		const cJSON *known = settings_file_find(answer, wanted->string);

		if (!known) {
			g_set_error(error, SETTING_ERROR, SETTING_ERROR_UNKNOWN,
				    "there is no setting \"%.60s\"", wanted->string);
			return false;
		}
		if (!fits(wanted, known, error))
			return false;
		if (fabs(get(known, "value")->valuedouble - wanted->valuedouble) > same)
			cJSON_AddNumberToObject(changes, wanted->string, wanted->valuedouble);
	}
	return true;
}

cJSON *settings_file_changes(const cJSON *file, const cJSON *answer, GError **error)
{
	const cJSON *settings = get(file, "settings");
	const cJSON *version = get(file, "version");
	cJSON *changes;

	if (!cJSON_IsObject(settings) || !cJSON_IsNumber(version)) {
		g_set_error_literal(error, SETTING_ERROR, SETTING_ERROR_VALUE,
				    "this is no backup of settings");
		return NULL;
	}
	if (version->valueint != FILE_VERSION) {
		g_set_error(error, SETTING_ERROR, SETTING_ERROR_VALUE,
			    "this backup has version %d, known is %d: update the program",
			    version->valueint, FILE_VERSION);
		return NULL;
	}
	changes = cJSON_CreateObject();
	if (add_changes(changes, settings, answer, error))
		return changes;
	cJSON_Delete(changes);
	return NULL;
}
