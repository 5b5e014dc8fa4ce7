/* SPDX-License-Identifier: MIT */
/*
 * event_words - an event of the journal in plain words
 *
 * Pure.
 */
#pragma once

#include <cjson/cJSON.h>

/**
 * The entry without what only the journal needs, and with "level" ("fault",
 * "warning" or "information"), "text", and "remedy" where there is something
 * to do. The caller's to delete.
 */
cJSON *event_words(const cJSON *entry);
