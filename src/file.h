/* SPDX-License-Identifier: MIT */
/*
 * file - replace a file as a whole, or not at all; set a damaged one aside
 *
 * I/O.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#define FILE_ERROR (file_error_quark())
GQuark file_error_quark(void);
enum file_error {
	FILE_ERROR_FAILED,
};

/**
 * Write @bytes beside @path, sync, rename over it, sync the folder. A power cut
 * leaves the old file or the new one. On error the old one stays and nothing is
 * left beside it. Mode 0600 for a new file; an existing one keeps its mode and, where root
 * replaces it, its owner. Nothing that somebody else has put beside it, a link to another
 * file, is written through.
 */
bool file_replace(const char *path, const void *bytes, size_t count, GError **error)
	G_GNUC_WARN_UNUSED_RESULT;

/**
 * Give a damaged file another name, FILE.damaged, in place of what had it before.
 * @return that name, freed by the caller; NULL: not possible, and the file is as it was
 */
char *file_set_aside(const char *path) G_GNUC_WARN_UNUSED_RESULT;

/** What root has written belongs to whom its folder belongs: a process without rights reads it. */
bool file_give_to_folder(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
