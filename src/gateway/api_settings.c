/* SPDX-License-Identifier: MIT */
/* api_settings - the BMS's settings: read, and written in two steps where that is risky */
#include <math.h>

#include "ctl/settings_file.h"
#include "gateway/api_private.h"

static void on_shown(struct api_call *c, const cJSON *answer)
{
	api_call_reply(c, cJSON_Duplicate(answer, true));
}

static void show(struct http_request *r, void *user)
{
	struct fleet_battery *b = api_battery(user, r);

	if (b)
		api_call_ask(api_call_new(user, r, b, NULL), "Settings", NULL, 0, on_shown);
}

/* ---- writing ---------------------------------------------------------------------------- */

/* Not finer than a float is: 3.65 is not above 3.65. */
static const double same = 1e-6;

static cJSON *range_problem(const char *field, const cJSON *known)
{
	static const char *const keys[] = { "min", "max", "unit" };
	cJSON *more = cJSON_CreateObject();

	cJSON_AddStringToObject(more, "field", field);
	for (size_t i = 0; known && i < G_N_ELEMENTS(keys); i++)
		if (api_get(known, keys[i]))
			cJSON_AddItemToObject(more, keys[i],
					      cJSON_Duplicate(api_get(known, keys[i]), true));
	return more;
}

/* Takes nothing; NULL: it may be sent. Else what is wrong, owned. */
static char *wrong_with(const cJSON *value, const cJSON *known)
{
	const cJSON *min = api_get(known, "min"), *max = api_get(known, "max");

	if (!known)
		return g_strdup_printf("there is no setting \"%.60s\"", value->string);
	if (!cJSON_IsNumber(value))
		return g_strdup_printf("%s: a number is expected", value->string);
	if (!cJSON_IsNumber(min) || !cJSON_IsNumber(max) ||
	    (value->valuedouble >= min->valuedouble - same &&
	     value->valuedouble <= max->valuedouble + same))
		return NULL;
	return g_strdup_printf("%s: %.10g is outside of %.10g to %.10g", value->string,
			       value->valuedouble, min->valuedouble, max->valuedouble);
}

cJSON *api_values_before(const cJSON *values, const cJSON *answer)
{
	cJSON *before = cJSON_CreateObject();
	const cJSON *value;

	cJSON_ArrayForEach (value, values)
		cJSON_AddItemToObject(
			before, value->string,
			cJSON_Duplicate(api_get(settings_file_find(answer, value->string), "value"),
					true));
	return before;
}

static void on_known(struct api_call *c, const cJSON *answer)
{
	const cJSON *confirm = api_get(c->body, "confirm"), *value;
	cJSON *request = cJSON_CreateObject();

	c->after = cJSON_Duplicate(api_get(c->body, "values"), true);
	c->before = api_values_before(c->after, answer);
	cJSON_ArrayForEach (value, c->after) {
		const cJSON *known = settings_file_find(answer, value->string);
		g_autofree char *wrong = wrong_with(value, known);

		if (wrong) {
			cJSON_Delete(request);
			api_call_problem(c, 422, "Unprocessable Content", wrong,
					 range_problem(value->string, known));
			return;
		}
	}
	cJSON_AddItemToObject(request, "set", cJSON_Duplicate(c->after, true));
	if (confirm)
		cJSON_AddItemToObject(request, "confirm", cJSON_Duplicate(confirm, true));
	api_call_tell(c, "SetSettings", request, api_call_finish);
}

static void change(struct http_request *r, void *user)
{
	struct fleet_battery *b = api_battery(user, r);
	cJSON *body = b ? http_request_json(r) : NULL;
	const cJSON *values = api_get(body, "values"), *confirm = api_get(body, "confirm");

	if (!body)
		return;
	if (!cJSON_IsObject(values) || !values->child) {
		api_refuse(r, "values", "values is {name: number}, with one at least");
		cJSON_Delete(body);
	} else if (confirm && !cJSON_IsObject(confirm)) {
		api_refuse(r, "confirm", "confirm is {name: \"OLD->NEW\"}");
		cJSON_Delete(body);
	} else {
		api_call_ask(api_call_new(user, r, b, body), "Settings", NULL, 0, on_known);
	}
}

void api_settings_add(struct api *a)
{
	static const char path[] = "/api/v1/batteries/{id}/settings";

	http_server_route(a->options.http, "GET", path, HTTP_READ, show, a);
	http_server_route(a->options.http, "PUT", path, HTTP_WRITE, change, a);
}
