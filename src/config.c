/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "config_keys.h"
#include "file.h"

enum {
	FILE_MAX = 256 * 1024, /* bytes; a configuration is a few hundred */
	SHOWN_MAX = 60,        /* characters of a value that a message repeats */
};

G_DEFINE_QUARK(config_error, config_error)

/* The tables in the order in which they are shown. */
static const struct config_key *table(unsigned which, size_t *count)
{
	switch (which) {
	case 0:
		return config_service_keys(count);
	case 1:
		return config_charge_keys(count);
	default:
		*count = 0;
		return NULL;
	}
}

size_t config_count(void)
{
	size_t total = 0, count;

	for (unsigned t = 0; table(t, &count); t++)
		total += count;
	return total;
}

const struct config_key *config_at(size_t index)
{
	const struct config_key *rows;
	size_t count;

	for (unsigned t = 0; (rows = table(t, &count)); t++) {
		if (index < count)
			return &rows[index];
		index -= count;
	}
	return NULL;
}

const struct config_key *config_find(const char *name)
{
	const struct config_key *key;

	for (size_t i = 0; (key = config_at(i)); i++)
		if (!strcmp(key->name, name))
			return key;
	return NULL;
}

static void *field(struct config *c, const struct config_key *key)
{
	return (char *) c + key->offset;
}

static const void *field_const(const struct config *c, const struct config_key *key)
{
	return (const char *) c + key->offset;
}

/* What somebody wrote, as it fits into a sentence: short, and in one line. */
static char *quoted(const char *text)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	g_autofree char *start = g_utf8_strlen(valid, -1) > SHOWN_MAX
					 ? g_utf8_substring(valid, 0, SHOWN_MAX)
					 : NULL;
	char *shown = start ? g_strconcat("\"", start, "...\"", NULL)
			    : g_strconcat("\"", valid, "\"", NULL);

	for (char *c = shown; *c; c++)
		if (g_ascii_iscntrl(*c))
			*c = ' ';
	return shown;
}

/* ---- one value, already of the right kind ---------------------------------- */

static bool refuse_range(const struct config_key *key, const char *value, GError **error)
{
	g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_RANGE,
		    "%s: %s is out of range, %g to %g%s%s is possible", key->name, value, key->min,
		    key->max, *key->unit ? " " : "", key->unit);
	return false;
}

static bool set_number(struct config *c, const struct config_key *key, double value, GError **error)
{
	char text[G_ASCII_DTOSTR_BUF_SIZE];

	g_ascii_formatd(text, sizeof(text), "%.10g", value);
	if (!(value >= key->min && value <= key->max))
		return refuse_range(key, text, error);

	if (key->type == CONFIG_NUMBER) {
		*(double *) field(c, key) = value;
		return true;
	}
	if (!(fabs(value - rint(value)) < 1e-9)) {
		g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_TYPE,
			    "%s: %s is no whole number, %g to %g is possible", key->name, text,
			    key->min, key->max);
		return false;
	}
	if (key->type == CONFIG_BOOL)
		*(bool *) field(c, key) = value > 0.5;
	else
		*(int *) field(c, key) = (int) rint(value);
	return true;
}

static bool set_choice(struct config *c, const struct config_key *key, const char *text,
		       GError **error)
{
	for (int i = 0; key->choices[i]; i++) {
		if (g_ascii_strcasecmp(key->choices[i], text))
			continue;
		*(int *) field(c, key) = i;
		return true;
	}

	g_autofree char *possible = g_strjoinv(", ", (char **) key->choices);
	g_autofree char *shown = quoted(text);

	g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_RANGE, "%s: %s is none of %s", key->name,
		    shown, possible);
	return false;
}

static bool set_curve(struct config *c, const struct config_key *key, const char *text,
		      GError **error)
{
	struct curve curve;

	if (!curve_parse(&curve, text)) {
		g_autofree char *shown = quoted(text);

		g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_TYPE,
			    "%s: %s is no curve; it is written as points \"x:ratio x:ratio ...\" "
			    "(at most %d) with x in one direction and ratios from 0 to 1",
			    key->name, shown, CURVE_POINTS_MAX);
		return false;
	}
	/* none is none of its own, as with numbers: what protects is never switched off by "" */
	if (!curve.count && key->text_fallback && !curve_parse(&curve, key->text_fallback))
		g_assert_not_reached();
	for (unsigned i = 0; i < curve.count; i++) {
		const double x = curve.point[i].x;
		char number[G_ASCII_DTOSTR_BUF_SIZE];

		g_ascii_formatd(number, sizeof(number), "%.10g", x);
		if (!(x >= key->min && x <= key->max))
			return refuse_range(key, number, error);
	}
	*(struct curve *) field(c, key) = curve;
	return true;
}

static bool set_string(struct config *c, const struct config_key *key, const char *text,
		       GError **error)
{
	const size_t length = strlen(text);

	if (!g_utf8_validate(text, -1, NULL)) {
		g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_TYPE, "%s: the text is not UTF-8",
			    key->name);
		return false;
	}
	if (length < key->min || length > key->max) {
		g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_RANGE,
			    "%s: the text has %zu bytes, %g to %g are possible", key->name, length,
			    key->min, key->max);
		return false;
	}
	g_strlcpy(field(c, key), text, CONFIG_TEXT_BYTES);
	return true;
}

static bool set_document(struct config *c, const struct config_key *key, const char *text,
			 GError **error)
{
	cJSON *document = cJSON_ParseWithOpts(text, NULL, true);
	char *compact = document ? cJSON_PrintUnformatted(document) : NULL;
	const bool fits = compact && strlen(compact) <= key->max;

	if (fits)
		g_strlcpy(field(c, key), compact, CONFIG_JSON_BYTES);
	else if (compact)
		g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_RANGE,
			    "%s: the value has %zu bytes, at most %g are possible", key->name,
			    strlen(compact), key->max);
	else
		g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_TYPE, "%s: the value is no JSON",
			    key->name);
	cJSON_free(compact);
	cJSON_Delete(document);
	return fits;
}

static const char *text_fallback(const struct config_key *key)
{
	return key->text_fallback ? key->text_fallback : "";
}

static void set_default(struct config *c, const struct config_key *key)
{
	switch (key->type) {
	case CONFIG_BOOL:
		*(bool *) field(c, key) = key->fallback > 0.5;
		break;
	case CONFIG_INT:
	case CONFIG_CHOICE:
		*(int *) field(c, key) = (int) key->fallback;
		break;
	case CONFIG_NUMBER:
		*(double *) field(c, key) = key->fallback;
		break;
	case CONFIG_TEXT:
		g_strlcpy(field(c, key), text_fallback(key), CONFIG_TEXT_BYTES);
		break;
	case CONFIG_CURVE:
		if (!curve_parse(field(c, key), text_fallback(key)))
			g_assert_not_reached();
		break;
	case CONFIG_JSON:
		*(char *) field(c, key) = '\0';
		break;
	}
}

void config_init(struct config *c)
{
	const struct config_key *key;

	memset(c, 0, sizeof(*c));
	for (size_t i = 0; (key = config_at(i)); i++)
		set_default(c, key);
}

/* ---- from text: D-Bus, command line ------------------------------------------ */

static bool text_to_number(const char *text, double *value)
{
	char *end;

	if (!g_ascii_strcasecmp(text, "true") || !g_ascii_strcasecmp(text, "on"))
		*value = 1;
	else if (!g_ascii_strcasecmp(text, "false") || !g_ascii_strcasecmp(text, "off"))
		*value = 0;
	else {
		*value = g_ascii_strtod(text, &end);
		return end != text && *end == '\0' && isfinite(*value);
	}
	return true;
}

static bool set_from_text(struct config *c, const struct config_key *key, const char *text,
			  GError **error)
{
	double value;

	switch (key->type) {
	case CONFIG_TEXT:
		return set_string(c, key, text, error);
	case CONFIG_CHOICE:
		return set_choice(c, key, text, error);
	case CONFIG_CURVE:
		return set_curve(c, key, text, error);
	case CONFIG_JSON:
		return set_document(c, key, text, error);
	case CONFIG_BOOL:
	case CONFIG_INT:
	case CONFIG_NUMBER:
		break;
	}
	if (!text_to_number(text, &value)) {
		g_autofree char *shown = quoted(text);

		g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_TYPE,
			    "%s: %s is no number, %g to %g%s%s is possible", key->name, shown,
			    key->min, key->max, *key->unit ? " " : "", key->unit);
		return false;
	}
	return set_number(c, key, value, error);
}

bool config_set_text(struct config *c, const struct config_key *key, const char *text,
		     GError **error)
{
	struct config changed = *c;

	if (*text == '\0' && key->type != CONFIG_TEXT)
		set_default(&changed, key);
	else if (!set_from_text(&changed, key, text, error))
		return false;

	if (!charge_config_check(&changed.charge, error))
		return false;
	*c = changed;
	return true;
}

static char *curve_text(const struct curve *curve)
{
	GString *s = g_string_new(NULL);
	char number[G_ASCII_DTOSTR_BUF_SIZE];

	for (unsigned i = 0; i < curve->count; i++) {
		g_ascii_formatd(number, sizeof(number), "%.10g", curve->point[i].x);
		g_string_append_printf(s, "%s%s:", i ? " " : "", number);
		g_ascii_formatd(number, sizeof(number), "%.10g", curve->point[i].ratio);
		g_string_append(s, number);
	}
	return g_string_free(s, FALSE);
}

char *config_get_text(const struct config *c, const struct config_key *key)
{
	const void *at = field_const(c, key);
	char number[G_ASCII_DTOSTR_BUF_SIZE] = "";

	switch (key->type) {
	case CONFIG_BOOL:
		return g_strdup(*(const bool *) at ? "1" : "0");
	case CONFIG_INT:
		return g_strdup_printf("%d", *(const int *) at);
	case CONFIG_NUMBER:
		if (!isnan(*(const double *) at))
			g_ascii_formatd(number, sizeof(number), "%.10g", *(const double *) at);
		return g_strdup(number);
	case CONFIG_TEXT:
		return g_strdup(key->is_secret && *(const char *) at ? "(set)" : (const char *) at);
	case CONFIG_CHOICE:
		return g_strdup(key->choices[*(const int *) at]);
	case CONFIG_CURVE:
		return curve_text(at);
	case CONFIG_JSON:
		return g_strdup(at);
	}
	g_assert_not_reached();
}

/* ---- from and to JSON --------------------------------------------------------- */

static bool refuse_type(const struct config_key *key, const cJSON *value, const char *wanted,
			GError **error)
{
	g_autofree char *json = key->is_secret ? NULL : cJSON_PrintUnformatted(value);
	g_autofree char *shown = json && strlen(json) > SHOWN_MAX ? NULL : g_strdup(json);

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
		return set_curve(c, key, value->valuestring, error);
	if (!cJSON_IsArray(value))
		return refuse_type(key, value, "curve, as [[x, ratio], ...]", error);
	cJSON_ArrayForEach(point, value)
		if (!append_point(text, point))
			return refuse_type(key, point, "point [x, ratio] of a curve", error);
	return set_curve(c, key, text->str, error);
}

static bool set_document_json(struct config *c, const struct config_key *key, const cJSON *value,
			      GError **error)
{
	char *text = cJSON_PrintUnformatted(value);
	const bool is_set = set_document(c, key, text, error);

	cJSON_free(text);
	return is_set;
}

static bool set_json(struct config *c, const struct config_key *key, const cJSON *value,
		     GError **error)
{
	if (cJSON_IsNull(value)) {
		set_default(c, key);
		return true;
	}

	switch (key->type) {
	case CONFIG_BOOL:
		if (cJSON_IsBool(value))
			return set_number(c, key, cJSON_IsTrue(value), error);
		if (cJSON_IsNumber(value))
			return set_number(c, key, value->valuedouble, error);
		return refuse_type(key, value, "true or false", error);
	case CONFIG_INT:
	case CONFIG_NUMBER:
		return cJSON_IsNumber(value) ? set_number(c, key, value->valuedouble, error)
					     : refuse_type(key, value, "number", error);
	case CONFIG_TEXT:
		return cJSON_IsString(value) ? set_string(c, key, value->valuestring, error)
					     : refuse_type(key, value, "text", error);
	case CONFIG_CHOICE:
		return cJSON_IsString(value) ? set_choice(c, key, value->valuestring, error)
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
		g_autofree char *shown = quoted(member->string);

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
		g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_SYNTAX,
			    document ? "the file is no JSON object"
				     : "line %u: this is no JSON; look for a missing comma, quote or "
				       "brace",
			    line_of(json, end));
		cJSON_Delete(document);
		return false;
	}

	config_init(&parsed);
	cJSON_ArrayForEach(member, document) {
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
	const void *at = field_const(c, key);

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

/* ---- the file ------------------------------------------------------------------- */

static bool fail_errno(GError **error, const char *path, const char *verb, int saved_errno)
{
	g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_FILE, "%s: cannot %s: %s", path, verb,
		    g_strerror(saved_errno));
	return false;
}

bool config_load(struct config *c, const char *path, GError **error)
{
	g_autofree char *json = g_malloc(FILE_MAX + 1);
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	ssize_t got = 0;

	if (fd < 0 && errno == ENOENT) {
		config_init(c);
		return true;
	}
	if (fd < 0)
		return fail_errno(error, path, "open", errno);

	while (length < FILE_MAX && (got = read(fd, json + length, FILE_MAX - length)) > 0)
		length += (size_t) got;

	const int saved_errno = errno;

	close(fd);
	if (got < 0)
		return fail_errno(error, path, "read", saved_errno);
	if (length == FILE_MAX)
		return fail_errno(error, path, "read", EFBIG);
	json[length] = '\0';
	if (!config_parse(c, json, error)) {
		g_prefix_error(error, "%s: ", path);
		return false;
	}
	return true;
}

bool config_save(const struct config *c, const char *path, GError **error)
{
	g_autofree char *json = config_to_json(c);

	return file_replace(path, json, strlen(json), error);
}
