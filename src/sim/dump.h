/* SPDX-License-Identifier: MIT */
/*
 * dump - registers read from a device, as a file
 *
 * Lines "register,value", both decimal; lines that start with # and the header
 * are left alone. The form of tests/data/tinybms_14s_capture.csv.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum { DUMP_WORDS = 512 };

struct dump {
	uint16_t word[DUMP_WORDS];
	bool is_there[DUMP_WORDS];
};

#define DUMP_ERROR (dump_error_quark())
GQuark dump_error_quark(void);
enum dump_error {
	DUMP_ERROR_FAILED, /**< file, line and what is wrong */
};

bool dump_parse(struct dump *dump, const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Read a file. */
bool dump_load(struct dump *dump, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
