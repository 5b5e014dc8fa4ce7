/* SPDX-License-Identifier: MIT */
/*
 * n2k_frame - NMEA 2000 messages and the CAN frames that carry them
 *
 * Identifier: priority 3 bits, reserved 1, data page 1, PDU format 8, PDU
 * specific 8, source 8. With a PDU format below 240 the specific byte is the
 * destination and no part of the PGN. Messages longer than a frame go as fast
 * packets: sequence (3 bits) and frame index (5 bits), in frame 0 the length;
 * the last frame is filled with 0xFF.
 *
 * Pure.
 */
#pragma once

#include <linux/can.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	N2K_MESSAGE_MAX = 223, /**< bytes of a fast packet: 6 + 31 x 7 */
	N2K_FRAMES_MAX = 32,   /**< that it takes */
	N2K_BROADCAST = 255,   /**< destination: everybody */
	N2K_NO_ADDRESS = 254,  /**< source: of one that found no address */
	N2K_ADDRESS_MAX = 251, /**< highest that may be claimed */
};

struct n2k_message {
	uint32_t pgn;
	uint8_t priority;
	uint8_t source, destination;
	bool is_fast; /**< goes as a fast packet whatever its length */
	uint8_t length;
	uint8_t data[N2K_MESSAGE_MAX];
};

/** Identifier with CAN_EFF_FLAG. */
canid_t n2k_id(const struct n2k_message *m);

/** PGN, priority, source and destination of @id, which has 29 bits. */
void n2k_read_id(canid_t id, struct n2k_message *m);

/** How many frames the message takes. */
unsigned n2k_frame_count(const struct n2k_message *m);

/** Frame @index of the message; @sequence (0 to 7) counts fast packets of one PGN. */
void n2k_frame(const struct n2k_message *m, unsigned sequence, unsigned index,
	       struct can_frame *frame);
