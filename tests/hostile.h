/* SPDX-License-Identifier: MIT */
/*
 * hostile - a battery out of its mind, and what the controller owes it anyway
 *
 * Bytes choose what happens: snapshots that drift, jump, freeze, lack things or
 * cannot be, times that repeat, jump and go back, settings that contradict each
 * other, keys that the owner changes. After each step the promises are checked.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct hostile_end {
	const char *broken; /**< the first promise that was broken; NULL: none */
	unsigned step;      /**< in which step */
	double was, is;     /**< what the promise compares */
	unsigned on_bus;    /**< steps with limits on the bus */
	unsigned states;    /**< bit set of the charge states that were seen */
};

/** Run until the bytes are used up or a promise is broken. */
struct hostile_end hostile_run(const uint8_t *bytes, size_t count);
