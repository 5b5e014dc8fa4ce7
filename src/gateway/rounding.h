/* SPDX-License-Identifier: MIT */
/* rounding - numbers of documents, without digits that nobody measured */
#pragma once

#include <cjson/cJSON.h>
#include <math.h>

/** The multiple of @step (above 0) that is next to @value; never -0, which says nothing. */
static inline double round_to(double value, double step)
{
	return round(value / step) * step + 0.0;
}

/** Rounded to @step; null where @value is not finite. */
static inline void add_rounded(cJSON *object, const char *key, double value, double step)
{
	if (isfinite(value))
		cJSON_AddNumberToObject(object, key, round_to(value, step));
	else
		cJSON_AddNullToObject(object, key);
}
