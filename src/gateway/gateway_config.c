/* SPDX-License-Identifier: MIT */
#include "gateway/gateway_config.h"

#include <math.h>
#include <string.h>

#include "file.h"

enum { FILE_MAX = 64 * 1024 };

#define FIELD(key, member) .name = #key, .offset = offsetof(struct gateway_config, member)
#define SWITCH(key)	   FIELD(key, key), .type = GATEWAY_BOOL, .max = 1
#define TEXT(key)	   FIELD(key, key), .type = GATEWAY_TEXT, .max = GATEWAY_TEXT_BYTES - 1
#define PORT(key)	   FIELD(key, key), .type = GATEWAY_INT, .min = 1, .max = 65535

/* clang-format off */
static const struct gateway_key keys[] = {
	{ TEXT(listen), .min = 2, .text_fallback = "127.0.0.1",
	  .sentence = "Address to listen at; 0.0.0.0 or :: lets other machines in." },
	{ PORT(port), .fallback = 8480, .sentence = "Port of the page." },
	{ FIELD(hosts, hosts), .type = GATEWAY_LIST, .max = GATEWAY_TEXT_BYTES - 1,
	  .sentence = "Names by which the page is called, beside the device's own and addresses." },
	{ TEXT(tls_certificate), .sentence = "PEM file with certificate and chain; with it only TLS is spoken." },
	{ TEXT(tls_key), .sentence = "PEM file with the certificate's key." },
	{ FIELD(interval, interval_s), .type = GATEWAY_NUMBER, .min = 0.2, .max = 60, .fallback = 1,
	  .sentence = "Seconds between two readings of a battery." },
	{ TEXT(site), .sentence = "Name of the site, for metrics and MQTT." },

	{ SWITCH(mqtt_enabled), .sentence = "Whether batteries are published at a broker." },
	{ TEXT(mqtt_host), .text_fallback = "127.0.0.1", .sentence = "The broker's name or address." },
	{ PORT(mqtt_port), .fallback = 1883, .sentence = "The broker's port; 8883 with TLS." },
	{ SWITCH(mqtt_tls), .sentence = "Whether TLS is spoken with the broker." },
	{ TEXT(mqtt_ca), .sentence = "PEM file with the authority of the broker's certificate." },
	{ TEXT(mqtt_certificate), .sentence = "PEM file with a certificate of our own." },
	{ TEXT(mqtt_key), .sentence = "PEM file with the key of mqtt_certificate." },
	{ TEXT(mqtt_user), .sentence = "User name at the broker; install.sh gateway mqtt-password sets the password." },
	{ TEXT(mqtt_topic), .min = 1, .text_fallback = "tinybms", .sentence = "First level of the own topics." },
	{ SWITCH(mqtt_legacy), .fallback = 1, .sentence = "Whether the predecessor's topics are published." },
	{ TEXT(mqtt_legacy_topic), .min = 1, .text_fallback = "victron/tinybms",
	  .sentence = "First levels of the predecessor's topics." },
	{ SWITCH(mqtt_discovery), .fallback = 1, .sentence = "Whether Home Assistant finds the batteries by itself." },
	{ TEXT(mqtt_discovery_prefix), .min = 1, .text_fallback = "homeassistant",
	  .sentence = "First level of Home Assistant's discovery." },
	{ SWITCH(mqtt_commands), .sentence = "Whether commands by MQTT are obeyed." },
};
/* clang-format on */

G_DEFINE_QUARK(gateway_config_error, gateway_config_error)

const struct gateway_key *gateway_config_key(size_t index)
{
	return index < G_N_ELEMENTS(keys) ? &keys[index] : NULL;
}

const struct gateway_key *gateway_config_find(const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
		if (!strcmp(keys[i].name, name))
			return &keys[i];
	return NULL;
}

static void *field_of(struct gateway_config *c, const struct gateway_key *key)
{
	return (char *) c + key->offset;
}

static const void *value_of(const struct gateway_config *c, const struct gateway_key *key)
{
	return (const char *) c + key->offset;
}

static bool refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);
static bool refuse(GError **error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	if (error)
		*error = g_error_new_valist(GATEWAY_CONFIG_ERROR, GATEWAY_CONFIG_ERROR_VALUE,
					    format, arguments);
	va_end(arguments);
	return false;
}

static void set_default(struct gateway_config *c, const struct gateway_key *key)
{
	void *at = field_of(c, key);

	switch (key->type) {
	case GATEWAY_BOOL:
		*(bool *) at = key->fallback > 0.5;
		break;
	case GATEWAY_INT:
		*(int *) at = (int) key->fallback;
		break;
	case GATEWAY_NUMBER:
		*(double *) at = key->fallback;
		break;
	case GATEWAY_TEXT:
	case GATEWAY_LIST:
		g_strlcpy(at, key->text_fallback ? key->text_fallback : "", GATEWAY_TEXT_BYTES);
		break;
	}
}

void gateway_config_init(struct gateway_config *c)
{
	memset(c, 0, sizeof(*c));
	for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
		set_default(c, &keys[i]);
}

static bool set_number(struct gateway_config *c, const struct gateway_key *key, const cJSON *value,
		       GError **error)
{
	const double number = value->valuedouble;

	if (!cJSON_IsNumber(value))
		return refuse(error, "%s: the value is no number, %g to %g is possible", key->name,
			      key->min, key->max);
	if (!(number >= key->min && number <= key->max))
		return refuse(error, "%s: %g is out of range, %g to %g is possible", key->name,
			      number, key->min, key->max);
	if (key->type == GATEWAY_NUMBER) {
		*(double *) field_of(c, key) = number;
		return true;
	}
	if (!(fabs(number - rint(number)) < 1e-9))
		return refuse(error, "%s: %g is no whole number", key->name, number);
	*(int *) field_of(c, key) = (int) rint(number);
	return true;
}

static bool is_text(const char *text)
{
	for (const char *at = text; *at; at++)
		if (g_ascii_iscntrl(*at))
			return false;
	return g_utf8_validate(text, -1, NULL);
}

static bool set_text(struct gateway_config *c, const struct gateway_key *key, const cJSON *value,
		     GError **error)
{
	const char *text = cJSON_GetStringValue(value);

	if (!text || !is_text(text))
		return refuse(error, "%s: the value is no text in one line", key->name);
	if (strlen(text) < key->min || strlen(text) > key->max)
		return refuse(error, "%s: the text has %zu bytes, %g to %g are possible", key->name,
			      strlen(text), key->min, key->max);
	g_strlcpy(field_of(c, key), text, GATEWAY_TEXT_BYTES);
	return true;
}

static bool set_list(struct gateway_config *c, const struct gateway_key *key, const cJSON *value,
		     GError **error)
{
	g_autoptr(GString) words = g_string_new(NULL);
	const cJSON *item;

	if (!cJSON_IsArray(value))
		return refuse(error, "%s: the value is no list of names", key->name);
	cJSON_ArrayForEach (item, value) {
		const char *word = cJSON_GetStringValue(item);

		if (!word || !*word ||
		    strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "0123456789.-_") != strlen(word))
			return refuse(error,
				      "%s: each item is a name of letters, digits, points and -",
				      key->name);
		g_string_append_printf(words, "%s%s", words->len ? " " : "", word);
	}
	if (words->len > key->max)
		return refuse(error, "%s: the names have %zu bytes, at most %g are possible",
			      key->name, words->len, key->max);
	g_strlcpy(field_of(c, key), words->str, GATEWAY_TEXT_BYTES);
	return true;
}

static bool set(struct gateway_config *c, const struct gateway_key *key, const cJSON *value,
		GError **error)
{
	if (cJSON_IsNull(value)) {
		set_default(c, key);
		return true;
	}
	switch (key->type) {
	case GATEWAY_BOOL:
		if (!cJSON_IsBool(value))
			return refuse(error, "%s: the value is neither true nor false", key->name);
		*(bool *) field_of(c, key) = cJSON_IsTrue(value);
		return true;
	case GATEWAY_INT:
	case GATEWAY_NUMBER:
		return set_number(c, key, value, error);
	case GATEWAY_TEXT:
		return set_text(c, key, value, error);
	case GATEWAY_LIST:
		return set_list(c, key, value, error);
	}
	g_assert_not_reached();
}

static bool stands_twice(const cJSON *member)
{
	for (const cJSON *later = member->next; later; later = later->next)
		if (!strcmp(later->string, member->string))
			return true;
	return false;
}

bool gateway_config_change(struct gateway_config *c, const cJSON *changes, const char **field,
			   GError **error)
{
	struct gateway_config changed = *c;
	const char *wrong = NULL;
	const cJSON *member;

	field = field ? field : &wrong;
	cJSON_ArrayForEach (member, changes) {
		const struct gateway_key *key = gateway_config_find(member->string);

		*field = member->string;
		if (!key || stands_twice(member))
			return refuse(error,
				      key ? "%s: the key stands there twice"
					  : "\"%.60s\": there is no such key",
				      member->string);
		if (!set(&changed, key, member, error))
			return false;
	}
	if (!gateway_config_check(&changed, field, error))
		return false;
	*c = changed;
	return true;
}

static cJSON *value_to_json(const struct gateway_config *c, const struct gateway_key *key)
{
	const void *at = value_of(c, key);

	switch (key->type) {
	case GATEWAY_BOOL:
		return cJSON_CreateBool(*(const bool *) at);
	case GATEWAY_INT:
		return cJSON_CreateNumber(*(const int *) at);
	case GATEWAY_NUMBER:
		return cJSON_CreateNumber(*(const double *) at);
	case GATEWAY_TEXT:
		return cJSON_CreateString(at);
	case GATEWAY_LIST:
		break;
	}

	cJSON *list = cJSON_CreateArray();
	g_auto(GStrv) words = g_strsplit(at, " ", -1);

	for (char **word = words; *word; word++)
		if (**word)
			cJSON_AddItemToArray(list, cJSON_CreateString(*word));
	return list;
}

cJSON *gateway_config_document(const struct gateway_config *c)
{
	cJSON *document = cJSON_CreateObject();

	for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
		cJSON_AddItemToObject(document, keys[i].name, value_to_json(c, &keys[i]));
	return document;
}

bool gateway_config_parse(struct gateway_config *c, const char *json, GError **error)
{
	struct gateway_config parsed;
	cJSON *document = cJSON_ParseWithOpts(json, NULL, true);
	bool is_fine;

	gateway_config_init(&parsed);
	if (cJSON_IsObject(document))
		is_fine = gateway_config_change(&parsed, document, NULL, error);
	else
		is_fine = refuse(
			error, "this is no JSON object; look for a missing comma, quote or brace");
	cJSON_Delete(document);
	if (is_fine)
		*c = parsed;
	return is_fine;
}

bool gateway_config_load(struct gateway_config *c, const char *path, GError **error)
{
	g_autofree char *text = NULL;
	g_autoptr(GError) trouble = NULL;
	gsize size;

	if (!g_file_get_contents(path, &text, &size, &trouble)) {
		if (g_error_matches(trouble, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
			gateway_config_init(c);
			return true;
		}
		g_set_error(error, GATEWAY_CONFIG_ERROR, GATEWAY_CONFIG_ERROR_FILE, "%s",
			    trouble->message);
		return false;
	}
	if (size > FILE_MAX || strlen(text) != size)
		return refuse(error, "%s is no configuration", path);
	if (gateway_config_parse(c, text, error))
		return true;
	g_prefix_error(error, "%s: ", path);
	return false;
}

bool gateway_config_save(const struct gateway_config *c, const char *path, GError **error)
{
	struct gateway_config defaults;
	cJSON *document = cJSON_CreateObject();

	gateway_config_init(&defaults);
	for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
		cJSON *value = value_to_json(c, &keys[i]),
		      *fallback = value_to_json(&defaults, &keys[i]);

		if (cJSON_Compare(value, fallback, true))
			cJSON_Delete(value);
		else
			cJSON_AddItemToObject(document, keys[i].name, value);
		cJSON_Delete(fallback);
	}

	char *text = cJSON_Print(document);
	g_autofree char *line = g_strconcat(text, "\n", NULL);
	const bool is_saved = file_replace(path, line, strlen(line), error);

	cJSON_free(text);
	cJSON_Delete(document);
	return is_saved;
}
