/* SPDX-License-Identifier: MIT */
#include "battery/control_private.h"

#include <math.h>

/* docs/charge-control.md, "When the BMS falls silent": ages of the newest complete snapshot. */
static const double kept_s = 3.0;
static const double faded_s = 10.0;
static const double faded_ratio = 0.2;
static const double gone_s = 60.0;

static void fade(struct limits *out, double ratio)
{
	out->ccl_a *= ratio;
	out->dcl_a *= ratio;
	out->waits_for = "an answer from the BMS";
	out->charge_limitation = out->discharge_limitation = "stale data";
}

static void go_offline(struct control *c, struct limits *out, double age_s)
{
	fade(out, 0.0);
	c->watch.is_withheld = out->cvl_v > c->plan.cvl_float_v;
	out->cvl_v = fmin(out->cvl_v, c->plan.cvl_float_v);
	out->state = CHARGE_OFFLINE;
	out->charge_request = false;
	out->charge_blocked = out->discharge_blocked = true;
	out->bms_cable_warning = true;
	if (age_s < gone_s)
		return;
	out->bms_cable_alarm = true;
	out->on_bus = !c->was_last_update;
	c->was_last_update = true;
}

struct limits control_stale(struct control *c, double age_s)
{
	struct limits out = c->last;

	if (!(age_s <= kept_s)) {
		out.is_protective = true;
		c->pending_s = 0.0;
		if (age_s <= faded_s)
			fade(&out, 1.0 - (1.0 - faded_ratio) * (age_s - kept_s) / (faded_s - kept_s));
		else
			go_offline(c, &out, age_s);
	}
	c->charge.out_a = out.ccl_a;
	c->discharge.out_a = out.dcl_a;
	return out;
}
