/* SPDX-License-Identifier: MIT */
/* rounding - numbers of documents, without digits that nobody measured */
#pragma once

#include <math.h>

/** The multiple of @step (above 0) that is next to @value; never -0, which says nothing. */
static inline double round_to(double value, double step)
{
	return round(value / step) * step + 0.0;
}
