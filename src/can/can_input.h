/* SPDX-License-Identifier: MIT */
/*
 * can_input - all that the CAN outputs are told about the battery
 *
 * Pure data. Everything is borrowed for the duration of the call it is given to.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "battery/alarms.h"
#include "battery/battery.h"
#include "battery/limits.h"

struct can_input {
	const struct battery *battery; /**< newest complete snapshot; NULL: none yet */
	const struct limits *limits;   /**< nothing is sent unless on_bus */
	enum alarm_level alarms[ALARM_COUNT];

	double energy_in_wh;  /**< Wh charged in the battery's life, NAN unknown */
	double energy_out_wh; /**< Wh discharged likewise */
	double cycles;	      /**< full cycles so far, NAN unknown */

	bool full_charge_due; /**< SOC has not exceeded 97 % for 30 days */

	const char *name;     /**< (nullable) name the owner gave it; NMEA 2000 */
	gint64 wall_clock_s;  /**< seconds since 1970, UTC; 0 unknown (Growatt's date) */
};
