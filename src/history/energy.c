/* SPDX-License-Identifier: MIT */
#include "history/energy.h"

#include <math.h>

/*
 * The area of a straight line from @from to @to over @hours, above zero into
 * @charged and below into @discharged.
 */
static void add_area(double from, double to, double hours, double *charged, double *discharged)
{
	double *begin = from >= 0.0 ? charged : discharged;
	double *end = to >= 0.0 ? charged : discharged;

	if (begin == end) {
		*begin += fabs(from + to) / 2.0 * hours;
		return;
	}
	const double crossing = from / (from - to); /* part of the time until it is zero */

	*begin += fabs(from) / 2.0 * crossing * hours;
	*end += fabs(to) / 2.0 * (1.0 - crossing) * hours;
}

static void count_gap(struct energy_totals *t, double s)
{
	t->gaps += 1.0;
	if (s > 0.0 && isfinite(s))
		t->gap_s += s;
}

void energy_step(struct energy *e, double pack_v, double current_a, gint64 taken_us)
{
	const double w = pack_v * current_a;
	const gint64 passed_us = taken_us - e->last_us;

	if (!isfinite(w) || (e->has_last && passed_us <= 0))
		return;
	if (e->has_last && passed_us > ENERGY_GAP_US) {
		count_gap(&e->totals, (double) passed_us / 1e6);
	} else if (e->has_last) {
		const double hours = (double) passed_us / 3.6e9;

		add_area(e->last_w, w, hours, &e->totals.charged_wh, &e->totals.discharged_wh);
		add_area(e->last_a, current_a, hours, &e->totals.charged_ah,
			 &e->totals.discharged_ah);
	}
	e->has_last = true;
	e->last_us = taken_us;
	e->last_a = current_a;
	e->last_w = w;
}

void energy_break(struct energy *e, double away_s)
{
	e->has_last = false;
	count_gap(&e->totals, away_s);
}
