/* SPDX-License-Identifier: MIT */
/*
 * history_file - the history of one battery on the disk
 *
 * Replaced as a whole; what was there before stays beside it (FILE.previous).
 * A file that cannot be read is set aside (FILE.damaged) and the previous one
 * counts.
 *
 * I/O.
 */
#pragma once

#include "history/history.h"

/**
 * @saved_s: wall clock. @trouble (nullable result, the caller frees it): a
 * sentence about what was damaged, whether or not something could be read.
 * @return false if there is nothing to go on with
 */
bool history_file_load(const char *path, const char *serial, struct history_kept *kept,
		       double *saved_s, char **trouble) G_GNUC_WARN_UNUSED_RESULT;

/** On error what was there before is there still. */
bool history_file_save(const char *path, const char *serial, const struct history_kept *kept,
		       double saved_s, GError **error) G_GNUC_WARN_UNUSED_RESULT;
