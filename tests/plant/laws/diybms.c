/* SPDX-License-Identifier: MIT */
/*
 * diyBMS in its dynamic mode: CVL from the sum of the cells weighted by how
 * near to the highest they are, CCL by an exponential above the knee. Its
 * voltages (chargevolt 56.5, cellmax 3.45, knee 3.32, spike 3.55 for 16 LFP
 * cells) are taken from the target, so that they serve Li-ion as well.
 */
#include "plant/law.h"

#include <math.h>

struct diybms {
	struct limits limits;
};

static const double over_charge_v = 0.081, below_knee_v = 0.13, spike_v = 0.10;
static const double sensitivity = 3.0, value1 = 5.0, value2 = 0.3;

static void init(void *state, const struct law_setup *setup)
{
}

static double cvl(const struct law_setup *setup, const struct battery *b)
{
	const double max_v = setup->absorption_v;
	const double room_v = max_v - b->cell_max_v;
	const double range_v = fmin(room_v, (spike_v + below_knee_v) / sensitivity);
	double sum_v = b->cell_sum_v;

	if (room_v <= 0.0) {
		sum_v = 0.0;
		for (unsigned i = 0; i < b->cell_count; i++)
			sum_v += fmin(b->cell_v[i], max_v);
		return sum_v;
	}
	for (unsigned i = 0; i < b->cell_count; i++) {
		const double above_v = b->cell_v[i] - (b->cell_max_v - range_v);

		if (above_v >= 0.0)
			sum_v += room_v * above_v / range_v;
	}
	return fmin(sum_v, (max_v + over_charge_v) * setup->cell_count);
}

static double ccl(const struct law_setup *setup, const struct battery *b)
{
	const double knee_v = setup->absorption_v - below_knee_v;
	const double x = (b->cell_max_v - knee_v) * 10.0, end = below_knee_v * 10.0;
	double share;

	if (x <= 0.0)
		return setup->max_charge_a;
	share = 1.0 - pow(value1, x * pow(x, value2)) / pow(value1, end * pow(end, value2));
	return setup->max_charge_a * fmax(share, 0.01);
}

static struct limits step(void *state, const struct law_setup *setup, const struct battery *b,
			  gint64 now_us)
{
	struct diybms *d = state;

	if (b)
		d->limits = law_limits(cvl(setup, b), ccl(setup, b),
				       b->cell_min_v > setup->min_v ? setup->max_discharge_a : 0.0);
	return d->limits;
}

const struct law law_diybms = {
	.name = "diybms",
	.sentence = "diyBMS, dynamic mode",
	.state_bytes = sizeof(struct diybms),
	.init = init,
	.step = step,
};
