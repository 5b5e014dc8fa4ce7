/* SPDX-License-Identifier: MIT */
/* api_orders - full charge, storage, reset */
#include "gateway/api_private.h"

/* The body's {"on": bool}; NULL: answered. */
static struct api_call *switch_call(struct http_request *r, struct api *a, const char *name,
				    bool *is_on)
{
	struct fleet_battery *b = api_battery(a, r);
	cJSON *body = b ? http_request_json(r) : NULL;
	const cJSON *on = api_get(body, "on");
	struct api_call *c;

	if (!body)
		return NULL;
	if (!cJSON_IsBool(on)) {
		api_refuse(r, "on", "on is true or false");
		cJSON_Delete(body);
		return NULL;
	}
	*is_on = cJSON_IsTrue(on);
	c = api_call_new(a, r, b, body);
	c->after = cJSON_CreateObject();
	cJSON_AddBoolToObject(c->after, name, *is_on);
	return c;
}

static void full_charge(struct http_request *r, void *user)
{
	bool is_on;
	struct api_call *c = switch_call(r, user, "full charge", &is_on);
	const struct value argument = value_double(c && is_on ? 1.0 : 0.0);

	if (c)
		api_call_ask(c, "FullCharge", &argument, 1, api_call_finish);
}

static void storage(struct http_request *r, void *user)
{
	bool is_on;
	struct api_call *c = switch_call(r, user, "storage", &is_on);

	if (c)
		api_call_tell(c, "SetConfiguration", cJSON_Duplicate(c->after, true),
			      api_call_finish);
}

static void reset(struct http_request *r, void *user)
{
	struct fleet_battery *b = api_battery(user, r);
	cJSON *body = b ? http_request_json(r) : NULL;
	const char *what = cJSON_GetStringValue(api_get(body, "what"));
	const char *confirm = cJSON_GetStringValue(api_get(body, "confirm"));
	cJSON *request;
	struct api_call *c;

	if (!body)
		return;
	if (!what ||
	    (strcmp(what, "events") && strcmp(what, "statistics") && strcmp(what, "bms"))) {
		api_refuse(r, "what", "what is events, statistics or bms");
		cJSON_Delete(body);
		return;
	}

	request = cJSON_CreateObject();
	cJSON_AddStringToObject(request, "what", what);
	if (confirm)
		cJSON_AddStringToObject(request, "confirm", confirm);
	c = api_call_new(user, r, b, body);
	c->after = cJSON_CreateObject();
	cJSON_AddStringToObject(c->after, "reset", what);

	g_autofree char *text = api_call_text(c, request);
	const struct value arguments[] = { value_string(text), value_string("") };

	api_call_ask(c, "Reset", arguments, G_N_ELEMENTS(arguments), api_call_finish);
}

void api_orders_add(struct api *a)
{
	struct http_server *s = a->options.http;

	http_server_route(s, "POST", "/api/v1/batteries/{id}/full-charge", HTTP_WRITE, full_charge,
			  a);
	http_server_route(s, "POST", "/api/v1/batteries/{id}/storage", HTTP_WRITE, storage, a);
	http_server_route(s, "POST", "/api/v1/batteries/{id}/reset", HTTP_WRITE, reset, a);
}
