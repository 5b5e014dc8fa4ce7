/* SPDX-License-Identifier: MIT */
/*
 * alarms - battery to alarm levels, each with hysteresis and a delay
 *
 * Pure: time comes in as an argument, the state is the caller's.
 */
#pragma once

#include <glib.h>

#include "battery/battery.h"

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

/** The last part of the D-Bus path: "HighCellVoltage" ... */
const char *alarm_name(enum alarm_id id);
