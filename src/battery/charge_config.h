/* SPDX-License-Identifier: MIT */
/*
 * charge_config - the owner's wishes for the charge controller
 *
 * NAN, or a curve without points, means "worked out from chemistry or from the
 * BMS's own settings". Pure data.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "battery/curve.h"

enum chemistry_choice {
	CHEMISTRY_AUTO, /**< from register 315 */
	CHEMISTRY_LFP,
	CHEMISTRY_LI_ION,
	CHEMISTRY_LTO,
};

struct charge_config {
	int chemistry;             /**< enum chemistry_choice */
	double absorption_cell_v;  /**< V per cell, 1.5 to 4.5 */
	double float_cell_v;       /**< V per cell, 1.5 to 4.5 */
	double max_charge_current;    /**< A, 0 to 750 */
	double max_discharge_current; /**< A, 0 to 750 */
};

/** Contradictions between keys; false names both. */
bool charge_config_check(const struct charge_config *c, GError **error) G_GNUC_WARN_UNUSED_RESULT;
