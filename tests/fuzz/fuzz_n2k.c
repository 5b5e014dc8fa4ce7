/* SPDX-License-Identifier: MIT */
/*
 * Frames of an NMEA 2000 network, 16 bytes each as the socket gives them, heard
 * by a node 50 ms apart while it claims an address, sends and answers.
 */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "can/n2k_node.h"

static void check_frame(const struct n2k_node *n, const struct can_frame *frame)
{
	struct n2k_message m;

	promise(frame->can_id & CAN_EFF_FLAG && frame->can_dlc <= CAN_MAX_DLEN);
	n2k_read_id(frame->can_id, &m);
	promise(m.source <= N2K_ADDRESS_MAX || m.source == N2K_NO_ADDRESS);
	promise(m.pgn == N2K_ADDRESS_CLAIM || n->claim == N2K_CLAIMED);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct battery battery;
	struct limits limits = { .on_bus = true, .cvl_v = 55 };
	const struct can_input input = { .battery = &battery, .limits = &limits, .name = "x" };
	struct can_options options = { .manufacturer_code = 2046, .spacing_ms = 5 };
	struct can_frame frame;
	struct n2k_node node;
	gint64 now_us = 0;

	battery_clear(&battery);
	n2k_node_init(&node, &options, "1", 0x50);
	for (; count >= sizeof(frame); count -= sizeof(frame), bytes += sizeof(frame)) {
		unsigned sent = 0;

		memcpy(&frame, bytes, sizeof(frame));
		now_us += 50000;
		n2k_node_update(&node, &input, now_us);
		n2k_node_hear(&node, &frame, now_us);
		while (n2k_node_take(&node, now_us + 5000 * sent, &frame) && sent < 9) {
			check_frame(&node, &frame);
			sent++;
		}
		promise(node.address <= N2K_ADDRESS_MAX);
		promise(n2k_node_next_us(&node) < G_MAXINT64);
	}
	return 0;
}
