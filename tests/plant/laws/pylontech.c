/* SPDX-License-Identifier: MIT */
/*
 * What Victron's own DVCC does for 15-cell Pylontech packs: every 3 s the pack
 * voltage plus (n + 1) times the room of the highest cell, less a share of the
 * spread, held between float and target and low-passed.
 */
#include "plant/law.h"

#include <math.h>

struct pylontech {
	double cvl_v;
	gint64 next_us;
	struct limits limits;
};

static void init(void *state, const struct law_setup *setup)
{
	struct pylontech *p = state;

	p->cvl_v = setup->absorption_v * setup->cell_count;
}

static double wish(const struct law_setup *setup, const struct battery *b)
{
	const double n = setup->cell_count;
	const double spread_v = b->cell_max_v - b->cell_min_v;
	double skew = 0.0, wish_v;

	if (spread_v > 0.0)
		skew = (b->cell_sum_v / n - spread_v / 2.0) / spread_v;
	skew = fmin(fmax(skew, -0.5), 0.5);
	wish_v =
		b->cell_sum_v + (n + 1.0) * (setup->absorption_v - b->cell_max_v) - skew * spread_v;
	return fmin(fmax(wish_v, setup->float_v * n), setup->absorption_v * n);
}

static struct limits step(void *state, const struct law_setup *setup, const struct battery *b,
			  gint64 now_us)
{
	struct pylontech *p = state;

	if (!b)
		return p->limits;
	if (now_us >= p->next_us) {
		p->next_us = now_us + 3 * G_USEC_PER_SEC;
		p->cvl_v = 0.95 * p->cvl_v + 0.05 * wish(setup, b);
	}
	p->limits = law_limits(p->cvl_v, setup->max_charge_a,
			       b->cell_min_v > setup->min_v ? setup->max_discharge_a : 0.0);
	return p->limits;
}

const struct law law_pylontech = {
	.name = "pylontech",
	.sentence = "Victron's DVCC for Pylontech packs",
	.state_bytes = sizeof(struct pylontech),
	.init = init,
	.step = step,
};
