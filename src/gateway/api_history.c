/* SPDX-License-Identifier: MIT */
/* api_history - what was: life counters, events, curves, changes */
#include <math.h>

#include "gateway/api_private.h"
#include "gateway/curves.h"

enum {
	EVENTS_MAX = 200,
	WRITES_MAX = 200,
	WRITES_PAGE = 50,
	DAY_S = 86400,
	DAY_STEP_S = 120,
	MONTH_STEP_S = 3600,
	/* The service tells the last day at 10 s, but only to who asks for no more than that. */
	DAY_MARGIN_S = 30,
	ROWS_MAX = 1500,
	COLUMNS_MAX = 32, /* each costs 100 kB for a day */
};

static const double number_max = 9007199254740991.0; /* whole numbers that a double holds */
static const double SAME_ROW_S = 0.5;		     /* rows are further apart */

static void on_shown(struct api_call *c, const cJSON *answer)
{
	api_call_reply(c, cJSON_Duplicate(answer, true));
}

static void show_history(struct http_request *r, void *user)
{
	struct fleet_battery *b = api_battery(user, r);

	if (b)
		api_call_ask(api_call_new(user, r, b, NULL), "History", NULL, 0, on_shown);
}

/* ---- changes -------------------------------------------------------------------------------- */

static void on_journal(struct api_call *c, const cJSON *answer)
{
	cJSON *document = cJSON_Duplicate(answer, true);
	g_autofree char *prefix = g_strconcat(API_BATTERIES, c->battery, "/", NULL);
	g_autofree char *command = g_strdup_printf("/%s/set/", c->battery); /* by MQTT */
	cJSON *all = writes_read(c->api->options.writes);
	cJSON *own = cJSON_AddArrayToObject(document, "gateway"), *entry, *next;

	for (entry = all ? all->child : NULL; entry; entry = next) {
		const char *path = cJSON_GetStringValue(api_get(entry, "path"));

		next = entry->next;
		if (path && (g_str_has_prefix(path, prefix) || strstr(path, command)))
			cJSON_AddItemToArray(own, cJSON_DetachItemViaPointer(all, entry));
	}
	cJSON_Delete(all);
	api_call_reply(c, document);
}

static void show_journal(struct http_request *r, void *user)
{
	struct fleet_battery *b = api_battery(user, r);

	if (b)
		api_call_ask(api_call_new(user, r, b, NULL), "Journal", NULL, 0, on_journal);
}

/* Of all batteries and of the gateway itself, the newest first. */
static void show_writes(struct http_request *r, void *user)
{
	const struct api *a = user;
	double skip, limit;

	if (!api_query_number(r, "skip", 0.0, number_max, 0.0, &skip) ||
	    !api_query_number(r, "limit", 1.0, WRITES_MAX, WRITES_PAGE, &limit))
		return;

	cJSON *all = writes_read(a->options.writes);
	cJSON *document = cJSON_CreateObject();
	cJSON *list = cJSON_AddArrayToObject(document, "writes");
	const int total = cJSON_GetArraySize(all);
	const double end = skip + limit;

	cJSON_AddNumberToObject(document, "total", total);
	if (end < total) {
		g_autofree char *next =
			g_strdup_printf("/api/v1/writes?skip=%.0f&limit=%.0f", end, limit);

		cJSON_AddStringToObject(document, "next", next);
	} else {
		cJSON_AddNullToObject(document, "next");
	}
	for (double i = skip; i < fmin(end, total); i++)
		cJSON_AddItemToArray(list, cJSON_DetachItemFromArray(all, total - 1 - (int) i));
	cJSON_Delete(all);
	http_reply_json(r, 200, document);
}

/* ---- events --------------------------------------------------------------------------------- */

static void on_events(struct api_call *c, const cJSON *answer)
{
	const cJSON *events = api_get(answer, "events"), *event;
	cJSON *document = cJSON_CreateObject();
	cJSON *list = cJSON_AddArrayToObject(document, "events");
	bool is_more = cJSON_IsTrue(api_get(answer, "more"));
	double last = 0.0;

	cJSON_ArrayForEach (event, events) {
		if (cJSON_GetArraySize(list) >= (int) c->number) {
			is_more = true;
			break;
		}
		cJSON_AddItemToArray(list, cJSON_Duplicate(event, true));
		last = cJSON_GetNumberValue(api_get(event, "n"));
	}
	cJSON_AddBoolToObject(document, "more", is_more);
	if (is_more) {
		g_autofree char *next =
			g_strdup_printf("%s?since=%.0f&limit=%.0f", c->path, last, c->number);

		cJSON_AddStringToObject(document, "next", next);
	} else {
		cJSON_AddNullToObject(document, "next");
	}
	api_call_reply(c, document);
}

static void show_events(struct http_request *r, void *user)
{
	struct fleet_battery *b = api_battery(user, r);
	double since, limit;
	struct api_call *c;

	if (!b || !api_query_number(r, "since", 0.0, number_max, 0.0, &since) ||
	    !api_query_number(r, "limit", 1.0, EVENTS_MAX, EVENTS_MAX, &limit))
		return;

	const struct value argument = value_double(since);

	c = api_call_new(user, r, b, NULL);
	c->number = limit;
	api_call_ask(c, "Events", &argument, 1, on_events);
}

/* ---- curves --------------------------------------------------------------------------------- */

/* c->kept is the answer so far, c->number the step, c->last the time of its last row. */
static void ask_rows(struct api_call *c, double from_s, double to_s);

static void on_rows(struct api_call *c, const cJSON *answer)
{
	cJSON *rows = cJSON_GetObjectItemCaseSensitive(c->kept, "rows");
	const cJSON *name;
	g_autoptr(GPtrArray) columns = g_ptr_array_new();

	cJSON_ArrayForEach (name, api_get(c->kept, "columns"))
		g_ptr_array_add(columns, name->valuestring);
	g_ptr_array_add(columns, NULL);

	const double last_s =
		curves_append(rows, answer, (const char *const *) columns->pdata, c->last);
	const bool is_new = !(last_s <= c->last);

	/* From the last row on, so that a gap behind it is told. */
	if (cJSON_IsTrue(api_get(answer, "more")) && isfinite(last_s) && is_new &&
	    cJSON_GetArraySize(rows) < ROWS_MAX) {
		c->last = last_s;
		ask_rows(c, last_s - SAME_ROW_S, cJSON_GetNumberValue(api_get(c->kept, "to")));
		return;
	}
	api_call_reply(c, g_steal_pointer(&c->kept));
}

static void ask_rows(struct api_call *c, double from_s, double to_s)
{
	const struct value arguments[] = { value_double(from_s), value_double(to_s),
					   value_double(c->number) };

	api_call_ask(c, "Records", arguments, G_N_ELEMENTS(arguments), on_rows);
}

/* NULL: nothing. Else what is wrong with column @at, owned. */
static char *wrong_with(char **names, guint at)
{
	g_autofree char *all = g_strjoinv(",", (char **) curves_columns);

	if (!curves_knows(names[at]))
		return g_strdup_printf(
			"there is no column \"%.40s\"; there are %s, cell_1 to cell_16, "
			"and the live registers by their names",
			names[at], all);
	if (at >= COLUMNS_MAX)
		return g_strdup_printf("at most %d columns are told at once", COLUMNS_MAX);
	for (guint i = 0; i < at; i++)
		if (strcmp(names[i], names[at]) == 0)
			return g_strdup_printf("the column \"%s\" stands there twice", names[at]);
	return NULL;
}

/* NULL: answered. */
static cJSON *columns_of(struct http_request *r)
{
	const char *text = http_request_query(r, "columns");
	g_autofree char *all = g_strjoinv(",", (char **) curves_columns);
	g_auto(GStrv) names = g_strsplit(text && *text ? text : all, ",", -1);
	cJSON *columns = cJSON_CreateArray();

	for (guint i = 0; names[i]; i++) {
		g_autofree char *wrong = wrong_with(names, i);

		if (wrong) {
			api_refuse(r, "columns", wrong);
			cJSON_Delete(columns);
			return NULL;
		}
		cJSON_AddItemToArray(columns, cJSON_CreateString(names[i]));
	}
	return columns;
}

static void show_curves(struct http_request *r, void *user)
{
	struct fleet_battery *b = api_battery(user, r);
	const char *range = b ? http_request_query(r, "range") : NULL;
	const bool is_month = g_strcmp0(range, "30d") == 0;
	const double now_s = (double) g_get_real_time() / G_USEC_PER_SEC;
	const double from_s = now_s - (is_month ? 30.0 * DAY_S : DAY_S - DAY_MARGIN_S);
	cJSON *columns;
	struct api_call *c;

	if (!b)
		return;
	if (range && !is_month && strcmp(range, "24h") != 0) {
		api_refuse(r, "range", "range is 24h or 30d");
		return;
	}
	columns = columns_of(r);
	if (!columns)
		return;
	c = api_call_new(user, r, b, NULL);
	c->number = is_month ? MONTH_STEP_S : DAY_STEP_S;
	c->last = (double) NAN;
	c->kept = cJSON_CreateObject();
	cJSON_AddStringToObject(c->kept, "range", is_month ? "30d" : "24h");
	cJSON_AddNumberToObject(c->kept, "from", floor(from_s));
	cJSON_AddNumberToObject(c->kept, "to", floor(now_s));
	cJSON_AddNumberToObject(c->kept, "step", c->number);
	cJSON_AddItemToObject(c->kept, "columns", columns);
	cJSON_AddArrayToObject(c->kept, "rows");
	ask_rows(c, from_s, now_s);
}

void api_history_add(struct api *a)
{
	struct http_server *s = a->options.http;

	http_server_route(s, "GET", "/api/v1/batteries/{id}/history", HTTP_READ, show_history, a);
	http_server_route(s, "GET", "/api/v1/batteries/{id}/events", HTTP_READ, show_events, a);
	http_server_route(s, "GET", "/api/v1/batteries/{id}/curves", HTTP_READ, show_curves, a);
	http_server_route(s, "GET", "/api/v1/batteries/{id}/journal", HTTP_READ, show_journal, a);
	http_server_route(s, "GET", "/api/v1/writes", HTTP_READ, show_writes, a);
}
