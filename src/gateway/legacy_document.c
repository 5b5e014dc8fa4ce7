/* SPDX-License-Identifier: MIT */
#include "gateway/legacy_document.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include <glib.h>

#include "gateway/legacy_fields.h"
#include "gateway/legacy_snapshot.h"
#include "gateway/rounding.h"

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
	const char *text = cJSON_GetStringValue(legacy_get(document, "status"));

	for (size_t i = 0; text && i < G_N_ELEMENTS(codes); i++)
		if (strcmp(codes[i].text, text) == 0)
			return codes[i].code;
	return (double) NAN;
}

static double time_ms(const cJSON *document)
{
	return legacy_at(document, "time") * 1000.0;
}

static void add_live(cJSON *object, const cJSON *d)
{
	static const struct legacy_row rows[] = {
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

	LEGACY_ADD_ROWS(live, d, rows);
	add_rounded(live, "balancing_bits", legacy_balancing_bits(d), 1);
	add_rounded(live, "online_status", status_code(d), 1);
	add_rounded(live, "pack_power_w", legacy_at(d, "voltage_v") * legacy_at(d, "current_a"),
		    0.1);
	cJSON_AddArrayToObject(live, "registers");
}

/*
 * Over the CAN outputs; no output has sent 0 frames. NAN: the battery's paths are not on the bus,
 * or have not been told yet, and the product with them, or an output's number is not known.
 */
static double can_sum(const cJSON *d, const char *key)
{
	const bool is_told = cJSON_IsTrue(legacy_get(d, "is_on_bus")) &&
			     cJSON_IsString(legacy_get(d, "product"));
	double sum = is_told ? 0.0 : (double) NAN;
	const cJSON *port;

	cJSON_ArrayForEach (port, legacy_get(d, "can"))
		sum += legacy_at(port, key);
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

		add_rounded(can, rows[i].key, sum, 1);
		add_rounded(stats, rows[i].flat, sum, 1);
	}
}

static void add_uart(cJSON *stats, const cJSON *d)
{
	static const struct legacy_row inner[] = {
		{ "success", "diagnostics.successes", 1, 1 },
		{ "timeouts", "diagnostics.timeouts", 1, 1 },
		{ "crc_errors", "diagnostics.crc_errors", 1, 1 },
		{ "retry_count", "diagnostics.retries", 1, 1 },
		{ "latency_ms_last", "diagnostics.latency_last_ms", 1, 0.1 },
		{ "latency_ms_max", "diagnostics.latency_max_ms", 1, 0.1 },
		{ "latency_ms_avg", "diagnostics.latency_mean_ms", 1, 0.1 },
	};
	static const struct legacy_row flat[] = {
		{ "uart_success_count", "diagnostics.successes", 1, 1 },
		{ "uart_timeouts", "diagnostics.timeouts", 1, 1 },
		{ "uart_crc_errors", "diagnostics.crc_errors", 1, 1 },
		{ "uart_retry_count", "diagnostics.retries", 1, 1 },
		{ "uart_latency_last_ms", "diagnostics.latency_last_ms", 1, 0.1 },
		{ "uart_latency_max_ms", "diagnostics.latency_max_ms", 1, 0.1 },
		{ "uart_latency_avg_ms", "diagnostics.latency_mean_ms", 1, 0.1 },
	};
	const double errors =
		legacy_at(d, "diagnostics.polls") - legacy_at(d, "diagnostics.successes");
	cJSON *uart = cJSON_AddObjectToObject(stats, "uart");

	LEGACY_ADD_ROWS(uart, d, inner);
	add_rounded(uart, "errors", errors, 1);
	cJSON_AddNullToObject(uart, "interval_ms_current");
	LEGACY_ADD_ROWS(stats, d, flat);
	add_rounded(stats, "uart_errors", errors, 1);
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

	cJSON_ArrayForEach (port, legacy_get(d, "can"))
		if (legacy_at(port, "last_seen_s") < TIMEOUT_S)
			return true;
	return false;
}

static void add_stats(cJSON *object, const cJSON *d, const cJSON *mqtt)
{
	static const struct legacy_row rows[] = {
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
	const char *state = cJSON_GetStringValue(legacy_get(legacy_get(d, "limits"), "state"));
	double number = (double) NAN;
	cJSON *stats = cJSON_AddObjectToObject(object, "stats"), *keepalive;

	LEGACY_ADD_ROWS(stats, d, rows);
	for (size_t i = 0; state && i < G_N_ELEMENTS(states); i++)
		if (strcmp(states[i], state) == 0)
			number = (double) i;
	add_rounded(stats, "cvl_state", number, 1);
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

	cJSON_ArrayForEach (alarm, legacy_get(d, "alarms")) {
		const int level = CLAMP(alarm->valueint, 0, 2);
		g_autofree char *path = g_strdup_printf("/Alarms/%s", alarm->string);
		cJSON *o;

		if (level == 0)
			continue;
		o = cJSON_CreateObject();
		cJSON_AddStringToObject(o, "event", level == 2 ? "raised" : "warning");
		add_rounded(o, "timestamp_ms", time_ms(d), 1);
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
	const char *status = cJSON_GetStringValue(legacy_get(d, "status"));
	const char *sentence = cJSON_GetStringValue(legacy_get(d, "sentence"));
	cJSON *victron = cJSON_AddObjectToObject(object, "victron"), *message;

	add_rounded(victron, "system_state_raw", status_code(d), 1);
	add_rounded(victron, "system_state_code", status_code(d), 1);
	cJSON_AddStringToObject(victron, "system_state_name", status ? status : "unknown");
	add_rounded(victron, "pack_power_w", legacy_at(d, "voltage_v") * legacy_at(d, "current_a"),
		    0.1);
	message = cJSON_AddObjectToObject(object, "status_message");
	cJSON_AddStringToObject(message, "message", sentence ? sentence : "");
	cJSON_AddNumberToObject(message, "level", 0);
	cJSON_AddStringToObject(message, "level_name", "INFO");
	add_rounded(message, "timestamp_ms", time_ms(d), 1);
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
	cJSON_AddItemToObject(object, "battery", legacy_snapshot_make(document));
	return object;
}
