/* SPDX-License-Identifier: MIT */
/* json_read - what an answer of the service says, or nothing */
#pragma once

#include <cjson/cJSON.h>
#include <math.h>
#include <stdbool.h>

/** NAN: there is no number of this name. */
static inline double json_number(const cJSON *object, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

	return cJSON_IsNumber(item) ? item->valuedouble : (double) NAN;
}

/** "": there is no text of this name. */
static inline const char *json_text(const cJSON *object, const char *key)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));

	return text ? text : "";
}

static inline bool json_is_true(const cJSON *object, const char *key)
{
	return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, key));
}
