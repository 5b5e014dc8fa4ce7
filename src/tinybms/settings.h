/* SPDX-License-Identifier: MIT */
/*
 * settings - the BMS's own settings, registers 300 to 343, as one table
 *
 * Source: Tiny BMS s516 Communication Protocols rev. D (2025-07-04), chapter 3.
 * The range that a given device accepts can be narrower (native command 0x1D).
 *
 * Pure data.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SETTINGS_FIRST = 300,
	SETTINGS_LAST = 343,
	SETTINGS_COUNT = SETTINGS_LAST - SETTINGS_FIRST + 1, /**< registers, gaps included */
	SETTINGS_WRITE_LAST = 399,
	SETTING_TAKEN = 0xFFFF, /**< what 323 and 328 read once taken */
};

struct setting_choice {
	uint16_t raw;
	const char *text;
};

struct setting {
	uint16_t address;
	unsigned words;     /**< 1 or 2 (low word first) */
	bool is_signed;
	double scale;       /**< SI value = raw * scale */
	const char *unit;
	double raw_min, raw_max; /**< raw range of the document; 0, 65535 where it names none */
	double raw_default; /**< what a new device has, for the simulator; unproven */
	const char *name;
	const char *sentence;
	const struct setting_choice *choices; /**< ends with a NULL text; NULL = a number */
};

/** Registers 300 to 343 as they were read. */
struct settings_words {
	uint16_t word[SETTINGS_COUNT];
	bool is_absent[SETTINGS_COUNT]; /**< refused: not in this firmware */
};

const struct setting *settings_table(size_t *count);
const struct setting *settings_by_address(uint16_t address);
const struct setting *settings_by_name(const char *name);
