/* SPDX-License-Identifier: MIT */
/*
 * The first byte is the command that was asked, the rest what came back: parsed
 * as a stream, frame by frame, and joined.
 */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "tinybms/events.h"
#include "tinybms/frame.h"

static void check_frame(const struct frame *f, const uint8_t *bytes, size_t count)
{
	promise(f->frame_count > 0 && f->frame_count <= count);
	promise(f->payload_count <= f->frame_count);
	promise(f->payload_count == 0 ||
		(f->payload >= bytes && f->payload + f->payload_count <= bytes + f->frame_count));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct frame_join join = { 0 };
	struct event_list events;

	if (count == 0)
		return 0;
	const uint8_t command = bytes[0];
	/* Exactly as long as the input: a read past its end is caught. */
	uint8_t *stream = malloc(count);
	size_t left = count - 1;

	memcpy(stream, bytes + 1, left);
	for (const uint8_t *at = stream; left > 0;) {
		struct frame frame;
		size_t step = 1;

		if (frame_parse(at, left, command, &frame) == FRAME_COMPLETE) {
			check_frame(&frame, at, left);
			frame_join_add(&join, &frame);
			step = frame.frame_count;
		}
		at += step;
		left -= step;
	}
	promise(join.count <= FRAME_JOIN_MAX);
	if (events_decode_native(join.payload, join.count, &events))
		promise(events.count <= EVENTS_MAX);
	free(stream);
	return 0;
}
