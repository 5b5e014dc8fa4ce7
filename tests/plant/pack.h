/* SPDX-License-Identifier: MIT */
/*
 * pack - a battery and the installation around it, drawn by seed
 *
 * The same scenario and seed give the same pack for every law.
 */
#pragma once

#include "battery/battery.h"
#include "plant/law.h"
#include "plant/random.h"
#include "sim/cells.h"

struct scenario;

struct pack {
	struct cells cells;
	struct battery_settings settings;
	struct law_setup setup;
	double nominal_v;	 /**< V of the whole string at half charge */
	double soc_error;	 /**< what the BMS believes above the truth, -0.03 to 0.03 */
	double ammeter_offset_a; /**< what the BMS reads above the truth, A */
	double cable_ohm;	 /**< 2 to 10 mOhm, less where that would lose over 0.5 V */
	double mppt_offset_v, multi_offset_v; /**< what they read above the truth, -0.3 to 0.3 V */
	double mppt_lag_s, multi_lag_s;	      /**< 0.5 to 3 s */
	double sun_peak_w, load_peak_w;
	double export_max_a; /**< what the inverter can take from the battery's side */
	double grid_charge_a;
	struct random random; /**< goes on for weather and loads */
};

void pack_draw(struct pack *p, const struct scenario *scenario, unsigned seed);
