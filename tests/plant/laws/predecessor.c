/* SPDX-License-Identifier: MIT */
/*
 * The law of the ESP32 bridge that this service replaces: states by SOC, a
 * proportional cut above a cell threshold, every 20 s. Its target is the pack
 * at 3.65 V a cell (4.20 V for Li-ion), with CCL and DCL scaled by the cut.
 */
#include "plant/law.h"

#include <math.h>

enum state {
	STATE_BULK,
	STATE_TRANSITION,
	STATE_FLOAT_APPROACH,
	STATE_FLOAT,
	STATE_IMBALANCE_HOLD,
	STATE_SUSTAIN,
};

struct predecessor {
	enum state state;
	bool is_sustained, is_protecting;
	double cvl_v;
	gint64 next_us;
	struct limits limits;
};

struct figures_of_chemistry {
	double cell_max_v, safety_v, release_v, min_float_v, sustain_v;
};

static const struct figures_of_chemistry lfp = { 3.65, 3.50, 3.47, 3.20, 3.125 },
					 li_ion = { 4.20, 4.15, 4.12, 3.60, 3.50 };

static void init(void *state, const struct law_setup *setup)
{
}

static enum state next_state(struct predecessor *p, double soc_pct, double imbalance_mv)
{
	if (soc_pct <= 5.0)
		p->is_sustained = true;
	else if (soc_pct >= 8.0)
		p->is_sustained = false;
	if (p->is_sustained)
		return STATE_SUSTAIN;
	if (p->state == STATE_IMBALANCE_HOLD ? imbalance_mv > 50.0 : imbalance_mv > 100.0)
		return STATE_IMBALANCE_HOLD;
	if (p->state == STATE_FLOAT && soc_pct >= 95.0)
		return STATE_FLOAT;
	if (soc_pct >= 98.0)
		return STATE_FLOAT;
	if (soc_pct >= 95.0)
		return STATE_FLOAT_APPROACH;
	return soc_pct >= 90.0 ? STATE_TRANSITION : STATE_BULK;
}

static void by_state(const struct predecessor *p, const struct figures_of_chemistry *f, double n,
		     double imbalance_mv, struct limits *l)
{
	const double bulk_v = f->cell_max_v * n;

	switch (p->state) {
	case STATE_BULK:
	case STATE_TRANSITION:
		l->cvl_v = bulk_v;
		break;
	case STATE_FLOAT_APPROACH:
		l->cvl_v = bulk_v - 0.05;
		break;
	case STATE_FLOAT:
		l->cvl_v = bulk_v - 0.10;
		l->ccl_a = fmin(l->ccl_a, 5.0);
		break;
	case STATE_IMBALANCE_HOLD:
		l->cvl_v = bulk_v - fmin(2.0, fmax(0.0, imbalance_mv - 100.0) * 0.0005);
		l->cvl_v = fmax(l->cvl_v, f->min_float_v * n);
		l->ccl_a = fmin(l->ccl_a, 5.0);
		break;
	case STATE_SUSTAIN:
		l->cvl_v = fmax(f->sustain_v, f->min_float_v) * n;
		l->ccl_a = fmin(l->ccl_a, 5.0);
		l->dcl_a = fmin(l->dcl_a, 5.0);
		break;
	}
}

static double protect(struct predecessor *p, const struct figures_of_chemistry *f, double n,
		      const struct battery *b)
{
	const double kp = 120.0, nominal_a = 157.0, recovery_step_v = 0.4;
	const bool was_protecting = p->is_protecting;
	double limit_v = f->cell_max_v * n;

	if (b->cell_max_v >= f->safety_v)
		p->is_protecting = true;
	else if (b->cell_max_v <= f->release_v)
		p->is_protecting = false;
	if (p->is_protecting)
		limit_v -= kp * (1.0 + fmax(0.0, b->current_a) / nominal_a) *
			   fmax(0.0, b->cell_max_v - f->safety_v);
	limit_v = fmax(f->min_float_v * n, limit_v);
	if (p->cvl_v > 0.0 && (p->is_protecting || was_protecting))
		limit_v = fmin(limit_v, p->cvl_v + recovery_step_v);
	return limit_v;
}

static struct limits evaluate(struct predecessor *p, const struct law_setup *setup,
			      const struct battery *b)
{
	const struct figures_of_chemistry *f = setup->is_lfp ? &lfp : &li_ion;
	const double n = setup->cell_count;
	const double imbalance_mv = 1e3 * (b->cell_max_v - b->cell_min_v);
	struct limits l = law_limits(0.0, setup->max_charge_a, setup->max_discharge_a);
	double wish_v, ratio;

	p->state = next_state(p, b->soc_pct, imbalance_mv);
	by_state(p, f, n, imbalance_mv, &l);
	wish_v = l.cvl_v;
	l.cvl_v = fmin(wish_v, protect(p, f, n, b));
	ratio = fmin(fmax(l.cvl_v / wish_v, 0.0), 1.0);
	l.ccl_a *= ratio;
	l.dcl_a *= ratio;
	p->cvl_v = l.cvl_v;
	return l;
}

static struct limits step(void *state, const struct law_setup *setup, const struct battery *b,
			  gint64 now_us)
{
	struct predecessor *p = state;

	if (!b)
		return p->limits;
	if (!p->next_us) {
		/* Until its first evaluation CVL is the pack's own voltage. */
		p->next_us = now_us + 20 * G_USEC_PER_SEC;
		p->limits = law_limits(b->cell_sum_v, setup->max_charge_a, setup->max_discharge_a);
	}
	if (now_us >= p->next_us) {
		p->next_us += 20 * G_USEC_PER_SEC;
		p->limits = evaluate(p, setup, b);
	}
	return p->limits;
}

const struct law law_predecessor = {
	.name = "predecessor",
	.sentence = "the ESP32 bridge: states by SOC, proportional cut, every 20 s",
	.state_bytes = sizeof(struct predecessor),
	.init = init,
	.step = step,
};
