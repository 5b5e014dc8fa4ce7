/* SPDX-License-Identifier: MIT */
/*
 * registers - the TinyBMS register map: words to values
 *
 * Source: Tiny BMS s516 Communication Protocols rev. D (2025-07-04), chapter 3;
 * 32-bit values have their low word first (a real device reads 0x1EB8 0x425F at
 * register 36 for 55.78 V). Cell order: user manual rev. D, 2.3.1.
 *
 * Pure. What is implausible becomes NAN: a cell above 5 V, |current| above
 * 2000 A, SOC or SOH above 100 %, a float that is not finite, a temperature
 * outside -60 to 150 degrees C (-32768 is "no sensor").
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "battery/battery.h"

enum {
	REGISTERS_LIVE_FIRST = 0,
	REGISTERS_LIVE_COUNT = 56,
	REGISTERS_STATISTICS_FIRST = 100,
	REGISTERS_STATISTICS_COUNT = 18,
	REGISTERS_EVENTS_FIRST = 200,
	REGISTERS_EVENTS_COUNT = 98,
	REGISTERS_VERSION_FIRST = 500,
	REGISTERS_VERSION_COUNT = 10,
};

enum register_type {
	REGISTER_U16,
	REGISTER_I16,
	REGISTER_U32,  /**< two registers, low word first */
	REGISTER_F32,  /**< two registers, low word first */
	REGISTER_I8_LOW,
	REGISTER_I8_HIGH,
	REGISTER_U8_LOW,
	REGISTER_U8_HIGH,
};

/** One number of the map, as it goes into struct battery. */
struct register_row {
	uint16_t address;
	enum register_type type;
	double scale;    /**< SI value = raw * scale */
	double min, max; /**< SI; outside is NAN */
	size_t field;    /**< a double in struct battery */
	const char *name;
};

/** The rows of one block, in ascending order; for tests and manuals. */
const struct register_row *registers_live(size_t *count);
const struct register_row *registers_statistics(size_t *count);
const struct register_row *registers_settings(size_t *count);

/** Why a live block is no snapshot. */
#define REGISTERS_ERROR (registers_error_quark())
GQuark registers_error_quark(void);
enum registers_error {
	REGISTERS_ERROR_STARTING, /**< all cells read 0: the BMS is still starting */
	REGISTERS_ERROR_CELLS,    /**< the cell count is none that a TinyBMS has */
};

/** What the decoder learns about a device and keeps between blocks. */
struct registers_habit {
	bool balancing_from_cell_1; /**< firmware that counts balancing bits from cell 1 */
};

/**
 * Decode registers 0 to 55 into @b, which keeps its settings, statistics,
 * identity and active events. The cell count is register 307 where @b's
 * settings have it, else register 53.
 * false: @b is not to be used.
 */
bool registers_decode_live(const uint16_t words[REGISTERS_LIVE_COUNT],
			   struct registers_habit *habit, struct battery *b, GError **error)
	G_GNUC_WARN_UNUSED_RESULT;

/** Registers 100 to 117. */
void registers_decode_statistics(const uint16_t words[REGISTERS_STATISTICS_COUNT],
				 struct battery_statistics *out);

/** @words are registers 300 to 343. A value outside the document's range is NAN. */
void registers_decode_settings(const uint16_t *words, struct battery_settings *out);

/** Registers 500 to 509. */
void registers_decode_identity(const uint16_t words[REGISTERS_VERSION_COUNT],
			       struct battery_identity *out);
