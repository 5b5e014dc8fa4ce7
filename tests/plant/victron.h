/* SPDX-License-Identifier: MIT */
/*
 * victron - DVCC, MPPT, Multi and AC-coupled PV around a battery
 *
 * Each device regulates what its own voltmeter shows, behind its own lag. DVCC
 * copies the limits every 3 s:
 * - the MPPT goes to CVL; with feed-in to CVL + 0.4 V, and then without
 *   current limit; else its limit is CCL plus what the Multi took when DVCC
 *   looked;
 * - a Multi on the grid with feed-in holds CVL by exporting, even out of the
 *   battery when CVL lies below it;
 * - off-grid it is an inverter that follows its load at once, and is off
 *   while DCL is 0;
 * - an AC-coupled PV inverter follows frequency: its full power takes 10 s
 *   down, 30 s up;
 * - a battery that leaves the bus stops chargers and Multi 60 s later.
 *
 * Currents in A on the battery's side. Between battery and busbar lies the cable.
 */
#pragma once

#include <stdbool.h>

#include "battery/limits.h"
#include "plant/pack.h"
#include "plant/scenario.h"

struct victron {
	enum topology topology;
	double cable_ohm;
	double mppt_offset_v, multi_offset_v;
	double mppt_share, multi_share; /**< of the way that is covered in one step */
	double step_s;
	double export_max_a, grid_charge_a;
	double ac_down_w, ac_up_w; /**< AC PV, per step */

	double sun_w, load_w; /**< what the world offers and asks */
	bool has_grid;
	double without_grid_s;

	double cvl_v, ccl_a, dcl_a; /**< DVCC's copies */
	double mppt_limit_a;
	bool has_bms;
	double lost_s; /**< since the battery left the bus */

	double mppt_a;	/**< into the busbar */
	double multi_a; /**< out of the busbar */
	double ac_pv_w;
	double load_a;		   /**< the load's part of multi_a */
	double export_a;	   /**< what goes to the grid */
	double wanted_discharge_a; /**< what holding CVL would take out of the battery without lag
				    */
	double bus_v;
	double battery_a;
};

void victron_init(struct victron *v, const struct pack *p, const struct scenario *s);

/** What DVCC does every 3 s. */
void victron_read_limits(struct victron *v, const struct limits *limits);

/** One electrical step: the current into the battery. @ohm is the battery's own resistance. */
double victron_step(struct victron *v, double rest_v, double ohm, bool is_open, bool is_empty);
