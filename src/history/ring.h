/* SPDX-License-Identifier: MIT */
/*
 * ring - a file with room for a fixed number of snapshots, the oldest give way
 *
 * The file is the ring: rows are kept in memory only until the next flush. A
 * power cut in the middle of a flush spoils at most the rows being written. A
 * file whose head is foreign or damaged is set aside (FILE.damaged).
 *
 * I/O.
 */
#pragma once

#include "history/ring_row.h"

enum { RING_PENDING_MAX = 64 };

struct ring;

/** @trouble (nullable result, the caller frees it): a sentence. Never fails. */
struct ring *ring_open(const char *path, unsigned rows, unsigned period_s, char **trouble);
/** What was not flushed is lost. */
void ring_close(struct ring *r);

unsigned ring_period_s(const struct ring *r);

/** The number is set here. Beyond RING_PENDING_MAX unflushed rows the oldest is lost. */
void ring_add(struct ring *r, const struct ring_row *row);

/** On error the rows stay for the next time. */
bool ring_flush(struct ring *r, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** @t_s: wall clock, put right where the clock was set later in the same boot. */
typedef void (*ring_fn)(const struct ring_row *row, double t_s, void *user);

/** Every row of the file @path, oldest first. @period_s gets what the file is made for. */
bool ring_each(const char *path, ring_fn fn, void *user, unsigned *period_s, GError **error)
	G_GNUC_WARN_UNUSED_RESULT;
