/* SPDX-License-Identifier: MIT */
/* api_configuration - the service's configuration: its own keys, and those of the charge */
#include "config.h"
#include "gateway/api_private.h"

static bool is_charge(const char *name)
{
	const struct config_key *key = config_find(name);

	return key && key->is_charge;
}

/* The path's last word says which half. */
static bool wants_charge(const struct api_call *c)
{
	return g_str_has_suffix(c->path, "/charge");
}

static const char *name_of(const cJSON *row)
{
	const char *name = cJSON_GetStringValue(api_get(row, "name"));

	return name ? name : "";
}

static void on_shown(struct api_call *c, const cJSON *answer)
{
	cJSON *document = cJSON_CreateObject();
	cJSON *list = cJSON_AddArrayToObject(document, "configuration");
	const cJSON *row;

	cJSON_ArrayForEach (row, api_get(answer, "configuration"))
		if (is_charge(name_of(row)) == wants_charge(c))
			cJSON_AddItemToArray(list, cJSON_Duplicate(row, true));
	api_call_reply(c, document);
}

static void show(struct http_request *r, void *user)
{
	struct fleet_battery *b = api_battery(user, r);

	if (b)
		api_call_ask(api_call_new(user, r, b, NULL), "Configuration", NULL, 0, on_shown);
}

/* ---- writing ------------------------------------------------------------------------------ */

static const cJSON *find(const cJSON *answer, const char *name)
{
	const cJSON *row;

	cJSON_ArrayForEach (row, api_get(answer, "configuration"))
		if (strcmp(name_of(row), name) == 0)
			return row;
	return NULL;
}

static bool is_number(const cJSON *row)
{
	const char *type = cJSON_GetStringValue(api_get(row, "type"));

	return g_strcmp0(type, "number") == 0 || g_strcmp0(type, "int") == 0;
}

/* What can be told before the service is asked, which judges all of it together. */
static char *wrong_with(const cJSON *value, const cJSON *row, cJSON *more)
{
	const cJSON *min = api_get(row, "min"), *max = api_get(row, "max");
	const char *text = cJSON_GetStringValue(value);
	double number = cJSON_IsNumber(value) ? value->valuedouble : 0.0;
	char *rest = NULL;

	cJSON_AddStringToObject(more, "field", value->string);
	if (!row)
		return g_strdup_printf("there is no key \"%.60s\" here", value->string);
	if (!is_number(row) || cJSON_IsNull(value) || (text && !*text))
		return NULL; /* the service knows, or null and "": the default */
	if (text)
		number = g_ascii_strtod(text, &rest);
	if (cJSON_IsNumber(min))
		cJSON_AddNumberToObject(more, "min", min->valuedouble);
	if (cJSON_IsNumber(max))
		cJSON_AddNumberToObject(more, "max", max->valuedouble);
	cJSON_AddItemToObject(more, "unit", cJSON_Duplicate(api_get(row, "unit"), true));
	if ((text && *rest) || (!text && !cJSON_IsNumber(value)))
		return g_strdup_printf("%s: a number is expected", value->string);
	if (cJSON_IsNumber(min) && cJSON_IsNumber(max) &&
	    !(number >= min->valuedouble && number <= max->valuedouble))
		return g_strdup_printf("%s: %.10g is outside of %.10g to %.10g", value->string,
				       number, min->valuedouble, max->valuedouble);
	return NULL;
}

/* NULL: not in this half. */
static const cJSON *row_for(const struct api_call *c, const cJSON *answer, const cJSON *value)
{
	return is_charge(value->string) == wants_charge(c) ? find(answer, value->string) : NULL;
}

static void on_known(struct api_call *c, const cJSON *answer)
{
	const cJSON *value;

	c->before = cJSON_CreateObject();
	c->after = cJSON_Duplicate(api_get(c->body, "values"), true);
	cJSON_ArrayForEach (value, c->after)
		cJSON_AddItemToObject(
			c->before, value->string,
			cJSON_Duplicate(api_get(row_for(c, answer, value), "value"), true));
	cJSON_ArrayForEach (value, c->after) {
		cJSON *more = cJSON_CreateObject();
		g_autofree char *wrong = wrong_with(value, row_for(c, answer, value), more);

		if (wrong) {
			api_call_problem(c, 422, "Unprocessable Content", wrong, more);
			return;
		}
		cJSON_Delete(more);
	}
	api_call_tell(c, "SetConfiguration", cJSON_Duplicate(c->after, true), api_call_finish);
}

static void change(struct http_request *r, void *user)
{
	struct fleet_battery *b = api_battery(user, r);
	cJSON *body = b ? http_request_json(r) : NULL;
	const cJSON *values = api_get(body, "values");

	if (!body)
		return;
	if (!cJSON_IsObject(values) || !values->child) {
		api_refuse(r, "values", "values is {name: value}, with one at least");
		cJSON_Delete(body);
	} else {
		api_call_ask(api_call_new(user, r, b, body), "Configuration", NULL, 0, on_known);
	}
}

void api_configuration_add(struct api *a)
{
	static const struct {
		const char *path;
		enum http_scope scope; /* of a change */
	} halves[] = {
		{ "/api/v1/batteries/{id}/configuration", HTTP_OWN },
		{ "/api/v1/batteries/{id}/charge", HTTP_WRITE },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(halves); i++) {
		http_server_route(a->options.http, "GET", halves[i].path, HTTP_READ, show, a);
		http_server_route(a->options.http, "PUT", halves[i].path, halves[i].scope, change,
				  a);
	}
}
