/* SPDX-License-Identifier: MIT */
/*
 * request - what a master sent: one frame of either dialect
 *
 * Source: Communication Protocols rev. D, chapter 1. The length of a frame
 * follows from its command; 09, 0B and 0D come in packets of at most 63 bytes,
 * or in one long frame from clients that know no packets.
 *
 * Pure. Never looks past the length that it was given.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum request_result {
	REQUEST_COMPLETE,
	REQUEST_INCOMPLETE, /**< could become one */
	REQUEST_BAD_CRC,    /**< whole by its length, checksum wrong */
	REQUEST_UNKNOWN,    /**< no frame of a known command starts here */
};

struct request {
	uint8_t command;
	const uint8_t *payload; /**< into the bytes given, after command and LEN (if any) */
	size_t payload_count;
	bool more_follow;   /**< a packet that is not the last */
	size_t frame_count; /**< bytes of the frame */
};

/** Look for a request at bytes[0]; @out is filled for REQUEST_COMPLETE only. */
enum request_result request_parse(const uint8_t *bytes, size_t count, struct request *out);

/** What the BMS makes of bytes that were no request when the line fell silent. */
enum request_verdict {
	REQUEST_IGNORED,   /**< noise, or not for this device */
	REQUEST_REFUSED,   /**< sound, but no command that it knows (error 0) */
	REQUEST_CRC_ERROR, /**< well formed, checksum wrong (error 1) */
};

enum request_verdict request_judge(const uint8_t *bytes, size_t count);

enum {
	REQUEST_JOIN_MAX = 1024, /**< bytes of all packets of one request */
};

/** The payload of a request that may come in packets. Starts as { 0 }. */
struct request_join {
	uint8_t command;
	uint8_t payload[REQUEST_JOIN_MAX];
	size_t count;
	bool is_open; /**< packets came, the last is still to come */
};

/**
 * Append a frame. @return true when a whole request is in @join; it stays there
 * until the next call. A frame of another command, or of too much, starts anew.
 */
bool request_join_add(struct request_join *join, const struct request *r);
