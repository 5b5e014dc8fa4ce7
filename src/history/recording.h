/* SPDX-License-Identifier: MIT */
/*
 * recording - the two rings of a battery: a day at 10 s, 30 days at 5 minutes
 *
 * I/O.
 */
#pragma once

#include <stdio.h>

#include "history/ring.h"

struct recording;

/** @path_stem: the rings are STEM_10s.ring and STEM_5min.ring. @trouble as in ring_open(). */
struct recording *recording_open(const char *path_stem, char **trouble);
/** Flushes; @error is for that. */
bool recording_close(struct recording *r, GError **error);

/**
 * Call it each second; @row has the newest snapshot, or is silent. Records what
 * is due at row->up_ms, and flushes every five minutes.
 */
bool recording_step(struct recording *r, const struct ring_row *row, GError **error)
	G_GNUC_WARN_UNUSED_RESULT;

/** What was recorded until now goes to the disk. */
bool recording_flush(struct recording *r, GError **error) G_GNUC_WARN_UNUSED_RESULT;

enum recording_span { RECORDING_DAY, RECORDING_MONTH };

/** The ring of @span, of the battery whose files begin with @path_stem; freed by the caller. */
char *recording_path(const char *path_stem, enum recording_span span);

struct recording_range {
	double from_s, to_s; /**< wall clock */
	double step_s;       /**< at least so far apart; 0: every row */
};

/**
 * One line a row, as --limits --csv replays it: time rises, and a gap begins with
 * a silent row. @fn gets the header first.
 */
typedef void (*recording_line_fn)(const char *line, void *user);
bool recording_read(const char *path, const struct recording_range *range, recording_line_fn fn,
		    void *user, GError **error) G_GNUC_WARN_UNUSED_RESULT;
