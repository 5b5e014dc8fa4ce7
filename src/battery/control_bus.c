/* SPDX-License-Identifier: MIT */
#include "battery/control_private.h"

#include <math.h>
#include <string.h>

/* Voltmeters 0.3 V off, and what chargers add to CVL. */
const double control_bus_least_v = -0.35;
static const double most_v = 0.8;
static const double usual_cable_ohm = 0.003, most_cable_ohm = 0.02;
static const double settled_s = 8.0;
static const double rest_moved_v = 0.004;

void control_bus_reset(struct control *c)
{
	memset(&c->bus, 0, sizeof(c->bus));
	c->bus.cable_ohm = usual_cable_ohm;
}

static void learn_offset(struct control *c, const struct control_pack *p)
{
	struct control_bus *u = &c->bus;
	const double offset_v = p->sum_v + u->cable_ohm * p->a - c->cvl_v;

	if (offset_v < control_bus_least_v - 0.004 * fabs(p->a) || offset_v > most_v) {
		u->evidence = CONTROL_FREE;
		return;
	}
	u->has_offset = true;
	u->offset_v = offset_v;
}

static void learn_cable(struct control_bus *u, double cable_ohm)
{
	cable_ohm = fmin(fmax(cable_ohm, 0.0), most_cable_ohm);
	u->cable_ohm += 0.5 * (cable_ohm - u->cable_ohm);
}

static double least_answer_a(const struct control *c)
{
	return fmax(1.0, 0.01 * c->plan.capacity_ah);
}

static void judge_answer(struct control *c, const struct control_pack *p)
{
	struct control_bus *u = &c->bus;
	const double d_a = p->a - u->before_a;
	const double d_v = c->cvl_v - u->before_v;

	u->is_answer_due = false;
	if (!(d_a * d_v > 0.0 && fabs(d_a) >= least_answer_a(c)))
		return;
	if (u->was_bound)
		learn_cable(u, d_v / d_a - p->ohm);
	learn_offset(c, p);
}

void control_bus_moves(struct control *c, const struct control_pack *p)
{
	struct control_bus *u = &c->bus;

	if (c->watch.moved_s < settled_s)
		return;
	u->before_v = c->cvl_v;
	u->before_a = p->a;
	u->was_bound = u->evidence == CONTROL_BINDS;
	u->is_answer_due = true;
}

void control_bus(struct control *c, const struct control_view *v, const struct control_pack *p)
{
	struct control_bus *u = &c->bus;
	const double rest_v = p->rest_v - u->anchor_rest_v;
	const double sum_v = p->sum_v - u->anchor_sum_v;

	if (u->is_answer_due && c->watch.moved_s >= settled_s)
		judge_answer(c, p);
	if (c->watch.moved_s < settled_s || c->watch.jump_s < settled_s) {
		u->has_anchor = false;
		u->evidence = CONTROL_UNKNOWN;
		return;
	}
	if (u->has_anchor && fabs(rest_v) >= rest_moved_v)
		u->evidence = fabs(sum_v) < 0.5 * fabs(rest_v) ? CONTROL_BINDS : CONTROL_FREE;
	if (!u->has_anchor || fabs(rest_v) >= rest_moved_v) {
		u->has_anchor = true;
		u->anchor_rest_v = p->rest_v;
		u->anchor_sum_v = p->sum_v;
		u->anchor_a = p->a;
	}
	if (u->evidence == CONTROL_BINDS)
		learn_offset(c, p);
}
