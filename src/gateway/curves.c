/* SPDX-License-Identifier: MIT */
#include "gateway/curves.h"

#include <math.h>
#include <string.h>

#include "snapshot_csv.h"

const char *const curves_columns[] = {
	"t",
	"state_of_charge",
	"pack_voltage",
	"pack_current",
	"cell_min",
	"cell_max",
	"internal_temperature",
	"external_temperature_1",
	"external_temperature_2",
	"status",
	NULL,
};

static const char cell_prefix[] = "cell_";

bool curves_knows(const char *name)
{
	g_autoptr(GString) header = g_string_new(NULL);

	snapshot_csv_write_header(header);

	g_auto(GStrv) names = g_strsplit(g_strstrip(header->str), ",", -1);

	return strcmp(name, "cell_min") == 0 || strcmp(name, "cell_max") == 0 ||
	       g_strv_contains((const char *const *) names, name);
}

static const char *field_of(char **names, char **fields, const char *name)
{
	for (guint i = 0; names[i] && fields[i]; i++)
		if (strcmp(names[i], name) == 0)
			return fields[i];
	return "";
}

/* Lowest (@sign 1) or highest (-1) cell; NAN: none is known. */
static double extreme_cell(char **names, char **fields, double sign)
{
	double best = (double) NAN;

	for (guint i = 0; names[i] && fields[i]; i++) {
		if (!g_str_has_prefix(names[i], cell_prefix) || !fields[i][0])
			continue;
		const double volts = g_ascii_strtod(fields[i], NULL);

		if (!(sign * volts >= sign * best))
			best = volts;
	}
	return best;
}

static cJSON *value_of(char **names, char **fields, const char *column)
{
	const bool is_min = strcmp(column, "cell_min") == 0;
	char *rest = NULL;

	if (is_min || strcmp(column, "cell_max") == 0) {
		const double volts = extreme_cell(names, fields, is_min ? 1.0 : -1.0);

		return isfinite(volts) ? cJSON_CreateNumber(volts) : cJSON_CreateNull();
	}

	const char *text = field_of(names, fields, column);
	const double number = g_ascii_strtod(text, &rest);

	if (!text[0])
		return cJSON_CreateNull();
	return *rest || !isfinite(number) ? cJSON_CreateString(text) : cJSON_CreateNumber(number);
}

double curves_append(cJSON *rows, const cJSON *records, const char *const *columns, double after_s)
{
	const char *header =
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(records, "columns"));
	g_auto(GStrv) names = g_strsplit(header ? header : "", ",", -1);
	double last_s = (double) NAN;
	const cJSON *line;

	cJSON_ArrayForEach (line, cJSON_GetObjectItemCaseSensitive(records, "rows")) {
		const char *text = cJSON_GetStringValue(line);
		g_auto(GStrv) fields = g_strsplit(text ? text : "", ",", -1);
		cJSON *row;

		last_s = g_ascii_strtod(field_of(names, fields, "t"), NULL);
		if (last_s <= after_s)
			continue;
		row = cJSON_CreateArray();
		for (guint i = 0; columns[i]; i++)
			cJSON_AddItemToArray(row, value_of(names, fields, columns[i]));
		cJSON_AddItemToArray(rows, row);
	}
	return last_s;
}
