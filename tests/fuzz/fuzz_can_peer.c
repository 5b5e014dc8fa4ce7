/* SPDX-License-Identifier: MIT */
/*
 * The first byte is the family; then frames of the inverter, 16 bytes each as
 * the socket gives them, heard 100 ms apart.
 */
#include "tests/fuzz/fuzz.h"

#include <math.h>
#include <string.h>

#include "can/can_peer.h"

static void check(struct can_peer *p, gint64 now_us)
{
	const struct can_options options = { 0 };
	const char *complaint = can_peer_complaint(p, &options, now_us);

	promise(strlen(complaint) < CAN_PEER_COMPLAINT_BYTES - 1); /* whole */
	promise(p->name);
	promise(memchr(p->rival_name, '\0', sizeof(p->rival_name)));
	promise(isnan(p->words.pack_v) || (p->words.pack_v >= 0 && p->words.pack_v < 6554));
	promise(isnan(p->words.current_a) || fabs(p->words.current_a) < 3277);
	promise(p->was_heard || can_peer_state(p, now_us) != CAN_PEER_ALIVE);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct can_peer peer;
	gint64 now_us = 0;

	if (count == 0)
		return 0;
	can_peer_init(&peer, can_protocol_get((enum can_family)(bytes[0] % CAN_NMEA2000)), 0);
	bytes++;
	count--;
	for (; count >= sizeof(struct can_frame); count -= sizeof(struct can_frame)) {
		struct can_frame frame;

		memcpy(&frame, bytes, sizeof(frame));
		bytes += sizeof(frame);
		now_us += 100000;
		can_peer_hear(&peer, &frame, now_us);
		check(&peer, now_us);
	}
	return 0;
}
