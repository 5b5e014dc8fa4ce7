/* SPDX-License-Identifier: MIT */
/*
 * keeper - what is known of a battery's past, beside the configuration
 *
 * Owns the history (history_SERIAL.json, written every 15 minutes and at the
 * end), the event journal (events.jsonl) and the recording (record_SERIAL_*.ring).
 * What is damaged is set aside and said; what cannot be written is said once and
 * tried again.
 *
 * I/O: files, from the main loop.
 */
#pragma once

#include "clock.h"
#include "history/history.h"
#include "tinybms/events.h"

struct keeper;

/** The files lie in @folder. */
struct keeper *keeper_new(const char *folder);
/** Writes what is not written yet. */
void keeper_free(struct keeper *k);

/** A snapshot. Another serial number than before: the other battery's past is taken up. */
void keeper_sample(struct keeper *k, const struct battery *b);

/** The BMS's event list was read; taken with the next second. */
void keeper_events(struct keeper *k, const struct event_list *list);

/**
 * A second has passed. @b: newest snapshot, NULL while the BMS is silent.
 * @since_full_s: the controller's; where it falls, the battery has become full.
 */
void keeper_second(struct keeper *k, const struct battery *b, double since_full_s, gint64 now_us);

/** Forget totals and extremes, at once on the disk too. */
void keeper_clear(struct keeper *k);

/** NULL before the first snapshot. */
const struct history *keeper_history(const struct keeper *k);

/** Of the battery, "" where the BMS has none; NULL before the first snapshot. */
const char *keeper_serial(const struct keeper *k);

/** So that readers of the files find everything. */
void keeper_flush(struct keeper *k);

/** Of the event journal; and what recording_path() takes, NULL before the first snapshot. */
const char *keeper_events_path(const struct keeper *k);
const char *keeper_recording_stem(const struct keeper *k);
