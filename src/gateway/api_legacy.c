/* SPDX-License-Identifier: MIT */
/* api_legacy - the ESP32 bridges' paths whose meaning is safe, and /metrics */
#include "gateway/api_private.h"
#include "gateway/legacy_document.h"
#include "gateway/metrics.h"

/* ?battery=ID, else the first; NULL: answered as the bridges do. */
static struct fleet_battery *choose(struct api *a, struct http_request *r)
{
	struct fleet *fleet = a->options.fleet;
	const char *wanted = http_request_query(r, "battery");
	struct fleet_battery *b = wanted		   ? fleet_find(fleet, wanted)
				  : fleet_count(fleet) > 0 ? fleet_at(fleet, 0)
							   : NULL;
	const char *why = fleet_trouble(fleet);
	cJSON *more;

	if (b)
		return b;
	if (!why)
		why = fleet_count(fleet) ? "there is no such battery"
					 : "the battery service is not on the bus";
	more = cJSON_CreateObject();
	cJSON_AddFalseToObject(more, "success");
	cJSON_AddStringToObject(more, "message", why);
	cJSON_AddStringToObject(more, "error", why);
	http_reply_problem_json(r, fleet_count(fleet) ? 404 : 503, "No battery", why, more);
	return NULL;
}

static void status(struct http_request *r, void *user)
{
	const struct api *a = user;
	struct fleet_battery *b = choose(user, r);
	cJSON *mqtt;

	if (!b)
		return;
	mqtt = a->options.mqtt ? a->options.mqtt(a->options.mqtt_user) : NULL;
	http_reply_json(r, 200, legacy_document_make(fleet_battery_document(b), mqtt));
	cJSON_Delete(mqtt);
}

static void can_status(struct http_request *r, void *user)
{
	struct fleet_battery *b = choose(user, r);
	cJSON *answer;

	if (!b)
		return;
	answer = cJSON_CreateObject();
	cJSON_AddItemToObject(answer, "can",
			      cJSON_Duplicate(api_get(fleet_battery_document(b), "can"), true));
	http_reply_json(r, 200, answer);
}

static void mqtt_status(struct http_request *r, void *user)
{
	const struct api *a = user;

	http_reply_json(r, 200,
			a->options.mqtt ? a->options.mqtt(a->options.mqtt_user)
					: cJSON_CreateObject());
}

static void show_metrics(struct http_request *r, void *user)
{
	const struct api *a = user;
	const struct fleet *fleet = a->options.fleet;
	const bool is_open = metrics_is_openmetrics(http_request_header(r, "accept"));
	const cJSON *documents[METRICS_BATTERIES_MAX];
	const guint count = MIN(fleet_count(fleet), (guint) METRICS_BATTERIES_MAX);

	for (guint i = 0; i < count; i++)
		documents[i] = fleet_battery_document(fleet_at(fleet, i));

	cJSON *certificates =
		certificates_document(a->options.certificates, g_get_real_time() / G_USEC_PER_SEC);
	g_autoptr(GString) text =
		metrics_make(documents, count, a->options.config->site, certificates, is_open);

	cJSON_Delete(certificates);
	http_reply(r, 200, is_open ? METRICS_OPENMETRICS_TYPE : METRICS_TEXT_TYPE, text->str,
		   text->len);
}

void api_legacy_add(struct api *a)
{
	struct http_server *s = a->options.http;

	http_server_route(s, "GET", "/api/status", HTTP_READ, status, a);
	http_server_route(s, "GET", "/api/can/status", HTTP_READ, can_status, a);
	http_server_route(s, "GET", "/api/mqtt/status", HTTP_READ, mqtt_status, a);
	http_server_route(s, "GET", "/metrics", HTTP_READ, show_metrics, a);
}
