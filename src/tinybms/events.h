/* SPDX-License-Identifier: MIT */
/*
 * events - the BMS's event list: ids to words, list to active faults
 *
 * Source: Communication Protocols rev. D, chapter 4. Ids 0x01-0x30 are faults,
 * 0x31-0x60 warnings, 0x61-0x90 information. A time is 24 bits of the BMS's
 * life in seconds, and wraps after 194 days.
 *
 * Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "battery/battery.h"

enum {
	EVENTS_MAX = 62, /**< a TinyBMS keeps 49; more do not fit into an answer to command 12 */
	EVENTS_SYSTEM_STARTED = 0x61,
	EVENTS_FAULT_LAST = 0x30,
	EVENTS_WARNING_LAST = 0x60,
};

struct event {
	uint8_t id;       /**< 0 = empty place */
	int64_t time_s;   /**< s of the BMS's life; see events_time() */
};

/** The newest @count events, oldest first. */
struct event_list {
	int64_t now_s; /**< s of the BMS's life when it was read; 0: unknown */
	size_t count;
	struct event event[EVENTS_MAX];
};

/** In plain words; "event 0x42" is what an unknown id gets from the caller: NULL here. */
const char *events_text(uint8_t id);

/** What the owner should do about a fault or warning; NULL where there is nothing to do. */
const char *events_remedy(uint8_t id);

/**
 * The latest moment not after @now_s with these 24 bits.
 * @return s of the BMS's life, negative if that would lie before its birth
 */
int64_t events_time(uint32_t time_24_bits, int64_t now_s);

/** Registers 200 to 297: two registers an event; empty places are skipped, order is by time. */
void events_decode_registers(const uint16_t *words, size_t words_count, int64_t now_s,
			     struct event_list *out);

/**
 * The payload of an answer to command 11 or 12: BMS_TIME(u32) (TIME(u24) ID(u8))...
 * false: its length is none that such an answer has.
 */
bool events_decode_native(const uint8_t *payload, size_t count, struct event_list *out);

/**
 * Faults and warnings that are active at the end of the list: an id is active
 * until its "recovered" id; ids that have none end with a later 0x61, or when
 * @seconds_without_fault (NAN: unknown) is at least 10.
 */
struct battery_events events_active(const struct event_list *list, double seconds_without_fault);
