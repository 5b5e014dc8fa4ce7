/* SPDX-License-Identifier: MIT */
/*
 * control_plan - configuration and the BMS's own settings, worked out to numbers
 *
 * Everything that needs no measurement: made again only when configuration,
 * settings or cell count change.
 *
 * Pure.
 */
#pragma once

#include <stdbool.h>

#include "battery/battery.h"
#include "battery/charge_config.h"
#include "battery/chemistry.h"

struct charge_plan {
	unsigned cells;
	const struct chemistry *chemistry;
	const char *contradiction; /**< the BMS's settings contradict each other; NULL = sound */

	/* V per cell */
	double absorption_v, float_v, rebulk_v, min_float_v;
	double safety_threshold_v, safety_release_v;
	double over_voltage_v;
	double discharge_zero_v; /**< where DCL reaches 0 */
	double discharge_deep_v; /**< the taper's 0.05 point: deeply discharged below it */

	/* V of the pack */
	double cvl_start_v; /**< n x absorption */
	double cvl_max_v;   /**< the highest CVL there may ever be */
	double cvl_float_v, cvl_min_v;
	double dvl_v;

	double float_exit_pct;
	double capacity_ah;
	double tail_a, imbalance_ccl_a, deep_ccl_a;
	double max_charge_a, max_discharge_a;
	const char *max_charge_name, *max_discharge_name; /**< limiter in words */

	/* In the order of rising x */
	struct curve charge_v, discharge_v, charge_temp, discharge_temp;
};

/**
 * A number of the BMS's settings that is missing or outside of the document's
 * range makes a plan impossible: false, and @plan as it was.
 */
bool charge_plan_make(struct charge_plan *plan, const struct charge_config *config,
		      const struct battery_settings *settings, unsigned cells);
