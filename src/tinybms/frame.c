/* SPDX-License-Identifier: MIT */
#include "tinybms/frame.h"

#include <string.h>

enum {
	CRC_SIZE = 2,
	BEFORE_PAYLOAD = 2,            /* 0xAA, command */
	BEFORE_COUNTED = 3,            /* 0xAA, command, LEN */
	PACKET_SIZE_MASK = 0x3F,       /* bits 0-5 of a packet's LEN; bit 6 is reserved */
	MODBUS_WRITE_ANSWER_BYTES = 4, /* address and count */
};

enum shape {
	SHAPE_NONE,    /* answered by an acknowledge only, or unknown */
	SHAPE_FIXED,   /* payload of a known size */
	SHAPE_MODBUS,  /* LEN is an even byte count */
	SHAPE_PACKETS, /* LEN is a packet's size or number */
	SHAPE_PLAIN,   /* LEN is the size */
};

struct answer {
	uint8_t command;
	enum shape shape;
	size_t fixed_count;
};

/* clang-format off */
static const struct answer answers[] = {
	{ FRAME_MODBUS_READ,      SHAPE_MODBUS,  0 },
	{ FRAME_MODBUS_WRITE,     SHAPE_FIXED,   MODBUS_WRITE_ANSWER_BYTES },
	{ FRAME_READ_BLOCK,       SHAPE_PACKETS, 0 },
	{ FRAME_READ_LIST,        SHAPE_PACKETS, 0 },
	{ FRAME_EVENTS_NEWEST,    SHAPE_PLAIN,   0 },
	{ FRAME_EVENTS_ALL,       SHAPE_PLAIN,   0 },
	{ FRAME_PACK_VOLTAGE,     SHAPE_FIXED,   4 },
	{ FRAME_PACK_CURRENT,     SHAPE_FIXED,   4 },
	{ FRAME_CELL_MAX,         SHAPE_FIXED,   2 },
	{ FRAME_CELL_MIN,         SHAPE_FIXED,   2 },
	{ FRAME_STATUS,           SHAPE_FIXED,   2 },
	{ FRAME_LIFETIME,         SHAPE_FIXED,   4 },
	{ FRAME_SOC,              SHAPE_FIXED,   4 },
	{ FRAME_TEMPERATURES,     SHAPE_PLAIN,   0 },
	{ FRAME_CELLS,            SHAPE_PLAIN,   0 },
	{ FRAME_SETTINGS,         SHAPE_PLAIN,   0 },
	{ FRAME_VERSION,          SHAPE_PLAIN,   0 },
	{ FRAME_VERSION_EXTENDED, SHAPE_PLAIN,   0 },
	{ FRAME_SPEED,            SHAPE_FIXED,  12 },
};
/* clang-format on */

uint16_t frame_crc(const uint8_t *bytes, size_t count)
{
	uint16_t crc = 0xFFFF;

	for (size_t i = 0; i < count; i++) {
		crc ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = (uint16_t) (crc & 1 ? crc >> 1 ^ 0xA001 : crc >> 1);
	}
	return crc;
}

static bool crc_is_good(const uint8_t *bytes, size_t frame_count)
{
	const size_t covered = frame_count - CRC_SIZE;

	return frame_crc(bytes, covered) == frame_u16(bytes + covered);
}

static size_t append_crc(uint8_t *frame, size_t count)
{
	const uint16_t crc = frame_crc(frame, count);

	frame[count] = (uint8_t) crc;
	frame[count + 1] = (uint8_t) (crc >> 8);
	return count + CRC_SIZE;
}

size_t frame_build(uint8_t *out, size_t room, uint8_t command, const uint8_t *payload, size_t count)
{
	if (count > FRAME_MAX || room < BEFORE_PAYLOAD + count + CRC_SIZE)
		return 0;

	out[0] = FRAME_START;
	out[1] = command;
	if (count)
		memcpy(out + BEFORE_PAYLOAD, payload, count);
	return append_crc(out, BEFORE_PAYLOAD + count);
}

size_t frame_build_packets(uint8_t *out, size_t room, uint8_t command, const uint8_t *payload,
			   size_t count)
{
	size_t used = 0;
	unsigned number = 1;

	for (;;) {
		const bool is_last = count <= FRAME_PACKET_MAX;
		const size_t size = is_last ? count : FRAME_PACKET_MAX;
		uint8_t packet[1 + FRAME_PACKET_MAX];

		packet[0] = (uint8_t) (is_last ? size : FRAME_PACKET_MORE | number);
		if (size)
			memcpy(packet + 1, payload, size);

		const size_t built = frame_build(out + used, room - used, command, packet, 1 + size);
		if (!built || number > PACKET_SIZE_MASK)
			return 0;
		used += built;
		if (is_last)
			return used;
		payload += size;
		count -= size;
		number++;
	}
}

/* A frame of the supposed length: is it there, and sound? */
static enum frame_result check(const uint8_t *bytes, size_t count, size_t frame_count)
{
	if (count < frame_count)
		return FRAME_INCOMPLETE;
	return crc_is_good(bytes, frame_count) ? FRAME_COMPLETE : FRAME_BAD_CRC;
}

static enum frame_result parse_sized(const uint8_t *bytes, size_t count, size_t header,
				     size_t payload_count, struct frame *out)
{
	const size_t frame_count = header + payload_count + CRC_SIZE;
	const enum frame_result result = check(bytes, count, frame_count);

	if (result == FRAME_COMPLETE)
		*out = (struct frame){
			.command = bytes[1],
			.payload = bytes + header,
			.payload_count = payload_count,
			.frame_count = frame_count,
		};
	return result;
}

/*
 * Two lengths are possible wherever LEN is above 63: a packet, or a device that
 * sends all at once. The shorter is tried first.
 */
static enum frame_result parse_packet(const uint8_t *bytes, size_t count, struct frame *out)
{
	const uint8_t len = bytes[BEFORE_PAYLOAD];
	const bool more = (len & FRAME_PACKET_MORE) != 0;
	const size_t size = more ? FRAME_PACKET_MAX : len & PACKET_SIZE_MASK;
	const enum frame_result as_packet = parse_sized(bytes, count, BEFORE_COUNTED, size, out);

	if (as_packet == FRAME_COMPLETE)
		out->more_follow = more;
	if (as_packet != FRAME_BAD_CRC || len == size)
		return as_packet;
	return parse_sized(bytes, count, BEFORE_COUNTED, len, out);
}

static enum frame_result parse_acknowledge(const uint8_t *bytes, size_t count, uint8_t command,
					   struct frame *out)
{
	const bool is_refusal = bytes[1] == FRAME_NACK;

	if (count <= BEFORE_PAYLOAD)
		return FRAME_INCOMPLETE;
	if (bytes[BEFORE_PAYLOAD] != command)
		return FRAME_FOREIGN;

	/* command, and an error where it refuses */
	const size_t payload_count = is_refusal ? 2 : 1;
	const enum frame_result result =
		parse_sized(bytes, count, BEFORE_PAYLOAD, payload_count, out);

	if (result == FRAME_COMPLETE) {
		out->command = command;
		out->is_refusal = is_refusal;
		out->is_acknowledge = !is_refusal;
		out->error = is_refusal ? bytes[BEFORE_PAYLOAD + 1] : 0;
	}
	return result;
}

static struct answer answer_to(uint8_t command)
{
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		if (answers[i].command == command)
			return answers[i];
	return (struct answer){ command, SHAPE_NONE, 0 };
}

static enum frame_result parse_answer(const uint8_t *bytes, size_t count, uint8_t command,
				      struct frame *out)
{
	const struct answer answer = answer_to(command);

	if (answer.shape == SHAPE_NONE)
		return FRAME_FOREIGN;
	if (answer.shape == SHAPE_FIXED)
		return parse_sized(bytes, count, BEFORE_PAYLOAD, answer.fixed_count, out);
	if (count <= BEFORE_PAYLOAD)
		return FRAME_INCOMPLETE;
	if (answer.shape == SHAPE_PACKETS)
		return parse_packet(bytes, count, out);
	if (answer.shape == SHAPE_MODBUS && (bytes[BEFORE_PAYLOAD] % 2 || !bytes[BEFORE_PAYLOAD]))
		return FRAME_FOREIGN;
	return parse_sized(bytes, count, BEFORE_COUNTED, bytes[BEFORE_PAYLOAD], out);
}

enum frame_result frame_parse(const uint8_t *bytes, size_t count, uint8_t command,
			      struct frame *out)
{
	if (!count)
		return FRAME_INCOMPLETE;
	if (bytes[0] != FRAME_START)
		return FRAME_FOREIGN;
	if (count < BEFORE_PAYLOAD)
		return FRAME_INCOMPLETE;
	if (bytes[1] == FRAME_NACK || bytes[1] == FRAME_ACK)
		return parse_acknowledge(bytes, count, command, out);
	if (bytes[1] != command)
		return FRAME_FOREIGN;
	return parse_answer(bytes, count, command, out);
}

bool frame_join_add(struct frame_join *join, const struct frame *frame)
{
	if (join->is_whole || frame->payload_count > sizeof(join->payload) - join->count)
		return false;

	if (frame->payload_count)
		memcpy(join->payload + join->count, frame->payload, frame->payload_count);
	join->count += frame->payload_count;
	join->is_whole = !frame->more_follow;
	return true;
}
