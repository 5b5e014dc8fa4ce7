/* SPDX-License-Identifier: MIT */
#include "gateway/config_command.h"

#include <stdio.h>
#include <string.h>

#include "file.h"
#include "gateway/certificates.h"
#include "gateway/gateway_config.h"

static cJSON *list_of(const char *text)
{
	g_auto(GStrv) words = g_strsplit_set(text, ", ", -1);
	cJSON *list = cJSON_CreateArray();

	for (char **word = words; *word; word++)
		if (**word)
			cJSON_AddItemToArray(list, cJSON_CreateString(*word));
	return list;
}

/* What is no JSON stays a text: gateway_config_change() says what it should have been. */
static cJSON *value_of(const char *name, const char *text)
{
	const struct gateway_key *key = gateway_config_find(name);
	cJSON *value = NULL;

	if (!*text)
		return cJSON_CreateNull();
	if (key && key->type == GATEWAY_LIST)
		return list_of(text);
	if (key && key->type != GATEWAY_TEXT)
		value = cJSON_ParseWithOpts(text, NULL, true);
	return value ? value : cJSON_CreateString(text);
}

/* {NAME: value}, owned; NULL: a pair is none. */
static cJSON *changes_of(char *const *pairs, GError **error)
{
	cJSON *changes = cJSON_CreateObject();

	for (char *const *pair = pairs; *pair; pair++) {
		const char *equals = strchr(*pair, '=');
		g_autofree char *name = equals ? g_strndup(*pair, (gsize) (equals - *pair)) : NULL;

		if (!name) {
			g_set_error(error, GATEWAY_CONFIG_ERROR, GATEWAY_CONFIG_ERROR_VALUE,
				    "\"%s\": NAME=VALUE is expected", *pair);
			cJSON_Delete(changes);
			return NULL;
		}
		cJSON_AddItemToObject(changes, name, value_of(name, equals + 1));
	}
	return changes;
}

static void tell(const struct gateway_config *before, const struct gateway_config *after)
{
	cJSON *old = gateway_config_document(before), *new = gateway_config_document(after);
	const cJSON *now;

	cJSON_ArrayForEach (now, new) {
		const cJSON *was = cJSON_GetObjectItemCaseSensitive(old, now->string);
		char *from = cJSON_PrintUnformatted(was), *to = cJSON_PrintUnformatted(now);

		if (strcmp(from, to) != 0)
			printf("%s: %s -> %s\n", now->string, from, to);
		cJSON_free(from);
		cJSON_free(to);
	}
	cJSON_Delete(old);
	cJSON_Delete(new);
}

static bool change(struct gateway_config *c, const cJSON *changes, GError **error)
{
	return gateway_config_change(c, changes, NULL, error) &&
	       gateway_config_check_files(c, NULL, error) && certificates_check(c, NULL, error);
}

bool config_command_set(const char *path, char *const *pairs, GError **error)
{
	struct gateway_config before, after;
	cJSON *changes = changes_of(pairs, error);
	bool is_fine = changes && gateway_config_load(&before, path, error);

	if (is_fine) {
		after = before;
		is_fine = change(&after, changes, error) &&
			  gateway_config_save(&after, path, error) &&
			  file_give_to_folder(path, error);
	}
	cJSON_Delete(changes);
	if (is_fine)
		tell(&before, &after);
	return is_fine;
}
