/* SPDX-License-Identifier: MIT */
/*
 * curves - recorded snapshots as columns of numbers
 *
 * From the answers of Records (history_methods.h): rows of text with the columns of
 * snapshot_csv.h, to which cell_min and cell_max are added, V, worked out of the cells.
 *
 * Pure.
 */
#pragma once

#include <cjson/cJSON.h>
#include <glib.h>
#include <stdbool.h>

/** Those that are told when none are asked for; ends with NULL. */
extern const char *const curves_columns[];

/** Is @name a column that can be asked for? */
bool curves_knows(const char *name);

/**
 * Append the rows of @records (an answer of Records) to the array @rows, each an array with
 * @columns: numbers, texts, null where unknown; those up to @after_s are left out, NAN: none.
 * @return time of the last row, NAN: none
 */
double curves_append(cJSON *rows, const cJSON *records, const char *const *columns, double after_s);
