/* SPDX-License-Identifier: MIT */
#include "config_private.h"

#include <math.h>
#include <string.h>

#include <cjson/cJSON.h>

/* What somebody wrote, as it fits into a sentence: short, and in one line. */
char *config_quoted(const char *text)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	g_autofree char *start = g_utf8_strlen(valid, -1) > CONFIG_SHOWN_MAX
					 ? g_utf8_substring(valid, 0, CONFIG_SHOWN_MAX)
					 : NULL;
	char *shown = start ? g_strconcat("\"", start, "...\"", NULL)
			    : g_strconcat("\"", valid, "\"", NULL);

	for (char *c = shown; *c; c++)
		if (g_ascii_iscntrl(*c))
			*c = ' ';
	return shown;
}

static bool refuse_range(const struct config_key *key, const char *value, GError **error)
{
	g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_RANGE,
		    "%s: %s is out of range, %g to %g%s%s is possible", key->name, value, key->min,
		    key->max, *key->unit ? " " : "", key->unit);
	return false;
}

bool config_set_number(struct config *c, const struct config_key *key, double value, GError **error)
{
	char text[G_ASCII_DTOSTR_BUF_SIZE];

	g_ascii_formatd(text, sizeof(text), "%.10g", value);
	if (!(value >= key->min && value <= key->max))
		return refuse_range(key, text, error);

	if (key->type == CONFIG_NUMBER) {
		*(double *) config_field(c, key) = value;
		return true;
	}
	if (!(fabs(value - rint(value)) < 1e-9)) {
		g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_TYPE,
			    "%s: %s is no whole number, %g to %g is possible", key->name, text,
			    key->min, key->max);
		return false;
	}
	if (key->type == CONFIG_BOOL)
		*(bool *) config_field(c, key) = value > 0.5;
	else
		*(int *) config_field(c, key) = (int) rint(value);
	return true;
}

bool config_set_choice(struct config *c, const struct config_key *key, const char *text,
		       GError **error)
{
	for (int i = 0; key->choices[i]; i++) {
		if (g_ascii_strcasecmp(key->choices[i], text))
			continue;
		*(int *) config_field(c, key) = i;
		return true;
	}

	g_autofree char *possible = g_strjoinv(", ", (char **) key->choices);
	g_autofree char *shown = config_quoted(text);

	g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_RANGE, "%s: %s is none of %s", key->name,
		    shown, possible);
	return false;
}

bool config_set_curve(struct config *c, const struct config_key *key, const char *text,
		      GError **error)
{
	struct curve curve;

	if (!curve_parse(&curve, text)) {
		g_autofree char *shown = config_quoted(text);

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
	*(struct curve *) config_field(c, key) = curve;
	return true;
}

bool config_set_string(struct config *c, const struct config_key *key, const char *text,
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
	g_strlcpy(config_field(c, key), text, CONFIG_TEXT_BYTES);
	return true;
}

bool config_set_document(struct config *c, const struct config_key *key, const char *text,
			 GError **error)
{
	cJSON *document = cJSON_ParseWithOpts(text, NULL, true);
	char *compact = document ? cJSON_PrintUnformatted(document) : NULL;
	const bool fits = compact && strlen(compact) <= key->max;

	if (fits)
		g_strlcpy(config_field(c, key), compact, CONFIG_JSON_BYTES);
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

void config_set_default(struct config *c, const struct config_key *key)
{
	switch (key->type) {
	case CONFIG_BOOL:
		*(bool *) config_field(c, key) = key->fallback > 0.5;
		break;
	case CONFIG_INT:
	case CONFIG_CHOICE:
		*(int *) config_field(c, key) = (int) key->fallback;
		break;
	case CONFIG_NUMBER:
		*(double *) config_field(c, key) = key->fallback;
		break;
	case CONFIG_TEXT:
		g_strlcpy(config_field(c, key), text_fallback(key), CONFIG_TEXT_BYTES);
		break;
	case CONFIG_CURVE:
		if (!curve_parse(config_field(c, key), text_fallback(key)))
			g_assert_not_reached();
		break;
	case CONFIG_JSON:
		*(char *) config_field(c, key) = '\0';
		break;
	}
}
