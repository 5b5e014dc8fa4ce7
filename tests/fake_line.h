/* SPDX-License-Identifier: MIT */
/*
 * fake_line - the other end of a serial port, answering as a test says
 *
 * A pty whose far side a thread reads: each request of 8 bytes gets the next
 * step of the script, the last one for ever. I/O, for tests only.
 */
#pragma once

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

enum fake_part {
	FAKE_GOOD = 1,      /**< the right answer: register N reads N */
	FAKE_NOISE = 2,     /**< seven foreign bytes before it */
	FAKE_TEXT = 4,      /**< broadcast text before it */
	FAKE_BAD_CRC = 8,   /**< the right answer with one bit wrong */
	FAKE_TRUNCATED = 16, /**< its first 40 bytes, then silence */
	FAKE_REFUSAL = 32,  /**< AA 00 03 00 CRC */
	FAKE_SILENT = 64,   /**< nothing */
	FAKE_FOREIGN = 128, /**< the answer of another slave */
	FAKE_HANG_UP = 256, /**< the adapter is pulled */
	FAKE_SPLIT = 512,   /**< the right answer with a pause of 10 ms in it */
	FAKE_BAD_REQUEST = 1024, /**< AA 00 03 01 CRC: the request's checksum was wrong */
};

struct fake_line;

/** @script ends with 0 and is not copied. */
struct fake_line *fake_line_new(const unsigned *script);
void fake_line_free(struct fake_line *line);

/** The device node for the program under test. */
const char *fake_line_path(const struct fake_line *line);
/** How many requests came. */
unsigned fake_line_requests(const struct fake_line *line);
