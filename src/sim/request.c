/* SPDX-License-Identifier: MIT */
#include "sim/request.h"

#include <string.h>

#include "tinybms/frame.h"

enum {
	CRC_BYTES = 2,
	HEADER_BYTES = 2, /* 0xAA, command */
	LEN_AT = 2,	  /* of commands that have one */
	SHORTEST = HEADER_BYTES + CRC_BYTES,
	PACKET_SIZE_MASK = 0x3F,
	MODBUS_READ_PAYLOAD = 4, /* address, count */
	MODBUS_WRITE_HEAD = 5,	 /* address, count, bytes */
};

enum shape {
	SHAPE_NONE,
	SHAPE_FIXED,
	SHAPE_MODBUS_WRITE,
	SHAPE_PACKETS,
};

static enum shape shape_of(uint8_t command, size_t *payload_count)
{
	*payload_count = 0;
	switch ((enum frame_command) command) {
	case FRAME_RESET:
		*payload_count = 1;
		return SHAPE_FIXED;
	case FRAME_MODBUS_READ:
		*payload_count = MODBUS_READ_PAYLOAD;
		return SHAPE_FIXED;
	case FRAME_READ_BLOCK: /* count, address */
	case FRAME_SETTINGS:   /* option, 0, count */
		*payload_count = 3;
		return SHAPE_FIXED;
	case FRAME_MODBUS_WRITE:
		return SHAPE_MODBUS_WRITE;
	case FRAME_READ_LIST:
	case FRAME_WRITE_BLOCK:
	case FRAME_WRITE_LIST:
		return SHAPE_PACKETS;
	case FRAME_EVENTS_NEWEST:
	case FRAME_EVENTS_ALL:
	case FRAME_PACK_VOLTAGE:
	case FRAME_PACK_CURRENT:
	case FRAME_CELL_MAX:
	case FRAME_CELL_MIN:
	case FRAME_STATUS:
	case FRAME_LIFETIME:
	case FRAME_SOC:
	case FRAME_TEMPERATURES:
	case FRAME_CELLS:
	case FRAME_VERSION:
	case FRAME_VERSION_EXTENDED:
	case FRAME_SPEED:
		return SHAPE_FIXED;
	case FRAME_NACK:
	case FRAME_ACK:
		break;
	}
	return SHAPE_NONE;
}

static bool is_sound(const uint8_t *bytes, size_t frame_count)
{
	const size_t covered = frame_count - CRC_BYTES;

	return frame_crc(bytes, covered) == frame_u16(bytes + covered);
}

static enum request_result take(const uint8_t *bytes, size_t count, size_t header,
				size_t payload_count, struct request *out)
{
	const size_t frame_count = header + payload_count + CRC_BYTES;

	if (count < frame_count)
		return REQUEST_INCOMPLETE;
	if (!is_sound(bytes, frame_count))
		return REQUEST_BAD_CRC;
	*out = (struct request){
		.command = bytes[1],
		.payload = bytes + header,
		.payload_count = payload_count,
		.frame_count = frame_count,
	};
	return REQUEST_COMPLETE;
}

/* LEN above 63: a packet, or all in one long frame. The one with a good checksum is right. */
static enum request_result take_packet(const uint8_t *bytes, size_t count, struct request *out)
{
	const uint8_t len = bytes[LEN_AT];
	const bool more = (len & FRAME_PACKET_MORE) != 0;
	const size_t size = more ? FRAME_PACKET_MAX : len & PACKET_SIZE_MASK;
	const enum request_result as_packet = take(bytes, count, LEN_AT + 1, size, out);

	if (as_packet == REQUEST_COMPLETE)
		out->more_follow = more;
	if (as_packet == REQUEST_COMPLETE || len == size)
		return as_packet;
	return take(bytes, count, LEN_AT + 1, len, out);
}

enum request_result request_parse(const uint8_t *bytes, size_t count, struct request *out)
{
	size_t payload_count;

	if (count && bytes[0] != FRAME_START)
		return REQUEST_UNKNOWN;
	if (count < HEADER_BYTES)
		return REQUEST_INCOMPLETE;

	switch (shape_of(bytes[1], &payload_count)) {
	case SHAPE_FIXED:
		return take(bytes, count, HEADER_BYTES, payload_count, out);
	case SHAPE_MODBUS_WRITE:
		if (count < HEADER_BYTES + MODBUS_WRITE_HEAD)
			return REQUEST_INCOMPLETE;
		payload_count = MODBUS_WRITE_HEAD + bytes[HEADER_BYTES + MODBUS_WRITE_HEAD - 1];
		return take(bytes, count, HEADER_BYTES, payload_count, out);
	case SHAPE_PACKETS:
		if (count <= LEN_AT)
			return REQUEST_INCOMPLETE;
		return take_packet(bytes, count, out);
	case SHAPE_NONE:
		break;
	}
	return REQUEST_UNKNOWN;
}

/* Is there a length that this command can have and that these bytes fill exactly? */
static bool is_well_formed(const uint8_t *bytes, size_t count)
{
	size_t payload_count;

	switch (shape_of(bytes[1], &payload_count)) {
	case SHAPE_FIXED:
		return count == HEADER_BYTES + payload_count + CRC_BYTES;
	case SHAPE_MODBUS_WRITE:
		return count > HEADER_BYTES + MODBUS_WRITE_HEAD &&
		       count == (size_t) HEADER_BYTES + MODBUS_WRITE_HEAD +
					bytes[HEADER_BYTES + MODBUS_WRITE_HEAD - 1] + CRC_BYTES;
	case SHAPE_PACKETS: {
		const uint8_t len = bytes[LEN_AT];
		const size_t rest = count - (LEN_AT + 1);

		return rest == (size_t) len + CRC_BYTES ||
		       (len & FRAME_PACKET_MORE && rest == FRAME_PACKET_MAX + CRC_BYTES) ||
		       (!(len & FRAME_PACKET_MORE) &&
			rest == (size_t) (len & PACKET_SIZE_MASK) + CRC_BYTES);
	}
	case SHAPE_NONE:
		break;
	}
	return false;
}

enum request_verdict request_judge(const uint8_t *bytes, size_t count)
{
	if (count < SHORTEST || bytes[0] != FRAME_START)
		return REQUEST_IGNORED;
	if (is_sound(bytes, count))
		return REQUEST_REFUSED;
	return is_well_formed(bytes, count) ? REQUEST_CRC_ERROR : REQUEST_IGNORED;
}

bool request_join_add(struct request_join *join, const struct request *r)
{
	if (!join->is_open || join->command != r->command ||
	    r->payload_count > sizeof(join->payload) - join->count)
		join->count = 0;
	join->command = r->command;
	memcpy(join->payload + join->count, r->payload, r->payload_count);
	join->count += r->payload_count;
	join->is_open = r->more_follow;
	return !r->more_follow;
}
