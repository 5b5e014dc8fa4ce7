/* SPDX-License-Identifier: MIT */
/*
 * mqtt_legacy - the predecessor's topics, for those who have built on them
 *
 * The ESP32 firmware TinyBMS (public repository thieryfr/TinyBMS,
 * src/mqtt/victron_mqtt_bridge.cpp and register_value.cpp) published twelve
 * registers as ROOT/KEY, each with one flat object: address, timestamp_ms,
 * wire_type, value_class, value, formatted, raw, scale, text, unit, label, key,
 * comment, dbus_path. As there, what is not known is left out: no value,
 * formatted, raw and scale without a value. QoS 0, not retained.
 *
 * Values and units are right, where the predecessor's were not (it read
 * registers 36, 38, 45 and 46 with the wrong type, and took the statistics in
 * 102 and 103 for limits): max_charge_current and max_discharge_current are the
 * limits that the inverter is told. timestamp_ms is the time of day since 1970,
 * for a device that has no uptime of its own to count.
 *
 * Pure: no I/O, no clock.
 */
#pragma once

#include <cjson/cJSON.h>

#include "gateway/mqtt_message.h"

/** Appends the topics of @document, which is borrowed. */
void mqtt_legacy_add(GPtrArray *list, const char *root, const cJSON *document);
