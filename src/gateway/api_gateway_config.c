/* SPDX-License-Identifier: MIT */
/*
 * api_gateway_config - the gateway's own configuration, the broker's password, a new start
 *
 * What is shown and changed is the file, so that a change by hand is not lost; what is in force
 * is told beside it. No secret is ever shown.
 */
#include "gateway/api_private.h"

static const char PATH[] = "/api/v1/gateway/configuration";

static const char *type_name(enum gateway_key_type type)
{
	switch (type) {
	case GATEWAY_BOOL:
		return "bool";
	case GATEWAY_INT:
		return "int";
	case GATEWAY_NUMBER:
		return "number";
	case GATEWAY_TEXT:
		return "text";
	case GATEWAY_LIST:
		return "list";
	}
	g_assert_not_reached();
}

static void add_range(cJSON *object, const struct gateway_key *key)
{
	if (key->type != GATEWAY_INT && key->type != GATEWAY_NUMBER)
		return;
	cJSON_AddNumberToObject(object, "min", key->min);
	cJSON_AddNumberToObject(object, "max", key->max);
}

/* The file, as it will be read at the next start. False: answered. */
static bool load(const struct api *a, struct http_request *r, struct gateway_config *saved)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *detail = NULL;

	if (gateway_config_load(saved, a->config_path, &error))
		return true;
	detail = g_strdup_printf("%s; repair or remove the file", error->message);
	http_reply_problem(r, 500, "Internal Server Error", detail, NULL, NULL);
	return false;
}

/* ---- what is configured --------------------------------------------------------------------- */

static cJSON *row_of(const struct gateway_key *key, cJSON *value, cJSON *fallback, cJSON *in_force)
{
	cJSON *row = cJSON_CreateObject();

	cJSON_AddStringToObject(row, "name", key->name);
	cJSON_AddStringToObject(row, "type", type_name(key->type));
	cJSON_AddBoolToObject(row, "is_default", cJSON_Compare(value, fallback, true));
	cJSON_AddItemToObject(row, "value", value);
	cJSON_AddItemToObject(row, "default", fallback);
	cJSON_AddItemToObject(row, "in_force", in_force);
	add_range(row, key);
	cJSON_AddStringToObject(row, "meaning", key->sentence);
	return row;
}

static void show(struct http_request *r, void *user)
{
	const struct api *a = user;
	struct gateway_config saved, defaults;

	if (!load(a, r, &saved))
		return;
	gateway_config_init(&defaults);

	cJSON *now = gateway_config_document(a->options.config);
	cJSON *values = gateway_config_document(&saved);
	cJSON *fallbacks = gateway_config_document(&defaults);
	cJSON *document = cJSON_CreateObject();
	cJSON *list = cJSON_AddArrayToObject(document, "configuration");
	const char *password = secrets_mqtt_password(a->options.secrets);
	const bool is_password_new =
		a->options.config->mqtt_enabled && strcmp(password, a->mqtt_password) != 0;

	cJSON_AddBoolToObject(document, "needs_restart",
			      is_password_new || !cJSON_Compare(values, now, true));
	cJSON_AddBoolToObject(document, "has_mqtt_password", *password != '\0');
	for (size_t i = 0; gateway_config_key(i); i++) {
		const struct gateway_key *key = gateway_config_key(i);

		cJSON_AddItemToArray(
			list,
			row_of(key, cJSON_DetachItemFromObjectCaseSensitive(values, key->name),
			       cJSON_DetachItemFromObjectCaseSensitive(fallbacks, key->name),
			       cJSON_DetachItemFromObjectCaseSensitive(now, key->name)));
	}
	cJSON_Delete(now);
	cJSON_Delete(values);
	cJSON_Delete(fallbacks);
	http_reply_json(r, 200, document);
}

/* ---- changes -------------------------------------------------------------------------------- */

static void refuse(struct http_request *r, const char *field, const char *detail)
{
	const struct gateway_key *key;
	cJSON *more = cJSON_CreateObject();

	if (field)
		cJSON_AddStringToObject(more, "field", field);
	for (size_t i = 0; field && (key = gateway_config_key(i)); i++)
		if (strcmp(key->name, field) == 0)
			add_range(more, key);
	http_reply_problem_json(r, 422, "Unprocessable Content", detail, more);
}

static void reply_done(struct http_request *r, const char *sentence)
{
	cJSON *answer = cJSON_CreateObject();

	cJSON_AddTrueToObject(answer, "done");
	cJSON_AddStringToObject(answer, "sentence", sentence);
	http_reply_json(r, 200, answer);
}

/*
 * Before the answer, after which the request is gone. @reason as writes_note(). The value of a
 * key that does not exist is not told: it may be a password at the wrong place.
 */
static void note(const struct api *a, const struct http_request *r, const cJSON *values,
		 const struct gateway_config *saved, const char *reason)
{
	cJSON *before = gateway_config_document(saved);
	const cJSON *value;
	int left = WRITES_AT_ONCE_MAX;

	cJSON_ArrayForEach (value, values) {
		const cJSON *old = api_get(before, value->string);

		if (left-- <= 0)
			break;
		writes_note(a->options.writes, http_request_who(r), PATH, value->string, old,
			    old ? value : NULL, reason);
	}
	cJSON_Delete(before);
}

static void save(struct http_request *r, const struct api *a, const cJSON *values,
		 const struct gateway_config *saved)
{
	struct gateway_config changed = *saved;
	const char *field = NULL;
	g_autoptr(GError) error = NULL;

	if (!gateway_config_change(&changed, values, &field, &error) ||
	    !gateway_config_check_files(&changed, &field, &error) ||
	    !certificates_check(&changed, &field, &error)) {
		note(a, r, values, saved, error->message);
		refuse(r, field, error->message);
	} else if (!gateway_config_save(&changed, a->config_path, &error)) {
		note(a, r, values, saved, error->message);
		http_reply_problem(r, 507, "Insufficient Storage", error->message, NULL, NULL);
	} else {
		note(a, r, values, saved, NULL);
		reply_done(r, "Saved; it counts when the gateway starts again.");
	}
}

static void change(struct http_request *r, void *user)
{
	const struct api *a = user;
	struct gateway_config saved;
	cJSON *body = http_request_json(r);
	const cJSON *values = api_get(body, "values");

	if (!body)
		return;
	if (!cJSON_IsObject(values) || !values->child)
		api_refuse(r, "values", "values is {name: value}, with one at least");
	else if (load(a, r, &saved))
		save(r, a, values, &saved);
	cJSON_Delete(body);
}

/* ---- the broker's password ------------------------------------------------------------------ */

static void change_password(struct http_request *r, void *user)
{
	const struct api *a = user;
	cJSON *body = http_request_json(r);
	const char *password = cJSON_GetStringValue(api_get(body, "password"));
	g_autoptr(GError) error = NULL;
	bool is_set;

	if (!body)
		return;
	is_set = password && secrets_set_mqtt_password(a->options.secrets, password, &error);
	writes_note(a->options.writes, http_request_who(r), http_request_path(r), "mqtt password",
		    NULL, NULL,
		    is_set  ? NULL
		    : error ? error->message
			    : "no password was sent");
	if (is_set)
		reply_done(r, "Saved; it counts when the gateway starts again.");
	else if (!password)
		api_refuse(r, "password", "password is a text; an empty one: none");
	else if (g_error_matches(error, SECRETS_ERROR, SECRETS_ERROR_VALUE))
		api_refuse(r, "password", error->message);
	else
		http_reply_problem(r, 507, "Insufficient Storage", error->message, NULL, NULL);
	secrets_delete(body);
}

/* ---- a new start ---------------------------------------------------------------------------- */

/* Not with a file that would keep it from starting. */
static void restart(struct http_request *r, void *user)
{
	const struct api *a = user;
	struct gateway_config saved;

	if (!load(a, r, &saved))
		return;
	writes_note(a->options.writes, http_request_who(r), http_request_path(r), "restart", NULL,
		    NULL, NULL);
	a->options.restart(a->options.restart_user);
	reply_done(r, "The gateway ends; its supervisor starts it again at once.");
}

void api_gateway_config_add(struct api *a)
{
	struct http_server *s = a->options.http;

	http_server_route(s, "GET", PATH, HTTP_READ, show, a);
	http_server_route(s, "PUT", PATH, HTTP_OWN, change, a);
	http_server_route(s, "PUT", "/api/v1/gateway/mqtt-password", HTTP_OWN, change_password, a);
	http_server_route(s, "POST", "/api/v1/gateway/restart", HTTP_OWN, restart, a);
}
