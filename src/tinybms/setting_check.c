/* SPDX-License-Identifier: MIT */
#include "tinybms/setting_check.h"

#include <math.h>
#include <string.h>

#include "battery/battery.h"

enum {
	SERIES_CELLS = 307,
	CONFIGURATION_BITS = 329,
	CONFIGURATION_KNOWN = 0x0007, /* rev. D chapter 3: bits 0 to 2 */
	CHARGER_TYPE = 330,
	CHARGER_TYPE_LAST = 2,	   /* low byte: 0 variable, 1 CC/CV, 2 CAN */
	DISCHARGE_DELAY_MAX_S = 30, /* high byte */
};

/* clang-format off */
static const struct relation {
	uint16_t low, high; /* registers: high >= low + margin */
	double margin;      /* in their unit */
} relations[] = {
	{ 300, 315, 0.010 },
	{ 316, 301, 0.010 },
	{ 317, 305, 1.0   },
	{ 316, 315, 0.010 },
	{ 301, 300, 0.001 },
	{ 303, 300, 0.0   },
};

static const struct { uint16_t first, last; } risky[] = {
	{ 300, 301 }, { 304, 305 }, { 307, 307 }, { 310, 311 }, { 315, 321 }, { 329, 341 },
};
/* clang-format on */

bool setting_is_risky(const struct setting *s)
{
	for (size_t i = 0; i < G_N_ELEMENTS(risky); i++)
		if (s->address >= risky[i].first && s->address <= risky[i].last)
			return true;
	return false;
}

void setting_set_add(struct setting_set *set, const struct setting *s, uint32_t raw)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->change[i].setting == s) {
			set->change[i].raw = raw;
			return;
		}
	if (set->count < G_N_ELEMENTS(set->change))
		set->change[set->count++] = (struct setting_change){ .setting = s, .raw = raw };
}

static bool contains(const struct setting_set *set, uint16_t address)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->change[i].setting->address == address)
			return true;
	return false;
}

static struct settings_words applied(const struct setting_set *set,
				     const struct settings_words *words)
{
	struct settings_words after = *words;

	for (size_t i = 0; i < set->count; i++)
		setting_store(set->change[i].setting, &after, set->change[i].raw);
	return after;
}

/* ---- one setting ----------------------------------------------------------------------- */

/* Two numbers, or bits, in one register: a range of the whole says nothing. */
static bool is_composed(const struct setting *s)
{
	return s->address == CHARGER_TYPE || s->address == CONFIGURATION_BITS;
}

static bool check_range(const struct setting_change *c, const struct job_ranges *ranges,
			GError **error)
{
	const struct setting_range range = setting_range(c->setting, ranges);
	const double number = setting_number(c->setting, c->raw);
	g_autofree char *text = setting_text(c->setting, c->raw);

	if (is_composed(c->setting) || (number >= range.min && number <= range.max))
		return true;
	g_set_error(error, SETTING_ERROR, SETTING_ERROR_RANGE,
		    "%s: %s is not possible, %s takes %.10g to %.10g%s%s.", c->setting->name, text,
		    range.is_device ? "this BMS" : "a TinyBMS", range.min, range.max,
		    c->setting->unit[0] ? " " : "", c->setting->unit);
	return false;
}

static bool check_choice(const struct setting_change *c, GError **error)
{
	g_autoptr(GString) list = g_string_new(NULL);

	if (!c->setting->choices)
		return true;
	for (const struct setting_choice *k = c->setting->choices; k->text; k++) {
		if (k->raw == c->raw)
			return true;
		g_string_append_printf(list, "%s%u %s", list->len ? ", " : "", k->raw, k->text);
	}
	g_set_error(error, SETTING_ERROR, SETTING_ERROR_RANGE, "%s: %u is none of %s.",
		    c->setting->name, c->raw, list->str);
	return false;
}

/* What is reserved stays as the device has it. */
static bool check_composed(const struct setting_change *c, const struct settings_words *words,
			   GError **error)
{
	uint32_t before = 0;

	setting_raw(c->setting, words, &before);
	if (c->setting->address == CONFIGURATION_BITS &&
	    ((before ^ c->raw) & ~(uint32_t) CONFIGURATION_KNOWN) != 0) {
		g_set_error(error, SETTING_ERROR, SETTING_ERROR_RANGE,
			    "%s: %u changes reserved bits; only 1, 2 and 4 have a meaning.",
			    c->setting->name, c->raw);
		return false;
	}
	if (c->setting->address == CHARGER_TYPE && ((c->raw & 0xFF) > CHARGER_TYPE_LAST ||
						   c->raw >> 8 > DISCHARGE_DELAY_MAX_S)) {
		g_set_error(error, SETTING_ERROR, SETTING_ERROR_RANGE,
			    "%s: %u is not possible: 256 times the delay of the discharge cut-off "
			    "(0 to 30 s) and the type (0 to 2).",
			    c->setting->name, c->raw);
		return false;
	}
	return true;
}

/* ---- the whole -------------------------------------------------------------------------- */

/* A setting that the device does not have holds no relation. */
static bool holds(const struct relation *r, const struct settings_words *words, double *low,
		  double *high)
{
	const struct setting *low_setting = settings_by_address(r->low);
	const struct setting *high_setting = settings_by_address(r->high);
	uint32_t low_raw, high_raw;
	const bool has_low = setting_raw(low_setting, words, &low_raw);
	const bool has_high = setting_raw(high_setting, words, &high_raw);

	*low = setting_number(low_setting, low_raw);
	*high = setting_number(high_setting, high_raw);
	/* 305 reads 0 where older firmware has it reserved */
	if (!has_low || !has_high || high_raw == 0)
		return true;
	return *high >= *low + r->margin - 1e-6;
}

static bool check_relations(const struct setting_set *set, const struct settings_words *after,
			    GError **error)
{
	for (size_t i = 0; i < G_N_ELEMENTS(relations); i++) {
		const struct relation *r = &relations[i];
		const struct setting *low = settings_by_address(r->low);
		const struct setting *high = settings_by_address(r->high);
		double low_value, high_value;

		if (!contains(set, r->low) && !contains(set, r->high))
			continue;
		if (holds(r, after, &low_value, &high_value))
			continue;
		g_set_error(error, SETTING_ERROR, SETTING_ERROR_CONTRADICTION,
			    "%s (%.10g %s) must be at least %.10g %s, for %s is %.10g %s.", high->name,
			    high_value, high->unit, low_value + r->margin, high->unit, low->name,
			    low_value, low->unit);
		return false;
	}
	return true;
}

static bool check_cells(const struct setting_set *set, const struct settings_words *after,
			unsigned cells_detected, GError **error)
{
	uint32_t cells = 0;

	setting_raw(settings_by_address(SERIES_CELLS), after, &cells);
	if (!contains(set, SERIES_CELLS) || cells_detected < BATTERY_CELLS_MIN ||
	    cells_detected > BATTERY_CELLS_MAX || cells == cells_detected)
		return true;
	g_set_error(error, SETTING_ERROR, SETTING_ERROR_CONTRADICTION,
		    "series_cells: %u does not agree with the %u cells that the BMS detects; check "
		    "the balance connector.",
		    cells, cells_detected);
	return false;
}

static bool check_presence(const struct setting_change *c, const struct settings_words *words,
			   GError **error)
{
	uint32_t raw;

	if (setting_raw(c->setting, words, &raw))
		return true;
	g_set_error(error, SETTING_ERROR, SETTING_ERROR_UNKNOWN,
		    "%s: the firmware of this BMS does not have it.", c->setting->name);
	return false;
}

bool setting_set_check(const struct setting_set *set, const struct settings_words *words,
		       const struct job_ranges *ranges, unsigned cells_detected, GError **error)
{
	const struct settings_words after = applied(set, words);

	for (size_t i = 0; i < set->count; i++) {
		const struct setting_change *c = &set->change[i];

		if (!check_presence(c, words, error) || !check_choice(c, error) ||
		    !check_composed(c, words, error) || !check_range(c, ranges, error))
			return false;
	}
	return check_relations(set, &after, error) &&
	       check_cells(set, &after, cells_detected, error);
}

/* ---- order ------------------------------------------------------------------------------- */

static unsigned broken(const struct settings_words *words)
{
	unsigned count = 0;
	double low, high;

	for (size_t i = 0; i < G_N_ELEMENTS(relations); i++)
		count += !holds(&relations[i], words, &low, &high);
	return count;
}

void setting_set_order(struct setting_set *set, const struct settings_words *words)
{
	struct settings_words now = *words;

	for (size_t i = 0; i < set->count; i++) {
		size_t best = i;
		unsigned fewest = G_MAXUINT;

		for (size_t k = i; k < set->count; k++) {
			struct settings_words then = now;

			setting_store(set->change[k].setting, &then, set->change[k].raw);
			if (broken(&then) < fewest) {
				fewest = broken(&then);
				best = k;
			}
		}
		const struct setting_change chosen = set->change[best];

		memmove(&set->change[i + 1], &set->change[i], (best - i) * sizeof(chosen));
		set->change[i] = chosen;
		setting_store(chosen.setting, &now, chosen.raw);
	}
}
