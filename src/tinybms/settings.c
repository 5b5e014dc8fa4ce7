/* SPDX-License-Identifier: MIT */
#include "tinybms/settings.h"

#include <string.h>

#include <glib.h>

/* clang-format off */
static const struct setting_choice distance_units[] = {
	{ 1, "m" },
	{ 2, "km" },
	{ 3, "ft" },
	{ 4, "mile" },
	{ 5, "yard" },
	{ 0, NULL },
};

static const struct setting_choice load_switches[] = {
	{ 0, "FET" },
	{ 1, "AIDO1" },
	{ 2, "AIDO2" },
	{ 3, "DIDO1" },
	{ 4, "DIDO2" },
	{ 5, "AIHO1 low" },
	{ 6, "AIHO1 high" },
	{ 7, "AIHO2 low" },
	{ 8, "AIHO2 high" },
	{ 0, NULL },
};

static const struct setting_choice charger_switches[] = {
	{ 1, "FET" },
	{ 2, "AIDO1" },
	{ 3, "AIDO2" },
	{ 4, "DIDO1" },
	{ 5, "DIDO2" },
	{ 6, "AIHO1 low" },
	{ 7, "AIHO1 high" },
	{ 8, "AIHO2 low" },
	{ 9, "AIHO2 high" },
	{ 0, NULL },
};

static const struct setting_choice ignition_inputs[] = {
	{ 0, "off" },
	{ 1, "AIDO1" },
	{ 2, "AIDO2" },
	{ 3, "DIDO1" },
	{ 4, "DIDO2" },
	{ 5, "AIHO1" },
	{ 6, "AIHO2" },
	{ 0, NULL },
};

static const struct setting_choice charger_detections[] = {
	{ 1, "internal" },
	{ 2, "AIDO1" },
	{ 3, "AIDO2" },
	{ 4, "DIDO1" },
	{ 5, "DIDO2" },
	{ 6, "AIHO1" },
	{ 7, "AIHO2" },
	{ 0, NULL },
};

static const struct setting_choice speed_inputs[] = {
	{ 0, "off" },
	{ 1, "DIDO1" },
	{ 2, "DIDO2" },
	{ 0, NULL },
};

static const struct setting_choice precharge_pins[] = {
	{ 0, "off" },
	{ 2, "discharge FET" },
	{ 3, "AIDO1" },
	{ 4, "AIDO2" },
	{ 5, "DIDO1" },
	{ 6, "DIDO2" },
	{ 7, "AIHO1 low" },
	{ 8, "AIHO1 high" },
	{ 9, "AIHO2 low" },
	{ 16, "AIHO2 high" },
	{ 0, NULL },
};

static const struct setting_choice precharge_durations[] = {
	{ 0, "0.1 s" },
	{ 1, "0.2 s" },
	{ 2, "0.5 s" },
	{ 3, "1 s" },
	{ 4, "2 s" },
	{ 5, "3 s" },
	{ 6, "4 s" },
	{ 7, "5 s" },
	{ 0, NULL },
};

static const struct setting_choice sensor_types[] = {
	{ 0, "dual 10k NTC" },
	{ 1, "multipoint active" },
	{ 0, NULL },
};

static const struct setting_choice operation_modes[] = {
	{ 0, "dual port" },
	{ 1, "single port" },
	{ 0, NULL },
};

static const struct setting_choice broadcast_times[] = {
	{ 0, "off" },
	{ 1, "0.1 s" },
	{ 2, "0.2 s" },
	{ 3, "0.5 s" },
	{ 4, "1 s" },
	{ 5, "2 s" },
	{ 6, "5 s" },
	{ 7, "10 s" },
	{ 0, NULL },
};

static const struct setting_choice broadcast_protocols[] = {
	{ 0, "CA V3" },
	{ 1, "ASCII" },
	{ 2, "SOC bar" },
	{ 0, NULL },
};

static const struct setting table[] = {
	{ 300, 1, false, 0.001, "V", 1200, 4500, 4150, "fully_charged_voltage",
	  "Cell voltage at which the BMS calls a cell full", NULL },
	{ 301, 1, false, 0.001, "V", 1000, 3500, 3000, "fully_discharged_voltage",
	  "Cell voltage at which the BMS calls a cell empty and ends discharging", NULL },
	{ 303, 1, false, 0.001, "V", 1000, 4500, 3800, "early_balancing_threshold",
	  "Balancing starts above this cell voltage", NULL },
	{ 304, 1, false, 0.001, "A", 100, 5000, 1000, "charge_finished_current",
	  "Charging is finished when the current falls below this", NULL },
	{ 305, 1, false, 1, "A", 1, 750, 120, "peak_discharge_current_cutoff",
	  "Discharge current that is cut off at once", NULL },
	{ 306, 1, false, 0.01, "Ah", 10, 65500, 1000, "battery_capacity",
	  "Capacity of the battery", NULL },
	{ 307, 1, false, 1, "", 4, 16, 14, "series_cells",
	  "Number of cells in series", NULL },
	{ 308, 1, false, 0.001, "V", 15, 100, 15, "allowed_disbalance",
	  "Difference between cells that is still allowed; above it the BMS balances", NULL },
	{ 310, 1, false, 1, "s", 5, 60, 10, "charger_startup_delay",
	  "Wait between connecting the charger and charging", NULL },
	{ 311, 1, false, 1, "s", 0, 60, 0, "charger_disable_delay",
	  "Wait before the charger is switched off", NULL },
	{ 312, 2, false, 1, "", 1, 100000, 1, "pulses_per_unit",
	  "Pulses of the speed sensor for each unit of distance", NULL },
	{ 314, 1, false, 1, "", 1, 5, 2, "distance_unit",
	  "Unit in which distance is counted", distance_units },
	{ 315, 1, false, 0.001, "V", 1200, 4500, 4200, "over_voltage_cutoff",
	  "Cell voltage at which the BMS opens the charge switch", NULL },
	{ 316, 1, false, 0.001, "V", 800, 3500, 2900, "under_voltage_cutoff",
	  "Cell voltage at which the BMS opens the discharge switch", NULL },
	{ 317, 1, false, 1, "A", 1, 750, 60, "discharge_over_current_cutoff",
	  "Discharge current that is cut off", NULL },
	{ 318, 1, false, 1, "A", 1, 750, 30, "charge_over_current_cutoff",
	  "Charge current that is cut off", NULL },
	{ 319, 1, true, 1, "degC", 20, 90, 60, "over_heat_cutoff",
	  "Temperature at which the BMS opens its switches", NULL },
	{ 320, 1, true, 1, "degC", -40, 10, 1, "low_temperature_charge_cutoff",
	  "No charging below this temperature", NULL },
	{ 321, 1, false, 1, "%", 60, 95, 80, "charge_restart_level",
	  "A full battery is charged again below this state of charge", NULL },
	{ 322, 1, false, 1, "", 10, 65000, 1000, "maximum_cycles",
	  "Cycles that the battery is expected to last", NULL },
	{ 323, 1, false, 0.002, "%", 0, 50000, 65535, "set_state_of_health",
	  "Sets the state of health; reads 65535 once taken", NULL },
	{ 328, 1, false, 0.002, "%", 0, 50000, 65535, "set_state_of_charge",
	  "Sets the state of charge; reads 65535 once taken", NULL },
	{ 329, 1, false, 1, "", 0, 65535, 0, "configuration_bits",
	  "Configuration bits: 1 inverts the external current sensor, 2 disables the switch diagnostics, 4 enables the charge restart level", NULL },
	{ 330, 1, false, 1, "", 0, 65535, 1, "charger_type",
	  "Low byte: charger type (1 CC/CV); high byte: delay of the discharge over-current cut-off, 0 to 30 s", NULL },
	{ 331, 1, false, 1, "", 0, 8, 0, "load_switch_type",
	  "What switches the load", load_switches },
	{ 332, 1, false, 1, "s", 1, 30, 5, "automatic_recovery",
	  "Pause before the BMS recovers by itself from a fault", NULL },
	{ 333, 1, false, 1, "", 1, 9, 1, "charger_switch_type",
	  "What switches the charger", charger_switches },
	{ 334, 1, false, 1, "", 0, 6, 0, "ignition",
	  "Input for the ignition signal", ignition_inputs },
	{ 335, 1, false, 1, "", 1, 7, 1, "charger_detection",
	  "How a charger is detected", charger_detections },
	{ 336, 1, false, 1, "", 0, 2, 0, "speed_sensor_input",
	  "Input of the speed sensor", speed_inputs },
	{ 337, 1, false, 1, "", 0, 16, 0, "precharge_pin",
	  "Output for precharging", precharge_pins },
	{ 338, 1, false, 1, "", 0, 7, 0, "precharge_duration",
	  "How long precharging lasts", precharge_durations },
	{ 339, 1, false, 1, "", 0, 1, 0, "temperature_sensor_type",
	  "Kind of temperature sensors", sensor_types },
	{ 340, 1, false, 1, "", 0, 1, 0, "operation_mode",
	  "Charger and load on two ports, or on one", operation_modes },
	{ 341, 1, false, 1, "", 0, 8, 0, "single_port_switch_type",
	  "What switches the single port", load_switches },
	{ 342, 1, false, 1, "", 0, 7, 0, "broadcast_time",
	  "How often the BMS sends by itself on the serial line", broadcast_times },
	{ 343, 1, false, 1, "", 0, 2, 1, "broadcast_protocol",
	  "What it then sends", broadcast_protocols },
};
/* clang-format on */

const struct setting *settings_table(size_t *count)
{
	*count = G_N_ELEMENTS(table);
	return table;
}

const struct setting *settings_by_address(uint16_t address)
{
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++)
		if (table[i].address == address)
			return &table[i];
	return NULL;
}

const struct setting *settings_by_name(const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++)
		if (!strcmp(table[i].name, name))
			return &table[i];
	return NULL;
}
