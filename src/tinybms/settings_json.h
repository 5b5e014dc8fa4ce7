/* SPDX-License-Identifier: MIT */
/*
 * settings_json - the BMS's settings as JSON, and a set of changes from it
 *
 * Made: [{"name", "register", "value": number or null, "text", "unit", "min",
 * "max", "default": number or null, "device_range": true where this very device
 * has told its range, "risky": true where a change takes two steps, "meaning",
 * "choices": {number: text}}]
 * Read: {"set": {name: number or text}, "confirm": {name: "OLD->NEW"}}
 *
 * Pure.
 */
#pragma once

#include <cjson/cJSON.h>

#include "tinybms/setting_check.h"

/** The caller's to delete. */
cJSON *settings_json_make(const struct settings_words *words, const struct job_ranges *ranges);

/** Reads "set" of @object, all of it or nothing. Checks no range. */
bool settings_json_set(const cJSON *object, struct setting_set *set,
		       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * What in @set is risky, changes something, and is not confirmed by @object's
 * "confirm": {name: "OLD->NEW"}. NULL: nothing. The caller's to delete.
 */
cJSON *settings_json_unconfirmed(const cJSON *object, const struct setting_set *set,
				 const struct settings_words *words);
