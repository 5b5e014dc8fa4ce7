/* SPDX-License-Identifier: MIT */
#include "gateway/battery_document.h"

#include <math.h>
#include <string.h>

#include "can/can_port.h"
#include "gateway/rounding.h"
#include "tinybms/events.h"

/* ---- numbers and texts ----------------------------------------------------------------- */

static const cJSON *get(const cJSON *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

static double number_of(const cJSON *item)
{
	return cJSON_IsNumber(item) ? item->valuedouble : (double) NAN;
}

static void add_text(cJSON *object, const char *key, const char *text)
{
	if (text && text[0])
		cJSON_AddStringToObject(object, key, text);
	else
		cJSON_AddNullToObject(object, key);
}

static void add_text_of(cJSON *object, const char *key, const cJSON *item)
{
	add_text(object, key, cJSON_GetStringValue(item));
}

/* 0 and 1 of the bus; anything else is unknown. */
static void add_flag(cJSON *object, const char *key, double value)
{
	if (isfinite(value))
		cJSON_AddBoolToObject(object, key, value > 0.0);
	else
		cJSON_AddNullToObject(object, key);
}

/* What a path means here: which key, and how fine it is worth telling. */
struct path_row {
	const char *path;
	const char *key;
	double step;
};

static void add_paths(cJSON *object, const struct item_mirror *items, const struct path_row *rows,
		      size_t count)
{
	for (size_t i = 0; i < count; i++)
		add_rounded(object, rows[i].key, item_mirror_number(items, rows[i].path),
			    rows[i].step);
}

/* ---- cells and temperatures ------------------------------------------------------------ */

static bool balances(const cJSON *balancing, int n)
{
	const cJSON *item;

	cJSON_ArrayForEach (item, balancing)
		if (number_of(item) == n)
			return true;
	return false;
}

struct extremes {
	double min, max;
	int min_n, max_n;
	bool is_complete; /* a cell that is unknown may be the lowest or the highest */
};

static struct extremes extremes_of(const cJSON *list)
{
	struct extremes e = { (double) NAN, (double) NAN, 0, 0, cJSON_GetArraySize(list) > 0 };
	const cJSON *item;
	int n = 0;

	cJSON_ArrayForEach (item, list) {
		const double value = number_of(item);

		n++;
		if (!isfinite(value)) {
			e.is_complete = false;
			continue;
		}
		if (!(value >= e.min)) {
			e.min = value;
			e.min_n = n;
		}
		if (!(value <= e.max)) {
			e.max = value;
			e.max_n = n;
		}
	}
	return e;
}

static void add_cells(cJSON *object, const cJSON *battery)
{
	const cJSON *cells = get(battery, "cells"), *cell;
	const double unknown = (double) NAN;
	const struct extremes e = extremes_of(cells);
	cJSON *list = cJSON_AddArrayToObject(object, "cells");
	int n = 0;

	cJSON_ArrayForEach (cell, cells) {
		cJSON *o = cJSON_CreateObject();

		cJSON_AddNumberToObject(o, "n", ++n);
		add_rounded(o, "voltage_v", number_of(cell), 1e-4);
		cJSON_AddBoolToObject(o, "is_balancing", balances(get(battery, "balancing"), n));
		cJSON_AddItemToArray(list, o);
	}
	add_rounded(object, "cell_count", cells ? n : unknown, 1.0);
	add_rounded(object, "cell_min_v", e.is_complete ? e.min : unknown, 1e-4);
	add_rounded(object, "cell_max_v", e.is_complete ? e.max : unknown, 1e-4);
	add_rounded(object, "cell_min_n", e.is_complete ? e.min_n : unknown, 1.0);
	add_rounded(object, "cell_max_n", e.is_complete ? e.max_n : unknown, 1.0);
	add_rounded(object, "cell_spread_v", e.is_complete ? e.max - e.min : unknown, 1e-4);
	if (battery)
		cJSON_AddBoolToObject(object, "balancing",
				      cJSON_GetArraySize(get(battery, "balancing")) > 0);
	else
		cJSON_AddNullToObject(object, "balancing");
}

static void add_temperatures(cJSON *object, const cJSON *battery)
{
	static const char *const keys[] = { "internal_c", "external_1_c", "external_2_c" };
	const cJSON *list = get(battery, "temperatures");
	const struct extremes e = extremes_of(list);
	cJSON *o = cJSON_AddObjectToObject(object, "temperatures");

	for (int i = 0; i < (int) G_N_ELEMENTS(keys); i++)
		add_rounded(o, keys[i], number_of(cJSON_GetArrayItem(list, i)), 0.1);
	add_rounded(object, "temperature_min_c", e.min, 0.1);
	add_rounded(object, "temperature_max_c", e.max, 0.1);
}

/* ---- limits, alarms, faults ------------------------------------------------------------- */

static void add_limits(cJSON *object, const cJSON *status, const struct item_mirror *items)
{
	const cJSON *limits = get(status, "limits");
	cJSON *o = cJSON_AddObjectToObject(object, "limits");

	add_rounded(o, "cvl_v", number_of(get(limits, "cvl")), 0.001);
	add_rounded(o, "ccl_a", number_of(get(limits, "ccl")), 0.1);
	add_rounded(o, "dcl_a", number_of(get(limits, "dcl")), 0.1);
	add_rounded(o, "dvl_v", number_of(get(limits, "dvl")), 0.001);
	add_text_of(o, "state", get(limits, "state"));
	add_text(o, "mode", item_mirror_text(items, "/Info/ChargeMode"));
	add_text_of(o, "charge_limitation", get(limits, "charge_limitation"));
	add_text_of(o, "discharge_limitation", get(limits, "discharge_limitation"));
	add_rounded(o, "charge_request", item_mirror_number(items, "/Info/ChargeRequest"), 1.0);
	add_flag(o, "allow_charge", item_mirror_number(items, "/Io/AllowToCharge"));
	add_flag(o, "allow_discharge", item_mirror_number(items, "/Io/AllowToDischarge"));
}

static void add_alarms(cJSON *object, const cJSON *status)
{
	const cJSON *alarms = get(status, "alarms");

	cJSON_AddItemToObject(object, "alarms",
			      cJSON_IsObject(alarms) ? cJSON_Duplicate(alarms, true)
						     : cJSON_CreateObject());
}

static void add_faults(cJSON *object, const cJSON *battery)
{
	cJSON *list = cJSON_AddArrayToObject(object, "faults");
	const cJSON *fault;

	cJSON_ArrayForEach (fault, get(battery, "faults")) {
		const uint8_t id = (uint8_t) fault->valueint;
		g_autofree char *unknown = g_strdup_printf("event 0x%02X", id);
		const char *text = events_text(id);
		cJSON *o = cJSON_CreateObject();

		cJSON_AddNumberToObject(o, "id", id);
		cJSON_AddStringToObject(o, "text", text ? text : unknown);
		add_text(o, "remedy", events_remedy(id));
		cJSON_AddItemToArray(list, o);
	}
}

/* ---- energy, history, CAN, diagnostics -------------------------------------------------- */

static void add_energy(cJSON *object, const struct item_mirror *items)
{
	static const struct path_row rows[] = {
		{ "/History/ChargedEnergy", "charged_kwh", 0.001 },
		{ "/History/DischargedEnergy", "discharged_kwh", 0.001 },
		{ "/History/TotalAhDrawn", "drawn_ah", 0.1 },
		{ "/History/ChargeCycles", "cycles", 1.0 },
		{ "/History/FullDischarges", "full_discharges", 1.0 },
		{ "/History/LastFullChargeTime", "last_full_charge_time", 1.0 },
		{ "/History/TimeSinceLastFullCharge", "since_full_charge_s", 1.0 },
	};

	add_paths(cJSON_AddObjectToObject(object, "energy"), items, rows, G_N_ELEMENTS(rows));
}

static void add_history(cJSON *object, const struct item_mirror *items)
{
	static const struct path_row rows[] = {
		{ "/History/DeepestDischarge", "deepest_discharge_ah", 0.1 },
		{ "/History/LastDischarge", "last_discharge_ah", 0.1 },
		{ "/History/AverageDischarge", "average_discharge_ah", 0.1 },
		{ "/History/AutomaticSyncs", "full_charges", 1.0 },
		{ "/History/MinimumVoltage", "voltage_min_v", 0.01 },
		{ "/History/MinimumVoltageTime", "voltage_min_time", 1.0 },
		{ "/History/MaximumVoltage", "voltage_max_v", 0.01 },
		{ "/History/MaximumVoltageTime", "voltage_max_time", 1.0 },
		{ "/History/MinimumCellVoltage", "cell_min_v", 0.001 },
		{ "/History/MinimumCellVoltageTime", "cell_min_time", 1.0 },
		{ "/History/MaximumCellVoltage", "cell_max_v", 0.001 },
		{ "/History/MaximumCellVoltageTime", "cell_max_time", 1.0 },
		{ "/History/MinimumTemperature", "temperature_min_c", 0.1 },
		{ "/History/MinimumTemperatureTime", "temperature_min_time", 1.0 },
		{ "/History/MaximumTemperature", "temperature_max_c", 0.1 },
		{ "/History/MaximumTemperatureTime", "temperature_max_time", 1.0 },
		{ "/History/LowVoltageAlarms", "low_voltage_alarms", 1.0 },
		{ "/History/HighVoltageAlarms", "high_voltage_alarms", 1.0 },
	};

	add_paths(cJSON_AddObjectToObject(object, "history"), items, rows, G_N_ELEMENTS(rows));
}

static void add_diagnostics(cJSON *object, const struct item_mirror *items)
{
	static const struct path_row rows[] = {
		{ "/Diagnostics/Bms/Polls", "polls", 1.0 },
		{ "/Diagnostics/Bms/Successes", "successes", 1.0 },
		{ "/Diagnostics/Bms/Timeouts", "timeouts", 1.0 },
		{ "/Diagnostics/Bms/CrcErrors", "crc_errors", 1.0 },
		{ "/Diagnostics/Bms/Refusals", "refusals", 1.0 },
		{ "/Diagnostics/Bms/Retries", "retries", 1.0 },
		{ "/Diagnostics/Bms/Reopens", "reopens", 1.0 },
		{ "/Diagnostics/Bms/LatencyLast", "latency_last_ms", 0.1 },
		{ "/Diagnostics/Bms/LatencyMean", "latency_mean_ms", 0.1 },
		{ "/Diagnostics/Bms/LatencyMax", "latency_max_ms", 0.1 },
		{ "/Diagnostics/Bus/Signals", "bus_signals", 1.0 },
		{ "/Diagnostics/Bus/Paths", "bus_paths", 1.0 },
		{ "/Diagnostics/Bus/Bytes", "bus_bytes", 1.0 },
		{ "/Diagnostics/Bus/LatencyLast", "bus_latency_last_ms", 0.1 },
		{ "/Diagnostics/Bus/LatencyMean", "bus_latency_mean_ms", 0.1 },
		{ "/Diagnostics/Bus/LatencyMax", "bus_latency_max_ms", 0.1 },
		{ "/Diagnostics/History/Gaps", "history_gaps", 1.0 },
		{ "/Diagnostics/History/GapTime", "history_gap_s", 1.0 },
	};

	add_paths(cJSON_AddObjectToObject(object, "diagnostics"), items, rows, G_N_ELEMENTS(rows));
}

/* Of an interface: what changes each few seconds, and what is told once a minute. */
static void add_can_numbers(cJSON *port, const struct item_mirror *items, const char *interface)
{
	static const struct path_row rows[] = {
		{ "/Can/%s/Inverter/Age", "last_seen_s", 1.0 },
		{ "/Can/%s/FramesSent", "sent", 1.0 },
		{ "/Can/%s/FramesReceived", "received", 1.0 },
		{ "/Can/%s/Errors", "errors", 1.0 },
		{ "/Can/%s/SetsDropped", "dropped", 1.0 },
		{ "/Diagnostics/Can/%s/FramesRefused", "refused", 1.0 },
		{ "/Diagnostics/Can/%s/Openings", "openings", 1.0 },
		{ "/Diagnostics/Can/%s/LatencyLast", "latency_last_ms", 0.1 },
		{ "/Diagnostics/Can/%s/LatencyMean", "latency_mean_ms", 0.1 },
		{ "/Diagnostics/Can/%s/LatencyMax", "latency_max_ms", 0.1 },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_auto(GStrv) parts = g_strsplit(rows[i].path, "%s", 2);
		g_autofree char *path = g_strjoinv(interface, parts);

		add_rounded(port, rows[i].key, item_mirror_number(items, path), rows[i].step);
	}
}

/* One object for each interface that has a protocol, of "/Can/can1/State" and its like. */
static void add_can_output(cJSON *list, const struct item_mirror *items, const char *interface)
{
	const struct {
		const char *path, *key;
	} texts[] = { { "Protocol", "protocol" },
		      { "Error", "error" },
		      { "Inverter/Name", "inverter" } };
	g_autofree char *state_path = g_strdup_printf("/Can/%s/State", interface);
	const double state = item_mirror_number(items, state_path);
	cJSON *port = cJSON_CreateObject();

	cJSON_AddStringToObject(port, "interface", interface);
	add_text(port, "state",
		 state >= CAN_PORT_HELD && state <= CAN_PORT_BUS_OFF
			 ? can_port_state_text((enum can_port_state)(int) state)
			 : NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autofree char *path = g_strdup_printf("/Can/%s/%s", interface, texts[i].path);

		add_text(port, texts[i].key, item_mirror_text(items, path));
	}
	add_can_numbers(port, items, interface);
	cJSON_AddItemToArray(list, port);
}

static void add_can(cJSON *object, const struct item_mirror *items)
{
	g_autoptr(GPtrArray) paths = item_mirror_paths(items, "/Can/");
	cJSON *list = cJSON_AddArrayToObject(object, "can");

	for (guint i = 0; i < paths->len; i++) {
		const char *path = g_ptr_array_index(paths, i);
		const char *name = path + strlen("/Can/"), *slash = strchr(name, '/');
		g_autofree char *interface = slash ? g_strndup(name, (gsize) (slash - name)) : NULL;

		if (slash && strcmp(slash, "/Protocol") == 0 && item_mirror_text(items, path))
			add_can_output(list, items, interface);
	}
}

/* ---- the whole --------------------------------------------------------------------------- */

static void add_names(cJSON *object, const cJSON *status, const struct item_mirror *items)
{
	const char *custom = item_mirror_text(items, "/CustomName");
	const char *product = item_mirror_text(items, "/ProductName");

	add_text(object, "name", custom && custom[0] ? custom : product);
	add_text(object, "product", product);
	add_text_of(object, "serial", get(status, "serial"));
	add_text_of(object, "firmware", get(status, "firmware"));
	add_text_of(object, "hardware", get(status, "hardware"));
	add_text_of(object, "program", get(status, "program"));
	add_text_of(object, "port", get(status, "port"));
	add_text_of(object, "service", get(status, "service"));
	add_rounded(object, "instance", number_of(get(status, "instance")), 1.0);
	add_text_of(object, "sentence", get(status, "state"));
}

static void add_live(cJSON *object, const cJSON *status, const struct item_mirror *items)
{
	const cJSON *battery = get(status, "battery");
	const double voltage_v = number_of(get(status, "pack_voltage"));
	const double current_a = number_of(get(battery, "current"));

	add_text_of(object, "status", get(battery, "status"));
	add_rounded(object, "soc_pct", number_of(get(battery, "soc")), 0.01);
	add_rounded(object, "soh_pct", number_of(get(battery, "soh")), 0.01);
	add_rounded(object, "voltage_v", voltage_v, 0.001);
	add_rounded(object, "current_a", current_a, 0.01);
	add_rounded(object, "power_w", voltage_v * current_a, 0.1);
	add_rounded(object, "capacity_ah", item_mirror_number(items, "/InstalledCapacity"), 0.01);
	add_rounded(object, "consumed_ah", item_mirror_number(items, "/ConsumedAmphours"), 0.1);
	add_rounded(object, "time_to_go_s", item_mirror_number(items, "/TimeToGo"), 1.0);
	add_cells(object, battery);
	add_temperatures(object, battery);
}

cJSON *battery_document_make(const char *id, const cJSON *status, const struct item_mirror *items,
			     double now_s)
{
	const double age_s = number_of(get(status, "age"));
	const bool is_live = age_s >= 0.0 && age_s < BATTERY_DOCUMENT_LIVE_S;
	const cJSON *settings = get(get(status, "battery"), "settings");
	cJSON *o = cJSON_CreateObject();

	cJSON_AddNumberToObject(o, "version", BATTERY_DOCUMENT_VERSION);
	cJSON_AddStringToObject(o, "id", id);
	add_rounded(o, "time", now_s, 0.001);
	add_rounded(o, "age_s", age_s, 0.001);
	cJSON_AddBoolToObject(o, "is_live", is_live);
	cJSON_AddBoolToObject(o, "is_on_bus", cJSON_IsString(get(status, "service")));
	add_names(o, status, items);
	add_live(o, status, items);
	add_limits(o, status, items);
	add_alarms(o, status);
	add_faults(o, get(status, "battery"));
	add_energy(o, items);
	add_history(o, items);
	cJSON_AddItemToObject(o, "settings",
			      cJSON_IsObject(settings) ? cJSON_Duplicate(settings, true)
						       : cJSON_CreateObject());
	add_can(o, items);
	add_diagnostics(o, items);
	return o;
}
