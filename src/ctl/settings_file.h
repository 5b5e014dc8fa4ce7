/* SPDX-License-Identifier: MIT */
/*
 * settings_file - the BMS's settings in a file, and how they differ from a BMS
 *
 * {"version": 1, "program", "serial", "firmware", "hardware", "profile",
 *  "settings": {name: number}}
 *
 * Pure.
 */
#pragma once

#include <cjson/cJSON.h>
#include <glib.h>

/** From an answer to Settings. The caller's to delete. */
cJSON *settings_file_make(const cJSON *answer);

/**
 * What restoring @file would change on the BMS that answered @answer:
 * {name: number}. NULL with @error: no such file, or a value that this BMS does
 * not take (another model, or another current sensor). The caller's to delete.
 */
cJSON *settings_file_changes(const cJSON *file, const cJSON *answer, GError **error);

/** The object in @answer with this name; NULL: none. */
const cJSON *settings_file_find(const cJSON *answer, const char *name);
