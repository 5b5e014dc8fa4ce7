/* SPDX-License-Identifier: MIT */
#include "battery/control_private.h"

#include <math.h>

static struct limiter forbidden(const char *name)
{
	return (struct limiter){ 0.0, name, true };
}

static struct limiter charge_limit(const struct control *c, const struct control_view *v)
{
	const struct charge_plan *p = &c->plan;
	struct limiter l = { p->max_charge_a, p->max_charge_name, false };

	if (v->config->force_charging_off)
		return forbidden("switched off by the owner");
	if (v->implausible)
		return forbidden(v->implausible);
	if (p->contradiction)
		return forbidden(p->contradiction);
	if (v->charge_fault)
		return forbidden(v->charge_fault);
	limiter_take(&l, p->max_charge_a * curve_at(&p->charge_v, v->b->cell_max_v),
		     "cell voltage");
	if (c->states.is_holding)
		limiter_take(&l, p->imbalance_ccl_a, "balancing");
	/* With an unknown SOC float has no end, and no hold: the current of one stays. */
	if (control_is_floating(c) && isnan(v->b->soc_pct))
		limiter_take(&l, p->imbalance_ccl_a, "state of charge");
	if (c->states.is_sustaining && v->b->cell_min_v < p->discharge_deep_v)
		limiter_take(&l, p->deep_ccl_a, "deep discharge");
	limiter_take(&l, p->max_charge_a * curve_at(&v->config->charge_taper_soc, v->b->soc_pct),
		     "state of charge");
	control_charge_temperature(c, v, &l);
	l.is_block = !(l.a > 0.0);
	return l;
}

static struct limiter discharge_limit(struct control *c, const struct control_view *v)
{
	const struct charge_plan *p = &c->plan;
	struct limiter l = { p->max_discharge_a, p->max_discharge_name, false };

	if (v->config->force_discharging_off)
		return forbidden("switched off by the owner");
	if (v->implausible)
		return forbidden(v->implausible);
	if (p->contradiction)
		return forbidden(p->contradiction);
	if (v->discharge_fault)
		return forbidden(v->discharge_fault);
	limiter_take(&l, p->max_discharge_a * curve_at(&p->discharge_v, v->b->cell_min_v),
		     "cell voltage");
	if (c->states.is_sustaining)
		limiter_take(&l, v->config->sustain_dcl, "sustain");
	limiter_take(&l,
		     p->max_discharge_a * curve_at(&v->config->discharge_taper_soc, v->b->soc_pct),
		     "state of charge");
	control_discharge_temperature(c, v, &l);
	l.is_block = !(l.a > 0.0);
	return l;
}

/* Down at once; up after the hold, by the ramp. A process start is no recovery. */
static const char *follow(struct control_channel *ch, const struct limiter *want,
			  const struct control_view *v, bool is_first)
{
	if (!(want->a > 0.0))
		ch->hold_s = v->config->recovery_hold;
	if (is_first || want->a <= ch->out_a) {
		ch->out_a = want->a;
		return want->name;
	}
	if (ch->hold_s > 0.0) {
		ch->hold_s -= v->dt_s;
		return "recovery hold";
	}
	ch->out_a = fmin(want->a, ch->out_a + v->config->recovery_rate * v->dt_s);
	return ch->out_a < want->a ? "recovery ramp" : want->name;
}

void control_currents(struct control *c, const struct control_view *v)
{
	const bool is_first = !c->was_answered;
	const struct limiter charge = charge_limit(c, v);
	const struct limiter discharge = discharge_limit(c, v);

	c->last.charge_limitation = follow(&c->charge, &charge, v, is_first);
	c->last.discharge_limitation = follow(&c->discharge, &discharge, v, is_first);
	c->last.ccl_a = c->charge.out_a;
	c->last.dcl_a = c->discharge.out_a;
	c->last.charge_blocked = charge.is_block;
	c->last.discharge_blocked = discharge.is_block;
}
