/* SPDX-License-Identifier: MIT */
/* The same CVL for ever: the number of cells times the target. */
#include "plant/law.h"

static void init(void *state, const struct law_setup *setup)
{
}

static struct limits step(void *state, const struct law_setup *setup, const struct battery *battery,
			  gint64 now_us)
{
	return law_limits(setup->absorption_v * setup->cell_count, setup->max_charge_a,
			  setup->max_discharge_a);
}

const struct law law_fixed = {
	.name = "fixed",
	.sentence = "a constant CVL of cells times target",
	.init = init,
	.step = step,
};
