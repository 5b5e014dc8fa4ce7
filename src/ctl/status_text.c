/* SPDX-License-Identifier: MIT */
#include "ctl/status_text.h"

#include <math.h>

#include "ctl/json_read.h"

/* ---- what there is to say --------------------------------------------------------------- */

static void tell_device(struct page *p, const cJSON *status)
{
	const double age_s = json_number(status, "age");

	page_put(p, PAGE_BOLD, json_text(status, "port"));
	if (json_text(status, "serial")[0])
		page_put(p, NULL, json_text(status, "serial"));
	if (!isnan(json_number(status, "instance")))
		page_put_number(p, NULL, "instance ", json_number(status, "instance"), 0, "");
	page_end(p);
	if (!json_text(status, "service")[0]) {
		page_text(p, PAGE_YELLOW, 0, json_text(status, "state"));
		page_end(p);
	}
	if (age_s >= 3.0) {
		page_put_number(p, PAGE_RED, "No answer from the BMS for ", age_s, 0, "s");
		page_end(p);
	}
}

static void tell_measurements(struct page *p, const cJSON *status, const cJSON *battery)
{
	const double v = json_number(status, "pack_voltage"), a = json_number(battery, "current");
	const cJSON *temperature;

	page_put_number(p, PAGE_BOLD, "SOC ", json_number(battery, "soc"), 1, "%");
	page_put_number(p, NULL, "", v, 2, "V");
	page_put_number(p, NULL, "", a, 1, "A");
	page_put_number(p, NULL, "", v * a, 0, "W");
	page_put(p, NULL, json_text(battery, "status"));
	cJSON_ArrayForEach (temperature, cJSON_GetObjectItemCaseSensitive(battery, "temperatures"))
		if (cJSON_IsNumber(temperature))
			page_put_number(p, NULL, "", temperature->valuedouble, 1, "°C");
	page_end(p);
}

/* In the present line if it fits, else in lines of its own. */
static void tell_reason(struct page *p, const char *what, const char *reason)
{
	g_autofree char *text = g_strdup_printf("%s: %s", what, reason);

	if (p->used + 2 + (unsigned) g_utf8_strlen(text, -1) > p->width)
		page_end(p);
	else if (p->used)
		page_tab(p, p->used + 2);
	page_text(p, NULL, 2, text);
}

static void tell_limits(struct page *p, const cJSON *limits)
{
	page_put(p, NULL, json_text(limits, "state"));
	page_put_number(p, NULL, "CVL ", json_number(limits, "cvl"), 2, "V");
	page_put_number(p, NULL, "CCL ", json_number(limits, "ccl"), 1, "A");
	page_put_number(p, NULL, "DCL ", json_number(limits, "dcl"), 1, "A");
	page_end(p);
	tell_reason(p, "Charge", json_text(limits, "charge_limitation"));
	tell_reason(p, "Discharge", json_text(limits, "discharge_limitation"));
	page_end(p);
}

static void tell_alarms(struct page *p, const cJSON *alarms)
{
	const cJSON *alarm;
	bool is_quiet = true;

	page_put(p, NULL, "Alarms:");
	cJSON_ArrayForEach(alarm, alarms) {
		if (!(alarm->valuedouble > 0.0))
			continue;
		page_put(p, alarm->valuedouble > 1.0 ? PAGE_RED : PAGE_YELLOW, alarm->string);
		is_quiet = false;
	}
	if (is_quiet)
		page_put(p, PAGE_GREEN, "none");
	page_end(p);
}

/* ---- cells ------------------------------------------------------------------------------ */

static bool is_bleeding(const cJSON *battery, int cell)
{
	const cJSON *bleeding;

	cJSON_ArrayForEach (bleeding, cJSON_GetObjectItemCaseSensitive(battery, "balancing"))
		if (bleeding->valueint == cell)
			return true;
	return false;
}

/* Between the BMS's own cut-offs, or what any cell may have. */
static double part_of_range(const cJSON *battery, double v)
{
	const cJSON *settings = cJSON_GetObjectItemCaseSensitive(battery, "settings");
	const double low = json_number(settings, "under_voltage_cutoff");
	const double high = json_number(settings, "over_voltage_cutoff");

	if (!(high > low))
		return CLAMP((v - 2.0) / (4.3 - 2.0), 0.0, 1.0);
	return CLAMP((v - low) / (high - low), 0.0, 1.0);
}

static void tell_cell(struct page *p, const cJSON *battery, int cell, double v, const char *colour)
{
	enum { BEFORE = 14 }; /* columns of "C16  3.301 V * " but the last */
	const unsigned room = p->width > BEFORE + 1 ? p->width - BEFORE - 1 : 0;
	const unsigned length = isnan(v) ? 0 : (unsigned) lround(part_of_range(battery, v) * room);
	g_autofree char *bar = g_strnfill(length, '#');
	g_autofree char *name = g_strdup_printf("C%d", cell);
	g_autofree char *line = NULL;

	if (isnan(v))
		line = g_strdup_printf("%-4s    -- V", name);
	else
		line = g_strdup_printf("%-4s %.3f V %c %s", name, v,
				       is_bleeding(battery, cell) ? '*' : ' ', bar);
	page_put(p, colour, g_strchomp(line));
	page_end(p);
}

static void tell_cells(struct page *p, const cJSON *battery)
{
	double min = (double) NAN, max = (double) NAN;
	const cJSON *cell;
	int i = 0;

	cJSON_ArrayForEach (cell, cJSON_GetObjectItemCaseSensitive(battery, "cells"))
		if (cJSON_IsNumber(cell)) {
			min = fmin(min, cell->valuedouble);
			max = fmax(max, cell->valuedouble);
		}
	page_put_number(p, NULL, "Cells ", min, 3, "V");
	page_put_number(p, NULL, "to ", max, 3, "V");
	page_put_number(p, NULL, "apart ", (max - min) * 1000.0, 0, "mV");
	if (cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(battery, "balancing")))
		page_put(p, NULL, "* balancing");
	page_end(p);
	cJSON_ArrayForEach (cell, cJSON_GetObjectItemCaseSensitive(battery, "cells")) {
		const double v = cJSON_IsNumber(cell) ? cell->valuedouble : (double) NAN;

		tell_cell(p, battery, ++i, v,
			  v <= min   ? PAGE_YELLOW
			  : v >= max ? PAGE_GREEN
				     : NULL);
	}
}

void status_text(struct page *p, const cJSON *status)
{
	const cJSON *battery = cJSON_GetObjectItemCaseSensitive(status, "battery");

	tell_device(p, status);
	if (!battery)
		return;
	tell_measurements(p, status, battery);
	tell_limits(p, cJSON_GetObjectItemCaseSensitive(status, "limits"));
	tell_alarms(p, cJSON_GetObjectItemCaseSensitive(status, "alarms"));
	tell_cells(p, battery);
}
