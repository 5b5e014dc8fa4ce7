/* SPDX-License-Identifier: MIT */
#include "gateway/legacy_document.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <glib.h>

#include "gateway/rounding.h"

enum { CELLS = 16 };

static const cJSON *get(const cJSON *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

/* "limits.cvl_v" */
static double at(const cJSON *document, const char *path)
{
	g_auto(GStrv) part = g_strsplit(path, ".", -1);
	const cJSON *item = document;

	for (guint i = 0; part[i]; i++)
		item = get(item, part[i]);
	return cJSON_IsNumber(item) ? item->valuedouble : (double) NAN;
}

static void add(cJSON *object, const char *key, double value, double step)
{
	if (isfinite(value))
		cJSON_AddNumberToObject(object, key, round_to(value, step));
	else
		cJSON_AddNullToObject(object, key);
}

struct row {
	const char *key, *path;
	double factor, step;
};

static void add_rows(cJSON *object, const cJSON *document, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		add(object, rows[i].key, at(document, rows[i].path) * rows[i].factor, rows[i].step);
}

#define ADD_ROWS(object, document, rows) add_rows(object, document, rows, G_N_ELEMENTS(rows))

static double balancing_bits(const cJSON *document)
{
	unsigned bits = 0;
	const cJSON *cell;

	cJSON_ArrayForEach (cell, get(document, "cells"))
		if (cJSON_IsTrue(get(cell, "is_balancing")))
			bits |= 1u << (((unsigned) at(cell, "n") - 1) % CELLS);
	return bits;
}

/* The BMS's register 50 (Communication Protocols rev. D), as the bridges pass it on. */
static double status_code(const cJSON *document)
{
	static const struct {
		const char *text;
		int code;
	} codes[] = {
		{ "charging", 0x91 },	  { "full", 0x92 }, { "discharging", 0x93 },
		{ "regenerating", 0x96 }, { "idle", 0x97 }, { "fault", 0x9B },
	};
	const char *text = cJSON_GetStringValue(get(document, "status"));

	for (size_t i = 0; text && i < G_N_ELEMENTS(codes); i++)
		if (strcmp(codes[i].text, text) == 0)
			return codes[i].code;
	return (double) NAN;
}

static double time_ms(const cJSON *document)
{
	return at(document, "time") * 1000.0;
}

/* ---- A ------------------------------------------------------------------------------------ */

static void add_live(cJSON *object, const cJSON *d)
{
	static const struct row rows[] = {
		{ "voltage", "voltage_v", 1, 0.01 },
		{ "current", "current_a", 1, 0.1 },
		{ "soc_percent", "soc_pct", 1, 0.1 },
		{ "soh_percent", "soh_pct", 1, 0.1 },
		{ "temperature", "temperatures.internal_c", 1, 0.1 },
		{ "min_cell_mv", "cell_min_v", 1000, 1 },
		{ "max_cell_mv", "cell_max_v", 1000, 1 },
		{ "cell_imbalance_mv", "cell_spread_v", 1000, 1 },
		{ "pack_temp_min", "temperature_min_c", 1, 0.1 },
		{ "pack_temp_max", "temperature_max_c", 1, 0.1 },
	};
	cJSON *live = cJSON_AddObjectToObject(object, "live_data");

	ADD_ROWS(live, d, rows);
	add(live, "balancing_bits", balancing_bits(d), 1);
	add(live, "online_status", status_code(d), 1);
	add(live, "pack_power_w", at(d, "voltage_v") * at(d, "current_a"), 0.1);
	cJSON_AddArrayToObject(live, "registers");
}

/*
 * Over the CAN outputs; no output has sent 0 frames. NAN: the battery's paths are not on the bus,
 * or an output's number is not known.
 */
static double can_sum(const cJSON *d, const char *key)
{
	double sum = cJSON_IsTrue(get(d, "is_on_bus")) ? 0.0 : (double) NAN;
	const cJSON *port;

	cJSON_ArrayForEach (port, get(d, "can"))
		sum += at(port, key);
	return sum;
}

static void add_can(cJSON *stats, const cJSON *d)
{
	static const struct {
		const char *key, *of, *flat;
	} rows[] = {
		{ "tx_success", "sent", "can_tx_count" },
		{ "rx_success", "received", "can_rx_count" },
		{ "tx_errors", "dropped", "can_tx_errors" },
		/* The ESP32's driver counted these; the battery's service does not tell them. */
		{ "rx_errors", NULL, "can_rx_errors" },
		{ "bus_off_count", NULL, "can_bus_off_count" },
		{ "rx_dropped", NULL, "can_queue_overflows" },
	};
	cJSON *can = cJSON_AddObjectToObject(stats, "can");

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const double sum = rows[i].of ? can_sum(d, rows[i].of) : (double) NAN;

		add(can, rows[i].key, sum, 1);
		add(stats, rows[i].flat, sum, 1);
	}
}

static void add_uart(cJSON *stats, const cJSON *d)
{
	static const struct row inner[] = {
		{ "success", "diagnostics.successes", 1, 1 },
		{ "timeouts", "diagnostics.timeouts", 1, 1 },
		{ "crc_errors", "diagnostics.crc_errors", 1, 1 },
		{ "retry_count", "diagnostics.retries", 1, 1 },
		{ "latency_ms_last", "diagnostics.latency_last_ms", 1, 0.1 },
		{ "latency_ms_max", "diagnostics.latency_max_ms", 1, 0.1 },
		{ "latency_ms_avg", "diagnostics.latency_mean_ms", 1, 0.1 },
	};
	static const struct row flat[] = {
		{ "uart_success_count", "diagnostics.successes", 1, 1 },
		{ "uart_timeouts", "diagnostics.timeouts", 1, 1 },
		{ "uart_crc_errors", "diagnostics.crc_errors", 1, 1 },
		{ "uart_retry_count", "diagnostics.retries", 1, 1 },
		{ "uart_latency_last_ms", "diagnostics.latency_last_ms", 1, 0.1 },
		{ "uart_latency_max_ms", "diagnostics.latency_max_ms", 1, 0.1 },
		{ "uart_latency_avg_ms", "diagnostics.latency_mean_ms", 1, 0.1 },
	};
	const double errors = at(d, "diagnostics.polls") - at(d, "diagnostics.successes");
	cJSON *uart = cJSON_AddObjectToObject(stats, "uart");

	ADD_ROWS(uart, d, inner);
	add(uart, "errors", errors, 1);
	cJSON_AddNullToObject(uart, "interval_ms_current");
	ADD_ROWS(stats, d, flat);
	add(stats, "uart_errors", errors, 1);
	cJSON_AddNullToObject(stats, "uart_poll_interval_current_ms");
}

static void add_zeros(cJSON *stats, const char *part, const char *const *keys)
{
	cJSON *object = cJSON_AddObjectToObject(stats, part);

	for (; *keys; keys++)
		cJSON_AddNumberToObject(object, *keys, 0);
}

/* Seen within the time that A allowed for an answer to its keep-alive. */
static bool is_keepalive_ok(const cJSON *d)
{
	enum { TIMEOUT_S = 10 };
	const cJSON *port;

	cJSON_ArrayForEach (port, get(d, "can"))
		if (at(port, "last_seen_s") < TIMEOUT_S)
			return true;
	return false;
}

static void add_stats(cJSON *object, const cJSON *d, const cJSON *mqtt)
{
	static const struct row rows[] = {
		{ "cvl_current_v", "limits.cvl_v", 1, 0.01 },
		{ "ccl_limit_a", "limits.ccl_a", 1, 0.1 },
		{ "dcl_limit_a", "limits.dcl_a", 1, 0.1 },
		{ "energy_charged_wh", "energy.charged_kwh", 1000, 1 },
		{ "energy_discharged_wh", "energy.discharged_kwh", 1000, 1 },
	};
	/* The order of the first bridge's cvl_logic; "Offline" has no number there. */
	static const char *const states[] = { "Bulk",  "Transition",	 "Float approach",
					      "Float", "Imbalance hold", "Sustain" };
	static const char *const websocket[] = { "sent", "throttled", NULL };
	static const char *const events[] = { "total_events_published",
					      "total_events_dispatched",
					      "subscriber_count",
					      "queue_overruns",
					      "dispatch_errors",
					      "current_queue_depth",
					      NULL };
	const char *state = cJSON_GetStringValue(get(get(d, "limits"), "state"));
	double number = (double) NAN;
	cJSON *stats = cJSON_AddObjectToObject(object, "stats"), *keepalive;

	ADD_ROWS(stats, d, rows);
	for (size_t i = 0; state && i < G_N_ELEMENTS(states); i++)
		if (strcmp(states[i], state) == 0)
			number = (double) i;
	add(stats, "cvl_state", number, 1);
	cJSON_AddStringToObject(stats, "cvl_state_name", state ? state : "Offline");
	cJSON_AddBoolToObject(stats, "cell_protection_active",
			      g_strcmp0(state, "Cell protection") == 0);
	cJSON_AddBoolToObject(stats, "victron_keepalive_ok", is_keepalive_ok(d));
	add_can(stats, d);
	add_uart(stats, d);
	add_zeros(stats, "websocket", websocket);
	keepalive = cJSON_AddObjectToObject(stats, "keepalive");
	cJSON_AddBoolToObject(keepalive, "ok", is_keepalive_ok(d));
	add_zeros(stats, "event_bus", events);
	cJSON_AddItemToObject(stats, "mqtt",
			      mqtt ? cJSON_Duplicate(mqtt, true) : cJSON_CreateObject());
}

static void add_alarms(cJSON *object, const cJSON *d)
{
	static const char *const severities[] = { "INFO", "WARNING", "CRITICAL" };
	cJSON *list = cJSON_AddArrayToObject(object, "alarms");
	const cJSON *alarm;

	cJSON_ArrayForEach (alarm, get(d, "alarms")) {
		const int level = CLAMP(alarm->valueint, 0, 2);
		g_autofree char *path = g_strdup_printf("/Alarms/%s", alarm->string);
		cJSON *o;

		if (level == 0)
			continue;
		o = cJSON_CreateObject();
		cJSON_AddStringToObject(o, "event", level == 2 ? "raised" : "warning");
		add(o, "timestamp_ms", time_ms(d), 1);
		cJSON_AddNumberToObject(o, "severity", level);
		cJSON_AddStringToObject(o, "severity_name", severities[level]);
		cJSON_AddStringToObject(o, "message", alarm->string);
		cJSON_AddTrueToObject(o, "active");
		cJSON_AddNumberToObject(o, "victron_level", level);
		cJSON_AddStringToObject(o, "victron_path", path);
		cJSON_AddItemToArray(list, o);
	}
	cJSON_AddBoolToObject(object, "alarms_active", cJSON_GetArraySize(list) > 0);
}

static void add_victron(cJSON *object, const cJSON *d)
{
	const char *status = cJSON_GetStringValue(get(d, "status"));
	const char *sentence = cJSON_GetStringValue(get(d, "sentence"));
	cJSON *victron = cJSON_AddObjectToObject(object, "victron"), *message;

	add(victron, "system_state_raw", status_code(d), 1);
	add(victron, "system_state_code", status_code(d), 1);
	cJSON_AddStringToObject(victron, "system_state_name", status ? status : "unknown");
	add(victron, "pack_power_w", at(d, "voltage_v") * at(d, "current_a"), 0.1);
	message = cJSON_AddObjectToObject(object, "status_message");
	cJSON_AddStringToObject(message, "message", sentence ? sentence : "");
	cJSON_AddNumberToObject(message, "level", 0);
	cJSON_AddStringToObject(message, "level_name", "INFO");
	add(message, "timestamp_ms", time_ms(d), 1);
}

/* ---- B ------------------------------------------------------------------------------------- */

static double alarm_bits(const cJSON *d, int level)
{
	unsigned bits = 0, bit = 0;
	const cJSON *alarm;

	cJSON_ArrayForEach (alarm, get(d, "alarms")) {
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
	const cJSON *cells = get(d, "cells");

	for (int i = 0; i < CELLS; i++) {
		const cJSON *cell = cJSON_GetArrayItem(cells, i);
		const double mv = round(at(cell, "voltage_v") * 1000.0);

		cJSON_AddItemToArray(volts,
				     isfinite(mv) ? cJSON_CreateNumber(mv) : cJSON_CreateNull());
		cJSON_AddItemToArray(balancing,
				     cJSON_CreateNumber(cJSON_IsTrue(get(cell, "is_balancing"))));
	}
}

static void add_versions(cJSON *b, const cJSON *d)
{
	const char *hardware = cJSON_GetStringValue(get(d, "hardware"));
	const char *firmware = cJSON_GetStringValue(get(d, "firmware"));
	unsigned major, minor;
	const bool has_both = hardware && sscanf(hardware, "%u.%u", &major, &minor) == 2;

	add(b, "hardware_version", has_both ? major : (double) NAN, 1);
	add(b, "hardware_changes_version", has_both ? minor : (double) NAN, 1);
	if (firmware)
		cJSON_AddStringToObject(b, "firmware_version", firmware);
	else
		cJSON_AddNullToObject(b, "firmware_version");
	cJSON_AddNullToObject(b, "firmware_flags");
	cJSON_AddNullToObject(b, "internal_firmware_version");
}

static cJSON *snapshot(const cJSON *d)
{
	static const struct row rows[] = {
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
		{ "peak_discharge_current_limit_a", "settings.peak_discharge_current_cutoff", 1,
		  1 },
		{ "overheat_cutoff_c", "settings.over_heat_cutoff", 1, 1 },
		{ "low_temp_charge_cutoff_c", "settings.low_temperature_charge_cutoff", 1, 1 },
		{ "energy_charged_wh", "energy.charged_kwh", 1000, 1 },
		{ "energy_discharged_wh", "energy.discharged_kwh", 1000, 1 },
	};
	cJSON *b = cJSON_CreateObject();

	cJSON_AddStringToObject(b, "type", "battery");
	ADD_ROWS(b, d, rows);
	add(b, "power_w", at(d, "voltage_v") * at(d, "current_a"), 0.001);
	cJSON_AddBoolToObject(b, "is_charging", at(d, "current_a") > 0.0);
	add(b, "balancing_bits", balancing_bits(d), 1);
	add(b, "alarm_bits", alarm_bits(d, 2), 1);
	add(b, "warning_bits", alarm_bits(d, 1), 1);
	cJSON_AddNullToObject(b, "uptime_seconds");
	add_versions(b, d);
	add_cells(b, d);
	cJSON_AddArrayToObject(b, "registers");
	cJSON_AddTrueToObject(b, "history_available");
	return b;
}

cJSON *legacy_document_make(const cJSON *document, const cJSON *mqtt)
{
	cJSON *object = cJSON_CreateObject();

	add_live(object, document);
	add_stats(object, document, mqtt);
	cJSON_AddObjectToObject(object, "watchdog");
	cJSON_AddNullToObject(object, "uptime_ms");
	add_victron(object, document);
	add_alarms(object, document);
	cJSON_AddStringToObject(object, "type", "battery");
	cJSON_AddItemToObject(object, "battery", snapshot(document));
	return object;
}
