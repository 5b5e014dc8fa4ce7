/* SPDX-License-Identifier: MIT */
/*
 * curve - a ratio over a measured value, interpolated between points
 *
 * Pure.
 */
#pragma once

#include <stdbool.h>
#include <string.h>

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

/**
 * The ratio at @x: linear between points, constant beyond the outer ones.
 * An unknown @x (NAN) is the worst case, the lowest ratio of the curve; a curve
 * without points limits nothing (1).
 */
double curve_at(const struct curve *curve, double x);

/** The same points, bit by bit. */
static inline bool curve_equal(const struct curve *a, const struct curve *b)
{
	return a->count == b->count &&
	       (!a->count || !memcmp(a->point, b->point, a->count * sizeof(a->point[0])));
}

/** The @x of the first point whose ratio is 0; NAN where there is none. */
double curve_zero(const struct curve *curve);

/** Points finite, x strictly rising or strictly falling, ratios 0 to 1. */
bool curve_is_sound(const struct curve *curve);

/** Put the points in the order of rising x. */
void curve_sort_rising(struct curve *curve);

/**
 * Read "x:ratio x:ratio ..."; "" is no points. False, and @curve as it was, for
 * anything else, for too many points and for a curve that is not sound.
 */
bool curve_parse(struct curve *curve, const char *text) __attribute__((warn_unused_result));
