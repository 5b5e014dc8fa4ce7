/* SPDX-License-Identifier: MIT */
#include "battery/control_private.h"

#include <math.h>

/* With a cell at or above its target, the pack comes down by as much as this cell needs. */
static double wanted(const struct control *c, const struct control_view *v)
{
	const struct charge_plan *p = &c->plan;

	if (v->implausible)
		return p->cvl_min_v;
	const double over_v = v->b->cell_max_v - p->absorption_v;
	return p->cvl_start_v - fmax(0.0, over_v) * p->cells;
}

void control_cvl(struct control *c, const struct control_view *v)
{
	c->cvl_v = fmin(fmax(wanted(c, v), c->plan.cvl_min_v), c->plan.cvl_max_v);
	c->last.cvl_v = c->cvl_v;
}
