/* SPDX-License-Identifier: MIT */
#include "can/n2k_frame.h"

#include <glib.h>
#include <string.h>

enum {
	FIRST_BYTES = 6, /* of a fast packet in its first frame ... */
	NEXT_BYTES = 7,	 /* ... and in each other */
	PDU2 = 240,	 /* from this PDU format on a message has no destination */
};

static bool is_addressed(uint32_t pgn)
{
	return (pgn >> 8 & 0xFF) < PDU2;
}

canid_t n2k_id(const struct n2k_message *m)
{
	const uint32_t pgn = is_addressed(m->pgn) ? m->pgn | m->destination : m->pgn;

	return CAN_EFF_FLAG | (canid_t) m->priority << 26 | pgn << 8 | m->source;
}

void n2k_read_id(canid_t id, struct n2k_message *m)
{
	m->priority = id >> 26 & 7;
	m->source = id & 0xFF;
	m->pgn = id >> 8 & 0x3FFFF;
	m->destination = N2K_BROADCAST;
	if (is_addressed(m->pgn)) {
		m->destination = m->pgn & 0xFF;
		m->pgn &= ~0xFFu;
	}
}

unsigned n2k_frame_count(const struct n2k_message *m)
{
	if (!m->is_fast)
		return 1;
	if (m->length <= FIRST_BYTES)
		return 1;
	return 1 + (m->length - FIRST_BYTES + NEXT_BYTES - 1u) / NEXT_BYTES;
}

static void fill_fast(const struct n2k_message *m, unsigned sequence, unsigned index,
		      struct can_frame *frame)
{
	const unsigned at = index ? FIRST_BYTES + NEXT_BYTES * (index - 1) : 0;
	const unsigned head = index ? 1 : 2;
	const unsigned left = m->length > at ? m->length - at : 0;

	memset(frame->data, 0xFF, sizeof(frame->data));
	frame->can_dlc = CAN_MAX_DLEN;
	frame->data[0] = (uint8_t) ((sequence & 7) << 5 | (index & 31));
	if (index == 0)
		frame->data[1] = m->length;
	memcpy(frame->data + head, m->data + at, MIN(left, CAN_MAX_DLEN - head));
}

void n2k_frame(const struct n2k_message *m, unsigned sequence, unsigned index,
	       struct can_frame *frame)
{
	*frame = (struct can_frame){ .can_id = n2k_id(m) };
	if (m->is_fast) {
		fill_fast(m, sequence, index, frame);
		return;
	}
	frame->can_dlc = (uint8_t) MIN(m->length, CAN_MAX_DLEN);
	memcpy(frame->data, m->data, frame->can_dlc);
}
