/* SPDX-License-Identifier: MIT */
#include "tinybms/setting_value.h"

#include <math.h>
#include <string.h>

G_DEFINE_QUARK(setting_error, setting_error)

/* What decimal numbers lose in a double is far below a hundredth of a step. */
static const double STEP_SLACK = 0.01;

enum { SHOWN_MAX = 60 }; /* characters of a value that is repeated in an error */

/* ---- raw ----------------------------------------------------------------------------- */

static double steps(const struct setting *s, uint32_t raw)
{
	return s->is_signed ? (double) (int16_t) raw : (double) raw;
}

static uint32_t raw_at(const struct setting *s, const uint16_t *words)
{
	const unsigned i = s->address - SETTINGS_FIRST;

	return s->words == 2 ? words[i] | (uint32_t) words[i + 1] << 16 : words[i];
}

bool setting_raw(const struct setting *s, const struct settings_words *words, uint32_t *raw)
{
	*raw = raw_at(s, words->word);
	return !words->is_absent[s->address - SETTINGS_FIRST];
}

void setting_store(const struct setting *s, struct settings_words *words, uint32_t raw)
{
	const unsigned i = s->address - SETTINGS_FIRST;

	words->word[i] = (uint16_t) raw;
	if (s->words == 2)
		words->word[i + 1] = (uint16_t) (raw >> 16);
}

double setting_number(const struct setting *s, uint32_t raw)
{
	/* a thousandth has no exact double: dividing gives the nearest one */
	return s->scale < 1.0 ? steps(s, raw) / round(1.0 / s->scale) : steps(s, raw) * s->scale;
}

/* ---- range --------------------------------------------------------------------------- */

/* Of registers that it does not have a device tells nothing but zeros. */
static bool can_be(const struct setting *s, const struct job_ranges *r)
{
	return r && r->has_min && r->has_max &&
	       steps(s, raw_at(s, r->min)) < steps(s, raw_at(s, r->max));
}

struct setting_range setting_range(const struct setting *s, const struct job_ranges *r)
{
	const bool is_device = can_be(s, r);
	const bool has_default = is_device && r->has_default;
	const double per_step = setting_number(s, 1);

	return (struct setting_range){
		.min = is_device ? setting_number(s, raw_at(s, r->min)) : s->raw_min * per_step,
		.max = is_device ? setting_number(s, raw_at(s, r->max)) : s->raw_max * per_step,
		.fallback = has_default ? setting_number(s, raw_at(s, r->fallback)) : (double) NAN,
		.is_device = is_device,
	};
}

/* ---- text ---------------------------------------------------------------------------- */

static const char *choice_text(const struct setting *s, uint32_t raw)
{
	for (const struct setting_choice *c = s->choices; c && c->text; c++)
		if (c->raw == raw)
			return c->text;
	return NULL;
}

char *setting_plain(const struct setting *s, uint32_t raw)
{
	char text[G_ASCII_DTOSTR_BUF_SIZE];

	return g_strdup(g_ascii_formatd(text, sizeof(text), "%.10g", setting_number(s, raw)));
}

char *setting_text(const struct setting *s, uint32_t raw)
{
	const char *choice = choice_text(s, raw);
	g_autofree char *plain = setting_plain(s, raw);

	if (choice)
		return g_strdup(choice);
	return s->unit[0] ? g_strconcat(plain, " ", s->unit, NULL) : g_steal_pointer(&plain);
}

static bool refuse(const struct setting *s, const char *text, const char *why, GError **error)
{
	g_autofree char *shown = g_utf8_make_valid(text, (gssize) strnlen(text, SHOWN_MAX));

	for (char *c = shown; *c; c++)
		if (g_ascii_iscntrl(*c))
			*c = ' ';
	g_set_error(error, SETTING_ERROR, SETTING_ERROR_VALUE, "%s: \"%s\" %s.", s->name, shown,
		    why);
	return false;
}

static bool parse_choice(const struct setting *s, const char *text, uint32_t *raw)
{
	for (const struct setting_choice *c = s->choices; c && c->text; c++)
		if (g_ascii_strcasecmp(c->text, text) == 0) {
			*raw = c->raw;
			return true;
		}
	return false;
}

bool setting_parse(const struct setting *s, const char *text, uint32_t *raw, GError **error)
{
	g_autofree char *word = g_strstrip(g_strdup(text));
	char *end = NULL;
	const double number = g_ascii_strtod(word, &end);

	if (parse_choice(s, word, raw))
		return true;
	g_strchug(end);
	if (end == word || !isfinite(number) || (end[0] && strcmp(end, s->unit) != 0))
		return refuse(s, text,
			      s->choices ? "is neither a number nor one of its choices"
					 : "is no number",
			      error);

	const double wanted = number / s->scale;

	if (fabs(wanted - round(wanted)) > STEP_SLACK)
		return refuse(s, text, "lies between two steps of the BMS", error);
	if (!(wanted >= (s->is_signed ? INT16_MIN : 0)) ||
	    !(wanted <= (s->is_signed	 ? INT16_MAX
			 : s->words == 2 ? UINT32_MAX
					 : UINT16_MAX)))
		return refuse(s, text, "is more than its register holds", error);
	*raw = s->is_signed ? (uint16_t) (int16_t) round(wanted) : (uint32_t) round(wanted);
	return true;
}
