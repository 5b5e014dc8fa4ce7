/* SPDX-License-Identifier: MIT */
/* api_batteries - what is known now: all of it, and parts of it */
#include "gateway/api_private.h"

static cJSON *documents(struct fleet *fleet)
{
	cJSON *list = cJSON_CreateArray();

	for (guint i = 0; i < fleet_count(fleet); i++)
		cJSON_AddItemToArray(
			list, cJSON_Duplicate(fleet_battery_document(fleet_at(fleet, i)), true));
	return list;
}

static void list(struct http_request *r, void *user)
{
	struct api *a = user;
	const char *trouble = fleet_trouble(a->options.fleet);
	cJSON *answer;

	if (trouble) {
		http_reply_header(r, "Retry-After", "5");
		http_reply_problem(r, 503, "Service Unavailable", trouble, NULL, NULL);
		return;
	}
	answer = cJSON_CreateObject();
	cJSON_AddItemToObject(answer, "batteries", documents(a->options.fleet));
	http_reply_json(r, 200, answer);
}

static void show(struct http_request *r, void *user)
{
	struct fleet_battery *b = api_battery(user, r);

	if (b)
		http_reply_json(r, 200, cJSON_Duplicate(fleet_battery_document(b), true));
}

/* Some keys of the document, with what tells how old they are. */
static void show_keys(struct http_request *r, struct api *a, const char *const *keys)
{
	static const char *const always[] = { "id", "time", "age_s", "is_live", NULL };
	struct fleet_battery *b = api_battery(a, r);
	cJSON *answer;

	if (!b)
		return;
	answer = cJSON_CreateObject();
	for (const char *const *part = always; part; part = part == always ? keys : NULL)
		for (const char *const *key = part; *key; key++)
			cJSON_AddItemToObject(
				answer, *key,
				cJSON_Duplicate(api_get(fleet_battery_document(b), *key), true));
	http_reply_json(r, 200, answer);
}

static void show_cells(struct http_request *r, void *user)
{
	static const char *const keys[] = { "cells",	     "cell_count", "cell_min_v",
					    "cell_max_v",    "cell_min_n", "cell_max_n",
					    "cell_spread_v", "balancing",  NULL };

	show_keys(r, user, keys);
}

static void show_limits(struct http_request *r, void *user)
{
	static const char *const keys[] = { "limits", NULL };

	show_keys(r, user, keys);
}

static void show_alarms(struct http_request *r, void *user)
{
	static const char *const keys[] = { "alarms", "faults", NULL };

	show_keys(r, user, keys);
}

static void show_can(struct http_request *r, void *user)
{
	static const char *const keys[] = { "can", NULL };

	show_keys(r, user, keys);
}

static void show_diagnostics(struct http_request *r, void *user)
{
	static const char *const keys[] = { "diagnostics", "can",      "program", "port",
					    "service",	   "sentence", NULL };

	show_keys(r, user, keys);
}

void api_batteries_add(struct api *a)
{
	static const struct {
		const char *path;
		http_handler_fn fn;
	} routes[] = {
		{ "/api/v1/batteries", list },
		{ "/api/v1/batteries/{id}", show },
		{ "/api/v1/batteries/{id}/cells", show_cells },
		{ "/api/v1/batteries/{id}/limits", show_limits },
		{ "/api/v1/batteries/{id}/alarms", show_alarms },
		{ "/api/v1/batteries/{id}/can", show_can },
		{ "/api/v1/batteries/{id}/diagnostics", show_diagnostics },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(routes); i++)
		http_server_route(a->options.http, "GET", routes[i].path, HTTP_READ, routes[i].fn,
				  a);
}
