/* SPDX-License-Identifier: MIT */
/*
 * setting_value - a setting's value: raw words, a number, a text, and its range
 *
 * A raw value is what the registers hold: 16 bits, of setting 312 32 bits; a
 * signed one in two's complement.
 *
 * Pure.
 */
#pragma once

#include <glib.h>

#include "tinybms/job.h"
#include "tinybms/settings.h"

#define SETTING_ERROR (setting_error_quark())
GQuark setting_error_quark(void);
enum setting_error {
	SETTING_ERROR_VALUE, /**< neither a number nor one of the choices, or between steps */
	SETTING_ERROR_RANGE, /**< outside the range, or no choice */
	SETTING_ERROR_CONTRADICTION, /**< does not fit another setting, or the battery */
	SETTING_ERROR_UNKNOWN,	     /**< there is no such setting, or not in this device */
};

/** In the setting's unit. */
struct setting_range {
	double min, max;
	double fallback; /**< the default; NAN: unknown */
	bool is_device;	 /**< this very device's; else the document's */
};

/** The device's range where it has told one that can be, else the document's. */
struct setting_range setting_range(const struct setting *s, const struct job_ranges *ranges);

/** In @words. false: it is not in this firmware. */
bool setting_raw(const struct setting *s, const struct settings_words *words, uint32_t *raw);
void setting_store(const struct setting *s, struct settings_words *words, uint32_t raw);

/** In the setting's unit; of a choice its number. */
double setting_number(const struct setting *s, uint32_t raw);

/** As people read it: "4.15 V", "discharge FET"; the caller's. */
char *setting_text(const struct setting *s, uint32_t raw);

/** As it is written in a confirmation: the number alone, in as few digits as tell it. */
char *setting_plain(const struct setting *s, uint32_t raw);

/** A number, with or without the unit, or the name of a choice. Checks no range. */
bool setting_parse(const struct setting *s, const char *text, uint32_t *raw,
		   GError **error) G_GNUC_WARN_UNUSED_RESULT;
