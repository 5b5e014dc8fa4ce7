/* SPDX-License-Identifier: MIT */
/*
 * chemistry - published defaults for each kind of cell
 *
 * Pure data.
 */
#pragma once

#include "battery/charge_config.h"

/** All voltages V per cell. */
struct chemistry {
	const char *name; /**< "LFP", "Li-ion", "LTO" */
	double absorption_v, float_v, rebulk_v;
	double float_exit_pct;
	double min_float_v;
	double safety_threshold_v, safety_release_v;
	struct curve charge_taper_v, discharge_taper_v;
};

/**
 * The chemistry to work with: @choice, or deduced from register 315.
 * NULL where it is to be deduced and @over_voltage_v is unknown.
 */
const struct chemistry *chemistry_find(int choice, double over_voltage_v);
