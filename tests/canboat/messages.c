/* SPDX-License-Identifier: MIT */
/*
 * What an NMEA 2000 node sends in its first seconds, with every request asked of
 * it, as candump -L writes it: for a decoder that we did not write.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "can/can_protocol.h"
#include "can/n2k_node.h"

static void print(double t_s, const struct can_frame *frame)
{
	printf("(%.6f) can0 %08X#", t_s, frame->can_id & CAN_EFF_MASK);
	for (unsigned i = 0; i < frame->can_dlc; i++)
		printf("%02X", frame->data[i]);
	putchar('\n');
}

static void ask(struct n2k_node *node, uint32_t pgn, gint64 now_us)
{
	const struct can_frame request = { .can_id = CAN_EFF_FLAG | 0x18EA5021,
					   .can_dlc = 3,
					   .data = { pgn & 0xFF, pgn >> 8 & 0xFF,
						     (uint8_t) (pgn >> 16) } };

	n2k_node_hear(node, &request, now_us);
}

static void fill(struct battery *b)
{
	battery_clear(b);
	b->cell_count = 14;
	for (unsigned i = 0; i < b->cell_count; i++)
		b->cell_v[i] = 3.985;
	battery_derive(b);
	b->pack_v = 55.78;
	b->current_a = -3.0;
	b->soc_pct = 83.55;
	b->soh_pct = 100;
	b->time_left_s = 1092 * 60;
	b->temp_external_c[0] = 9.7;
	b->settings.capacity_ah = 65;
	b->settings.over_voltage_v = 4.2;
	b->identity.firmware_public = 1;
	b->identity.firmware_internal = 23;
	b->identity.hardware = 2;
	g_strlcpy(b->identity.serial, "0123456789ABCDEF01234567", sizeof(b->identity.serial));
}

int main(void)
{
	static const uint32_t asked[] = { 126464, 126996, 126998, 127513, 129029 };
	struct battery battery;
	const struct limits limits = { .on_bus = true, .cvl_v = 57, .ccl_a = 60, .dcl_a = 80 };
	struct can_input input = { .battery = &battery, .limits = &limits, .name = "Haus" };
	struct can_options options;
	struct n2k_node node;

	fill(&battery);
	can_protocol_defaults(can_protocol_find("nmea2000"), &options);
	options.instance = 3;
	n2k_node_init(&node, &options, battery.identity.serial, 0x50);
	for (gint64 ms = 0; ms < 4000; ms++) {
		struct can_frame frame;

		if (ms == 3000)
			input.name = "Boot 2, achtern"; /* told without being asked for */
		n2k_node_update(&node, &input, ms * 1000);
		if (ms % 500 == 400 && (size_t) ms / 500 < G_N_ELEMENTS(asked))
			ask(&node, asked[ms / 500], ms * 1000);
		while (n2k_node_take(&node, ms * 1000, &frame))
			print((double) ms / 1000, &frame);
	}
	return 0;
}
