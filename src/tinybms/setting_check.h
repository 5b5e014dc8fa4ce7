/* SPDX-License-Identifier: MIT */
/*
 * setting_check - what must not be written, and in which order the rest is
 *
 * Relations: user manual rev. D (over-voltage cut-off at least 10 mV above fully
 * charged, under-voltage cut-off at least 10 mV below fully discharged, peak
 * discharge cut-off above the discharge cut-off); the others are common sense.
 * Only those that a change touches count: a device that contradicts itself
 * already can still be put right.
 *
 * Pure.
 */
#pragma once

#include "tinybms/setting_value.h"

struct setting_change {
	const struct setting *setting;
	uint32_t raw;
};

struct setting_set {
	size_t count;
	struct setting_change change[SETTINGS_COUNT];
};

/** It can open the switches, or changes the protection: done in two steps. */
bool setting_is_risky(const struct setting *s);

/** Add to a set; a setting that is in it already gets the new value. */
void setting_set_add(struct setting_set *set, const struct setting *s, uint32_t raw);

/**
 * May @set be written? @words: as it is now. @ranges: (nullable) the device's.
 * @cells_detected: by the BMS, 0 where unknown. @error: name, value, reason.
 */
bool setting_set_check(const struct setting_set *set, const struct settings_words *words,
		       const struct job_ranges *ranges, unsigned cells_detected,
		       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * Put @set in an order in which no relation is broken on the way, as far as
 * there is one: a BMS refuses what contradicts its present settings.
 */
void setting_set_order(struct setting_set *set, const struct settings_words *words);
