/* SPDX-License-Identifier: MIT */
#include "gateway/api_private.h"

#include <sodium.h>

#include "manage/asked_by.h"

struct api *api_new(const struct api_options *options)
{
	struct api *a = g_new0(struct api, 1);

	a->options = *options;
	a->config_path = g_strdup(options->config_path);
	a->mqtt_password = g_strdup(secrets_mqtt_password(options->secrets));
	a->calls = g_ptr_array_new();
	a->started_us = g_get_monotonic_time();
	api_batteries_add(a);
	api_settings_add(a);
	api_configuration_add(a);
	api_history_add(a);
	api_backup_add(a);
	api_orders_add(a);
	api_gateway_add(a);
	api_gateway_config_add(a);
	api_legacy_add(a);
	return a;
}

static void free_call(struct api_call *c)
{
	cJSON_Delete(c->body);
	cJSON_Delete(c->before);
	cJSON_Delete(c->after);
	cJSON_Delete(c->kept);
	g_free(c->battery);
	g_free(c->who);
	g_free(c->path);
	g_free(c);
}

static void note(const struct api_call *c, const char *reason);

void api_free(struct api *a)
{
	if (!a)
		return;
	for (guint i = 0; i < a->calls->len; i++) {
		struct api_call *c = g_ptr_array_index(a->calls, i);

		note(c, "the gateway has ended before the service answered");
		http_reply(c->r, 503, NULL, "", 0); /* who asked is gone with the server */
		free_call(c);
	}
	g_ptr_array_unref(a->calls);
	sodium_memzero(a->mqtt_password, strlen(a->mqtt_password));
	g_free(a->mqtt_password);
	g_free(a->config_path);
	g_free(a);
}

/* ---- which battery ------------------------------------------------------------------------ */

static void reply_no_service(struct http_request *r, const struct fleet *fleet)
{
	const char *trouble = fleet_trouble(fleet);

	http_reply_header(r, "Retry-After", "5");
	http_reply_problem(r, 503, "Service Unavailable",
			   trouble ? trouble
				   : "the battery service is not on the bus; on the GX, "
				     "tinybmsctl doctor looks for the reason",
			   NULL, NULL);
}

struct fleet_battery *api_battery(struct api *a, struct http_request *r)
{
	struct fleet *fleet = a->options.fleet;
	const char *wanted = http_request_parameter(r, "id");
	struct fleet_battery *b = fleet_find(fleet, wanted);

	if (!b && fleet_count(fleet) == 0)
		reply_no_service(r, fleet);
	else if (!b)
		http_reply_problem(r, 404, "Not Found",
				   "there is no such battery; /api/v1/batteries lists them", "id",
				   NULL);
	return b;
}

/* ---- one request that asks the service ------------------------------------------------------ */

/* It may be asked for by its serial number, instance or name, which need not be part of a URL. */
static char *path_by_id(const struct http_request *r, const char *id)
{
	const char *rest = strchr(http_request_path(r) + strlen(API_BATTERIES), '/');

	return g_strconcat(API_BATTERIES, id, rest, NULL);
}

struct api_call *api_call_new(struct api *a, struct http_request *r, struct fleet_battery *b,
			      cJSON *body)
{
	struct api_call *c = g_new0(struct api_call, 1);

	c->api = a;
	c->r = r;
	c->battery = g_strdup(fleet_battery_id(b));
	c->who = g_strdup(http_request_who(r));
	c->path = path_by_id(r, c->battery);
	c->body = body;
	g_ptr_array_add(a->calls, c);
	return c;
}

static void end(struct api_call *c)
{
	g_ptr_array_remove_fast(c->api->calls, c);
	free_call(c);
}

/*
 * Every write, also one that was refused, and why. The value of a name that does not exist is not
 * told: it may be a password at the wrong place.
 */
static void note(const struct api_call *c, const char *reason)
{
	const cJSON *item;
	int left = WRITES_AT_ONCE_MAX;

	cJSON_ArrayForEach (item, c->after) {
		const cJSON *old = api_get(c->before, item->string);

		if (left-- <= 0)
			break;
		writes_note(c->api->options.writes, c->who, c->path, item->string, old,
			    old || !c->before ? item : NULL, reason);
	}
}

void api_call_reply(struct api_call *c, cJSON *document)
{
	note(c, NULL);
	http_reply_json(c->r, 200, document);
	end(c);
}

void api_call_problem(struct api_call *c, int status, const char *title, const char *detail,
		      cJSON *more)
{
	note(c, detail);
	http_reply_problem_json(c->r, status, title, detail, more);
	end(c);
}

void api_call_finish(struct api_call *c, const cJSON *answer)
{
	const cJSON *confirm = api_get(answer, "confirm");
	const char *sentence = cJSON_GetStringValue(api_get(answer, "sentence"));
	cJSON *document = cJSON_CreateObject();

	if (confirm) {
		cJSON_AddItemToObject(document, "confirm", cJSON_Duplicate(confirm, true));
		api_call_problem(c, 409, "To be confirmed",
				 sentence ? sentence : "This needs to be confirmed.", document);
		return;
	}
	if (!cJSON_IsTrue(api_get(answer, "done"))) {
		api_call_problem(c, 503, "Service Unavailable",
				 sentence ? sentence : "The service does not say that it is done.",
				 document);
		return;
	}
	cJSON_AddTrueToObject(document, "done");
	if (sentence)
		cJSON_AddStringToObject(document, "sentence", sentence);
	api_call_reply(c, document);
}

/* The service names what is wrong in its sentence: the first name of ours in it. */
static cJSON *field_in(const struct api_call *c, const char *sentence)
{
	cJSON *more = cJSON_CreateObject();
	const char *first = NULL, *at = NULL;
	const cJSON *item;

	cJSON_ArrayForEach (item, c->after) {
		const char *found = strstr(sentence, item->string);

		if (found && (!at || found < at)) {
			at = found;
			first = item->string;
		}
	}
	if (first)
		cJSON_AddStringToObject(more, "field", first);
	return more;
}

static void on_answer(const cJSON *answer, const GError *error, void *user)
{
	struct api_call *c = user;

	/* What is only read is refused for the service's state, not for what was asked. */
	if (!error)
		c->next(c, answer);
	else if (!c->after || g_error_matches(error, FLEET_ERROR, FLEET_ERROR_GONE))
		api_call_problem(c, 503, "Service Unavailable", error->message, NULL);
	else
		api_call_problem(c, 422, "Refused by the battery's service", error->message,
				 field_in(c, error->message));
}

void api_call_ask(struct api_call *c, const char *method, const struct value *arguments,
		  size_t count, api_next_fn next)
{
	struct fleet_battery *b = fleet_find(c->api->options.fleet, c->battery);

	c->next = next;
	if (b)
		fleet_battery_ask(b, method, arguments, count, on_answer, c);
	else
		api_call_problem(c, 503, "Service Unavailable",
				 "the battery's service has left the bus", NULL);
}

char *api_call_text(const struct api_call *c, cJSON *object)
{
	g_autofree char *by = g_strndup(c->who, ASKED_BY_MAX);

	cJSON_AddStringToObject(object, "by", by);

	char *made = cJSON_PrintUnformatted(object);
	char *text = g_strdup(made);

	cJSON_free(made);
	cJSON_Delete(object);
	return text;
}

void api_call_tell(struct api_call *c, const char *method, cJSON *object, api_next_fn next)
{
	g_autofree char *text = api_call_text(c, object);
	const struct value argument = value_string(text);

	api_call_ask(c, method, &argument, 1, next);
}

/* ---- small things ---------------------------------------------------------------------------- */

void api_refuse(struct http_request *r, const char *field, const char *detail)
{
	http_reply_problem(r, 422, "Unprocessable Content", detail, field, NULL);
}

bool api_query_number(struct http_request *r, const char *name, double min, double max,
		      double fallback, double *value)
{
	const char *text = http_request_query(r, name);

	*value = fallback;
	if (!text)
		return true;
	*value = g_ascii_strtod(text, NULL);
	if (*text && !text[strspn(text, "0123456789")] && *value >= min && *value <= max)
		return true;

	g_autofree char *detail =
		g_strdup_printf("%s is a whole number from %.0f to %.0f", name, min, max);

	api_refuse(r, name, detail);
	return false;
}
