/* SPDX-License-Identifier: MIT */
#include "battery/control_private.h"

#include <math.h>

static const double calm_s = 10.0;
static const double spike_s = 25.0;
static const double slope_s = 8.0;
static const double room_min_v = 0.010;
static const double raise_share = 1.2;
static const double seek_step_v = 0.15;

static bool is_floating(const struct control *c)
{
	return c->states.chain == CHARGE_FLOAT_APPROACH || c->states.chain == CHARGE_FLOAT;
}

static void move(struct control *c, const struct control_pack *p, double cvl_v)
{
	cvl_v = fmin(fmax(cvl_v, c->plan.cvl_min_v), c->plan.cvl_max_v);
	if (fabs(cvl_v - c->cvl_v) < 1e-9)
		return;
	control_bus_moves(c, p);
	c->cvl_v = cvl_v;
	c->bus.is_low_tried = false;
	c->watch.moved_s = 0.0;
}

/* A cell that is over its target may push a little out of the battery, never much. */
static double least_a(const struct control *c, const struct control_pack *p)
{
	return -0.05 * c->plan.capacity_ah * fmin(fmax(-p->room_v - 0.010, 0.0) / 0.030, 1.0);
}

static bool cut(struct control *c, const struct control_view *v, const struct control_pack *p)
{
	struct control_bus *u = &c->bus;
	const double over_v = -p->room_v;
	const double margin_v = 0.002 + 0.1 * p->ohm * fmax(p->a, 0.0);
	const double floor_v = p->rest_v + margin_v + p->ohm * least_a(c, p);
	const double wall_v = p->wall_v - p->ohm / p->top_ohm * fmax(p->slope_v, 0.0) * slope_s;
	const double goal_v = fmax(wall_v, floor_v);
	const double goal_a = (goal_v - p->rest_v) / p->ohm;
	double offset_v = p->sum_v + u->cable_ohm * p->a - p->high_v;

	if (u->has_offset && c->watch.rise_s < spike_s && !c->states.is_protecting)
		offset_v = fmin(offset_v, u->offset_v);
	if (u->has_offset)
		offset_v = fmax(offset_v, u->offset_v - 0.03);
	else if (offset_v < control_bus_least_v)
		offset_v = 0.0;
	const double cvl_v = goal_v + u->cable_ohm * goal_a - offset_v;
	/* A smaller one would overshoot, and there is no hurry. */
	const bool is_calm = p->a < 0.01 * c->plan.capacity_ah && p->slope_v < 1e-4;
	const double least_v = is_calm ? v->config->cvl_step_min : 0.001;

	if (over_v + fmax(p->slope_v, 0.0) * slope_s < 0.004 || cvl_v > c->cvl_v - least_v)
		return false;
	u->is_low_refuted |= u->is_low_tried && c->watch.moved_s < v->config->cvl_update_interval;
	move(c, p, fmin(cvl_v, c->cvl_v - v->config->cvl_step_min));
	return true;
}

static bool is_ccl_limiting(const struct control *c, const struct control_pack *p)
{
	return fabs(p->a - c->last.ccl_a) < 0.05 * c->last.ccl_a;
}

static bool is_binding(const struct control *c, const struct control_pack *p)
{
	const struct control_bus *u = &c->bus;
	const double offset_v = p->sum_v + u->cable_ohm * p->a - c->cvl_v;

	if (is_ccl_limiting(c, p) || u->evidence == CONTROL_FREE)
		return false;
	if (u->evidence == CONTROL_BINDS)
		return true;
	return u->has_offset ? offset_v > u->offset_v - 0.02
			     : p->a < 0.02 * c->plan.capacity_ah && offset_v > control_bus_least_v;
}

/* Every five minutes: nothing else tells whether more would come. */
static bool may_probe(const struct control *c, const struct control_pack *p)
{
	return c->watch.moved_s >= 300.0 && !is_ccl_limiting(c, p) &&
	       p->sum_v + c->bus.cable_ohm * p->a - c->cvl_v > control_bus_least_v;
}

/* A battery that discharges while CVL may be what drains it. */
static void answer_discharge(struct control *c, const struct control_view *v,
			     const struct control_pack *p)
{
	const struct control_bus *u = &c->bus;
	const double known_v = p->rest_v - (u->has_low ? u->low_v : 0.0);
	const double miss_v = (least_a(c, p) - p->a) * (p->ohm + u->cable_ohm);
	double most_v = fmax(known_v, p->rest_v);

	if (c->states.is_protecting)
		return;
	if (p->room_v > 0.0 && u->evidence != CONTROL_FREE)
		most_v = p->rest_v - control_bus_least_v;
	if (c->cvl_v < known_v - 0.02 &&
	    p->room_v > (u->is_low_refuted && p->a > -0.1 * c->plan.capacity_ah ? 2.0 * room_min_v
										: -room_min_v)) {
		move(c, p, known_v + least_a(c, p) * (p->ohm + u->cable_ohm));
		c->bus.is_low_tried = true;
	} else if (c->watch.jump_s >= calm_s && miss_v > 0.0 && c->cvl_v < most_v) {
		move(c, p, c->cvl_v + fmax(v->config->cvl_step_min, miss_v));
	}
}

static void law(struct control *c, const struct control_view *v, const struct control_pack *p)
{
	struct control_watch *w = &c->watch;
	const struct control_bus *u = &c->bus;
	const double leak_a = 0.1 + 0.001 * c->plan.capacity_ah;

	control_bus(c, v, p);
	if ((p->room_v <= 0.0 || c->states.is_protecting) && cut(c, v, p))
		return;
	if (w->moved_s < v->config->cvl_update_interval)
		return;
	if (p->a < -leak_a) {
		answer_discharge(c, v, p);
		return;
	}
	if (p->room_v <= 0.0)
		return;
	if (p->slope_v * slope_s > p->room_v && cut(c, v, p))
		return;
	if (w->jump_s < calm_s)
		return;
	if (is_floating(c)) {
		const double ramp_v = v->config->float_ramp / 1e3 * v->config->cvl_update_interval;
		const double step_v = fmin(ramp_v, 0.7 * p->a * p->ohm);

		if (c->cvl_v > c->plan.cvl_float_v && step_v >= v->config->cvl_step_min)
			move(c, p, fmax(c->cvl_v - step_v, c->plan.cvl_float_v));
		return;
	}
	if (!u->has_offset && c->states.chain == CHARGE_TRANSITION &&
	    p->a > 0.1 * c->plan.capacity_ah && c->cvl_v > p->sum_v - 0.6) {
		move(c, p, c->cvl_v - seek_step_v);
		return;
	}
	if (p->room_v >= room_min_v && (is_binding(c, p) || may_probe(c, p)))
		move(c, p, c->cvl_v + fmax(raise_share * p->room_v, v->config->cvl_step_min));
}

void control_cvl(struct control *c, const struct control_view *v)
{
	if (!c->was_answered)
		c->cvl_v = c->plan.cvl_start_v;

	const struct control_pack p = control_watch(c, v);

	if (!v->implausible)
		law(c, v, &p);
	c->last.cvl_v = v->implausible ? c->plan.cvl_min_v : c->cvl_v;
}
