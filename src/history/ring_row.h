/* SPDX-License-Identifier: MIT */
/*
 * ring_row - one snapshot as the bytes of a record of fixed size
 *
 * Little-endian: number (u32), boot (u32), time since boot in ms (i64), wall
 * clock in s (i64), flags, status, balancing (u16), active events (2 x u64),
 * cells in 0.1 mV (16 x u16), then the live registers and the settings as f32 in
 * the order of their tables, and a CRC-16. A torn record is none.
 *
 * Pure.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "battery/battery.h"

enum { RING_ROW_BYTES = 208, RING_ROW_FLOATS_MAX = 32 };

struct ring_row {
	uint32_t number;     /**< from 1, rising by one */
	uint32_t boot;       /**< names the boot in which it was taken */
	int64_t up_ms;       /**< since boot */
	int64_t wall_s;      /**< as the clock stood then */
	bool is_silent;      /**< the BMS did not answer; there is no battery */
	struct battery battery; /**< without identity and statistics */
};

/** How many floats a row has: registers that were added make older files foreign. */
size_t ring_row_floats(void);

void ring_row_encode(const struct ring_row *row, uint8_t out[RING_ROW_BYTES]);
/** false: an empty place, or torn. */
bool ring_row_decode(const uint8_t bytes[RING_ROW_BYTES], struct ring_row *row);
