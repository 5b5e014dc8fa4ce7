/* SPDX-License-Identifier: MIT */
/*
 * simulator - a device behind a line: bytes in, bytes out, each at its time
 *
 * Pure: the owner brings bytes and the time, and fetches what is due. All times
 * are us of one clock, which may run faster than the real one.
 */
#pragma once

#include "sim/device.h"
#include "sim/line_faults.h"
#include "sim/request.h"
#include "sim/uart.h"

/** Since the start, or since "reset-counters". */
struct simulator_counters {
	uint64_t bytes_in, bytes_out;
	uint64_t requests; /**< whole ones that came */
	uint64_t answered; /**< with data or an acknowledge */
	uint64_t refused;
	uint64_t lost;		      /**< asleep, deaf after a reset or silent */
	uint64_t crc_errors, ignored; /**< bursts that were no request */
	uint64_t writes;	      /**< accepted */
	uint64_t command[256];	      /**< requests by command */
};

enum { SIMULATOR_LAST_MAX = UART_IN_MAX };

/** Bytes as they were on the line. */
struct simulator_last {
	uint8_t bytes[SIMULATOR_LAST_MAX];
	size_t count;
};

struct simulator {
	struct device device;
	struct uart uart;
	struct line_faults faults;
	struct request_join join;
	gint64 join_us;	     /**< when its last packet came */
	gint64 gap_us;	     /**< a pause as long as this ends a frame */
	bool loses_one;	     /**< asleep: the request that wakes is lost */
	gint64 broadcast_us; /**< when the last broadcast line was due */

	gint64 unplug_us; /**< the line is to vanish until then; the owner does it */
	bool is_unplugged;

	struct simulator_counters counters;
	struct simulator_last last_request, last_write, last_answer;
};

struct simulator_options {
	struct device_setup device;
	const struct dump *dump;    /**< (nullable) */
	bool is_paced, is_paced_in; /**< see uart.h */
	gint64 gap_us;
};

void simulator_init(struct simulator *s, const struct simulator_options *options, gint64 now_us);

/** Let time pass. */
void simulator_advance(struct simulator *s, gint64 now_us);
/** Bytes came from the master. */
void simulator_receive(struct simulator *s, const uint8_t *bytes, size_t count, gint64 now_us);
/** Bytes that are through now. @return how many; call until 0 */
size_t simulator_take(struct simulator *s, gint64 now_us, uint8_t *out, size_t room);
/** When the line next needs simulator_advance() and simulator_take(); G_MAXINT64: never. */
gint64 simulator_next_us(const struct simulator *s, gint64 now_us, gint64 lot_us);
