/* SPDX-License-Identifier: MIT */
/*
 * history_text - the history as one JSON object, for the disk and for readers
 *
 * Pure.
 */
#pragma once

#include <cjson/cJSON.h>

#include "history/history.h"

#define HISTORY_ERROR (history_error_quark())
GQuark history_error_quark(void);
enum history_error {
	HISTORY_ERROR_ABSENT,  /**< there is none */
	HISTORY_ERROR_DAMAGED, /**< checksum, syntax, another battery, a value that cannot be */
};

/** One key for each number; NAN is left out. Freed by cJSON_Delete(). */
cJSON *history_to_json(const struct history_kept *kept);

/** A sealed text with @serial; @saved_s: wall clock. The caller frees it. */
char *history_format(const struct history_kept *kept, const char *serial, double saved_s);

/** The inverse. */
bool history_parse(const char *text, const char *serial, struct history_kept *kept,
		   double *saved_s, GError **error) G_GNUC_WARN_UNUSED_RESULT;
