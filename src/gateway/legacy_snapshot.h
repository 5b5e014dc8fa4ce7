/* SPDX-License-Identifier: MIT */
/*
 * legacy_snapshot - the second bridge's snapshot of a battery, see legacy_document.h
 *
 * Pure.
 */
#pragma once

#include <cjson/cJSON.h>

/** Of battery_document.h's document; the caller's to delete. */
cJSON *legacy_snapshot_make(const cJSON *d);
