/* SPDX-License-Identifier: MIT */
#include "gateway/legacy_snapshot.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <glib.h>

#include "gateway/legacy_fields.h"
#include "gateway/rounding.h"

static double alarm_bits(const cJSON *d, int level)
{
	unsigned bits = 0, bit = 0;
	const cJSON *alarm;

	cJSON_ArrayForEach (alarm, legacy_get(d, "alarms")) {
		if (alarm->valueint == level)
			bits |= 1u << bit;
		bit = (bit + 1) % 32;
	}
	return bits;
}

static void add_cells(cJSON *b, const cJSON *d)
{
	cJSON *volts = cJSON_AddArrayToObject(b, "cell_voltage_mv");
	cJSON *balancing = cJSON_AddArrayToObject(b, "cell_balancing");
	const cJSON *cells = legacy_get(d, "cells");

	for (int i = 0; i < LEGACY_CELLS; i++) {
		const cJSON *cell = cJSON_GetArrayItem(cells, i);
		const double mv = round(legacy_at(cell, "voltage_v") * 1000.0);

		cJSON_AddItemToArray(volts,
				     isfinite(mv) ? cJSON_CreateNumber(mv) : cJSON_CreateNull());
		cJSON_AddItemToArray(balancing, cJSON_CreateNumber(cJSON_IsTrue(
							legacy_get(cell, "is_balancing"))));
	}
}

static void add_versions(cJSON *b, const cJSON *d)
{
	const char *hardware = cJSON_GetStringValue(legacy_get(d, "hardware"));
	const char *firmware = cJSON_GetStringValue(legacy_get(d, "firmware"));
	unsigned major, minor;
	const bool has_both = hardware && sscanf(hardware, "%u.%u", &major, &minor) == 2;

	add_rounded(b, "hardware_version", has_both ? major : (double) NAN, 1);
	add_rounded(b, "hardware_changes_version", has_both ? minor : (double) NAN, 1);
	if (firmware)
		cJSON_AddStringToObject(b, "firmware_version", firmware);
	else
		cJSON_AddNullToObject(b, "firmware_version");
	cJSON_AddNullToObject(b, "firmware_flags");
	cJSON_AddNullToObject(b, "internal_firmware_version");
}

static const struct legacy_row rows[] = {
	{ "timestamp_ms", "time", 1000, 1 },
	{ "pack_voltage_v", "voltage_v", 1, 0.001 },
	{ "pack_current_a", "current_a", 1, 0.001 },
	{ "state_of_charge_pct", "soc_pct", 1, 0.01 },
	{ "state_of_health_pct", "soh_pct", 1, 0.01 },
	/* The second bridge's "average" is the first external sensor (register 42). */
	{ "average_temperature_c", "temperatures.external_1_c", 1, 0.01 },
	{ "mos_temperature_c", "temperatures.internal_c", 1, 0.01 },
	{ "auxiliary_temperature_c", "temperatures.external_2_c", 1, 0.01 },
	{ "pack_temperature_min_c", "temperature_min_c", 1, 0.01 },
	{ "pack_temperature_max_c", "temperature_max_c", 1, 0.01 },
	{ "min_cell_mv", "cell_min_v", 1000, 1 },
	{ "max_cell_mv", "cell_max_v", 1000, 1 },
	{ "estimated_time_left_seconds", "time_to_go_s", 1, 1 },
	{ "cycle_count", "energy.cycles", 1, 1 },
	{ "battery_capacity_ah", "capacity_ah", 1, 0.01 },
	{ "series_cell_count", "cell_count", 1, 1 },
	{ "overvoltage_cutoff_mv", "settings.over_voltage_cutoff", 1000, 1 },
	{ "undervoltage_cutoff_mv", "settings.under_voltage_cutoff", 1000, 1 },
	{ "discharge_overcurrent_limit_a", "settings.discharge_over_current_cutoff", 1, 1 },
	{ "charge_overcurrent_limit_a", "settings.charge_over_current_cutoff", 1, 1 },
	/* Limits that hold now, not the BMS's records 102 and 103 that B told as such. */
	{ "max_discharge_current_limit_a", "limits.dcl_a", 1, 0.1 },
	{ "max_charge_current_limit_a", "limits.ccl_a", 1, 0.1 },
	{ "peak_discharge_current_limit_a", "settings.peak_discharge_current_cutoff", 1, 1 },
	{ "overheat_cutoff_c", "settings.over_heat_cutoff", 1, 1 },
	{ "low_temp_charge_cutoff_c", "settings.low_temperature_charge_cutoff", 1, 1 },
	{ "energy_charged_wh", "energy.charged_kwh", 1000, 1 },
	{ "energy_discharged_wh", "energy.discharged_kwh", 1000, 1 },
};

cJSON *legacy_snapshot_make(const cJSON *d)
{
	cJSON *b = cJSON_CreateObject();

	cJSON_AddStringToObject(b, "type", "battery");
	LEGACY_ADD_ROWS(b, d, rows);
	add_rounded(b, "power_w", legacy_at(d, "voltage_v") * legacy_at(d, "current_a"), 0.001);
	cJSON_AddBoolToObject(b, "is_charging", legacy_at(d, "current_a") > 0.0);
	add_rounded(b, "balancing_bits", legacy_balancing_bits(d), 1);
	add_rounded(b, "alarm_bits", alarm_bits(d, 2), 1);
	add_rounded(b, "warning_bits", alarm_bits(d, 1), 1);
	cJSON_AddNullToObject(b, "uptime_seconds");
	add_versions(b, d);
	add_cells(b, d);
	cJSON_AddArrayToObject(b, "registers");
	cJSON_AddTrueToObject(b, "history_available");
	return b;
}
