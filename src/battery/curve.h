/* SPDX-License-Identifier: MIT */
/*
 * curve - a ratio over a measured value, interpolated between points
 *
 * Pure.
 */
#pragma once

enum { CURVE_POINTS_MAX = 12 };

struct curve_point {
	double x;     /**< V or degrees C or %, as the curve's owner says */
	double ratio; /**< 0 to 1 */
};

/** Points in the order of rising or of falling x; count 0 is "not given". */
struct curve {
	unsigned count;
	struct curve_point point[CURVE_POINTS_MAX];
};
