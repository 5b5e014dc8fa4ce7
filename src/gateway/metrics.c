/* SPDX-License-Identifier: MIT */
#include "gateway/metrics.h"

#include <math.h>
#include <string.h>

enum kind { GAUGE, COUNTER };

/* Where a number stands in the document: "limits.ccl_a". */
struct family {
	const char *name; /* without the unit, and without _total */
	const char *unit; /* base units only; "" for a number of things */
	enum kind kind;
	const char *path;
	double factor;
	bool is_live; /* told only while the document is live */
	const char *help;
};

/* clang-format off */
static const struct family families[] = {
	{ "snapshot_age", "seconds", GAUGE, "age_s", 1, false, "Age of what the BMS said last." },
	{ "state_of_charge", "ratio", GAUGE, "soc_pct", 0.01, true, "State of charge." },
	{ "state_of_health", "ratio", GAUGE, "soh_pct", 0.01, true, "State of health." },
	{ "voltage", "volts", GAUGE, "voltage_v", 1, true, "Voltage of the battery." },
	{ "current", "amperes", GAUGE, "current_a", 1, true, "Current, positive when charging." },
	{ "power", "watts", GAUGE, "power_w", 1, true, "Power, positive when charging." },
	{ "capacity", "coulombs", GAUGE, "capacity_ah", 3600, true, "Installed capacity." },
	{ "time_to_go", "seconds", GAUGE, "time_to_go_s", 1, true, "Time until the battery is empty." },
	{ "cell_voltage_min", "volts", GAUGE, "cell_min_v", 1, true, "Lowest cell." },
	{ "cell_voltage_max", "volts", GAUGE, "cell_max_v", 1, true, "Highest cell." },
	{ "cell_voltage_spread", "volts", GAUGE, "cell_spread_v", 1, true, "Highest less lowest cell." },
	{ "charge_voltage_limit", "volts", GAUGE, "limits.cvl_v", 1, true, "Charge voltage limit (CVL)." },
	{ "charge_current_limit", "amperes", GAUGE, "limits.ccl_a", 1, true, "Charge current limit (CCL)." },
	{ "discharge_current_limit", "amperes", GAUGE, "limits.dcl_a", 1, true, "Discharge current limit (DCL)." },
	{ "balancing", "", GAUGE, "balancing", 1, true, "1: a cell is bled." },
	{ "charged", "joules", COUNTER, "energy.charged_kwh", 3.6e6, false, "Energy charged in its life." },
	{ "discharged", "joules", COUNTER, "energy.discharged_kwh", 3.6e6, false, "Energy discharged in its life." },
	{ "cycles", "", COUNTER, "energy.cycles", 1, false, "Full cycles' worth of discharge." },
	{ "since_full_charge", "seconds", GAUGE, "energy.since_full_charge_s", 1, false, "Time since it was full." },
	{ "bms_polls", "", COUNTER, "diagnostics.polls", 1, false, "Questions to the BMS." },
	{ "bms_successes", "", COUNTER, "diagnostics.successes", 1, false, "Answers of the BMS that were right." },
	{ "bms_timeouts", "", COUNTER, "diagnostics.timeouts", 1, false, "Questions without answer." },
	{ "bms_checksum_errors", "", COUNTER, "diagnostics.crc_errors", 1, false, "Answers with a wrong checksum." },
	{ "bms_refusals", "", COUNTER, "diagnostics.refusals", 1, false, "Questions that the BMS refused." },
	{ "bms_retries", "", COUNTER, "diagnostics.retries", 1, false, "Questions asked again." },
	{ "bms_reopens", "", COUNTER, "diagnostics.reopens", 1, false, "Times the serial port was opened again." },
	{ "bms_latency_mean", "seconds", GAUGE, "diagnostics.latency_mean_ms", 0.001, false, "Mean time of an answer." },
	{ "bms_latency_max", "seconds", GAUGE, "diagnostics.latency_max_ms", 0.001, false, "Longest time of an answer." },
	{ "bus_signals", "", COUNTER, "diagnostics.bus_signals", 1, false, "D-Bus signals that announced changes." },
	{ "bus_paths", "", COUNTER, "diagnostics.bus_paths", 1, false, "Changes of a path in those signals." },
	{ "bus_signal", "bytes", COUNTER, "diagnostics.bus_bytes", 1, false, "Bytes of those signals." },
	{ "bus_latency_mean", "seconds", GAUGE, "diagnostics.bus_latency_mean_ms", 0.001, false, "Mean time from a reading of the BMS to its first signal." },
	{ "bus_latency_max", "seconds", GAUGE, "diagnostics.bus_latency_max_ms", 0.001, false, "Longest such time." },
	{ "history_gaps", "", COUNTER, "diagnostics.history_gaps", 1, false, "Times that no reading covered." },
	{ "history_gap", "seconds", COUNTER, "diagnostics.history_gap_s", 1, false, "How long they were together." },
};

/* Of each CAN output; the path begins in its object, NULL is is_active(). */
static const struct family can_families[] = {
	{ "can_active", "", GAUGE, NULL, 1, false, "1: the output sends, and somebody acknowledges." },
	{ "can_frames_sent", "", COUNTER, "sent", 1, false, "Frames sent." },
	{ "can_frames_received", "", COUNTER, "received", 1, false, "Frames heard." },
	{ "can_errors", "", COUNTER, "errors", 1, false, "Times it became error-passive or bus-off, or failed." },
	{ "can_sets_dropped", "", COUNTER, "dropped", 1, false, "Sets of frames that the bus did not take in time." },
	{ "can_frames_refused", "", COUNTER, "refused", 1, false, "Frames that the full queue did not take at first." },
	{ "can_openings", "", COUNTER, "openings", 1, false, "Times that the interface was opened." },
	{ "can_latency_mean", "seconds", GAUGE, "latency_mean_ms", 0.001, false, "Mean time of a frame from when it was due to the queue of the bus." },
	{ "can_latency_max", "seconds", GAUGE, "latency_max_ms", 0.001, false, "Longest such time." },
	{ "can_inverter_age", "seconds", GAUGE, "last_seen_s", 1, false, "Time since the inverter was heard." },
};
/* clang-format on */

struct writer {
	GString *out;
	const cJSON *const *documents;
	size_t count;
	char *site; /* escaped */
	bool is_openmetrics;
};

bool metrics_is_openmetrics(const char *accept)
{
	return !accept || strstr(accept, "application/openmetrics-text") ||
	       !strstr(accept, "text/plain");
}

/* Backslash, quote and newline, as both formats want it. */
static char *escape(const char *text)
{
	g_autoptr(GString) out = g_string_new(NULL);

	for (const char *c = text; *c; c++) {
		if (*c == '\n')
			g_string_append(out, "\\n");
		else if (*c == '\\' || *c == '"')
			g_string_append_printf(out, "\\%c", *c);
		else
			g_string_append_c(out, *c);
	}
	return g_strdup(out->str);
}

static const cJSON *get(const cJSON *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

static double number_at(const cJSON *document, const char *path)
{
	g_auto(GStrv) part = g_strsplit(path, ".", -1);
	const cJSON *item = document;

	for (guint i = 0; part[i]; i++)
		item = get(item, part[i]);
	if (cJSON_IsBool(item))
		return cJSON_IsTrue(item) ? 1.0 : 0.0;
	return cJSON_IsNumber(item) ? item->valuedouble : (double) NAN;
}

static bool is_live(const cJSON *document)
{
	return cJSON_IsTrue(get(document, "is_live"));
}

static void begin(const struct writer *w, const char *name, const char *unit, enum kind kind,
		  const char *help)
{
	const char *total = kind == COUNTER && !w->is_openmetrics ? "_total" : "";

	g_string_append_printf(w->out, "# HELP %s%s %s\n# TYPE %s%s %s\n", name, total, help, name,
			       total, kind == COUNTER ? "counter" : "gauge");
	if (w->is_openmetrics && unit[0])
		g_string_append_printf(w->out, "# UNIT %s %s\n", name, unit);
}

/* @label (nullable) is one more label with its @value. */
static void sample(const struct writer *w, const char *name, enum kind kind, const cJSON *document,
		   const char *label, const char *value, double number)
{
	const char *id = cJSON_GetStringValue(get(document, "id"));
	g_autofree char *battery = escape(id ? id : "");
	char text[G_ASCII_DTOSTR_BUF_SIZE];

	if (!isfinite(number))
		return;
	g_string_append_printf(w->out, "%s%s{site=\"%s\",battery=\"%s\"", name,
			       kind == COUNTER ? "_total" : "", w->site, battery);
	if (label) {
		g_autofree char *escaped = escape(value);

		g_string_append_printf(w->out, ",%s=\"%s\"", label, escaped);
	}
	g_string_append_printf(w->out, "} %s\n",
			       g_ascii_formatd(text, sizeof(text), "%.12g", number));
}

static char *name_of(const struct family *f)
{
	return g_strdup_printf("tinybms_battery_%s%s%s", f->name, f->unit[0] ? "_" : "", f->unit);
}

static void write_family(const struct writer *w, const struct family *f)
{
	g_autofree char *name = name_of(f);

	begin(w, name, f->unit, f->kind, f->help);
	for (size_t i = 0; i < w->count; i++)
		if (!f->is_live || is_live(w->documents[i]))
			sample(w, name, f->kind, w->documents[i], NULL, NULL,
			       number_at(w->documents[i], f->path) * f->factor);
}

/* ---- several of a kind -------------------------------------------------------------------- */

static void write_cells(const struct writer *w)
{
	static const char name[] = "tinybms_battery_cell_voltage_volts";

	begin(w, name, "volts", GAUGE, "Voltage of each cell.");
	for (size_t i = 0; i < w->count; i++) {
		const cJSON *cells = get(w->documents[i], "cells"), *cell;

		if (!is_live(w->documents[i]))
			continue;
		cJSON_ArrayForEach (cell, cells) {
			g_autofree char *n = g_strdup_printf("%.0f", number_at(cell, "n"));

			sample(w, name, GAUGE, w->documents[i], "cell", n,
			       number_at(cell, "voltage_v"));
		}
	}
}

static void write_temperatures(const struct writer *w)
{
	static const char name[] = "tinybms_battery_temperature_celsius";
	static const char *const sensors[] = { "internal", "external_1", "external_2" };

	begin(w, name, "celsius", GAUGE, "Temperature of each sensor of the BMS.");
	for (size_t i = 0; i < w->count; i++)
		for (size_t s = 0; is_live(w->documents[i]) && s < G_N_ELEMENTS(sensors); s++) {
			g_autofree char *path = g_strdup_printf("temperatures.%s_c", sensors[s]);

			sample(w, name, GAUGE, w->documents[i], "sensor", sensors[s],
			       number_at(w->documents[i], path));
		}
}

static void write_alarms(const struct writer *w)
{
	static const char name[] = "tinybms_battery_alarm";

	begin(w, name, "", GAUGE, "Each alarm: 0 none, 1 warning, 2 alarm.");
	for (size_t i = 0; i < w->count; i++) {
		const cJSON *alarm;

		cJSON_ArrayForEach (alarm, get(w->documents[i], "alarms"))
			sample(w, name, GAUGE, w->documents[i], "alarm", alarm->string,
			       cJSON_GetNumberValue(alarm));
	}
}

/* 1: it sends, and somebody acknowledges. */
static double is_active(const cJSON *output)
{
	const char *state = cJSON_GetStringValue(get(output, "state"));

	return state ? strcmp(state, "active") == 0 : (double) NAN;
}

static void write_can_family(const struct writer *w, const struct family *f)
{
	g_autofree char *name = name_of(f);

	begin(w, name, f->unit, f->kind, f->help);
	for (size_t i = 0; i < w->count; i++) {
		const cJSON *outputs = get(w->documents[i], "can"), *output;
		int count = 0;

		cJSON_ArrayForEach (output, outputs)
			if (count++ < METRICS_CAN_OUTPUTS_MAX)
				sample(w, name, f->kind, w->documents[i], "interface",
				       cJSON_GetStringValue(get(output, "interface")),
				       f->path ? number_at(output, f->path) * f->factor
					       : is_active(output));
	}
}

static void write_can(const struct writer *w)
{
	for (size_t i = 0; i < G_N_ELEMENTS(can_families); i++)
		write_can_family(w, &can_families[i]);
}

static void write_states(const struct writer *w)
{
	static const char live[] = "tinybms_battery_live", bus[] = "tinybms_battery_on_bus";
	static const char faults[] = "tinybms_battery_faults";

	begin(w, live, "", GAUGE, "1: the BMS answers, and what is told is fresh.");
	for (size_t i = 0; i < w->count; i++)
		sample(w, live, GAUGE, w->documents[i], NULL, NULL, is_live(w->documents[i]));
	begin(w, bus, "", GAUGE, "1: the battery is on the GX's bus.");
	for (size_t i = 0; i < w->count; i++)
		sample(w, bus, GAUGE, w->documents[i], NULL, NULL,
		       number_at(w->documents[i], "is_on_bus"));
	begin(w, faults, "", GAUGE, "Faults of the BMS that are active.");
	for (size_t i = 0; i < w->count; i++)
		if (is_live(w->documents[i]))
			sample(w, faults, GAUGE, w->documents[i], NULL, NULL,
			       cJSON_GetArraySize(get(w->documents[i], "faults")));
}

/* ---- the gateway's own ---------------------------------------------------------------------- */

static void write_certificates(const struct writer *w, const cJSON *certificates)
{
	static const char name[] = "tinybms_gateway_certificate_expiry_timestamp_seconds";
	const cJSON *one;

	begin(w, name, "seconds", GAUGE, "When a certificate of the gateway expires.");
	cJSON_ArrayForEach (one, certificates) {
		const double until_s = number_at(one, "valid_until");

		if (isfinite(until_s))
			g_string_append_printf(w->out, "%s{site=\"%s\",use=\"%s\"} %.0f\n", name,
					       w->site, cJSON_GetStringValue(get(one, "use")),
					       until_s);
	}
}

GString *metrics_make(const cJSON *const *documents, size_t count, const char *site,
		      const cJSON *certificates, bool is_openmetrics)
{
	const struct writer w = {
		.out = g_string_new(NULL),
		.documents = documents,
		.count = MIN(count, (size_t) METRICS_BATTERIES_MAX),
		.site = escape(site),
		.is_openmetrics = is_openmetrics,
	};

	write_states(&w);
	for (size_t i = 0; i < G_N_ELEMENTS(families); i++)
		write_family(&w, &families[i]);
	write_cells(&w);
	write_temperatures(&w);
	write_alarms(&w);
	write_can(&w);
	write_certificates(&w, certificates);
	if (is_openmetrics)
		g_string_append(w.out, "# EOF\n");
	g_free(w.site);
	return w.out;
}
