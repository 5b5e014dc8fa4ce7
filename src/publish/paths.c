/* SPDX-License-Identifier: MIT */
#include "publish/paths.h"

#define FIELD(name) .offset = offsetof(struct view, name)
#define NUMBER(name, unit_, decimals_, band) \
	.type = VALUE_DOUBLE, FIELD(name), .unit = unit_, .decimals = decimals_, .dead_band = band
#define COUNT(name) .type = VALUE_INT, FIELD(name)
#define TEXT(name) .type = VALUE_STRING, FIELD(name)

/* clang-format off */
static const struct path table[] = {
	/* Measurements: victronenergy/venus wiki, dbus; dead-bands as in velib_python's users. */
	{ "/Dc/0/Voltage", NUMBER(pack_v, "V", 2, 0.01) },
	{ "/Dc/0/Current", NUMBER(current_a, "A", 1, 0.1) },
	{ "/Dc/0/Power", NUMBER(power_w, "W", 0, 5.0) },
	{ "/Dc/0/Temperature", NUMBER(temperature_c, "°C", 1, 0.1), .pace = PACE_FIVE },
	{ "/Soc", NUMBER(soc_pct, "%", 1, 0.1) },
	{ "/Soh", NUMBER(soh_pct, "%", 1, 0.1), .pace = PACE_MINUTE },
	{ "/Capacity", NUMBER(capacity_left_ah, "Ah", 1, 0.1), .pace = PACE_FIVE },
	{ "/InstalledCapacity", NUMBER(capacity_ah, "Ah", 1, 0.0) },
	{ "/ConsumedAmphours", NUMBER(consumed_ah, "Ah", 1, 0.1), .pace = PACE_FIVE_LATER },
	{ "/TimeToGo", COUNT(time_to_go_s), .unit = "s", .pace = PACE_MINUTE },

	/* Control: section 2.3. The three limits move together or not at all. */
	{ "/Info/MaxChargeVoltage", NUMBER(cvl_v, "V", 2, 0.0), .pace = PACE_URGENT },
	{ "/Info/MaxChargeCurrent", NUMBER(ccl_a, "A", 1, 0.0), .pace = PACE_URGENT },
	{ "/Info/MaxDischargeCurrent", NUMBER(dcl_a, "A", 1, 0.0), .pace = PACE_URGENT },
	{ "/Info/BatteryLowVoltage", NUMBER(dvl_v, "V", 2, 0.0), .pace = PACE_URGENT },
	{ "/Info/ChargeRequest", COUNT(charge_request), .pace = PACE_URGENT },
	{ "/Info/ChargeMode", TEXT(charge_mode), .pace = PACE_URGENT },
	{ "/Info/ChargeLimitation", TEXT(charge_limitation), .pace = PACE_URGENT },
	{ "/Info/DischargeLimitation", TEXT(discharge_limitation), .pace = PACE_URGENT },

	/* State: section 2.4. */
	{ "/State", COUNT(state), .pace = PACE_URGENT },
	{ "/ErrorCode", COUNT(error_code), .pace = PACE_URGENT },
	{ "/Balancing", COUNT(is_balancing), .pace = PACE_FIVE },
	{ "/Balancer/Status", COUNT(balancer_status), .pace = PACE_FIVE },
	{ "/Io/AllowToCharge", COUNT(allow_charge), .pace = PACE_URGENT },
	{ "/Io/AllowToDischarge", COUNT(allow_discharge), .pace = PACE_URGENT },
	{ "/ConnectionInformation", TEXT(connection_information), .pace = PACE_FIVE },

	/* System: section 2.5. */
	{ "/System/NrOfCellsPerBattery", COUNT(cell_count) },
	{ "/System/MinCellVoltage", NUMBER(cell_min_v, "V", 3, 0.001), .pace = PACE_FIVE },
	{ "/System/MaxCellVoltage", NUMBER(cell_max_v, "V", 3, 0.001), .pace = PACE_FIVE },
	{ "/System/MinVoltageCellId", TEXT(cell_min_id), .pace = PACE_FIVE },
	{ "/System/MaxVoltageCellId", TEXT(cell_max_id), .pace = PACE_FIVE },
	{ "/System/MinCellTemperature", NUMBER(cell_temperature_min_c, "°C", 1, 0.1), .pace = PACE_FIVE },
	{ "/System/MaxCellTemperature", NUMBER(cell_temperature_max_c, "°C", 1, 0.1), .pace = PACE_FIVE },
	{ "/System/MinTemperatureCellId", TEXT(temperature_min_id), .pace = PACE_FIVE },
	{ "/System/MaxTemperatureCellId", TEXT(temperature_max_id), .pace = PACE_FIVE },
	{ "/System/Temperature%u", NUMBER(external_temperature_c, "°C", 1, 0.1),
	  .elements = BATTERY_EXTERNAL_SENSORS, .pace = PACE_FIVE_LATER },
	{ "/System/MOSTemperature", NUMBER(internal_temperature_c, "°C", 1, 0.1), .pace = PACE_FIVE_LATER },
	{ "/System/NrOfModulesBlockingCharge", COUNT(blocks_charge) },
	{ "/System/NrOfModulesBlockingDischarge", COUNT(blocks_discharge) },

	/* Cells: what community tools read, and the stock page of gui-v2. */
	{ "/Voltages/Cell%u", NUMBER(cell_v, "V", 3, 0.001), .elements = BATTERY_CELLS_MAX, .pace = PACE_FIVE },
	{ "/Voltages/Sum", NUMBER(cell_sum_v, "V", 2, 0.01), .pace = PACE_FIVE },
	{ "/Voltages/Diff", NUMBER(cell_difference_v, "V", 3, 0.001), .pace = PACE_FIVE },
	{ "/Balances/Cell%u", COUNT(cell_balances), .elements = BATTERY_CELLS_MAX, .pace = PACE_FIVE },
	{ "/Battery/1/Cell/%u/Voltage", NUMBER(cell_v, "V", 3, 0.001),
	  .elements = BATTERY_CELLS_MAX, .pace = PACE_FIVE_LATER },
	{ "/Battery/1/Voltage", NUMBER(pack_v, "V", 2, 0.01), .pace = PACE_FIVE_LATER },
	{ "/Battery/1/Current", NUMBER(current_a, "A", 1, 0.1), .pace = PACE_FIVE_LATER },
	{ "/Battery/1/Temperature", NUMBER(temperature_c, "°C", 1, 0.1), .pace = PACE_FIVE_LATER },
	{ "/Battery/1/Capacity", NUMBER(capacity_ah, "Ah", 1, 0.0), .pace = PACE_FIVE_LATER },

	/* History: section 2.7; depths are negative. What ends in Time is when, s since 1970. */
	{ "/History/DeepestDischarge", NUMBER(past.deepest_ah, "Ah", 1, 0.1), .pace = PACE_MINUTE },
	{ "/History/LastDischarge", NUMBER(past.last_ah, "Ah", 1, 0.1), .pace = PACE_MINUTE },
	{ "/History/AverageDischarge", NUMBER(average_depth_ah, "Ah", 1, 0.1), .pace = PACE_MINUTE },
	{ "/History/TotalAhDrawn", NUMBER(drawn_ah, "Ah", 1, 0.1), .pace = PACE_MINUTE },
	{ "/History/ChargeCycles", COUNT(past.cycles), .pace = PACE_MINUTE },
	{ "/History/FullDischarges", COUNT(past.full_discharges), .pace = PACE_MINUTE },
	{ "/History/AutomaticSyncs", COUNT(past.full_charges), .pace = PACE_MINUTE },
	{ "/History/TimeSinceLastFullCharge", COUNT(past.since_full_s), .unit = "s", .pace = PACE_MINUTE },
	{ "/History/LastFullChargeTime", COUNT(past.full_at_s), .pace = PACE_MINUTE },
	{ "/History/DischargedEnergy", NUMBER(discharged_kwh, "kWh", 2, 0.01), .pace = PACE_MINUTE },
	{ "/History/ChargedEnergy", NUMBER(charged_kwh, "kWh", 2, 0.01), .pace = PACE_MINUTE },
	{ "/History/MinimumVoltage", NUMBER(past.pack_min_v.value, "V", 2, 0.01), .pace = PACE_MINUTE },
	{ "/History/MinimumVoltageTime", COUNT(past.pack_min_v.when_s), .pace = PACE_MINUTE },
	{ "/History/MaximumVoltage", NUMBER(past.pack_max_v.value, "V", 2, 0.01), .pace = PACE_MINUTE },
	{ "/History/MaximumVoltageTime", COUNT(past.pack_max_v.when_s), .pace = PACE_MINUTE },
	{ "/History/MinimumCellVoltage", NUMBER(past.cell_min_v.value, "V", 3, 0.001), .pace = PACE_MINUTE },
	{ "/History/MinimumCellVoltageTime", COUNT(past.cell_min_v.when_s), .pace = PACE_MINUTE },
	{ "/History/MaximumCellVoltage", NUMBER(past.cell_max_v.value, "V", 3, 0.001), .pace = PACE_MINUTE },
	{ "/History/MaximumCellVoltageTime", COUNT(past.cell_max_v.when_s), .pace = PACE_MINUTE },
	{ "/History/MinimumTemperature", NUMBER(past.temperature_min_c.value, "°C", 1, 0.1), .pace = PACE_MINUTE },
	{ "/History/MinimumTemperatureTime", COUNT(past.temperature_min_c.when_s), .pace = PACE_MINUTE },
	{ "/History/MaximumTemperature", NUMBER(past.temperature_max_c.value, "°C", 1, 0.1), .pace = PACE_MINUTE },
	{ "/History/MaximumTemperatureTime", COUNT(past.temperature_max_c.when_s), .pace = PACE_MINUTE },
	{ "/History/LowVoltageAlarms", COUNT(statistics.under_voltage_count), .pace = PACE_MINUTE },
	{ "/History/HighVoltageAlarms", COUNT(statistics.over_voltage_count), .pace = PACE_MINUTE },

	/* What the BMS itself has counted since its statistics were cleared: registers 100 to 117. */
	{ "/Bms/Statistics/TotalDistance", NUMBER(statistics.total_distance_km, "km", 2, 0.01), .pace = PACE_MINUTE },
	{ "/Bms/Statistics/MaxDischargeCurrent", NUMBER(statistics.max_discharge_a, "A", 1, 0.1), .pace = PACE_MINUTE },
	{ "/Bms/Statistics/MaxChargeCurrent", NUMBER(statistics.max_charge_a, "A", 1, 0.1), .pace = PACE_MINUTE },
	{ "/Bms/Statistics/MaxCellDifference", NUMBER(statistics.max_cell_difference_v, "V", 4, 0.0001), .pace = PACE_MINUTE },
	{ "/Bms/Statistics/UnderVoltages", COUNT(statistics.under_voltage_count), .pace = PACE_MINUTE },
	{ "/Bms/Statistics/OverVoltages", COUNT(statistics.over_voltage_count), .pace = PACE_MINUTE },
	{ "/Bms/Statistics/DischargeOverCurrents", COUNT(statistics.discharge_over_current_count), .pace = PACE_MINUTE },
	{ "/Bms/Statistics/ChargeOverCurrents", COUNT(statistics.charge_over_current_count), .pace = PACE_MINUTE },
	{ "/Bms/Statistics/OverHeats", COUNT(statistics.over_heat_count), .pace = PACE_MINUTE },
	{ "/Bms/Statistics/Charges", COUNT(statistics.charging_count), .pace = PACE_MINUTE },
	{ "/Bms/Statistics/FullCharges", COUNT(statistics.full_charge_count), .pace = PACE_MINUTE },
	{ "/Bms/Statistics/MinTemperature", NUMBER(statistics.temperature_min_c, "°C", 0, 1.0), .pace = PACE_MINUTE },
	{ "/Bms/Statistics/MaxTemperature", NUMBER(statistics.temperature_max_c, "°C", 0, 1.0), .pace = PACE_MINUTE },
	{ "/Bms/Statistics/LastResetCause", COUNT(statistics.last_reset_cause), .pace = PACE_MINUTE },
	{ "/Bms/Statistics/LastWakeupCause", COUNT(statistics.last_wakeup_cause), .pace = PACE_MINUTE },
	{ "/Bms/Statistics/ClearedAt", COUNT(statistics.cleared_at_s), .unit = "s", .pace = PACE_MINUTE },

	/* What our own history does not know. */
	{ "/Diagnostics/History/Gaps", COUNT(past.totals.gaps), .pace = PACE_MINUTE },
	{ "/Diagnostics/History/GapTime", COUNT(past.totals.gap_s), .unit = "s", .pace = PACE_MINUTE },

	/* Several batteries of ours on one bus. */
	{ "/Diagnostics/Batteries/Others", COUNT(other_batteries) },
	{ "/Diagnostics/Batteries/Warning", TEXT(several_warning) },

	/* The serial line. */
	{ "/Diagnostics/Bms/Polls", COUNT(polls), .pace = PACE_MINUTE },
	{ "/Diagnostics/Bms/Successes", COUNT(successes), .pace = PACE_MINUTE },
	{ "/Diagnostics/Bms/Timeouts", COUNT(timeouts), .pace = PACE_MINUTE },
	{ "/Diagnostics/Bms/CrcErrors", COUNT(crc_errors), .pace = PACE_MINUTE },
	{ "/Diagnostics/Bms/Refusals", COUNT(refusals), .pace = PACE_MINUTE },
	{ "/Diagnostics/Bms/Retries", COUNT(retries), .pace = PACE_MINUTE },
	{ "/Diagnostics/Bms/Reopens", COUNT(reopens), .pace = PACE_MINUTE },
	{ "/Diagnostics/Bms/LatencyLast", NUMBER(latency_last_ms, "ms", 1, 0.1), .pace = PACE_MINUTE },
	{ "/Diagnostics/Bms/LatencyMean", NUMBER(latency_mean_ms, "ms", 1, 0.1), .pace = PACE_MINUTE },
	{ "/Diagnostics/Bms/LatencyMax", NUMBER(latency_max_ms, "ms", 1, 0.1), .pace = PACE_MINUTE },
};
/* clang-format on */

const struct path *paths_table(size_t *count)
{
	*count = G_N_ELEMENTS(table);
	return table;
}

bool path_is_due(enum path_pace pace, unsigned second)
{
	switch (pace) {
	case PACE_SECOND:
	case PACE_URGENT:
		return true;
	case PACE_FIVE:
		return second % 5 == 0;
	case PACE_FIVE_LATER:
		return second % 5 == 2;
	case PACE_MINUTE:
		return second % 60 == 0;
	}
	return true;
}
