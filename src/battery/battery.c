/* SPDX-License-Identifier: MIT */
#include "battery/battery.h"

#include <math.h>
#include <string.h>

static const struct {
	enum battery_status status;
	const char *text;
} statuses[] = {
	{ BATTERY_STATUS_CHARGING, "charging" },
	{ BATTERY_STATUS_FULL, "full" },
	{ BATTERY_STATUS_DISCHARGING, "discharging" },
	{ BATTERY_STATUS_REGENERATION, "regenerating" },
	{ BATTERY_STATUS_IDLE, "idle" },
	{ BATTERY_STATUS_FAULT, "fault" },
};

static void fill_nan(double *first, size_t bytes)
{
	for (size_t i = 0; i < bytes / sizeof(double); i++)
		first[i] = (double) NAN;
}

void battery_clear(struct battery *b)
{
	memset(b, 0, sizeof(*b));
	fill_nan(b->cell_v, sizeof(b->cell_v));
	b->cell_sum_v = b->cell_min_v = b->cell_max_v = (double) NAN;
	b->pack_v = b->current_a = b->soc_pct = b->soh_pct = (double) NAN;
	b->temp_internal_c = (double) NAN;
	fill_nan(b->temp_external_c, sizeof(b->temp_external_c));
	b->time_left_s = b->lifetime_s = (double) NAN;
	b->speed_kmh = b->distance_left_km = (double) NAN;
	fill_nan((double *) &b->settings, sizeof(b->settings));
	fill_nan((double *) &b->statistics, sizeof(b->statistics));
}

void battery_derive(struct battery *b)
{
	b->cell_sum_v = 0.0;
	b->cell_min_v = b->cell_max_v = (double) NAN;
	b->cell_min = b->cell_max = 0;

	for (unsigned i = 0; i < b->cell_count; i++) {
		const double v = b->cell_v[i];

		b->cell_sum_v += v;
		if (isnan(v))
			continue;
		if (!b->cell_min || v < b->cell_min_v) {
			b->cell_min_v = v;
			b->cell_min = i + 1;
		}
		if (!b->cell_max || v > b->cell_max_v) {
			b->cell_max_v = v;
			b->cell_max = i + 1;
		}
	}
	if (!b->cell_count)
		b->cell_sum_v = (double) NAN;
}

bool battery_is_blank(const struct battery *b)
{
	for (unsigned i = 0; i < b->cell_count; i++)
		if (!(b->cell_v[i] <= 0.0))
			return false;
	return true;
}

bool battery_events_contain(const struct battery_events *set, unsigned id)
{
	return id < 128 && (set->bits[id / 64] >> (id % 64) & 1);
}

void battery_events_add(struct battery_events *set, unsigned id)
{
	if (id < 128)
		set->bits[id / 64] |= UINT64_C(1) << (id % 64);
}

void battery_events_remove(struct battery_events *set, unsigned id)
{
	if (id < 128)
		set->bits[id / 64] &= ~(UINT64_C(1) << (id % 64));
}

bool battery_events_equal(const struct battery_events *a, const struct battery_events *b)
{
	return a->bits[0] == b->bits[0] && a->bits[1] == b->bits[1];
}

const char *battery_status_text(enum battery_status status)
{
	for (size_t i = 0; i < G_N_ELEMENTS(statuses); i++)
		if (statuses[i].status == status)
			return statuses[i].text;
	return "unknown";
}

enum battery_status battery_status_parse(const char *text)
{
	for (size_t i = 0; i < G_N_ELEMENTS(statuses); i++)
		if (!strcmp(statuses[i].text, text))
			return statuses[i].status;
	return BATTERY_STATUS_UNKNOWN;
}
