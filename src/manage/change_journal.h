/* SPDX-License-Identifier: MIT */
/*
 * change_journal - every change of the BMS by its owner: when, who, what, and how it went
 *
 * One JSON object a line, appended and synced: a power cut costs at most the
 * line that was being written. Beyond CHANGE_JOURNAL_MAX the older half goes. A file
 * with lines that are no entries is set aside as FILE.damaged, and its good lines
 * are kept.
 *
 * I/O: one file.
 */
#pragma once

#include <cjson/cJSON.h>
#include <glib.h>

enum { CHANGE_JOURNAL_MAX = 64 * 1024 };

struct change_journal;

/** @path is copied; the file comes with the first entry. */
struct change_journal *change_journal_new(const char *path);
void change_journal_free(struct change_journal *j);

struct change_entry {
	const char *who;    /**< the program that asked */
	const char *path;   /**< where it asked: an object's path or a method */
	const char *by;	    /**< (nullable) for whom, as the program says */
	const char *what;   /**< a setting's or configuration key's name, or a command */
	const char *before; /**< (nullable) */
	const char *after;  /**< (nullable) */
	const char *result; /**< "done", or a sentence */
};

/** @time_s: s since 1970. A disk that is full is said in the log. */
void change_journal_add(struct change_journal *j, const struct change_entry *entry, gint64 time_s);

/** An array of all entries, the oldest first; the caller's to delete. */
cJSON *change_journal_read(const struct change_journal *j);
