/* SPDX-License-Identifier: MIT */
#include "manage/config_methods.h"

#include <math.h>

#include "log.h"
#include "manage/asked_by.h"

struct config_methods {
	struct config_watch *watch;
	struct change_journal *journal;
	config_methods_fn fn;
	void *user;
};

static const char *type_name(enum config_type type)
{
	switch (type) {
	case CONFIG_BOOL:
		return "bool";
	case CONFIG_INT:
		return "int";
	case CONFIG_NUMBER:
		return "number";
	case CONFIG_TEXT:
		return "text";
	case CONFIG_CHOICE:
		return "choice";
	case CONFIG_CURVE:
		return "curve";
	case CONFIG_JSON:
		return "json";
	}
	return "text";
}

static cJSON *make(const struct config *config, const struct config *defaults,
		   const struct config_key *key)
{
	cJSON *object = cJSON_CreateObject();
	g_autofree char *value = config_get_text(config, key);
	g_autofree char *fallback = config_get_text(defaults, key);

	cJSON_AddStringToObject(object, "name", key->name);
	cJSON_AddStringToObject(object, "value", value);
	cJSON_AddBoolToObject(object, "is_default", g_strcmp0(value, fallback) == 0);
	cJSON_AddStringToObject(object, "type", type_name(key->type));
	cJSON_AddStringToObject(object, "unit", key->unit);
	cJSON_AddNumberToObject(object, "min", key->min);
	cJSON_AddNumberToObject(object, "max", key->max);
	cJSON_AddStringToObject(object, "meaning", key->sentence);
	if (key->choices) {
		cJSON *choices = cJSON_AddArrayToObject(object, "choices");

		for (const char *const *c = key->choices; *c; c++)
			cJSON_AddItemToArray(choices, cJSON_CreateString(*c));
	}
	return object;
}

static void on_get(struct manage_request *request, void *user)
{
	const struct config_methods *m = user;
	cJSON *object = cJSON_CreateObject();
	cJSON *list = cJSON_AddArrayToObject(object, "configuration");
	struct config defaults;

	config_init(&defaults);
	for (size_t i = 0; i < config_count(); i++)
		cJSON_AddItemToArray(list,
				     make(config_watch_get(m->watch), &defaults, config_at(i)));
	manage_answer(request, object);
}

/* ---- changes ------------------------------------------------------------------------------- */

static char *text_of(const cJSON *item)
{
	char number[G_ASCII_DTOSTR_BUF_SIZE];

	if (cJSON_IsString(item))
		return g_strdup(item->valuestring);
	if (cJSON_IsBool(item))
		return g_strdup(cJSON_IsTrue(item) ? "1" : "0");
	if (cJSON_IsNumber(item))
		return g_strdup(
			g_ascii_formatd(number, sizeof(number), "%.15g", item->valuedouble));
	if (cJSON_IsNull(item))
		return g_strdup("");

	char *made = cJSON_PrintUnformatted(item);
	char *text = g_strdup(made);

	cJSON_free(made);
	return text;
}

static bool set_one(struct config *config, const cJSON *item, GError **error)
{
	const struct config_key *key = config_find(item->string);
	g_autofree char *text = text_of(item);

	if (!key) {
		g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_UNKNOWN, "There is no key \"%.60s\".",
			    item->string);
		return false;
	}
	return config_set_text(config, key, text, error);
}

/* One that contradicts another may fit once that has been set. */
static bool set_all(struct config *config, const cJSON *object, GError **error)
{
	const int count = cJSON_GetArraySize(object);
	const cJSON *item;

	for (int pass = 0; pass < count; pass++) {
		bool has_failed = false;

		g_clear_error(error);
		cJSON_ArrayForEach (item, object) {
			g_autoptr(GError) why = NULL;

			if (set_one(config, item, &why))
				continue;
			if (!has_failed)
				g_propagate_error(error, g_steal_pointer(&why));
			has_failed = true;
		}
		if (!has_failed)
			return true;
	}
	return false;
}

static bool set(struct config_methods *m, const cJSON *object, GError **error)
{
	struct config changed = *config_watch_get(m->watch);

	if (!cJSON_IsObject(object) || !object->child) {
		g_set_error_literal(error, CONFIG_ERROR, CONFIG_ERROR_SYNTAX,
				    "There is nothing to set: {name: value} is expected.");
		return false;
	}
	if ((size_t) cJSON_GetArraySize(object) > config_count()) {
		g_set_error_literal(error, CONFIG_ERROR, CONFIG_ERROR_SYNTAX,
				    "There are more keys than a configuration has.");
		return false;
	}
	return set_all(&changed, object, error) && config_watch_save(m->watch, &changed, error);
}

static void note(const struct config_methods *m, const struct config *before, const char *name,
		 const char *who, const char *by)
{
	const struct config_key *key = config_find(name);
	g_autofree char *old = config_get_text(before, key);
	g_autofree char *new = config_get_text(config_watch_get(m->watch), key);
	const struct change_entry entry = { .who = who,
					    .path = "SetConfiguration",
					    .by = by,
					    .what = name,
					    .before = old,
					    .after = new,
					    .result = "done" };

	change_journal_add(m->journal, &entry, g_get_real_time() / G_USEC_PER_SEC);
	log_say(LOG_INFO, "The configuration's %s is changed by %s%s%s.", name, who,
		by ? " for " : "", by ? by : "");
}

/* Without "by", which is no key of the configuration. */
static bool set_and_note(struct config_methods *m, cJSON *object, const char *who, GError **error)
{
	const struct config before = *config_watch_get(m->watch);
	const char *by = NULL;
	const cJSON *item;

	if (!asked_by_read(object, &by, error))
		return false;

	cJSON *asker = cJSON_DetachItemFromObjectCaseSensitive(object, "by");
	const bool is_set = set(m, object, error);

	if (is_set)
		cJSON_ArrayForEach (item, object)
			note(m, &before, item->string, who, by);
	cJSON_Delete(asker);
	return is_set;
}

static void on_set(struct manage_request *request, void *user)
{
	struct config_methods *m = user;
	cJSON *object = cJSON_Parse(manage_request_text(request, 0));
	g_autoptr(GError) error = NULL;
	const bool is_set = set_and_note(m, object, manage_request_who(request), &error);

	cJSON_Delete(object);
	if (!is_set) {
		manage_refuse(request, error->message);
		return;
	}
	cJSON *answer = cJSON_CreateObject();

	cJSON_AddTrueToObject(answer, "done");
	manage_answer(request, answer);
	m->fn(m->user); /* last: with another port the service takes another name */
}

static const struct manage_method methods[] = {
	{ .name = "Configuration", .fn = on_get },
	{ .name = "SetConfiguration",
	  .arguments = { { "changes", VALUE_STRING } },
	  .fn = on_set,
	  .changes = true },
};

struct config_methods *config_methods_new(struct manage_service *service,
					  struct config_watch *watch,
					  struct change_journal *journal, config_methods_fn fn,
					  void *user)
{
	struct config_methods *m = g_new0(struct config_methods, 1);

	m->watch = watch;
	m->journal = journal;
	m->fn = fn;
	m->user = user;
	for (size_t i = 0; i < G_N_ELEMENTS(methods); i++)
		manage_service_add(service, &methods[i], m);
	return m;
}

void config_methods_free(struct config_methods *m)
{
	g_free(m);
}
