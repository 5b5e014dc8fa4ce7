/* SPDX-License-Identifier: MIT */
/* config_json - the whole configuration as the text of its file */
#include "config_private.h"

#include <string.h>

#include <cjson/cJSON.h>

static bool refuse_type(const struct config_key *key, const cJSON *value, const char *wanted,
			GError **error)
{
	g_autofree char *json = key->is_secret ? NULL : cJSON_PrintUnformatted(value);
	g_autofree char *shown = json && strlen(json) > CONFIG_SHOWN_MAX ? NULL : g_strdup(json);

	g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_TYPE, "%s: %s is no %s", key->name,
		    shown ? shown : "the value", wanted);
	return false;
}

static bool append_point(GString *text, const cJSON *point)
{
	const cJSON *x = cJSON_GetArrayItem(point, 0), *ratio = cJSON_GetArrayItem(point, 1);
	char number[2][G_ASCII_DTOSTR_BUF_SIZE];

	if (!cJSON_IsArray(point) || cJSON_GetArraySize(point) != 2 || !cJSON_IsNumber(x) ||
	    !cJSON_IsNumber(ratio))
		return false;
	g_ascii_formatd(number[0], sizeof(number[0]), "%.10g", x->valuedouble);
	g_ascii_formatd(number[1], sizeof(number[1]), "%.10g", ratio->valuedouble);
	g_string_append_printf(text, "%s%s:%s", text->len ? " " : "", number[0], number[1]);
	return true;
}

static bool set_curve_json(struct config *c, const struct config_key *key, const cJSON *value,
			   GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	const cJSON *point;

	if (cJSON_IsString(value))
		return config_set_curve(c, key, value->valuestring, error);
	if (!cJSON_IsArray(value))
		return refuse_type(key, value, "curve, as [[x, ratio], ...]", error);
	cJSON_ArrayForEach (point, value)
		if (!append_point(text, point))
			return refuse_type(key, point, "point [x, ratio] of a curve", error);
	return config_set_curve(c, key, text->str, error);
}

static bool set_document_json(struct config *c, const struct config_key *key, const cJSON *value,
			      GError **error)
{
	char *text = cJSON_PrintUnformatted(value);
	const bool is_set = config_set_document(c, key, text, error);

	cJSON_free(text);
	return is_set;
}

static bool set_json(struct config *c, const struct config_key *key, const cJSON *value,
		     GError **error)
{
	if (cJSON_IsNull(value)) {
		config_set_default(c, key);
		return true;
	}

	switch (key->type) {
	case CONFIG_BOOL:
		if (cJSON_IsBool(value))
			return config_set_number(c, key, cJSON_IsTrue(value), error);
		if (cJSON_IsNumber(value))
			return config_set_number(c, key, value->valuedouble, error);
		return refuse_type(key, value, "true or false", error);
	case CONFIG_INT:
	case CONFIG_NUMBER:
		return cJSON_IsNumber(value) ? config_set_number(c, key, value->valuedouble, error)
					     : refuse_type(key, value, "number", error);
	case CONFIG_TEXT:
		return cJSON_IsString(value) ? config_set_string(c, key, value->valuestring, error)
					     : refuse_type(key, value, "text", error);
	case CONFIG_CHOICE:
		return cJSON_IsString(value) ? config_set_choice(c, key, value->valuestring, error)
					     : refuse_type(key, value, "text", error);
	case CONFIG_CURVE:
		return set_curve_json(c, key, value, error);
	case CONFIG_JSON:
		return set_document_json(c, key, value, error);
	}
	g_assert_not_reached();
}

static unsigned line_of(const char *json, const char *at)
{
	unsigned line = 1;

	for (; at && json < at; json++)
		line += *json == '\n';
	return line;
}

/* Says in @error, too, on which line of @json the key stands. */
static void prefix_line(const char *json, const char *key, GError **error)
{
	g_autofree char *quoted_key = g_strdup_printf("\"%s\"", key);

	/* Nowhere, when letters of it are written as \u.... */
	for (const char *at = json; (at = strstr(at, quoted_key)); at++) {
		const char *next = at + strlen(quoted_key);

		if (next[strspn(next, " \t\r\n")] == ':') {
			g_prefix_error(error, "line %u: ", line_of(json, at));
			return;
		}
	}
}

static bool set_member(struct config *c, const cJSON *member, GError **error)
{
	const struct config_key *key = config_find(member->string);

	if (!key) {
		g_autofree char *shown = config_quoted(member->string);

		g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_UNKNOWN,
			    "%s: there is no such key; `dbus-tinybms --list-config` prints all",
			    shown);
		return false;
	}
	for (const cJSON *later = member->next; later; later = later->next)
		if (!strcmp(later->string, member->string)) {
			g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_SYNTAX,
				    "%s: the key stands there twice", member->string);
			return false;
		}
	return set_json(c, key, member, error);
}

bool config_parse(struct config *c, const char *json, GError **error)
{
	const char *end = NULL;
	cJSON *document = cJSON_ParseWithOpts(json, &end, true);
	struct config parsed;
	const cJSON *member;
	bool is_sound = true;

	if (!cJSON_IsObject(document)) {
		g_set_error(
			error, CONFIG_ERROR, CONFIG_ERROR_SYNTAX,
			document ? "the file is no JSON object"
				 : "line %u: this is no JSON; look for a missing comma, quote or "
				   "brace",
			line_of(json, end));
		cJSON_Delete(document);
		return false;
	}

	config_init(&parsed);
	cJSON_ArrayForEach (member, document) {
		is_sound = set_member(&parsed, member, error);
		if (!is_sound) {
			prefix_line(json, member->string, error);
			break;
		}
	}
	cJSON_Delete(document);

	if (!is_sound || !charge_config_check(&parsed.charge, error))
		return false;
	*c = parsed;
	return true;
}

static cJSON *value_to_json(const struct config *c, const struct config_key *key)
{
	const void *at = config_field_of(c, key);

	switch (key->type) {
	case CONFIG_BOOL:
		return cJSON_CreateBool(*(const bool *) at);
	case CONFIG_INT:
		return cJSON_CreateNumber(*(const int *) at);
	case CONFIG_NUMBER:
		return cJSON_CreateNumber(*(const double *) at);
	case CONFIG_TEXT:
		return cJSON_CreateString(at);
	case CONFIG_JSON:
		return cJSON_Parse(at);
	case CONFIG_CHOICE:
	case CONFIG_CURVE:
		break;
	}

	g_autofree char *text = config_get_text(c, key);

	return cJSON_CreateString(text);
}

char *config_to_json(const struct config *c)
{
	cJSON *document = cJSON_CreateObject();
	const struct config_key *key;
	struct config defaults;

	config_init(&defaults);
	for (size_t i = 0; (key = config_at(i)); i++) {
		g_autofree char *value = config_get_text(c, key);
		g_autofree char *fallback = config_get_text(&defaults, key);

		if (strcmp(value, fallback))
			cJSON_AddItemToObject(document, key->name, value_to_json(c, key));
	}

	char *printed = cJSON_Print(document);
	char *json = g_strconcat(printed, "\n", NULL);

	cJSON_free(printed);
	cJSON_Delete(document);
	return json;
}
