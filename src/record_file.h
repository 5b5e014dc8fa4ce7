/* SPDX-License-Identifier: MIT */
/*
 * record_file - the controller's record on the disk
 *
 * One JSON object and a checksum of it, replaced as a whole. It belongs to one
 * BMS by its serial number.
 *
 * I/O, apart from record_parse() and record_format().
 */
#pragma once

#include <glib.h>

#include "battery/control_record.h"

#define RECORD_ERROR (record_error_quark())
GQuark record_error_quark(void);
enum record_error {
	RECORD_ERROR_ABSENT,  /**< there is none, or it belongs to another BMS */
	RECORD_ERROR_DAMAGED, /**< checksum, syntax, or a value that cannot be */
};

/** @saved_s: wall clock, s since 1970. @return text that the caller frees */
char *record_format(const struct control_record *record, const char *serial, gint64 saved_s);

/** The inverse; @saved_s gets when it was saved. */
bool record_parse(const char *text, const char *serial, struct control_record *record,
		  gint64 *saved_s, GError **error) G_GNUC_WARN_UNUSED_RESULT;

bool record_load(const char *path, const char *serial, struct control_record *record,
		 gint64 *saved_s, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool record_save(const char *path, const char *serial, const struct control_record *record,
		 gint64 saved_s, GError **error) G_GNUC_WARN_UNUSED_RESULT;
