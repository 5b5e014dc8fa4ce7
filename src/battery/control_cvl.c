/* SPDX-License-Identifier: MIT */
#include "battery/control_private.h"

#include <math.h>

static bool is_floating(const struct control *c)
{
	return c->states.chain == CHARGE_FLOAT_APPROACH || c->states.chain == CHARGE_FLOAT;
}

/* With a cell at or above its target, the pack comes down by as much as this cell needs. */
static double wanted(const struct control *c, const struct control_view *v)
{
	const struct charge_plan *p = &c->plan;

	if (v->implausible)
		return p->cvl_min_v;
	const double over_v = v->b->cell_max_v - p->absorption_v;
	return (is_floating(c) ? p->cvl_float_v : p->cvl_start_v) - fmax(0.0, over_v) * p->cells;
}

/* Towards float by the ramp, a step each interval. */
static double walked(struct control *c, const struct control_view *v, double wanted_v)
{
	const bool is_walk = c->was_answered && is_floating(c) && !v->implausible &&
			     v->b->cell_max_v <= c->plan.absorption_v && wanted_v < c->cvl_v;

	c->walk_s = is_walk ? c->walk_s + v->dt_s : 0.0;
	if (!is_walk)
		return wanted_v;
	if (c->walk_s < v->config->cvl_update_interval)
		return c->cvl_v;
	const double step_v = v->config->float_ramp / 1e3 * c->walk_s;

	c->walk_s = 0.0;
	return fmax(c->cvl_v - step_v, wanted_v);
}

void control_cvl(struct control *c, const struct control_view *v)
{
	const double cvl_v = walked(c, v, wanted(c, v));

	c->cvl_v = fmin(fmax(cvl_v, c->plan.cvl_min_v), c->plan.cvl_max_v);
	c->last.cvl_v = c->cvl_v;
}
