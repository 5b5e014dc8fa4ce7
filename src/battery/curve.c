/* SPDX-License-Identifier: MIT */
#include "battery/curve.h"

#include <glib.h>
#include <math.h>

static double lowest(const struct curve *curve)
{
	double ratio = 1.0;

	for (unsigned i = 0; i < curve->count; i++)
		ratio = MIN(ratio, curve->point[i].ratio);
	return ratio;
}

static double between(const struct curve_point *a, const struct curve_point *b, double x)
{
	const double span = b->x - a->x;

	if (!(fabs(span) > 0.0))
		return MIN(a->ratio, b->ratio);
	return a->ratio + (b->ratio - a->ratio) * (x - a->x) / span;
}

static double at_rising(const struct curve_point *first, const struct curve_point *last, double x)
{
	const struct curve_point *p = first;

	if (x > last->x)
		return last->ratio;
	while (x > p->x)
		p++;
	return p == first ? p->ratio : between(p - 1, p, x);
}

static double at_falling(const struct curve_point *first, const struct curve_point *last, double x)
{
	const struct curve_point *p = first;

	if (x < last->x)
		return last->ratio;
	while (x < p->x)
		p++;
	return p == first ? p->ratio : between(p - 1, p, x);
}

double curve_at(const struct curve *curve, double x)
{
	if (!curve->count)
		return 1.0;
	if (isnan(x))
		return lowest(curve);

	const struct curve_point *first = curve->point, *last = &first[curve->count - 1];

	return last->x >= first->x ? at_rising(first, last, x) : at_falling(first, last, x);
}

double curve_zero(const struct curve *curve)
{
	for (unsigned i = 0; i < curve->count; i++)
		if (curve->point[i].ratio <= 0.0)
			return curve->point[i].x;
	return (double) NAN;
}

bool curve_is_sound(const struct curve *curve)
{
	if (curve->count > CURVE_POINTS_MAX)
		return false;
	for (unsigned i = 0; i < curve->count; i++) {
		const struct curve_point *p = &curve->point[i];

		if (!isfinite(p->x) || !(p->ratio >= 0.0 && p->ratio <= 1.0))
			return false;
	}
	for (unsigned i = 2; i < curve->count; i++) {
		const struct curve_point *p = &curve->point[i - 2];

		if (!((p[1].x - p[0].x) * (p[2].x - p[1].x) > 0.0))
			return false;
	}
	return curve->count < 2 || fabs(curve->point[1].x - curve->point[0].x) > 0.0;
}

void curve_sort_rising(struct curve *curve)
{
	const unsigned n = curve->count;

	if (n < 2 || curve->point[n - 1].x >= curve->point[0].x)
		return;
	for (unsigned i = 0; i < n / 2; i++) {
		const struct curve_point swap = curve->point[i];

		curve->point[i] = curve->point[n - 1 - i];
		curve->point[n - 1 - i] = swap;
	}
}

/* One "x:ratio" at *text, which then points behind it. */
static bool parse_point(struct curve_point *point, const char **text)
{
	char *end;

	point->x = g_ascii_strtod(*text, &end);
	if (end == *text || *end != ':')
		return false;
	*text = end + 1;
	point->ratio = g_ascii_strtod(*text, &end);
	if (end == *text || (*end != '\0' && *end != ' '))
		return false;
	*text = end;
	return true;
}

bool curve_parse(struct curve *curve, const char *text)
{
	struct curve read = { 0 };

	for (;;) {
		while (*text == ' ')
			text++;
		if (*text == '\0')
			break;
		if (read.count == CURVE_POINTS_MAX || !parse_point(&read.point[read.count], &text))
			return false;
		read.count++;
	}
	if (!curve_is_sound(&read))
		return false;
	*curve = read;
	return true;
}
