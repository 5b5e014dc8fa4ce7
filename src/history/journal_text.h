/* SPDX-License-Identifier: MIT */
/*
 * journal_text - lines of the event journal, and which events it does not have yet
 *
 * A line is a JSON object, a tab and eight digits of its checksum:
 *
 *	n       its number, rising by one
 *	t       when it happened, wall clock, s since 1970
 *	offset  wall clock minus time since boot, when it was written, s
 *	boot    the boot in which it was written
 *	kind    "event"
 *	serial  of the BMS
 *	id      of the event
 *	life    when it happened, s of the BMS's life
 *	guess   true: found at first contact, where 194 days more or less cannot be told
 *
 * Pure.
 */
#pragma once

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "tinybms/events.h"

/** Before this (2025-01-01) the clock of the GX is not set. */
#define JOURNAL_CLOCK_IS_SET_S 1735689600.0

/** With its newline; the caller frees it. */
char *journal_line(const cJSON *entry);

/** A good line. @entry is borrowed. */
typedef void (*journal_entry_fn)(const cJSON *entry, void *user);

struct journal_damage {
	size_t bad;  /**< whole lines that are no entries */
	size_t torn; /**< bytes behind the last newline */
};

/** Every good line in its order. */
struct journal_damage journal_each(const char *text, size_t count, journal_entry_fn fn, void *user);

/** A number of an entry; NAN if it has none. */
double journal_number(const cJSON *entry, const char *key);
/** A text of an entry; "" if it has none. */
const char *journal_string(const cJSON *entry, const char *key);

enum { JOURNAL_KNOWN_MAX = 128 };

/** The newest events of one BMS that the journal has. */
struct journal_known {
	size_t count;
	struct {
		uint32_t time_24; /**< as the BMS says it: the lowest 24 bits of its life */
		uint8_t id;
	} event[JOURNAL_KNOWN_MAX];
};

void journal_know(struct journal_known *known, const struct event *event);

/** Those of @list that are not known, in their order. Two that are alike are two. */
struct event_list journal_unknown(const struct journal_known *known, const struct event_list *list);
