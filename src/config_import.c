/* SPDX-License-Identifier: MIT */
#include "config_import.h"

#include <string.h>

#include <cjson/cJSON.h>

/* clang-format off */
static const struct {
	const char *theirs, *ours;
} common[] = {
	{ "victron.battery_name",                      "battery_name" },
	{ "tinybms.poll_interval_ms",                  "poll_interval_ms" },
	{ "cvl_algorithm.bulk_soc_threshold",          "bulk_soc_threshold" },
	{ "cvl_algorithm.float_exit_soc",              "float_exit_soc" },
	{ "cvl_algorithm.imbalance_hold_threshold_mv", "imbalance_hold_threshold" },
	{ "cvl_algorithm.imbalance_release_threshold_mv", "imbalance_release_threshold" },
	{ "cvl_algorithm.cell_safety_threshold_v",     "cell_safety_threshold_v" },
	{ "cvl_algorithm.cell_safety_release_v",       "cell_safety_release_v" },
	{ "cvl_algorithm.cell_min_float_voltage_v",    "cell_min_float_v" },
	{ "cvl_algorithm.sustain_soc_entry_percent",   "sustain_soc_entry" },
	{ "cvl_algorithm.sustain_soc_exit_percent",    "sustain_soc_exit" },
	{ "cvl_algorithm.sustain_dcl_limit_a",         "sustain_dcl" },
};
/* clang-format on */

static const char *our_name(const char *theirs)
{
	for (size_t i = 0; i < G_N_ELEMENTS(common); i++)
		if (!strcmp(common[i].theirs, theirs))
			return common[i].ours;
	return NULL;
}

static char *value_text(const cJSON *value)
{
	char number[G_ASCII_DTOSTR_BUF_SIZE];

	if (cJSON_IsString(value))
		return g_strdup(value->valuestring);
	if (cJSON_IsNumber(value))
		return g_strdup(g_ascii_formatd(number, sizeof(number), "%.10g", value->valuedouble));
	return NULL;
}

static void take(struct config *c, const char *path, const cJSON *value, GString *report)
{
	const char *name = our_name(path);
	const struct config_key *key = name ? config_find(name) : NULL;
	g_autofree char *text = value_text(value);
	g_autoptr(GError) error = NULL;

	if (!key || !text)
		g_string_append_printf(report, "left out: %s\n", path);
	else if (config_set_text(c, key, text, &error))
		g_string_append_printf(report, "taken over: %s as %s = %s\n", path, name, text);
	else
		g_string_append_printf(report, "left out: %s: %s\n", path, error->message);
}

/* Depth is bounded by the parser (CJSON_NESTING_LIMIT, 1000). */
static void walk(struct config *c, const char *prefix, const cJSON *object, GString *report)
{
	const cJSON *child;

	cJSON_ArrayForEach (child, object) {
		g_autofree char *path =
			prefix ? g_strconcat(prefix, ".", child->string, NULL) : g_strdup(child->string);

		if (cJSON_IsObject(child))
			walk(c, path, child, report);
		else
			take(c, path, child, report);
	}
}

bool config_import(struct config *c, const char *json, GString *report, GError **error)
{
	cJSON *root = cJSON_Parse(json);

	if (!cJSON_IsObject(root)) {
		g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_SYNTAX,
			    "this is no JSON object; take config.json as the bridge saved it");
		cJSON_Delete(root);
		return false;
	}
	walk(c, NULL, root, report);
	cJSON_Delete(root);
	return true;
}
