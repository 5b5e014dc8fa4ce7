/* SPDX-License-Identifier: MIT */
/*
 * snapshot_json - one line of JSON to one snapshot
 *
 * {"t": s, "cells": [V, ...], "current": A (+ charging), "soc": %, "soh": %,
 *  "temperatures": [internal, external 1, external 2] (degrees C),
 *  "status": "charging" | "discharging" | "idle" | "full" | "regenerating" | "fault",
 *  "faults": [ids of active events], "balancing": [numbers of cells that bleed],
 *  "age": s (of the snapshot at t; 0 if absent),
 *  "settings": {"over_voltage_cutoff": V, ...}}
 *
 * The names in "settings" are those of the register table (registers_settings()).
 * A null stands for "not known", wherever a number may stand. Keys that are not
 * listed here are another reader's and left alone.
 *
 * Pure.
 */
#pragma once

#include <cjson/cJSON.h>
#include <glib.h>
#include <stdbool.h>

#include "battery/battery.h"

struct snapshot_json {
	double t_s;             /**< NAN: no "t" */
	bool is_silent;         /**< only "t": the BMS did not answer */
	const char *missing;    /**< first key that a whole snapshot has and this has not; NULL: whole */
	struct battery battery; /**< what is absent is unknown; derived, taken at t_s less its age */
};

/* An error names the key, and the value where there is one. */
#define SNAPSHOT_JSON_ERROR (snapshot_json_error_quark())
GQuark snapshot_json_error_quark(void);
enum snapshot_json_error {
	SNAPSHOT_JSON_ERROR_SYNTAX, /**< no JSON object, or more than one */
	SNAPSHOT_JSON_ERROR_KEY,    /**< a key with a value that it cannot have */
};

/**
 * Read @line. A whole snapshot has all keys but "soh", "balancing" and "age", and all
 * settings; whether less is enough is for the caller to say (see missing).
 */
bool snapshot_json_read(struct snapshot_json *out, const char *line, GError **error)
	G_GNUC_WARN_UNUSED_RESULT;

/** Likewise from JSON that was parsed already; @object stays the caller's. */
bool snapshot_json_take(struct snapshot_json *out, const cJSON *object, GError **error)
	G_GNUC_WARN_UNUSED_RESULT;

/** All keys of @b, so that reading gives it back to a millionth. The caller's to delete. */
cJSON *snapshot_json_make(const struct battery *b);

/**
 * One line, without its end, that reading gives back to the last bit: what was
 * decided on at @now_us. NULL: the BMS had not answered. Freed by cJSON_free().
 */
char *snapshot_json_line(const struct battery *b, gint64 now_us);
