/* SPDX-License-Identifier: MIT */
#include "battery/chemistry.h"

#include <math.h>
#include <stddef.h>

/* Register 315 above these: the cut-offs of TinyBMS's own presets lie well apart. */
static const double li_ion_above_v = 3.9;
static const double lfp_above_v = 2.95;

/* clang-format off */
static const struct chemistry chemistries[CHEMISTRY_COUNT] = {
	[CHEMISTRY_LFP] = {
		.name = "LFP",
		.absorption_v = 3.45, .float_v = 3.35, .rebulk_v = 3.30, .float_exit_pct = 85,
		.min_float_v = 3.20,
		.safety_threshold_v = 3.52, .safety_release_v = 3.47,
		.charge_taper_v = { 4, { { 3.40, 1 }, { 3.45, 0.25 }, { 3.50, 0.05 }, { 3.55, 0 } } },
		.discharge_taper_v = { 4, { { 3.10, 1 }, { 3.00, 0.25 }, { 2.90, 0.05 }, { 2.80, 0 } } },
	},
	[CHEMISTRY_LI_ION] = {
		.name = "Li-ion",
		.absorption_v = 4.10, .float_v = 4.00, .rebulk_v = 3.90, .float_exit_pct = 70,
		.min_float_v = 3.60,
		.safety_threshold_v = 4.15, .safety_release_v = 4.12,
		.charge_taper_v = { 4, { { 4.05, 1 }, { 4.10, 0.25 }, { 4.15, 0.05 }, { 4.18, 0 } } },
		.discharge_taper_v = { 4, { { 3.40, 1 }, { 3.30, 0.25 }, { 3.10, 0.05 }, { 3.00, 0 } } },
	},
	[CHEMISTRY_LTO] = {
		.name = "LTO",
		.absorption_v = 2.70, .float_v = 2.55, .rebulk_v = 2.40, .float_exit_pct = 85,
		.min_float_v = 2.30,
		.safety_threshold_v = 2.75, .safety_release_v = 2.72,
		.charge_taper_v = { 4, { { 2.65, 1 }, { 2.70, 0.25 }, { 2.75, 0.05 }, { 2.78, 0 } } },
		.discharge_taper_v = { 4, { { 2.1, 1 }, { 2.0, 0.25 }, { 1.9, 0.05 }, { 1.8, 0 } } },
	},
};
/* clang-format on */

static int deduce(double over_voltage_v)
{
	if (over_voltage_v > li_ion_above_v)
		return CHEMISTRY_LI_ION;
	return over_voltage_v > lfp_above_v ? CHEMISTRY_LFP : CHEMISTRY_LTO;
}

const struct chemistry *chemistry_find(int choice, double over_voltage_v)
{
	if (choice > CHEMISTRY_AUTO && choice < CHEMISTRY_COUNT)
		return &chemistries[choice];
	return isfinite(over_voltage_v) ? &chemistries[deduce(over_voltage_v)] : NULL;
}
