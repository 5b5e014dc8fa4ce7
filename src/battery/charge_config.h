/* SPDX-License-Identifier: MIT */
/*
 * charge_config - the owner's wishes for the charge controller
 *
 * Fields are named as their keys in the configuration file; units, ranges and
 * defaults stand in config_charge.c and nowhere else. NAN, or a curve without
 * points, means "worked out from chemistry or from the BMS's own settings".
 *
 * Pure data.
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
	CHEMISTRY_COUNT,
};

enum temperature_choice {
	TEMPERATURE_AUTO,     /**< external sensors; the internal one where none was ever seen */
	TEMPERATURE_INTERNAL, /**< the BMS's own sensor only */
};

struct charge_config {
	int chemistry; /**< enum chemistry_choice */

	/* Per cell; NAN: by chemistry */
	double absorption_cell_v;       /**< V, where the highest cell is held when charging */
	double float_cell_v;            /**< V */
	double rebulk_cell_v;           /**< V, lowest cell that ends float */
	double float_exit_soc;          /**< % */
	double cell_min_float_v;        /**< V, CVL never below n times this */
	double cell_safety_threshold_v; /**< V, cell protection on */
	double cell_safety_release_v;   /**< V, cell protection off */

	double bulk_soc_threshold;  /**< % */
	double absorption_time_max; /**< s */
	double tail_current;        /**< A; NAN: register 304 */
	double tail_time;           /**< s */
	double float_ramp;          /**< mV/s */

	double imbalance_hold_threshold;    /**< mV */
	double imbalance_release_threshold; /**< mV */
	double imbalance_ccl;               /**< A; NAN: the larger of 2 A and 0.02 C */
	double imbalance_time_max;          /**< h */
	double full_charge_interval;        /**< days; 0 = never by itself */

	double sustain_soc_entry;  /**< % */
	double sustain_soc_exit;   /**< % */
	double sustain_dcl;        /**< A */
	double deep_discharge_ccl; /**< C, share of the capacity per hour */

	double max_charge_current;    /**< A; NAN: 0.9 x register 318 */
	double max_discharge_current; /**< A; NAN: 0.9 x register 317 */
	double soc_ceiling;                /**< %, 100 = off */
	bool storage; /**< holds 60 % at most, and makes no full charge by itself */
	int temperature_source;            /**< enum temperature_choice */

	double recovery_hold;       /**< s */
	double recovery_rate;       /**< A/s */
	double cvl_update_interval; /**< s */
	double cvl_step_min;        /**< V */
	double feed_in_headroom;    /**< V, what chargers may add to CVL */
	double cvl_headroom;        /**< V above n x absorption; NAN: 1.5, below 12 cells 0.9 */

	bool force_charging_off;
	bool force_discharging_off;

	/* Curves last, see charge_config_equal() */
	struct curve charge_taper_v;       /**< CCL ratio over the highest cell, V */
	struct curve discharge_taper_v;    /**< DCL ratio over the lowest cell, V */
	struct curve charge_taper_temp;    /**< CCL ratio over degrees C */
	struct curve discharge_taper_temp; /**< DCL ratio over degrees C */
	struct curve charge_taper_soc;     /**< CCL ratio over %; no points: off */
	struct curve discharge_taper_soc;  /**< DCL ratio over %; no points: off */
};

/** All defaults. */
void charge_config_init(struct charge_config *c);

/** All keys are the same, bit by bit: meant to find a change, each second. */
bool charge_config_equal(const struct charge_config *a, const struct charge_config *b);

/** Contradictions between keys; false names both, their values and what would be right. */
bool charge_config_check(const struct charge_config *c, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#define CHARGE_CONFIG_ERROR (charge_config_error_quark())
GQuark charge_config_error_quark(void);
enum charge_config_error {
	CHARGE_CONFIG_ERROR_CONTRADICTION,
};
