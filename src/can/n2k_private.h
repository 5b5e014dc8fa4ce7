/* SPDX-License-Identifier: MIT */
/* n2k_private - tables that encoding and describing share */
#pragma once

#include "can/can_codec.h"
#include "can/n2k_message.h"

struct n2k_layout {
	uint32_t pgn;
	uint8_t priority;
	bool is_fast;
	uint8_t length;
	uint8_t base[16]; /**< what no field writes */
	const struct can_field *fields;
	size_t field_count;
};

#define N2K_FIELDS(table) (table), G_N_ELEMENTS(table)

/* Two codes at the top are no numbers: unavailable, and out of range. */
#define N2K_U8	.unknown = 0xFF, .reserved = 2
#define N2K_U16 .unknown = 0xFFFF, .reserved = 2
#define N2K_S16 .unknown = 0x7FFF, .reserved = 2

/** NULL: not one of the measured messages. */
const struct n2k_layout *n2k_layout_find(uint32_t pgn);
