/* SPDX-License-Identifier: MIT */
/*
 * journal - every change of the BMS by its owner: when, who, what, and how it went
 *
 * One JSON object a line, appended and synced: a power cut costs at most the
 * line that was being written. Beyond JOURNAL_MAX the older half goes. A file
 * that is no journal is set aside as FILE.damaged.
 *
 * I/O: one file.
 */
#pragma once

#include <cjson/cJSON.h>
#include <glib.h>

enum { JOURNAL_MAX = 64 * 1024 };

struct journal;

/** @path is copied; the file comes with the first entry. */
struct journal *journal_new(const char *path);
void journal_free(struct journal *j);

struct journal_entry {
	const char *who;    /**< the program that asked */
	const char *path;   /**< where it asked: an object's path or a method */
	const char *what;   /**< a setting's name, or a command */
	const char *before; /**< (nullable) */
	const char *after;  /**< (nullable) */
	const char *result; /**< "done", or a sentence */
};

/** @time_s: s since 1970. A disk that is full is said in the log. */
void journal_add(struct journal *j, const struct journal_entry *entry, gint64 time_s);

/** An array of all entries, the oldest first; the caller's to delete. */
cJSON *journal_read(const struct journal *j);
