/* SPDX-License-Identifier: MIT */
#include "battery/control_private.h"

#include <math.h>
#include <string.h>

/* Voltmeters 0.3 V off, and what chargers add to CVL. */
const double control_bus_least_v = -0.35;
static const double most_v = 0.8;
/* A charger that adds something to CVL and an inverter that does not are this far apart. */
static const double apart_v = 0.1;
static const double usual_cable_ohm = 0.003, most_cable_ohm = 0.012;
/* No cable is so thin that it loses more than this at full charge current. */
static const double most_cable_v = 0.65;
static const double settled_s = 8.0, calm_s = 15.0;
static const double rest_moved_v = 0.004;

double control_bus_most_cable(const struct control *c)
{
	return fmin(most_cable_ohm, most_cable_v / fmax(c->plan.max_charge_a, 1.0));
}

void control_bus_reset(struct control *c)
{
	memset(&c->bus, 0, sizeof(c->bus));
	c->bus.cable_ohm = fmin(usual_cable_ohm, 0.5 * control_bus_most_cable(c));
}

static void learn_offset(struct control *c, const struct control_pack *p)
{
	struct control_bus *u = &c->bus;
	const double offset_v = p->sum_v + u->cable_ohm * p->a - c->cvl_v;

	const double high_v = p->a < 0.0 ? -control_bus_least_v : most_v;

	if (offset_v < control_bus_least_v - 0.05 || offset_v > high_v) {
		u->evidence = CONTROL_FREE;
		return;
	}
	u->has_offset = true;
	u->offset_v = offset_v;
	if (!u->has_low || offset_v < u->low_v + apart_v) {
		u->low_v = offset_v;
		u->is_low_refuted = false;
	}
	u->has_low = true;
}

static void learn_cable(struct control *c, double cable_ohm, double share)
{
	struct control_bus *u = &c->bus;

	cable_ohm = fmin(fmax(cable_ohm, 0.0), control_bus_most_cable(c));
	u->cable_ohm += share * (cable_ohm - u->cable_ohm);
}

void control_bus_refutes_low(struct control *c)
{
	c->bus.has_low = !c->bus.is_low_refuted;
	c->bus.is_low_refuted = c->bus.has_low;
}

static double least_answer_a(const struct control *c)
{
	return fmax(1.0, 0.01 * c->plan.capacity_ah);
}

/* Chargers that still follow say nothing yet. */
static bool is_quiet(const struct control *c, const struct control_pack *p)
{
	return c->watch.jump_s >= 4.0 &&
	       fabs(p->a - control_past(&c->watch, 2)->a) < 0.3 * least_answer_a(c);
}

static void judge_answer(struct control *c, const struct control_pack *p)
{
	struct control_bus *u = &c->bus;
	const double d_a = p->a - u->before_a - u->before_a_s * c->watch.moved_s;
	const double d_v = c->cvl_v - u->before_v;

	u->is_answer_due = false;
	if (!(d_a * d_v > 0.0 && fabs(d_a) >= least_answer_a(c)))
		return;
	if (u->was_bound)
		learn_cable(c, d_v / d_a - p->ohm, 0.5);
	learn_offset(c, p);
}

void control_bus_moves(struct control *c, const struct control_pack *p)
{
	struct control_bus *u = &c->bus;

	if (c->watch.moved_s < settled_s)
		return;
	u->before_v = c->cvl_v;
	u->before_a = p->a;
	u->before_a_s = (p->a - control_past(&c->watch, 8)->a) / 8.0;
	u->was_bound = u->evidence == CONTROL_BINDS;
	u->is_answer_due = true;
}

/* Where CVL binds, what the battery gains it loses in current, and the bus stands still. */
static void weigh(struct control *c, const struct control_pack *p, double rest_v)
{
	struct control_bus *u = &c->bus;
	const double sum_v = p->sum_v - u->anchor_sum_v, d_a = p->a - u->anchor_a;
	const double least_a = 0.5 * fabs(rest_v) / (p->ohm + 0.012);
	const bool may_bind = d_a * rest_v < 0.0 && fabs(d_a) >= least_a;
	const double offset_v = p->sum_v + u->cable_ohm * p->a - c->cvl_v;

	u->weighed_s = 0.0;
	if (!may_bind) {
		u->evidence = CONTROL_FREE;
		return;
	}
	u->evidence = fabs(sum_v + u->cable_ohm * d_a) < 0.35 * fabs(rest_v) ? CONTROL_BINDS
									     : CONTROL_UNKNOWN;
	if (u->has_offset && fabs(offset_v - u->offset_v) < 0.03)
		learn_cable(c, -sum_v / d_a, 0.1);
}

void control_bus(struct control *c, const struct control_view *v, const struct control_pack *p)
{
	struct control_bus *u = &c->bus;
	const double rest_v = p->rest_v - u->anchor_rest_v;

	if (u->is_answer_due && c->watch.moved_s >= settled_s && is_quiet(c, p))
		judge_answer(c, p);
	if (c->watch.moved_s > 20.0)
		u->is_answer_due = false;
	if (c->watch.moved_s < settled_s || c->watch.jump_s < calm_s) {
		u->has_anchor = false;
		u->evidence = CONTROL_UNKNOWN;
		return;
	}
	u->weighed_s += v->dt_s;
	if (u->has_anchor && fabs(rest_v) >= rest_moved_v)
		weigh(c, p, rest_v);
	else if (u->weighed_s > 60.0 && u->evidence == CONTROL_FREE)
		u->evidence = CONTROL_UNKNOWN;
	if (!u->has_anchor || fabs(rest_v) >= rest_moved_v) {
		u->has_anchor = true;
		u->anchor_rest_v = p->rest_v;
		u->anchor_sum_v = p->sum_v;
		u->anchor_a = p->a;
	}
	if (u->evidence == CONTROL_BINDS)
		learn_offset(c, p);
}
