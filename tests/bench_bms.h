/* SPDX-License-Identifier: MIT */
/*
 * bench_bms - a BMS at wire speed, with a stopwatch
 *
 * Answers on a pty with the registers of a capture, as long as the wire would
 * take, from a thread of its own. Whatever goes wrong ends the program.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum { BENCH_REGISTERS = 600, BENCH_CHANGES_MAX = 1000 };

/** What the battery is like. */
enum bench_state {
	BENCH_CALM,	 /**< as in the capture */
	BENCH_FAULT,	 /**< the status is Fault */
	BENCH_CELL_OVER, /**< a cell has run over the BMS's cut-off */
};

struct bench_bms {
	int fd;
	uint16_t words[BENCH_REGISTERS];
	gint state;	     /* of the next answer, enum bench_state */
	gint said;	     /* of the last one */
	gint64 changed_us;   /* when the first answer with a change left; 0: taken */
	GMutex lock;
};

/** @link will point to the pty; @capture is a file of "register,word" lines. */
void bench_bms_start(struct bench_bms *b, const char *link, const char *capture);

/** From the next answer on. */
void bench_bms_set(struct bench_bms *b, enum bench_state state);

/** When the last byte of the answer with the last change left, microseconds; 0: none, or taken. */
gint64 bench_bms_take_change(struct bench_bms *b);

/** Print median and tail of @count times, at least one, which are sorted. */
void bench_bms_tell(const char *what, double *taken_ms, unsigned count);
