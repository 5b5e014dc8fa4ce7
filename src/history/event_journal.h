/* SPDX-License-Identifier: MIT */
/*
 * event_journal - the events of the BMS, with their dates, on the disk
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

struct event_journal;

/** What the clocks say; offset_s and boot go into every line. */
struct journal_clock {
	double wall_s;    /**< s since 1970 */
	double offset_s;  /**< wall clock minus time since boot */
	const char *boot; /**< names this boot */
};

/** @trouble (nullable result, the caller frees it): what was damaged, a sentence. Never fails. */
struct event_journal *event_journal_open(const char *path, char **trouble);
void event_journal_close(struct event_journal *j);

/** The number of the next line. */
double event_journal_next_number(const struct event_journal *j);

/**
 * The event list of the BMS @serial, read when it had lived @life_s: what the
 * journal does not have yet is appended, oldest first. On error nothing of it
 * is, and the next list has it again.
 * @return how many were new; -1 on error
 */
int event_journal_take_events(struct event_journal *j, const char *serial, const struct event_list *list,
			double life_s, const struct journal_clock *clock, GError **error);

/**
 * The clock was set: date this boot's lines anew, and those of the BMS @serial
 * that were written without a clock. Nothing is done while the clock is not set,
 * or where it makes less than five seconds.
 */
bool event_journal_correct(struct event_journal *j, const char *serial, double life_s,
		     const struct journal_clock *clock, GError **error) G_GNUC_WARN_UNUSED_RESULT;
