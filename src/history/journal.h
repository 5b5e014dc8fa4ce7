/* SPDX-License-Identifier: MIT */
/*
 * journal - what happened and when, on the disk
 *
 * Lines are appended and synced. At most JOURNAL_BYTES_MAX: the oldest quarter
 * goes when there is no more room. A line that a power cut tore is cut off; a
 * file with altered lines is set aside (FILE.damaged) and its good lines stay.
 *
 * I/O.
 */
#pragma once

#include <cjson/cJSON.h>

#include "history/journal_text.h"

enum { JOURNAL_BYTES_MAX = 256 * 1024 };

struct journal;

/** What the clocks say; offset_s and boot go into every line. */
struct journal_clock {
	double wall_s;    /**< s since 1970 */
	double offset_s;  /**< wall clock minus time since boot */
	const char *boot; /**< names this boot */
};

/** @trouble (nullable result, the caller frees it): what was damaged, a sentence. Never fails. */
struct journal *journal_open(const char *path, char **trouble);
void journal_close(struct journal *j);

/** The number of the next line. */
double journal_next_number(const struct journal *j);

/**
 * Append @entry (taken), which has at least "kind"; number and clock are added,
 * and "t" where it has none. On error the journal is as it was.
 */
bool journal_append(struct journal *j, cJSON *entry, const struct journal_clock *clock,
		    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * The event list of the BMS @serial, read when it had lived @life_s: what the
 * journal does not have yet is appended, oldest first. On error nothing of it
 * is, and the next list has it again.
 * @return how many were new; -1 on error
 */
int journal_take_events(struct journal *j, const char *serial, const struct event_list *list,
			double life_s, const struct journal_clock *clock, GError **error);

/**
 * The clock was set: date this boot's lines anew, and those of the BMS @serial
 * that were written without a clock. Nothing is done while the clock is not set,
 * or where it makes less than five seconds.
 */
bool journal_correct(struct journal *j, const char *serial, double life_s,
		     const struct journal_clock *clock, GError **error) G_GNUC_WARN_UNUSED_RESULT;
