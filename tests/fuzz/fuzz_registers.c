/* SPDX-License-Identifier: MIT */
/* Any words in any register: what comes out is plausible, or NAN. */
#include "tests/fuzz/fuzz.h"

#include <math.h>
#include <string.h>

#include "tinybms/events.h"
#include "tinybms/registers.h"
#include "tinybms/settings.h"

struct map {
	uint16_t live[REGISTERS_LIVE_COUNT];
	uint16_t statistics[REGISTERS_STATISTICS_COUNT];
	uint16_t events[REGISTERS_EVENTS_COUNT];
	uint16_t settings[SETTINGS_COUNT];
	uint16_t version[REGISTERS_VERSION_COUNT];
};

static void check(double value, double min, double max)
{
	promise(isnan(value) || (value >= min && value <= max));
}

static void check_battery(const struct battery *b)
{
	promise(b->cell_count >= BATTERY_CELLS_MIN && b->cell_count <= BATTERY_CELLS_MAX);
	for (unsigned i = 0; i < b->cell_count; i++)
		check(b->cell_v[i], 0.0, 5.0);
	check(b->cell_sum_v, 0.0, 5.0 * BATTERY_CELLS_MAX);
	check(b->current_a, -2000.0, 2000.0);
	check(b->soc_pct, 0.0, 100.0);
	check(b->soh_pct, 0.0, 100.0);
	check(b->temp_internal_c, -60.0, 150.0);
	for (unsigned i = 0; i < BATTERY_EXTERNAL_SENSORS; i++)
		check(b->temp_external_c[i], -60.0, 150.0);
	promise(!isinf(b->pack_v) && !isinf(b->time_left_s));
	promise(b->cell_count == BATTERY_CELLS_MAX || (b->balancing >> b->cell_count) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct map map = { 0 };
	struct registers_habit habit = { 0 };
	struct event_list list;
	struct battery b;

	memcpy(&map, bytes, count < sizeof(map) ? count : sizeof(map));
	battery_clear(&b);
	registers_decode_settings(map.settings, &b.settings);
	registers_decode_statistics(map.statistics, &b.statistics);
	registers_decode_identity(map.version, &b.identity);
	promise(strlen(b.identity.serial) < sizeof(b.identity.serial));
	events_decode_registers(map.events, REGISTERS_EVENTS_COUNT, 1000000, &list);
	promise(list.count <= EVENTS_MAX);
	b.active = events_active(&list, (double) NAN);
	if (registers_decode_live(map.live, &habit, &b, NULL))
		check_battery(&b);
	return 0;
}
