/* SPDX-License-Identifier: MIT */
/* api_gateway - the gateway itself: its state, its configuration, its description */
#include "gateway/api_text.h"
#include "gateway/api_private.h"

static cJSON *state_of_mqtt(const struct api *a)
{
	cJSON *off;

	if (a->options.mqtt)
		return a->options.mqtt(a->options.mqtt_user);
	off = cJSON_CreateObject();
	cJSON_AddFalseToObject(off, "enabled");
	return off;
}

cJSON *api_state(const struct api *a)
{
	const char *trouble = fleet_trouble(a->options.fleet);
	cJSON *state = cJSON_CreateObject();

	cJSON_AddStringToObject(state, "version", VERSION);
	cJSON_AddNumberToObject(
		state, "uptime_s",
		(double) ((g_get_monotonic_time() - a->started_us) / G_USEC_PER_SEC));
	cJSON_AddNumberToObject(state, "batteries", fleet_count(a->options.fleet));
	cJSON_AddNumberToObject(state, "clients", ws_hub_clients(a->options.hub));
	cJSON_AddItemToObject(state, "bus_trouble",
			      trouble ? cJSON_CreateString(trouble) : cJSON_CreateNull());
	cJSON_AddItemToObject(state, "mqtt", state_of_mqtt(a));
	cJSON_AddItemToObject(state, "http", http_server_status(a->options.http));
	return state;
}

static void show(struct http_request *r, void *user)
{
	const struct api *a = user;
	cJSON *answer = api_state(a);

	cJSON_AddItemToObject(answer, "configuration", gateway_config_document(a->options.config));
	http_reply_json(r, 200, answer);
}

/* ---- configuration -------------------------------------------------------------------------- */

static void refuse(struct http_request *r, const char *field, const char *detail)
{
	const struct gateway_key *key = NULL;
	cJSON *more = cJSON_CreateObject();

	if (field)
		cJSON_AddStringToObject(more, "field", field);
	for (size_t i = 0; field && (key = gateway_config_key(i)); i++)
		if (strcmp(key->name, field) == 0 &&
		    (key->type == GATEWAY_INT || key->type == GATEWAY_NUMBER)) {
			cJSON_AddNumberToObject(more, "min", key->min);
			cJSON_AddNumberToObject(more, "max", key->max);
		}
	http_reply_problem_json(r, 422, "Unprocessable Content", detail, more);
}

static void note(struct api *a, const char *who, const cJSON *values, const cJSON *before,
		 const char *result)
{
	const cJSON *value;

	cJSON_ArrayForEach (value, values) {
		char *old = cJSON_PrintUnformatted(api_get(before, value->string));
		char *new = cJSON_PrintUnformatted(value);
		const struct change_entry entry = {
			.who = who,
			.path = "/api/v1/gateway/configuration",
			.what = value->string,
			.before = old,
			.after = new,
			.result = result,
		};

		change_journal_add(a->journal, &entry, g_get_real_time() / G_USEC_PER_SEC);
		cJSON_free(old);
		cJSON_free(new);
	}
}

static void change(struct http_request *r, void *user)
{
	struct api *a = user;
	struct gateway_config changed = *a->options.config;
	cJSON *body = http_request_json(r);
	const cJSON *values = api_get(body, "values");
	const char *field = NULL;
	g_autoptr(GError) error = NULL;

	if (!body)
		return;
	g_autofree char *who = g_strdup(http_request_who(r));
	cJSON *before = gateway_config_document(a->options.config);

	if (!cJSON_IsObject(values)) {
		api_refuse(r, "values", "values is {name: value}");
	} else if (!gateway_config_change(&changed, values, &field, &error)) {
		note(a, who, values, before, error->message);
		refuse(r, field, error->message);
	} else if (!gateway_config_save(&changed, a->config_path, &error)) {
		note(a, who, values, before, error->message);
		http_reply_problem(r, 507, "Insufficient Storage", error->message, NULL, NULL);
	} else {
		cJSON *answer = cJSON_CreateObject();

		note(a, who, values, before, "done");
		*a->options.config = changed;
		cJSON_AddTrueToObject(answer, "done");
		cJSON_AddStringToObject(answer, "sentence",
					"Saved; it counts when the gateway starts again.");
		http_reply_json(r, 200, answer);
	}
	cJSON_Delete(before);
	cJSON_Delete(body);
}

/* ---- its description ------------------------------------------------------------------------ */

static void show_description(struct http_request *r, void *user)
{
	http_reply_header(r, "Cache-Control", "private, no-cache");
	http_reply(r, 200, "application/yaml", (const char *) api_openapi, api_openapi_size);
}

static void show_schema(struct http_request *r, void *user)
{
	http_reply_header(r, "Cache-Control", "private, no-cache");
	http_reply(r, 200, "application/schema+json", (const char *) api_battery_schema,
		   api_battery_schema_size);
}

void api_gateway_add(struct api *a)
{
	struct http_server *s = a->options.http;

	http_server_route(s, "GET", "/api/v1/gateway", HTTP_READ, show, a);
	http_server_route(s, "PUT", "/api/v1/gateway/configuration", HTTP_WRITE, change, a);
	http_server_route(s, "GET", "/api/v1/openapi.yaml", HTTP_READ, show_description, NULL);
	http_server_route(s, "GET", "/api/v1/battery.schema.json", HTTP_READ, show_schema, NULL);
}
