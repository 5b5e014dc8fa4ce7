/* SPDX-License-Identifier: MIT */
#include "manage/diagnostics.h"

#include <math.h>

#include "tinybms/registers.h"

static void add_number(cJSON *object, const char *key, double value)
{
	if (isfinite(value))
		cJSON_AddNumberToObject(object, key, round(value * 1e4) / 1e4);
	else
		cJSON_AddNullToObject(object, key);
}

static void add_latency(cJSON *object, double last_ms, double mean_ms, double max_ms)
{
	add_number(object, "latency_last_ms", last_ms);
	add_number(object, "latency_mean_ms", mean_ms);
	add_number(object, "latency_max_ms", max_ms);
}

static void add_line(cJSON *object, const struct acquisition_counters *c)
{
	const double unit_ms = c->successes ? 1e-3 : (double) NAN;

	add_number(object, "polls", (double) c->polls);
	add_number(object, "successes", (double) c->successes);
	add_number(object, "timeouts", (double) c->line.timeouts);
	add_number(object, "crc_errors", (double) c->line.crc_errors);
	add_number(object, "refusals", (double) c->line.refusals);
	add_number(object, "retries", (double) c->line.retries);
	add_number(object, "reopens", (double) c->reopens);
	add_latency(object, c->latency_last_us * unit_ms, c->latency_mean_us * unit_ms,
		    c->latency_max_us * unit_ms);
}

static void add_latencies(cJSON *object, const struct latency *l)
{
	add_latency(object, latency_last_ms(l), latency_mean_ms(l), latency_max_ms(l));
}

static void add_bus(cJSON *object, const struct bus_counters *c)
{
	add_number(object, "signals", (double) c->sent.signals);
	add_number(object, "paths", (double) c->sent.paths);
	add_number(object, "bytes", (double) c->sent.bytes);
	add_latencies(object, &c->latency);
}

static cJSON *make_output(const struct can_output *output)
{
	cJSON *object = cJSON_CreateObject();
	struct can_output_status s;

	can_output_status(output, &s);
	cJSON_AddStringToObject(object, "interface", s.interface);
	cJSON_AddStringToObject(object, "protocol", s.protocol);
	cJSON_AddStringToObject(object, "state", can_port_state_text(s.state));
	cJSON_AddStringToObject(object, "error", s.sentence);
	add_number(object, "frames_sent", (double) s.sent);
	add_number(object, "frames_received", (double) s.received);
	add_number(object, "frames_refused", (double) s.refused);
	add_number(object, "sets_dropped", (double) s.dropped);
	add_number(object, "errors", (double) s.errors);
	add_number(object, "openings", (double) s.openings);
	add_latencies(object, &s.latency);
	return object;
}

static void add_statistics(cJSON *object, const struct battery_statistics *statistics)
{
	size_t count = 0;
	const struct register_row *rows = registers_statistics(&count);

	for (size_t i = 0; i < count; i++)
		add_number(object, rows[i].name,
			   *(const double *) ((const char *) statistics + rows[i].field));
}

/* An object to fill, or null in its place. */
static cJSON *add_part(cJSON *object, const char *key, bool is_known)
{
	if (!is_known)
		cJSON_AddNullToObject(object, key);
	return is_known ? cJSON_AddObjectToObject(object, key) : NULL;
}

cJSON *diagnostics_make(const struct diagnostics *d)
{
	cJSON *object = cJSON_CreateObject(), *part;

	add_line(cJSON_AddObjectToObject(object, "bms"), d->line);
	part = add_part(object, "bus", d->is_on_bus);
	if (part)
		add_bus(part, &d->bus);
	part = cJSON_AddArrayToObject(object, "can");
	for (size_t i = 0; i < can_outputs_count(d->outputs); i++)
		cJSON_AddItemToArray(part, make_output(can_outputs_at(d->outputs, i)));
	part = add_part(object, "history", d->history != NULL);
	if (part) {
		add_number(part, "gaps", d->history->kept.totals.gaps);
		add_number(part, "gap_s", d->history->kept.totals.gap_s);
	}
	part = add_part(object, "statistics", d->statistics != NULL);
	if (part)
		add_statistics(part, d->statistics);
	return object;
}
