/* SPDX-License-Identifier: MIT */
/* api_gateway - the gateway itself: its state and its description */
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
	cJSON_AddItemToObject(
		state, "certificates",
		certificates_document(a->options.certificates, g_get_real_time() / G_USEC_PER_SEC));
	return state;
}

static void show(struct http_request *r, void *user)
{
	const struct api *a = user;
	cJSON *answer = api_state(a);

	cJSON_AddItemToObject(answer, "configuration", gateway_config_document(a->options.config));
	http_reply_json(r, 200, answer);
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
	http_server_route(s, "GET", "/api/v1/openapi.yaml", HTTP_READ, show_description, NULL);
	http_server_route(s, "GET", "/api/v1/battery.schema.json", HTTP_READ, show_schema, NULL);
}
