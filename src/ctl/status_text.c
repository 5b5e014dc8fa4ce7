/* SPDX-License-Identifier: MIT */
#include "ctl/status_text.h"

#include <math.h>
#include <string.h>

static const char BOLD[] = "\033[1m", RED[] = "\033[31m", YELLOW[] = "\033[33m",
		  GREEN[] = "\033[32m", PLAIN[] = "\033[0m";

/* A line that is broken between words, not inside them. */
struct flow {
	GString *out;
	const struct status_look *look;
	unsigned used; /* columns of the present line */
};

static const cJSON *item(const cJSON *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

static double number(const cJSON *object, const char *key)
{
	const cJSON *i = item(object, key);

	return cJSON_IsNumber(i) ? i->valuedouble : (double) NAN;
}

static const char *text(const cJSON *object, const char *key)
{
	const char *t = cJSON_GetStringValue(item(object, key));

	return t ? t : "";
}

/* @columns of @word at most; colours take none. */
static void put(struct flow *f, const char *colour, const char *word)
{
	const unsigned columns = (unsigned) g_utf8_strlen(word, -1);
	const unsigned gap = f->used ? 2 : 0;
	g_autofree char *fitting = g_utf8_substring(word, 0, MIN(columns, f->look->width));

	if (f->used && f->used + gap + columns > f->look->width) {
		g_string_append_c(f->out, '\n');
		f->used = 0;
	} else if (gap) {
		g_string_append(f->out, "  ");
		f->used += gap;
	}
	if (colour && f->look->has_colours)
		g_string_append_printf(f->out, "%s%s%s", colour, fitting, PLAIN);
	else
		g_string_append(f->out, fitting);
	f->used += MIN(columns, f->look->width);
}

static void put_number(struct flow *f, const char *colour, const char *before, double value,
		       int decimals, const char *unit)
{
	g_autofree char *word = isnan(value)
					? g_strdup_printf("%s-- %s", before, unit)
					: g_strdup_printf("%s%.*f %s", before, decimals, value, unit);

	put(f, colour, g_strchomp(word));
}

/* A sentence, word by word. */
static void put_sentence(struct flow *f, const char *colour, const char *sentence)
{
	g_auto(GStrv) words = g_strsplit(sentence, " ", -1);
	GString *line = g_string_new(NULL);
	const size_t width = f->look->width;

	for (int i = 0; words[i]; i++) {
		if (line->len && (size_t) g_utf8_strlen(line->str, -1) + 1 +
						 (size_t) g_utf8_strlen(words[i], -1) > width) {
			put(f, colour, line->str);
			g_string_truncate(line, 0);
		}
		if (line->len)
			g_string_append_c(line, ' ');
		g_string_append(line, words[i]);
	}
	if (line->len)
		put(f, colour, line->str);
	g_string_free(line, TRUE);
}

static void end(struct flow *f)
{
	if (f->used)
		g_string_append_c(f->out, '\n');
	f->used = 0;
}

/* ---- what there is to say --------------------------------------------------------------- */

static void tell_device(struct flow *f, const cJSON *status)
{
	const double age_s = number(status, "age");

	put(f, BOLD, text(status, "port"));
	if (text(status, "serial")[0])
		put(f, NULL, text(status, "serial"));
	if (!isnan(number(status, "instance")))
		put_number(f, NULL, "instance ", number(status, "instance"), 0, "");
	end(f);
	if (!text(status, "service")[0]) {
		put_sentence(f, YELLOW, text(status, "state"));
		end(f);
	}
	if (age_s >= 3.0) {
		put_number(f, RED, "No answer from the BMS for ", age_s, 0, "s");
		end(f);
	}
}

static void tell_measurements(struct flow *f, const cJSON *status, const cJSON *battery)
{
	const double v = number(status, "pack_voltage"), a = number(battery, "current");
	const cJSON *temperature;

	put_number(f, BOLD, "SOC ", number(battery, "soc"), 1, "%");
	put_number(f, NULL, "", v, 2, "V");
	put_number(f, NULL, "", a, 1, "A");
	put_number(f, NULL, "", v * a, 0, "W");
	put(f, NULL, text(battery, "status"));
	cJSON_ArrayForEach(temperature, item(battery, "temperatures"))
		if (cJSON_IsNumber(temperature))
			put_number(f, NULL, "", temperature->valuedouble, 1, "°C");
	end(f);
}

static void tell_limits(struct flow *f, const cJSON *limits)
{
	put(f, NULL, text(limits, "state"));
	put_number(f, NULL, "CVL ", number(limits, "cvl"), 2, "V");
	put_number(f, NULL, "CCL ", number(limits, "ccl"), 1, "A");
	put_number(f, NULL, "DCL ", number(limits, "dcl"), 1, "A");
	end(f);
	put_sentence(f, NULL, "Charge:");
	put_sentence(f, NULL, text(limits, "charge_limitation"));
	put_sentence(f, NULL, "Discharge:");
	put_sentence(f, NULL, text(limits, "discharge_limitation"));
	end(f);
}

static void tell_alarms(struct flow *f, const cJSON *alarms)
{
	const cJSON *alarm;
	bool is_quiet = true;

	put(f, NULL, "Alarms:");
	cJSON_ArrayForEach(alarm, alarms) {
		if (!(alarm->valuedouble > 0.0))
			continue;
		put(f, alarm->valuedouble > 1.0 ? RED : YELLOW, alarm->string);
		is_quiet = false;
	}
	if (is_quiet)
		put(f, GREEN, "none");
	end(f);
}

/* ---- cells ------------------------------------------------------------------------------ */

static bool is_bleeding(const cJSON *battery, int cell)
{
	const cJSON *bleeding;

	cJSON_ArrayForEach(bleeding, item(battery, "balancing"))
		if (bleeding->valueint == cell)
			return true;
	return false;
}

/* Between the BMS's own cut-offs, or what any cell may have. */
static double part_of_range(const cJSON *battery, double v)
{
	const cJSON *settings = item(battery, "settings");
	const double low = number(settings, "under_voltage_cutoff");
	const double high = number(settings, "over_voltage_cutoff");

	if (!(high > low))
		return CLAMP((v - 2.0) / (4.3 - 2.0), 0.0, 1.0);
	return CLAMP((v - low) / (high - low), 0.0, 1.0);
}

static void tell_cell(struct flow *f, const cJSON *battery, int cell, double v, const char *colour)
{
	enum { BEFORE = 14 }; /* columns of "C16  3.301 V * " but the last */
	const unsigned room = f->look->width > BEFORE + 1 ? f->look->width - BEFORE - 1 : 0;
	const unsigned length = isnan(v) ? 0 : (unsigned) lround(part_of_range(battery, v) * room);
	g_autofree char *bar = g_strnfill(length, '#');
	g_autofree char *name = g_strdup_printf("C%d", cell);
	g_autofree char *line = NULL;

	if (isnan(v))
		line = g_strdup_printf("%-4s    -- V", name);
	else
		line = g_strdup_printf("%-4s %.3f V %c %s", name, v,
				       is_bleeding(battery, cell) ? '*' : ' ', bar);
	put(f, colour, g_strchomp(line));
	end(f);
}

static void tell_cells(struct flow *f, const cJSON *battery)
{
	double min = (double) NAN, max = (double) NAN;
	const cJSON *cell;
	int i = 0;

	cJSON_ArrayForEach(cell, item(battery, "cells"))
		if (cJSON_IsNumber(cell)) {
			min = fmin(min, cell->valuedouble);
			max = fmax(max, cell->valuedouble);
		}
	put_number(f, NULL, "Cells ", min, 3, "V");
	put_number(f, NULL, "to ", max, 3, "V");
	put_number(f, NULL, "apart ", (max - min) * 1000.0, 0, "mV");
	if (cJSON_GetArraySize(item(battery, "balancing")))
		put(f, NULL, "* balancing");
	end(f);
	if (!f->look->has_cells)
		return;
	cJSON_ArrayForEach(cell, item(battery, "cells")) {
		const double v = cJSON_IsNumber(cell) ? cell->valuedouble : (double) NAN;

		tell_cell(f, battery, ++i, v, v <= min ? YELLOW : v >= max ? GREEN : NULL);
	}
}

void status_text(GString *out, const cJSON *status, const struct status_look *look)
{
	struct flow f = { .out = out, .look = look };
	const cJSON *battery = item(status, "battery");

	tell_device(&f, status);
	if (!battery)
		return;
	tell_measurements(&f, status, battery);
	tell_limits(&f, item(status, "limits"));
	tell_alarms(&f, item(status, "alarms"));
	tell_cells(&f, battery);
}
