/* SPDX-License-Identifier: MIT */
#include "manage/asked_by.h"

static bool is_printable(const char *text)
{
	for (const char *c = text; *c; c = g_utf8_next_char(c))
		if (!g_unichar_isprint(g_utf8_get_char(c)))
			return false;
	return true;
}

bool asked_by_read(const cJSON *object, const char **out, GError **error)
{
	const cJSON *by = cJSON_GetObjectItemCaseSensitive(object, "by");

	*out = NULL;
	if (!by)
		return true;
	if (!cJSON_IsString(by) || !g_utf8_validate(by->valuestring, -1, NULL) ||
	    !is_printable(by->valuestring) || g_utf8_strlen(by->valuestring, -1) > ASKED_BY_MAX) {
		g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
			    "\"by\" must be a text of at most %d printable characters.",
			    ASKED_BY_MAX);
		return false;
	}
	*out = by->valuestring;
	return true;
}
