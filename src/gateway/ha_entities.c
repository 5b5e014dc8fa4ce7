/* SPDX-License-Identifier: MIT */
#include "gateway/ha_entities.h"

#include <glib.h>
#include <string.h>

#define M	   "measurement"
#define T	   "total_increasing"
#define DIAGNOSTIC .is_diagnostic = true
#define OF(part)   "{{ value_json." part " }}"

static const char FAULTS[] =
	"{{ ((value_json | map(attribute='text') | join('; ')) or 'none')[:255] }}";
static const char WHEN[] =
	"{{ (value_json | timestamp_utc) if value_json is not none else 'None' }}";

/* clang-format off */
static const struct ha_entity sensors[] = {
	{ "soc", "soc_pct", "State of charge", "battery", "%", M, NULL, 1 },
	{ "soh", "soh_pct", "State of health", NULL, "%", M, NULL, 1, DIAGNOSTIC },
	{ "voltage", "voltage_v", "Voltage", "voltage", "V", M, NULL, 2 },
	{ "current", "current_a", "Current", "current", "A", M, NULL, 1 },
	{ "power", "power_w", "Power", "power", "W", M, NULL, 0 },
	{ "status", "status", "Status", NULL, NULL, NULL, NULL, -1 },
	{ "sentence", "sentence", "Service", NULL, NULL, NULL, NULL, -1, DIAGNOSTIC },
	{ "capacity", "capacity_ah", "Capacity", NULL, "Ah", M, NULL, 0, DIAGNOSTIC },
	{ "consumed", "consumed_ah", "Consumed charge", NULL, "Ah", M, NULL, 1 },
	{ "time_to_go", "time_to_go_s", "Time to go", "duration", "s", M, NULL, 0 },
	{ "cell_min", "cell_min_v", "Lowest cell voltage", "voltage", "V", M, NULL, 3 },
	{ "cell_max", "cell_max_v", "Highest cell voltage", "voltage", "V", M, NULL, 3 },
	{ "cell_min_number", "cell_min_n", "Lowest cell", NULL, NULL, NULL, NULL, -1, DIAGNOSTIC },
	{ "cell_max_number", "cell_max_n", "Highest cell", NULL, NULL, NULL, NULL, -1, DIAGNOSTIC },
	{ "cell_spread", "cell_spread_v", "Cell spread", "voltage", "V", M, NULL, 3 },
	{ "temperature_internal", "temperatures/internal_c", "Temperature of the BMS", "temperature",
	  "°C", M, NULL, 1 },
	{ "temperature_1", "temperatures/external_1_c", "Temperature 1", "temperature", "°C", M, NULL, 1 },
	{ "temperature_2", "temperatures/external_2_c", "Temperature 2", "temperature", "°C", M, NULL, 1 },
	{ "temperature_min", "temperature_min_c", "Lowest temperature", "temperature", "°C", M, NULL, 1 },
	{ "temperature_max", "temperature_max_c", "Highest temperature", "temperature", "°C", M, NULL, 1 },
	{ "cvl", "limits/cvl_v", "Charge voltage limit", "voltage", "V", M, NULL, 2 },
	{ "ccl", "limits/ccl_a", "Charge current limit", "current", "A", M, NULL, 1 },
	{ "dcl", "limits/dcl_a", "Discharge current limit", "current", "A", M, NULL, 1 },
	{ "dvl", "limits/dvl_v", "Discharge voltage limit", "voltage", "V", M, NULL, 2 },
	{ "charge_state", "limits/state", "Charge state", NULL, NULL, NULL, NULL, -1 },
	{ "charge_mode", "limits/mode", "Charge mode", NULL, NULL, NULL, NULL, -1 },
	{ "charge_limitation", "limits/charge_limitation", "Charge limited by", NULL, NULL, NULL, NULL,
	  -1, DIAGNOSTIC },
	{ "discharge_limitation", "limits/discharge_limitation", "Discharge limited by", NULL, NULL,
	  NULL, NULL, -1, DIAGNOSTIC },
	{ "energy_charged", "energy/charged_kwh", "Energy charged", "energy", "kWh", T, NULL, 1 },
	{ "energy_discharged", "energy/discharged_kwh", "Energy discharged", "energy", "kWh", T, NULL, 1 },
	{ "drawn", "energy/drawn_ah", "Charge drawn", NULL, "Ah", T, NULL, 0, DIAGNOSTIC },
	{ "cycles", "energy/cycles", "Cycles", NULL, NULL, T, NULL, 1, DIAGNOSTIC },
	{ "full_discharges", "energy/full_discharges", "Full discharges", NULL, NULL, T, NULL, 0,
	  DIAGNOSTIC },
	{ "last_full_charge", "energy/last_full_charge_time", "Last full charge", "timestamp", NULL, NULL,
	  WHEN, -1 },
	{ "faults", "faults", "Faults of the BMS", NULL, NULL, NULL, FAULTS, -1 },
	{ "latency", "diagnostics", "Answer time", "duration", "ms", M, OF("latency_mean_ms"), 0,
	  DIAGNOSTIC },
	{ "timeouts", "diagnostics", "Time-outs", NULL, NULL, T, OF("timeouts"), 0, DIAGNOSTIC },
	{ "crc_errors", "diagnostics", "Checksum errors", NULL, NULL, T, OF("crc_errors"), 0, DIAGNOSTIC },
};

static const struct ha_entity binary[] = {
	{ "balancing", "balancing", "Balancing", NULL, NULL, NULL, NULL, -1 },
	{ "allow_charge", "limits/allow_charge", "Charge allowed", NULL, NULL, NULL, NULL, -1 },
	{ "allow_discharge", "limits/allow_discharge", "Discharge allowed", NULL, NULL, NULL, NULL, -1 },
	{ "charge_request", "limits/charge_request", "Asks for charge", NULL, NULL, NULL, NULL, -1 },
	{ "is_on_bus", "is_on_bus", "Shown to the system", "connectivity", NULL, NULL, NULL, -1,
	  DIAGNOSTIC },
};

static const struct { const char *alarm, *name; } alarm_names[] = {
	{ "HighCellVoltage", "High cell voltage" },
	{ "LowCellVoltage", "Low cell voltage" },
	{ "HighVoltage", "High voltage" },
	{ "LowVoltage", "Low voltage" },
	{ "HighTemperature", "High temperature" },
	{ "LowTemperature", "Low temperature" },
	{ "HighChargeTemperature", "High charge temperature" },
	{ "LowChargeTemperature", "Low charge temperature" },
	{ "HighChargeCurrent", "High charge current" },
	{ "HighDischargeCurrent", "High discharge current" },
	{ "HighCurrent", "High current" },
	{ "LowSoc", "Low state of charge" },
	{ "CellImbalance", "Cell imbalance" },
	{ "HighInternalTemperature", "High temperature of the BMS" },
	{ "InternalFailure", "Internal failure" },
	{ "BmsCable", "Cable of the BMS" },
};
/* clang-format on */

const struct ha_entity *ha_entities_sensors(size_t *count)
{
	*count = G_N_ELEMENTS(sensors);
	return sensors;
}

const struct ha_entity *ha_entities_binary(size_t *count)
{
	*count = G_N_ELEMENTS(binary);
	return binary;
}

const char *ha_entities_alarm_name(const char *alarm)
{
	for (size_t i = 0; i < G_N_ELEMENTS(alarm_names); i++)
		if (strcmp(alarm_names[i].alarm, alarm) == 0)
			return alarm_names[i].name;
	return NULL;
}
