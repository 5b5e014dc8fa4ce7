/* SPDX-License-Identifier: MIT */
#include "history/history_text.h"

#include <math.h>
#include <string.h>

#include "sealed.h"

enum { VERSION_NUMBER = 1 };

#define NUMBER_MAX 1e12 /* Wh, s since 1970: nothing here comes near it */

G_DEFINE_QUARK(history_error, history_error)

#define FIELD(name) offsetof(struct history_kept, name)
#define EXTREME(key, name)                                                                         \
	{ key, FIELD(name.value), -NUMBER_MAX, NUMBER_MAX, true },                                 \
	{ key "_at", FIELD(name.when_s), 0.0, NUMBER_MAX, false }

/* clang-format off */
static const struct field {
	const char *key;
	size_t offset; /* of a double */
	double min, max;
	bool may_be_unknown;
} fields[] = {
	{ "charged_wh", FIELD(totals.charged_wh), 0.0, NUMBER_MAX, false },
	{ "discharged_wh", FIELD(totals.discharged_wh), 0.0, NUMBER_MAX, false },
	{ "charged_ah", FIELD(totals.charged_ah), 0.0, NUMBER_MAX, false },
	{ "discharged_ah", FIELD(totals.discharged_ah), 0.0, NUMBER_MAX, false },
	{ "gaps", FIELD(totals.gaps), 0.0, NUMBER_MAX, false },
	{ "gap_s", FIELD(totals.gap_s), 0.0, NUMBER_MAX, false },
	{ "since", FIELD(since_s), 0.0, NUMBER_MAX, false },
	{ "consumed_ah", FIELD(consumed_ah), -NUMBER_MAX, 0.0, true },
	{ "deepest_ah", FIELD(deepest_ah), -NUMBER_MAX, 0.0, true },
	{ "last_ah", FIELD(last_ah), -NUMBER_MAX, 0.0, true },
	{ "depths_ah", FIELD(depths_ah), -NUMBER_MAX, 0.0, false },
	{ "depths", FIELD(depths), 0.0, NUMBER_MAX, false },
	{ "cycles", FIELD(cycles), 0.0, NUMBER_MAX, false },
	{ "full_charges", FIELD(full_charges), 0.0, NUMBER_MAX, false },
	{ "full_discharges", FIELD(full_discharges), 0.0, NUMBER_MAX, false },
	{ "is_empty", FIELD(is_empty), 0.0, 1.0, false },
	{ "since_full_s", FIELD(since_full_s), 0.0, NUMBER_MAX, true },
	{ "full_at", FIELD(full_at_s), 0.0, NUMBER_MAX, true },
	EXTREME("pack_min_v", pack_min_v),
	EXTREME("pack_max_v", pack_max_v),
	EXTREME("cell_min_v", cell_min_v),
	EXTREME("cell_max_v", cell_max_v),
	EXTREME("temperature_min_c", temperature_min_c),
	EXTREME("temperature_max_c", temperature_max_c),
	EXTREME("charge_max_a", charge_max_a),
	EXTREME("discharge_max_a", discharge_max_a),
};
/* clang-format on */

cJSON *history_to_json(const struct history_kept *kept)
{
	cJSON *o = cJSON_CreateObject();

	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
		const double number = G_STRUCT_MEMBER(double, kept, fields[i].offset);

		if (isfinite(number))
			cJSON_AddNumberToObject(o, fields[i].key, number);
	}
	return o;
}

char *history_format(const struct history_kept *kept, const char *serial, double saved_s)
{
	cJSON *o = history_to_json(kept);

	cJSON_AddNumberToObject(o, "version", VERSION_NUMBER);
	cJSON_AddStringToObject(o, "serial", serial);
	cJSON_AddNumberToObject(o, "saved", saved_s);

	char *json = cJSON_PrintUnformatted(o);
	char *text = sealed_close(json);

	cJSON_free(json);
	cJSON_Delete(o);
	return text;
}

static bool damaged(GError **error, const char *why)
{
	g_set_error(error, HISTORY_ERROR, HISTORY_ERROR_DAMAGED, "%s", why);
	return false;
}

static bool take_field(const cJSON *o, const struct field *f, struct history_kept *kept)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(o, f->key);
	double *number = G_STRUCT_MEMBER_P(kept, f->offset);

	*number = cJSON_IsNumber(item) ? item->valuedouble : (double) NAN;
	if (isnan(*number))
		return f->may_be_unknown;
	return *number >= f->min && *number <= f->max;
}

static bool take(const cJSON *o, const char *serial, struct history_kept *kept, double *saved_s,
		 GError **error)
{
	const char *owner = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, "serial"));
	const cJSON *version = cJSON_GetObjectItemCaseSensitive(o, "version");
	const cJSON *saved = cJSON_GetObjectItemCaseSensitive(o, "saved");
	struct history_kept read;

	if (!cJSON_IsNumber(version) || version->valueint != VERSION_NUMBER)
		return damaged(error, "its version is unknown");
	if (!owner || strcmp(owner, serial) != 0)
		return damaged(error, "it belongs to another battery");
	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
		if (!take_field(o, &fields[i], &read))
			return damaged(error, fields[i].key);
	*kept = read;
	*saved_s = cJSON_IsNumber(saved) ? saved->valuedouble : 0.0;
	return true;
}

bool history_parse(const char *text, const char *serial, struct history_kept *kept,
		   double *saved_s, GError **error)
{
	g_autoptr(GError) why = NULL;
	size_t count;

	if (!sealed_open(text, &count, &why))
		return damaged(error, why->message);

	cJSON *o = cJSON_ParseWithLength(text, count);
	const bool is_fine = o ? take(o, serial, kept, saved_s, error) : damaged(error, "no JSON");

	cJSON_Delete(o);
	return is_fine;
}
