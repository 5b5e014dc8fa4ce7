/* SPDX-License-Identifier: MIT */
/*
 * bench_can PROTOCOL SETS: fill the values and encode every frame, so many
 * times. tests/bench_can.sh counts the instructions of one set.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "can/can_protocol.h"

static void fill(struct battery *b)
{
	battery_clear(b);
	b->cell_count = BATTERY_CELLS_MAX;
	for (unsigned i = 0; i < b->cell_count; i++)
		b->cell_v[i] = 3.301 + 0.001 * i;
	battery_derive(b);
	b->pack_v = b->cell_sum_v;
	b->current_a = -31.7;
	b->soc_pct = 83.55;
	b->soh_pct = 98;
	b->temp_internal_c = 31;
	b->temp_external_c[0] = 19.4;
	b->temp_external_c[1] = 22.8;
	b->settings.capacity_ah = 280;
	b->settings.over_voltage_v = 3.65;
	memcpy(b->identity.serial, "0123456789ABCDEF01234567", sizeof(b->identity.serial));
}

int main(int argc, char **argv)
{
	const struct can_protocol *p = argc == 3 ? can_protocol_find(argv[1]) : NULL;
	const long sets = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
	struct battery battery;
	struct limits limits = {
		.on_bus = true, .cvl_v = 55.2, .ccl_a = 60, .dcl_a = 80, .dvl_v = 46
	};
	struct can_input input = {
		.battery = &battery,
		.limits = &limits,
		.energy_in_wh = 123456,
		.energy_out_wh = 120000,
		.cycles = 40,
		.wall_clock_s = 1795586707,
	};
	struct can_options options;
	struct can_values values;
	struct can_frame frames[CAN_SET_MAX];
	size_t bytes = 0;

	if (!p || sets < 1) {
		fputs("bench_can PROTOCOL SETS\n", stderr);
		return 2;
	}
	fill(&battery);
	can_protocol_defaults(p, &options);
	for (long i = 0; i < sets; i++) {
		can_values_fill(&values, &input, &options, p->has_unknown_codes);

		const size_t count = can_protocol_encode(p, &values, CAN_ALL_FRAMES, frames);

		for (size_t k = 0; k < count; k++)
			bytes += frames[k].can_dlc;
	}
	printf("%zu bytes a set\n", bytes / (size_t) sets);
	return 0;
}
