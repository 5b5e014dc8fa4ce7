/* SPDX-License-Identifier: MIT */
#include "battery/control_private.h"

#include <math.h>

static const double calm_s = 10.0;
static const double probe_s = 300.0;
/* The edge of a cloud drains the battery for as long as chargers and inverter take to follow. */
static const unsigned edge_s = 8;
static const double room_min_v = 0.010;
static const double near_v = 0.02;
/* A cell on its wall takes nearly all of a change of the pack. */
static const double raise_share = 1.2;
/* An inverter that pulls the battery down to CVL takes at least this much of what that needs. */
static const double drained_share = 0.1;
static const double seek_step_v = 0.10;
static const double seek_below_v = 0.6;
/* What of the drop that the current makes float takes back at a time. */
static const double float_share = 0.7;

void control_move(struct control *c, const struct control_pack *p, double cvl_v)
{
	cvl_v = fmin(fmax(cvl_v, c->plan.cvl_min_v), c->plan.cvl_max_v);
	if (fabs(cvl_v - c->cvl_v) < 1e-9)
		return;
	control_bus_moves(c, p);
	c->cvl_v = cvl_v;
	c->bus.is_low_tried = false;
	c->watch.moved_s = 0.0;
}

static bool is_ccl_limiting(const struct control *c, const struct control_pack *p)
{
	return fabs(p->a - c->last.ccl_a) < 0.05 * c->last.ccl_a;
}

/* Of the bus over CVL, as measured now. */
static double measured_offset_v(const struct control *c, const struct control_pack *p)
{
	return p->sum_v + c->bus.cable_ohm * p->a - c->cvl_v;
}

static bool is_binding(const struct control *c, const struct control_pack *p)
{
	const struct control_bus *u = &c->bus;
	const double offset_v = measured_offset_v(c, p);

	if (is_ccl_limiting(c, p) || u->evidence == CONTROL_FREE)
		return false;
	if (u->evidence == CONTROL_BINDS)
		return true;
	return u->has_offset ? offset_v > u->offset_v - near_v
			     : p->a < 0.02 * c->plan.capacity_ah && offset_v > control_bus_least_v;
}

/*
 * Every five minutes, where with the thickest loss on the cable CVL may be what
 * limits the current: nothing else tells whether more would come.
 */
static bool may_probe(const struct control *c, const struct control_pack *p)
{
	return c->watch.moved_s >= probe_s && !is_ccl_limiting(c, p) &&
	       p->sum_v + control_bus_most_cable(c) * p->a - c->cvl_v > control_bus_least_v;
}

/* The lower offset is trusted near the target, once doubted only with room or need. */
static bool may_return(const struct control *c, const struct control_pack *p)
{
	const bool is_strong = p->a < -0.1 * c->plan.capacity_ah;
	const bool is_doubted = c->bus.is_low_refuted && !is_strong;

	return p->room_v > (is_doubted ? 2.0 * room_min_v : -room_min_v);
}

/* A battery that discharges while CVL may be what drains it. */
static void answer_discharge(struct control *c, const struct control_view *v,
			     const struct control_pack *p)
{
	const struct control_bus *u = &c->bus;
	const double rest_v = p->rest_v - (u->has_low ? u->low_v : 0.0);
	const double least_a = control_least_a(c, p), ohm = p->ohm + u->cable_ohm;
	double most_v = fmax(rest_v, p->rest_v);

	if (c->states.is_protecting)
		return;
	if (p->room_v > 0.0 && u->evidence != CONTROL_FREE)
		most_v = p->rest_v - control_bus_least_v;
	if (c->cvl_v < rest_v - near_v && may_return(c, p) &&
	    p->a < drained_share * (c->cvl_v - rest_v) / ohm &&
	    control_past(&c->watch, edge_s)->a < 0.0) {
		control_move(c, p, rest_v + least_a * ohm);
		c->bus.is_low_tried = true;
	} else if (c->watch.jump_s >= calm_s && p->a < least_a && c->cvl_v < most_v) {
		control_move(c, p,
			     c->cvl_v + fmax(v->config->cvl_step_min, (least_a - p->a) * ohm));
	}
}

/* At its ceiling the battery neither charges nor feeds the grid: CVL at its rest. */
static void rest_at_ceiling(struct control *c, const struct control_view *v,
			    const struct control_pack *p)
{
	const struct control_bus *u = &c->bus;
	const double rest_v = p->rest_v - (u->has_offset ? u->offset_v : 0.0);

	if (p->a > 0.0 && rest_v <= c->cvl_v - v->config->cvl_step_min)
		control_move(c, p, rest_v);
}

/* Down with the pack as it falls by itself, never below it. */
static void walk_to_float(struct control *c, const struct control_view *v,
			  const struct control_pack *p)
{
	const double ramp_v = v->config->float_ramp / 1e3 * v->config->cvl_update_interval;
	const double step_v = fmin(ramp_v, float_share * p->a * p->ohm);

	if (c->cvl_v > c->plan.cvl_float_v && step_v >= v->config->cvl_step_min)
		control_move(c, p, fmax(c->cvl_v - step_v, c->plan.cvl_float_v));
}

/* Nobody has seen yet where CVL binds: look for it before a cell is at its target. */
static bool must_seek(const struct control *c, const struct control_pack *p)
{
	return !c->bus.has_offset && c->states.chain == CHARGE_TRANSITION &&
	       p->a > 0.1 * c->plan.capacity_ah && c->cvl_v > p->sum_v - seek_below_v;
}

/* Nothing hurries: 20 s after the last move, with a current that is calm. */
static void move_in_calm(struct control *c, const struct control_view *v,
			 const struct control_pack *p)
{
	if (c->states.is_at_ceiling)
		rest_at_ceiling(c, v, p);
	else if (control_is_floating(c))
		walk_to_float(c, v, p);
	else if (must_seek(c, p))
		control_move(c, p, c->cvl_v - seek_step_v);
	else if (!c->last.charge_blocked && !v->charge_fault && p->room_v >= room_min_v &&
		 (is_binding(c, p) || may_probe(c, p)))
		control_move(c, p,
			     c->cvl_v + fmax(raise_share * p->room_v, v->config->cvl_step_min));
}

static void law(struct control *c, const struct control_view *v, const struct control_pack *p)
{

	const bool is_over = v->b->cell_max_v >= c->plan.absorption_v && p->room_v <= 0.0;

	control_bus(c, v, p);
	if ((is_over || c->states.is_protecting) && control_cut(c, v, p))
		return;
	if (c->watch.moved_s < v->config->cvl_update_interval)
		return;
	if (p->a < -control_leak_a(c) && control_is_drained(c))
		answer_discharge(c, v, p);
	else if (!is_over && control_over_ahead_v(p) > 0.0 && control_cut(c, v, p))
		return;
	else if (p->room_v > 0.0 && c->watch.jump_s >= calm_s)
		move_in_calm(c, v, p);
}

void control_cvl(struct control *c, const struct control_view *v)
{
	if (!c->was_answered)
		c->cvl_v = c->plan.cvl_start_v;

	const struct control_pack p = control_watch(c, v);

	law(c, v, &p);
	c->last.cvl_v = c->cvl_v;
}
