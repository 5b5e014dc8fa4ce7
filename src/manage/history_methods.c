/* SPDX-License-Identifier: MIT */
#include "manage/history_methods.h"

#include <string.h>

#include "history/event_words.h"
#include "history/history_text.h"
#include "history/journal_text.h"
#include "history/recording.h"

/* An answer stays well under what a bus and our memory bear. */
enum { EVENTS_AT_ONCE = 200, ROWS_AT_ONCE = 500, DAY_S = 86400 };

static void on_history(struct manage_request *request, void *user)
{
	const struct keeper *keeper = user;
	const struct history *history = keeper_history(keeper);
	cJSON *o;

	if (!history) {
		manage_refuse(request, "There is no history yet: the BMS has not answered.");
		return;
	}
	o = cJSON_CreateObject();
	cJSON_AddStringToObject(o, "serial", keeper_serial(keeper));
	cJSON_AddItemToObject(o, "history", history_to_json(&history->kept));
	manage_answer(request, o);
}

/* ---- Events ----------------------------------------------------------------------------- */

struct events_answer {
	double since;
	cJSON *events;
	bool is_more;
};

static void add_event(const cJSON *entry, void *user)
{
	struct events_answer *a = user;

	if (!(journal_number(entry, "n") > a->since))
		return;
	a->is_more = cJSON_GetArraySize(a->events) >= EVENTS_AT_ONCE;
	if (!a->is_more)
		cJSON_AddItemToArray(a->events, event_words(entry));
}

static void on_events(struct manage_request *request, void *user)
{
	const struct keeper *keeper = user;
	struct events_answer a = { .since = manage_request_number(request, 0) };
	cJSON *o = cJSON_CreateObject();
	g_autofree char *text = NULL;
	gsize count = 0;

	a.events = cJSON_AddArrayToObject(o, "events");
	if (g_file_get_contents(keeper_events_path(keeper), &text, &count, NULL))
		journal_each(text, count, add_event, &a);
	cJSON_AddBoolToObject(o, "more", a.is_more);
	manage_answer(request, o);
}

/* ---- Records ---------------------------------------------------------------------------- */

struct records_answer {
	cJSON *object, *rows;
	bool is_more;
};

static void add_line(const char *line, void *user)
{
	struct records_answer *a = user;
	g_autofree char *text = g_strndup(line, strcspn(line, "\n"));

	if (!a->rows) {
		cJSON_AddStringToObject(a->object, "columns", text);
		a->rows = cJSON_AddArrayToObject(a->object, "rows");
		return;
	}
	a->is_more = cJSON_GetArraySize(a->rows) >= ROWS_AT_ONCE;
	if (!a->is_more)
		cJSON_AddItemToArray(a->rows, cJSON_CreateString(text));
}

static void on_records(struct manage_request *request, void *user)
{
	struct keeper *keeper = user;
	const char *stem = keeper_recording_stem(keeper);
	const struct recording_range range = {
		.from_s = manage_request_number(request, 0),
		.to_s = manage_request_number(request, 1),
		.step_s = manage_request_number(request, 2),
	};
	struct records_answer a = { 0 };
	g_autoptr(GError) error = NULL;
	g_autofree char *path = NULL;

	if (!stem) {
		manage_refuse(request, "There is no recording yet: the BMS has not answered.");
		return;
	}
	keeper_flush(keeper);
	const bool is_recent = range.from_s >= (double) g_get_real_time() / 1e6 - DAY_S;

	path = recording_path(stem, is_recent ? RECORDING_DAY : RECORDING_MONTH);
	a.object = cJSON_CreateObject();
	if (!recording_read(path, &range, add_line, &a, &error)) {
		cJSON_Delete(a.object);
		manage_refuse(request, error->message);
		return;
	}
	cJSON_AddBoolToObject(a.object, "more", a.is_more);
	manage_answer(request, a.object);
}

static const struct manage_method methods[] = {
	{ .name = "History", .fn = on_history },
	{ .name = "Events", .arguments = { { "since", VALUE_DOUBLE } }, .fn = on_events },
	{ .name = "Records",
	  .arguments = { { "from", VALUE_DOUBLE }, { "to", VALUE_DOUBLE }, { "step", VALUE_DOUBLE } },
	  .fn = on_records },
};

void history_methods_add(struct manage_service *service, struct keeper *keeper)
{
	for (size_t i = 0; i < G_N_ELEMENTS(methods); i++)
		manage_service_add(service, &methods[i], keeper);
}
