/* SPDX-License-Identifier: MIT */
/*
 * The oracle says no limits: the plant, which knows every cell's inside, holds
 * the highest cell exactly at its target (see oracle_a() in plant.c). It tells
 * how much charge and how fast a balance are possible at all.
 */
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

const struct law law_oracle = {
	.name = "oracle",
	.sentence = "the highest cell exactly at its target",
	.init = init,
	.step = step,
	.is_oracle = true,
};
