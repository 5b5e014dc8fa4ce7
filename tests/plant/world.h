/* SPDX-License-Identifier: MIT */
/*
 * world - sun, loads, grid and trouble, second by second
 */
#pragma once

#include <stdbool.h>

#include "plant/bms.h"
#include "plant/pack.h"
#include "plant/scenario.h"

struct world {
	struct random random;
	double sun_peak_w, load_peak_w;
	double shade, shade_target, shade_per_s; /**< 1 = clear */
	double shade_until_s;
	bool is_load_on;
	double load_until_s;

	double sun_w, load_w;
	bool has_grid;
	bool is_silent;	      /**< the BMS does not answer */
	bool is_zero;	      /**< it answers with all cells 0 */
	bool is_switched_off; /**< by its own restart */
};

void world_init(struct world *w, const struct pack *p);

/** Second @t_s of the scenario; trouble is also done to @bms. */
void world_second(struct world *w, const struct scenario *s, double t_s, struct bms *bms);
