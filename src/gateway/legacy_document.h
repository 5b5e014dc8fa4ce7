/* SPDX-License-Identifier: MIT */
/*
 * legacy_document - a battery's document with the keys of the two ESP32 bridges
 *
 * Who reads those bridges' GET /api/status finds every key again,
 * with right values: V, A (positive: charging), %, degrees C, mV.
 * null where nothing is known; 0 in counters of parts that do not exist here.
 *
 * Pure.
 */
#pragma once

#include <cjson/cJSON.h>

/**
 * A's document, with B's snapshot under "battery" and its "type". @mqtt (nullable) is
 * the state of MQTT, copied to stats.mqtt. The caller's to delete.
 */
cJSON *legacy_document_make(const cJSON *document, const cJSON *mqtt);
