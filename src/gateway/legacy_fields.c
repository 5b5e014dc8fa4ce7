/* SPDX-License-Identifier: MIT */
#include "gateway/legacy_fields.h"

#include <glib.h>
#include <math.h>

#include "gateway/rounding.h"

const cJSON *legacy_get(const cJSON *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

double legacy_at(const cJSON *document, const char *path)
{
	g_auto(GStrv) part = g_strsplit(path, ".", -1);
	const cJSON *item = document;

	for (guint i = 0; part[i]; i++)
		item = legacy_get(item, part[i]);
	return cJSON_IsNumber(item) ? item->valuedouble : (double) NAN;
}

void legacy_add_rows(cJSON *object, const cJSON *document, const struct legacy_row *rows,
		     size_t count)
{
	for (size_t i = 0; i < count; i++)
		add_rounded(object, rows[i].key, legacy_at(document, rows[i].path) * rows[i].factor,
			    rows[i].step);
}

double legacy_balancing_bits(const cJSON *document)
{
	unsigned bits = 0;
	const cJSON *cell;

	cJSON_ArrayForEach (cell, legacy_get(document, "cells"))
		if (cJSON_IsTrue(legacy_get(cell, "is_balancing")))
			bits |= 1u << (((unsigned) legacy_at(cell, "n") - 1) % LEGACY_CELLS);
	return bits;
}
