/* SPDX-License-Identifier: MIT */
/* config_text - values as D-Bus and the command line bring and show them */
#include "config_private.h"

#include <math.h>

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
		return config_set_string(c, key, text, error);
	case CONFIG_CHOICE:
		return config_set_choice(c, key, text, error);
	case CONFIG_CURVE:
		return config_set_curve(c, key, text, error);
	case CONFIG_JSON:
		return config_set_document(c, key, text, error);
	case CONFIG_BOOL:
	case CONFIG_INT:
	case CONFIG_NUMBER:
		break;
	}
	if (!text_to_number(text, &value)) {
		g_autofree char *shown = config_quoted(text);

		g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_TYPE,
			    "%s: %s is no number, %g to %g%s%s is possible", key->name, shown,
			    key->min, key->max, *key->unit ? " " : "", key->unit);
		return false;
	}
	return config_set_number(c, key, value, error);
}

bool config_set_text(struct config *c, const struct config_key *key, const char *text,
		     GError **error)
{
	struct config changed = *c;

	if (*text == '\0' && key->type != CONFIG_TEXT)
		config_set_default(&changed, key);
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
	const void *at = config_field_of(c, key);
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
