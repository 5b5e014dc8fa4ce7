/* SPDX-License-Identifier: MIT */
/*
 * scenario - a named day (or hours) in the life of an installation
 *
 * Powers are given in C: 1 C is the power that fills the battery in an hour.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum topology {
	TOPOLOGY_OFF_GRID,    /**< MPPT, inverter without grid */
	TOPOLOGY_ESS,	      /**< MPPT, Multi on the grid that feeds loads only */
	TOPOLOGY_FEED_IN,     /**< MPPT at CVL + 0.4 V, Multi that holds CVL by exporting */
	TOPOLOGY_AC_COUPLED,  /**< off-grid, PV inverter behind the Multi */
	TOPOLOGY_GRID_CHARGE, /**< Multi as charger */
};

enum sun {
	SUN_NONE,
	SUN_STEADY,
	SUN_DAY,    /**< half a sine over the whole run */
	SUN_CLOUDS, /**< steady, with clouds whose edges last 1 to 3 s */
};

enum load {
	LOAD_NONE,
	LOAD_BASE,  /**< a tenth of the inverter's full power */
	LOAD_STEPS, /**< the inverter's full power on and off every 1 to 8 minutes */
	LOAD_FULL,  /**< the inverter's full power all the time */
};

enum trouble {
	TROUBLE_NONE,
	TROUBLE_WIRE_OPEN,    /**< one cell reads 0 V from 20 minutes on, for 10 minutes */
	TROUBLE_SENSORS_LOST, /**< one external sensor at 15 minutes, all at 20, for 10 minutes */
	TROUBLE_SILENCE_5S,   /**< communication lost every 10 minutes */
	TROUBLE_SILENCE_30S,
	TROUBLE_SILENCE_120S,
	TROUBLE_BMS_RESTART, /**< switch open, 5 s silent, 3 s all cells 0; every 15 minutes */
	TROUBLE_BMS_FAULT,   /**< over-temperature fault for 60 s, every 15 minutes */
	TROUBLE_GRID_LOSS,   /**< 3 minutes without grid every 40 minutes */
};

/** Figures that only some scenarios can tell. */
enum judged {
	JUDGE_STEADY = 1 << 0,	  /**< ripple and reversals */
	JUDGE_CHARGE = 1 << 1,	  /**< charge stored at the end */
	JUDGE_BALANCING = 1 << 2, /**< time to balance */
	JUDGE_STALE = 1 << 3,	  /**< the ladder */
};

struct scenario {
	const char *name;
	const char *sentence;
	double hours;
	enum topology topology;
	enum sun sun;
	double sun_c[2]; /**< peak power, from and to */
	enum load load;
	double load_c[2]; /**< the inverter's full power, from and to */
	double export_c;  /**< what the inverter can export */
	double soc[2];	  /**< mean at the start, from and to, 0 to 1 */
	double spread;	  /**< of the cells' charge, at most, 0 to 0.1 */
	double meters_v;  /**< both voltmeters off by this much; 0 = random -0.3 to 0.3 */
	double start_c;	  /**< degrees C of the cells; 0 = 20 */
	enum trouble trouble;
	bool is_noisy;	 /**< cells to 0.5 mV, current to 0.1 A and 0.1 % of C (standard deviations) */
	bool is_runner;	 /**< the weak cell is also the fullest */
	bool is_small;	 /**< 10 to 20 Ah, so that bleeding shows within the day */
	unsigned judged; /**< enum judged */
};

const struct scenario *scenario_list(size_t *count);
/** NULL where there is none of that name. */
const struct scenario *scenario_find(const char *name);
