/* SPDX-License-Identifier: MIT */
/*
 * YamBMS: PI controller on the highest cell for CVL, curves for CCL and DCL,
 * full by a line of voltage over current, float after 30 minutes.
 */
#include "plant/law.h"

#include <math.h>

struct yambms {
	double integral_vs;
	double ccl_a, dcl_a;
	unsigned full_s, idle_s, end_s;
	bool is_floating;
	double float_walk_v;
};

static void init(void *state, const struct law_setup *setup)
{
	struct yambms *y = state;

	y->ccl_a = setup->max_charge_a;
	y->dcl_a = setup->max_discharge_a;
}

static double ratio(double value, double from, double to)
{
	return fmin(fmax((value - from) / (to - from), 0.0), 1.0);
}

/* Down at once, up by a low-pass of 0.15 in steps of at least 1 A. */
static double filtered(double old_a, double new_a)
{
	if (new_a <= old_a)
		return new_a;
	return fmin(new_a, old_a + fmax(1.0, 0.15 * (new_a - old_a)));
}

static void watch_full(struct yambms *y, const struct law_setup *setup, const struct battery *b)
{
	const double low_v = setup->is_lfp ? 3.37 : 3.90, high_v = setup->is_lfp ? 3.65 : 4.20;
	const double rebulk_v = setup->is_lfp ? 3.30 : 3.85;
	const double ohm = (high_v - low_v) / setup->capacity_ah / 0.05;
	const bool is_full = b->current_a > 0.0 && b->cell_max_v - ohm * b->current_a >= low_v;

	if (b->cell_sum_v <= rebulk_v * setup->cell_count)
		y->is_floating = false;
	y->full_s = is_full ? y->full_s + 1 : 0;
	y->idle_s = y->full_s >= 10 && !b->balancing ? y->idle_s + 1 : 0;
	y->end_s = y->idle_s >= 60 || (y->end_s && y->full_s) ? y->end_s + 1 : 0;
	if (y->end_s >= 1800 && !y->is_floating) {
		y->is_floating = true;
		y->float_walk_v = b->cell_sum_v;
	}
}

static double cvl(struct yambms *y, const struct law_setup *setup, const struct battery *b)
{
	const double n = setup->cell_count, boost_v = 0.5, trigger_v = 0.010;
	const double bulk_v = setup->absorption_v * n, float_v = setup->float_v * n;
	double error_v = setup->absorption_v - b->cell_max_v, out_v;

	if (y->is_floating) {
		y->float_walk_v = fmax(float_v, y->float_walk_v - 0.1 / 180.0);
		return y->float_walk_v;
	}
	if (error_v < 0.0)
		error_v = fmin(0.0, error_v + trigger_v);
	out_v = bulk_v + 0.05 * error_v + 0.5 * (y->integral_vs + error_v);
	if (out_v < float_v || out_v > bulk_v + boost_v) /* anti-windup */
		return fmin(fmax(out_v, float_v), bulk_v + boost_v);
	y->integral_vs += error_v;
	return out_v;
}

static struct limits step(void *state, const struct law_setup *setup, const struct battery *b,
			  gint64 now_us)
{
	struct yambms *y = state;
	const double high_v = (setup->max_v + setup->absorption_v) / 2.0;
	const double knee_v = setup->is_lfp ? 3.10 : 3.40, low_v = setup->min_v;
	double up, down;

	if (!b)
		return (struct limits){ .on_bus = false };
	watch_full(y, setup, b);
	up = ratio(b->cell_max_v, setup->float_v, high_v);
	down = ratio(-b->cell_min_v, -knee_v, -low_v);
	y->ccl_a =
		filtered(y->ccl_a, setup->max_charge_a * fmax(0.0, 2.0 - pow(2.0, pow(up, 1.8))));
	y->dcl_a = filtered(y->dcl_a,
			    setup->max_discharge_a * fmax(0.0, 2.0 - pow(2.0, pow(down, 1.8))));
	return law_limits(cvl(y, setup, b), y->ccl_a, y->dcl_a);
}

const struct law law_yambms = {
	.name = "yambms",
	.sentence = "YamBMS: PI on the highest cell",
	.state_bytes = sizeof(struct yambms),
	.init = init,
	.step = step,
};
