/* SPDX-License-Identifier: MIT */
/*
 * frame - the native frames of the TinyBMS, and the CRC of both dialects
 *
 * Source: Tiny BMS s516 Communication Protocols rev. D, chapter 1.
 * A native frame is 0xAA, command, payload, CRC (low byte first); multi-byte
 * values are low byte first.
 *
 * Pure. A reader never looks past the length that it was given.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	FRAME_START = 0xAA,
	FRAME_MAX = 260,          /**< bytes of one frame: 0xAA, command, length, 255, CRC */
	FRAME_PACKET_MAX = 63,    /**< payload bytes of one packet (07, 09, 0B, 0D) */
	FRAME_PACKET_MORE = 0x80, /**< bit 7 of a packet's LEN: more packets follow */
};

enum frame_command {
	FRAME_NACK = 0x00,
	FRAME_ACK = 0x01,
	FRAME_RESET = 0x02,
	FRAME_MODBUS_READ = 0x03,
	FRAME_READ_BLOCK = 0x07,
	FRAME_READ_LIST = 0x09,
	FRAME_WRITE_BLOCK = 0x0B,
	FRAME_WRITE_LIST = 0x0D,
	FRAME_MODBUS_WRITE = 0x10,
	FRAME_EVENTS_NEWEST = 0x11,
	FRAME_EVENTS_ALL = 0x12,
	FRAME_PACK_VOLTAGE = 0x14,
	FRAME_PACK_CURRENT = 0x15,
	FRAME_CELL_MAX = 0x16,
	FRAME_CELL_MIN = 0x17,
	FRAME_STATUS = 0x18,
	FRAME_LIFETIME = 0x19,
	FRAME_SOC = 0x1A,
	FRAME_TEMPERATURES = 0x1B,
	FRAME_CELLS = 0x1C,
	FRAME_SETTINGS = 0x1D,
	FRAME_VERSION = 0x1E,
	FRAME_VERSION_EXTENDED = 0x1F,
	FRAME_SPEED = 0x20,
};

/** Options of FRAME_RESET. */
enum frame_reset {
	FRAME_RESET_EVENTS = 0x01,
	FRAME_RESET_STATISTICS = 0x02,
	FRAME_RESET_BMS = 0x05,
};

/** Modbus CRC-16 (polynomial 0x8005 reflected, start 0xFFFF). */
uint16_t frame_crc(const uint8_t *bytes, size_t count);

/**
 * Build a frame into @out: 0xAA, @command, @payload, CRC.
 * @return its length; 0 if it would not fit in @room.
 */
size_t frame_build(uint8_t *out, size_t room, uint8_t command, const uint8_t *payload,
		   size_t count);

enum { FRAME_ERROR_CRC = 1 }; /**< error of a refusal: the request came with a wrong checksum */

enum frame_result {
	FRAME_COMPLETE,   /**< a whole frame with a good CRC starts at bytes[0] */
	FRAME_INCOMPLETE, /**< could become one: read on */
	FRAME_BAD_CRC,    /**< whole by its length, CRC wrong */
	FRAME_FOREIGN,    /**< no frame of this command starts here */
};

struct frame {
	uint8_t command;        /**< the command that was answered */
	bool is_refusal;        /**< AA 00 CMD ERROR */
	bool is_acknowledge;    /**< AA 01 CMD */
	uint8_t error;          /**< of a refusal: 0 command error, or FRAME_ERROR_CRC */
	const uint8_t *payload; /**< into the caller's bytes, after command and LEN (if any) */
	size_t payload_count;
	bool more_follow;       /**< a packet that is not the last */
	size_t frame_count;     /**< bytes of the whole frame */
};

/**
 * Look for an answer to @command at bytes[0].
 * Modbus answers to 03 and 10 are recognised as well (payload: data, or address
 * and count). @out is filled only for FRAME_COMPLETE.
 *
 * LEN follows the command: packets for 07 and 09, a plain length for 11, 12 and
 * 1B to 1F. Where packets are expected one long frame (LEN above 63) is borne:
 * the length with a good CRC is the right one.
 */
enum frame_result frame_parse(const uint8_t *bytes, size_t count, uint8_t command,
			      struct frame *out);

enum {
	FRAME_JOIN_MAX = 1024, /**< bytes: 255 registers of 09 with their addresses are 1020 */
};

/** The payload of an answer that may come in packets. Starts as { 0 }. */
struct frame_join {
	uint8_t payload[FRAME_JOIN_MAX];
	size_t count;
	bool is_whole; /**< the last packet has been added */
};

/** Append a frame's payload. @return false if it does not fit or all had come already. */
bool frame_join_add(struct frame_join *join, const struct frame *frame);

/**
 * Build @payload into as many packets as it needs (07, 09, 0B, 0D): 63 bytes
 * each, numbered from 1, the last one with its size and bit 7 clear.
 * @return bytes in @out; 0 if they would not fit in @room.
 */
size_t frame_build_packets(uint8_t *out, size_t room, uint8_t command, const uint8_t *payload,
			   size_t count);

/** Low byte first. The caller has checked the length. */
static inline uint16_t frame_u16(const uint8_t *p)
{
	return (uint16_t) (p[0] | (uint32_t) p[1] << 8);
}

static inline uint32_t frame_u32(const uint8_t *p)
{
	return (uint32_t) p[0] | (uint32_t) p[1] << 8 | (uint32_t) p[2] << 16 |
	       (uint32_t) p[3] << 24;
}
