/* SPDX-License-Identifier: MIT */
/* answer_build - the payload of a native answer, between the files of the answers only */
#pragma once

#include <string.h>

#include "sim/answer.h"
#include "tinybms/frame.h"

enum { ANSWER_PAYLOAD_MAX = 1024 };

/* A payload that is being built; it always fits, the callers' counts are bounded. */
struct answer_build {
	uint8_t bytes[ANSWER_PAYLOAD_MAX];
	size_t count;
};

static inline void answer_add_u8(struct answer_build *b, unsigned value)
{
	b->bytes[b->count++] = (uint8_t) value;
}

static inline void answer_add_u16(struct answer_build *b, unsigned value)
{
	answer_add_u8(b, value & 0xFF);
	answer_add_u8(b, value >> 8);
}

/* Two registers with the low word first are four bytes with the low byte first. */
static inline void answer_add_pair(struct answer_build *b, const struct device *d, unsigned address)
{
	answer_add_u16(b, d->word[address]);
	answer_add_u16(b, d->word[address + 1]);
}

static inline void answer_finish(struct answer *out, uint8_t command, const struct answer_build *b)
{
	answer_frame(out, command, b->bytes, b->count);
}

/* LEN, a plain length, goes before the payload. */
static inline void answer_finish_plain(struct answer *out, uint8_t command,
				       const struct answer_build *b)
{
	uint8_t counted[1 + UINT8_MAX];

	counted[0] = (uint8_t) b->count;
	memcpy(counted + 1, b->bytes, b->count);
	answer_frame(out, command, counted, 1 + b->count);
}

static inline void answer_finish_packets(struct answer *out, uint8_t command,
					 const struct answer_build *b)
{
	out->count =
		frame_build_packets(out->bytes, sizeof(out->bytes), command, b->bytes, b->count);
}
