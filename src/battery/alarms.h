/* SPDX-License-Identifier: MIT */
/*
 * alarms - battery to alarm levels, each with hysteresis and a delay
 *
 * Thresholds come from the BMS's own cut-offs and are one table (alarms.c). A level
 * is raised when its condition has held for its delay, an event of the BMS raises it
 * at once; it ends when the
 * value has been back by its hysteresis, without event, for half a minute. What
 * is unknown raises nothing and ends nothing.
 *
 * Pure: time comes in as an argument, the state is the caller's.
 */
#pragma once

#include <glib.h>

#include "battery/battery.h"
#include "battery/charge_config.h"

struct limits;

/** One for each /Alarms/<name> path that a TinyBMS can feed. */
enum alarm_id {
	ALARM_HIGH_CELL_VOLTAGE,
	ALARM_LOW_CELL_VOLTAGE,
	ALARM_HIGH_VOLTAGE,
	ALARM_LOW_VOLTAGE,
	ALARM_HIGH_TEMPERATURE,
	ALARM_LOW_TEMPERATURE,
	ALARM_LOW_CHARGE_TEMPERATURE,
	ALARM_HIGH_CHARGE_CURRENT,
	ALARM_HIGH_DISCHARGE_CURRENT,
	ALARM_HIGH_CURRENT,
	ALARM_LOW_SOC,
	ALARM_CELL_IMBALANCE,
	ALARM_HIGH_INTERNAL_TEMPERATURE,
	ALARM_INTERNAL_FAILURE,
	ALARM_BMS_CABLE,
	ALARM_COUNT,
};

enum alarm_level {
	ALARM_OK = 0,
	ALARM_WARNING = 1,
	ALARM_ALARM = 2,
};

enum { ALARM_ROWS_MAX = 32, ALARM_MEASURES_MAX = 16 };

/** The caller's; all zero is "just started". */
struct alarms {
	bool was_stepped;
	gint64 step_us; /**< time of the last step with a snapshot */
	bool has_external;   /**< an external sensor has been seen */
	bool is_near_top;    /**< the highest cell is where balancing works */
	struct alarm_row {
		bool is_raised;
		bool is_pending;  /**< the opposite is true just now */
		double pending_s; /**< and has been for so long */
	} row[ALARM_ROWS_MAX];
	uint32_t busy; /**< bit i: row i is raised or pending */

	bool has_thresholds;
	struct battery_settings settings;     /**< what the thresholds were made from */
	double threshold[ALARM_ROWS_MAX];     /**< NAN: unknown */
	double least[ALARM_MEASURES_MAX];     /**< the lowest threshold of each measure */
	uint32_t rows_of[ALARM_MEASURES_MAX]; /**< and its rows, a bit each */
};

/** The last part of the D-Bus path: "HighCellVoltage" ... */
const char *alarm_name(enum alarm_id id);

/**
 * One step, at any rate. @battery is the newest snapshot since the last step, NULL
 * where there is none: levels then stay as they are, and delays run on if the next
 * one comes within 3 s. @limits is what control_step() said.
 */
void alarms_step(struct alarms *a, const struct charge_config *config,
		 const struct battery *battery, const struct limits *limits, gint64 now_us,
		 enum alarm_level out[ALARM_COUNT]);

/**
 * Victron's /ErrorCode for the gravest active fault, 0 for none. Currents that
 * were too high have no code there, and are an alarm only.
 */
int alarms_error_code(const struct battery_events *active);
