/* SPDX-License-Identifier: MIT */
#include "record_file.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

#include "file.h"
#include "sealed.h"

enum { VERSION_NUMBER = 1 };

G_DEFINE_QUARK(record_error, record_error)

char *record_format(const struct control_record *r, const char *serial, gint64 saved_s)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddNumberToObject(o, "version", VERSION_NUMBER);
	cJSON_AddStringToObject(o, "serial", serial);
	cJSON_AddNumberToObject(o, "saved", (double) saved_s);
	cJSON_AddStringToObject(o, "state", charge_state_text(r->chain));
	cJSON_AddBoolToObject(o, "has_given_up", r->has_given_up);
	cJSON_AddBoolToObject(o, "wants_full", r->wants_full);
	cJSON_AddBoolToObject(o, "has_external", r->has_external);
	cJSON_AddNumberToObject(o, "absorbed", round(r->absorbed_s));
	cJSON_AddNumberToObject(o, "held", round(r->held_s));
	if (isfinite(r->full_soc_pct))
		cJSON_AddNumberToObject(o, "full_soc", r->full_soc_pct);
	cJSON_AddNumberToObject(o, "since_full", round(r->since_full_s));

	char *json = cJSON_PrintUnformatted(o);
	char *text = sealed_close(json);

	cJSON_free(json);
	cJSON_Delete(o);
	return text;
}

static double number(const cJSON *o, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(o, key);

	return cJSON_IsNumber(item) ? item->valuedouble : (double) NAN;
}

static const char *string(const cJSON *o, const char *key)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, key));

	return text ? text : "";
}

static enum charge_state state(const char *text)
{
	for (int i = CHARGE_BULK; i <= CHARGE_FLOAT; i++)
		if (strcmp(charge_state_text((enum charge_state) i), text) == 0)
			return (enum charge_state) i;
	return CHARGE_OFFLINE; /* which a record cannot say */
}

static bool damaged(GError **error, const char *why)
{
	g_set_error(error, RECORD_ERROR, RECORD_ERROR_DAMAGED, "the record of the charge is damaged "
							       "(%s)", why);
	return false;
}

static bool take(const cJSON *o, const char *serial, struct control_record *r, gint64 *saved_s,
		 GError **error)
{
	struct control probe;

	if (number(o, "version") != VERSION_NUMBER)
		return damaged(error, "its version is unknown");
	if (strcmp(string(o, "serial"), serial) != 0) {
		g_set_error(error, RECORD_ERROR, RECORD_ERROR_ABSENT,
			    "the record of the charge belongs to the BMS %s", string(o, "serial"));
		return false;
	}
	*r = (struct control_record){
		.chain = state(string(o, "state")),
		.has_given_up = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(o, "has_given_up")),
		.wants_full = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(o, "wants_full")),
		.has_external = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(o, "has_external")),
		.absorbed_s = number(o, "absorbed"),
		.held_s = number(o, "held"),
		.full_soc_pct = number(o, "full_soc"),
		.since_full_s = number(o, "since_full"),
	};
	*saved_s = isfinite(number(o, "saved")) ? (gint64) number(o, "saved") : 0;
	control_init(&probe);
	return control_restore(&probe, r, 0.0) || damaged(error, "a value in it cannot be");
}

bool record_parse(const char *text, const char *serial, struct control_record *r,
		  gint64 *saved_s, GError **error)
{
	g_autoptr(GError) why = NULL;
	size_t count;

	if (!sealed_open(text, &count, &why))
		return damaged(error, why->message);

	cJSON *o = cJSON_ParseWithLength(text, count);
	const bool is_fine = o ? take(o, serial, r, saved_s, error) : damaged(error, "no JSON");

	cJSON_Delete(o);
	return is_fine;
}

bool record_load(const char *path, const char *serial, struct control_record *r,
		 gint64 *saved_s, GError **error)
{
	g_autofree char *text = NULL;
	g_autoptr(GError) why = NULL;

	if (g_file_get_contents(path, &text, NULL, &why))
		return record_parse(text, serial, r, saved_s, error);
	if (g_error_matches(why, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
		g_set_error(error, RECORD_ERROR, RECORD_ERROR_ABSENT,
			    "there is no record of the charge yet");
		return false;
	}
	return damaged(error, why->message);
}

bool record_save(const char *path, const char *serial, const struct control_record *r,
		 gint64 saved_s, GError **error)
{
	g_autofree char *text = record_format(r, serial, saved_s);

	return file_replace(path, text, strlen(text), error);
}
