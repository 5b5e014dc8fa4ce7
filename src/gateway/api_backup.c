/* SPDX-License-Identifier: MIT */
/* api_backup - the BMS's settings as a file, and back: differences first */
#include <string.h>

#include "ctl/settings_file.h"
#include "gateway/api_private.h"

static void on_backup(struct api_call *c, const cJSON *answer)
{
	api_call_reply(c, settings_file_make(answer));
}

static void backup(struct http_request *r, void *user)
{
	struct fleet_battery *b = api_battery(user, r);

	if (b)
		api_call_ask(api_call_new(user, r, b, NULL), "Settings", NULL, 0, on_backup);
}

/* ---- restore ------------------------------------------------------------------------------ */

static cJSON *differences(const cJSON *changes, const cJSON *answer)
{
	cJSON *list = cJSON_CreateArray();
	const cJSON *change;

	cJSON_ArrayForEach (change, changes) {
		const cJSON *known = settings_file_find(answer, change->string);
		cJSON *row = cJSON_CreateObject();

		cJSON_AddStringToObject(row, "name", change->string);
		cJSON_AddItemToObject(row, "from", cJSON_Duplicate(api_get(known, "value"), true));
		cJSON_AddNumberToObject(row, "to", change->valuedouble);
		cJSON_AddItemToArray(list, row);
	}
	return list;
}

/* The sentence begins with the setting's name where it is about one. */
static cJSON *field_of(const cJSON *file, const char *sentence)
{
	cJSON *more = cJSON_CreateObject();
	const cJSON *settings = api_get(file, "settings"), *setting;

	if (!cJSON_IsObject(settings))
		return more; /* the members of a list have no names */
	cJSON_ArrayForEach (setting, settings)
		if (g_str_has_prefix(sentence, setting->string) &&
		    sentence[strlen(setting->string)] == ':')
			cJSON_AddStringToObject(more, "field", setting->string);
	return more;
}

static void write_changes(struct api_call *c, const cJSON *answer, const cJSON *changes)
{
	const cJSON *confirm = api_get(c->body, "confirm");
	cJSON *request = cJSON_CreateObject();

	c->before = api_values_before(changes, answer);
	c->after = cJSON_Duplicate(changes, true);
	cJSON_AddItemToObject(request, "set", cJSON_Duplicate(changes, true));
	if (cJSON_IsObject(confirm))
		cJSON_AddItemToObject(request, "confirm", cJSON_Duplicate(confirm, true));
	api_call_tell(c, "SetSettings", request, api_call_finish);
}

static void on_known(struct api_call *c, const cJSON *answer)
{
	g_autoptr(GError) error = NULL;
	cJSON *changes = settings_file_changes(c->body, answer, &error);

	if (!changes) {
		api_call_problem(c, 422, "Unprocessable Content", error->message,
				 field_of(c->body, error->message));
	} else if (c->number > 0.0 && changes->child) {
		write_changes(c, answer, changes);
	} else {
		cJSON *document = cJSON_CreateObject();

		cJSON_AddItemToObject(document, "changes", differences(changes, answer));
		if (c->number > 0.0)
			cJSON_AddTrueToObject(document, "done");
		api_call_reply(c, document);
	}
	cJSON_Delete(changes);
}

static void restore(struct http_request *r, void *user)
{
	struct fleet_battery *b = api_battery(user, r);
	const char *apply = b ? http_request_query(r, "apply") : NULL;
	const bool is_apply = g_strcmp0(apply, "1") == 0;
	cJSON *body;
	struct api_call *c;

	if (!b)
		return;
	if (apply && !is_apply && strcmp(apply, "0") != 0) {
		api_refuse(r, "apply", "apply is 0 or 1");
		return;
	}
	body = http_request_json(r);
	if (!body)
		return;
	c = api_call_new(user, r, b, body);
	c->number = is_apply ? 1.0 : 0.0;
	api_call_ask(c, "Settings", NULL, 0, on_known);
}

void api_backup_add(struct api *a)
{
	struct http_server *s = a->options.http;

	http_server_route(s, "GET", "/api/v1/batteries/{id}/backup", HTTP_READ, backup, a);
	http_server_route(s, "POST", "/api/v1/batteries/{id}/restore", HTTP_WRITE, restore, a);
}
