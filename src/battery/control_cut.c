/* SPDX-License-Identifier: MIT */
#include "battery/control_private.h"

#include <math.h>

/* s of a spike of the current that chargers which still follow may make. */
static const double spike_s = 25.0;
/* s by which a cell is looked ahead, and V that are worth a cut. */
static const double ahead_s = 8.0;
static const double worth_v = 0.004;
/* Less than this is not worth to let the inverter drain the battery for. */
static const double slight_v = 0.015;
static const double slightly_over_v = 0.010;
static const double known_v = 0.03;
static const double flat_v = 1e-4;

/* A cell that is over its target may push a little out of the battery, never much. */
double control_least_a(const struct control *c, const struct control_pack *p)
{
	const double over_v = -p->room_v - slightly_over_v;

	return -0.03 * c->plan.capacity_ah * MIN(MAX(over_v, 0.0) / 0.030, 1.0);
}

double control_over_ahead_v(const struct control_pack *p)
{
	return -p->room_v + MAX(p->slope_v, 0.0) * ahead_s;
}

/* Where the pack should be: at the wall of its first cell, but not much below its rest. */
static double goal_v(const struct control *c, const struct control_pack *p)
{
	const double margin_v = 0.002 + 0.1 * p->ohm * fmax(p->a, 0.0);
	const double floor_v = p->rest_v + margin_v + p->ohm * control_least_a(c, p);
	const double lead_v = p->ohm / p->top_ohm * fmax(p->slope_v, 0.0) * ahead_s;

	return fmax(p->wall_v - lead_v, floor_v);
}

/*
 * Of the bus over the CVL that chargers may still act on: as measured, but a
 * spike teaches nothing, and what is known is not lost by one measurement.
 */
static double offset_v(const struct control *c, const struct control_pack *p)
{
	const struct control_bus *u = &c->bus;
	double v = p->sum_v + u->cable_ohm * p->a - p->high_v;

	if (!u->has_offset)
		return v < control_bus_least_v ? 0.0 : v;
	if (c->watch.rise_s < spike_s && !c->states.is_protecting)
		v = fmin(v, u->offset_v);
	v = fmax(v, u->offset_v - known_v);
	return u->has_low && control_over_ahead_v(p) < slight_v ? fmin(v, u->low_v + known_v) : v;
}

static bool is_worth_it(const struct control *c, const struct control_view *v,
			const struct control_pack *p, double cvl_v)
{
	const bool is_flat = p->slope_v < flat_v;
	const bool is_calm = is_flat && p->a < 0.01 * c->plan.capacity_ah;
	const bool is_draining = p->a < 0.0 && p->slope_v <= 0.0;

	if (control_over_ahead_v(p) < worth_v || (is_draining && -p->room_v < slightly_over_v))
		return false;
	/* In calm a smaller one than the least would overshoot, and there is no hurry. */
	return cvl_v <= c->cvl_v - (is_calm ? v->config->cvl_step_min : 0.001);
}

bool control_cut(struct control *c, const struct control_view *v, const struct control_pack *p)
{
	const double pack_v = goal_v(c, p);
	const double pack_a = (pack_v - p->rest_v) / p->ohm;
	const double cvl_v = pack_v + c->bus.cable_ohm * pack_a - offset_v(c, p);

	if (!is_worth_it(c, v, p, cvl_v))
		return false;
	if (c->bus.is_low_tried && control_over_ahead_v(p) >= slight_v &&
	    c->watch.moved_s < v->config->cvl_update_interval)
		control_bus_refutes_low(c);
	control_move(c, p, fmin(cvl_v, c->cvl_v - v->config->cvl_step_min));
	return true;
}
