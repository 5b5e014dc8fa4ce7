/* SPDX-License-Identifier: MIT */
/*
 * sealed - one line of JSON and a checksum under it
 *
 * What is cut off or altered at any byte is told apart from what was written.
 *
 * Pure.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#define SEALED_ERROR (sealed_error_quark())
GQuark sealed_error_quark(void);
enum sealed_error {
	SEALED_ERROR_DAMAGED,
};

/** @json without a newline. @return the text of the file; the caller frees it */
char *sealed_close(const char *json);

/** @count gets how many bytes of @text, from its start, are the JSON. */
bool sealed_open(const char *text, size_t *count, GError **error) G_GNUC_WARN_UNUSED_RESULT;
