/* SPDX-License-Identifier: MIT */
/*
 * status_text - the answer of Status for people: words that fit the terminal, cells as bars
 *
 * Pure.
 */
#pragma once

#include <cjson/cJSON.h>
#include <glib.h>
#include <stdbool.h>

enum { STATUS_TEXT_WIDTH_MIN = 20 };

struct status_look {
	unsigned width;   /**< columns; no line is longer */
	bool has_colours; /**< escape sequences may be used */
	bool has_cells;   /**< a line with a bar for each cell */
};

/** Append the lines of @status to @out. */
void status_text(GString *out, const cJSON *status, const struct status_look *look);
