/* SPDX-License-Identifier: MIT */
#include "ctl/port_reader.h"

#include <math.h>
#include <string.h>

#include "ctl/probe.h"
#include "history/event_words.h"
#include "manage/status.h"
#include "tinybms/events.h"
#include "tinybms/job_io.h"
#include "tinybms/registers.h"
#include "tinybms/settings_json.h"

struct port_reader {
	char *path;
	struct port *port;
	struct port_counters counters;
	struct battery battery;
};

struct port_reader *port_reader_open(const char *path, GError **error)
{
	struct port_reader *r = g_new0(struct port_reader, 1);

	r->path = g_strdup(path);
	battery_clear(&r->battery);
	r->port = port_open(path, true, &r->counters, error);
	if (r->port && probe_ask(r->port, &r->battery, error))
		return r;
	port_reader_free(r);
	return NULL;
}

void port_reader_free(struct port_reader *r)
{
	if (!r)
		return;
	port_close(r->port);
	g_free(r->path);
	g_free(r);
}

static cJSON *read_status(struct port_reader *r, GError **error)
{
	const struct decision decision = { .battery = &r->battery };
	const struct status status = { .port = r->path,
				       .sentence = "No service: the BMS was asked directly.",
				       .instance = -1,
				       .decision = &decision };

	return status_make(&status);
}

/* ---- settings ------------------------------------------------------------------------------ */

/* A device that refuses has the table's ranges. */
static void read_ranges(struct port_reader *r, struct job_ranges *out)
{
	const struct clock clock = clock_at_scale(1.0);
	struct job job;

	job_init_ranges(&job);
	while (job.state == JOB_RUNNING)
		if (!job_turn(&job, r->port, &clock, NULL))
			return;
	if (job.state == JOB_DONE)
		*out = job.ranges;
}

/* All at once, or one by one where the firmware lacks some. */
static bool read_words(struct port_reader *r, struct settings_words *out, GError **error)
{
	GError *why = NULL;

	if (port_read(r->port, SETTINGS_FIRST, SETTINGS_COUNT, out->word, &why))
		return true;
	if (!g_error_matches(why, PORT_ERROR, PORT_ERROR_REFUSED)) {
		g_propagate_error(error, why);
		return false;
	}
	for (unsigned i = 0; i < SETTINGS_COUNT; i++) {
		g_clear_error(&why);
		out->is_absent[i] = !port_read(r->port, SETTINGS_FIRST + i, 1, &out->word[i], &why);
		if (out->is_absent[i] && !g_error_matches(why, PORT_ERROR, PORT_ERROR_REFUSED)) {
			g_propagate_error(error, why);
			return false;
		}
	}
	g_clear_error(&why);
	return true;
}

static cJSON *read_settings(struct port_reader *r, GError **error)
{
	const struct battery_identity *device = &r->battery.identity;
	struct settings_words words = { 0 };
	struct job_ranges ranges = { 0 };

	if (!read_words(r, &words, error))
		return NULL;
	read_ranges(r, &ranges);

	cJSON *object = cJSON_CreateObject();

	cJSON_AddItemToObject(object, "settings", settings_json_make(&words, &ranges));
	cJSON_AddStringToObject(object, "serial", device->serial);
	cJSON_AddNumberToObject(object, "firmware", device->firmware_internal);
	cJSON_AddNumberToObject(object, "hardware", device->hardware);
	cJSON_AddNumberToObject(object, "profile", device->profile);
	return object;
}

/* ---- events -------------------------------------------------------------------------------- */

static bool read_list(struct port_reader *r, struct event_list *out, GError **error)
{
	struct frame_join answer;
	uint16_t words[REGISTERS_EVENTS_COUNT];
	const double life_s = r->battery.lifetime_s;

	if (port_native(r->port, FRAME_EVENTS_ALL, NULL, 0, &answer, NULL) &&
	    events_decode_native(answer.payload, answer.count, out))
		return true;
	if (!port_read(r->port, REGISTERS_EVENTS_FIRST, REGISTERS_EVENTS_COUNT, words, error))
		return false;
	events_decode_registers(words, REGISTERS_EVENTS_COUNT, isnan(life_s) ? 0 : (int64_t) life_s,
				out);
	out->now_s = isnan(life_s) ? 0 : (int64_t) life_s;
	return true;
}

/* At first contact the number of wraps is unknown: each date is a guess. */
static cJSON *make_event(const struct port_reader *r, const struct event_list *list, size_t i)
{
	const struct event *e = &list->event[i];
	const gint64 now_s = g_get_real_time() / G_USEC_PER_SEC;
	cJSON *entry = cJSON_CreateObject();

	cJSON_AddNumberToObject(entry, "n", (double) i + 1.0);
	cJSON_AddNumberToObject(
		entry, "t", list->now_s > 0 ? (double) (now_s - (list->now_s - e->time_s)) : 0.0);
	cJSON_AddStringToObject(entry, "serial", r->battery.identity.serial);
	cJSON_AddNumberToObject(entry, "id", e->id);
	cJSON_AddNumberToObject(entry, "life", (double) e->time_s);
	cJSON_AddTrueToObject(entry, "guess");

	cJSON *words = event_words(entry);

	cJSON_Delete(entry);
	return words;
}

static cJSON *read_events(struct port_reader *r, GError **error)
{
	struct event_list list = { 0 };

	if (!read_list(r, &list, error))
		return NULL;

	cJSON *object = cJSON_CreateObject();
	cJSON *events = cJSON_AddArrayToObject(object, "events");

	for (size_t i = 0; i < list.count; i++)
		cJSON_AddItemToArray(events, make_event(r, &list, i));
	cJSON_AddFalseToObject(object, "more");
	return object;
}

/* ---- which --------------------------------------------------------------------------------- */

cJSON *port_reader_ask(struct port_reader *r, const char *method, GError **error)
{
	static const struct {
		const char *method;
		cJSON *(*read)(struct port_reader *r, GError **error);
	} methods[] = {
		{ "Status", read_status },
		{ "Settings", read_settings },
		{ "Events", read_events },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(methods); i++)
		if (strcmp(method, methods[i].method) == 0)
			return methods[i].read(r, error);
	g_set_error(error, PORT_ERROR, PORT_ERROR_REFUSED,
		    "this needs the service: start it, and leave out --port");
	return NULL;
}
