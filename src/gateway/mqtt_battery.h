/* SPDX-License-Identifier: MIT */
/*
 * mqtt_battery - a battery's document as MQTT topics
 *
 * The own tree is ROOT/ID/..., where ID is mqtt_battery_topic_id() of the
 * document's "id". Below it each number, text and truth of the document has a
 * topic of its own, named by its keys: ROOT/ID/limits/ccl_a,
 * ROOT/ID/cells/4/voltage_v. What belongs together and is rarely looked at is
 * one topic with an object or array: settings, history, can, faults,
 * diagnostics. Every payload is JSON, units as in the document, null where
 * unknown. All is retained, QoS 0.
 *
 * ROOT/ID/availability is the exception: the word online while the battery
 * answers, else offline; QoS 1.
 *
 * Pure: no I/O, no clock.
 */
#pragma once

#include <cjson/cJSON.h>

#include "gateway/mqtt_message.h"

#define MQTT_ONLINE  "online"
#define MQTT_OFFLINE "offline"

/** What cannot stand in a level of a topic is "_": "usb_FTDI/1" is "usb_FTDI_1". (owned) */
char *mqtt_battery_topic_id(const char *id);

/** Appends the tree of @document, which is borrowed. One without an "id" gives nothing. */
void mqtt_battery_add(GPtrArray *list, const char *root, const cJSON *document);

/** Appends ROOT/ID/availability alone: the battery has gone. */
void mqtt_battery_add_availability(GPtrArray *list, const char *root, const char *id,
				   bool is_online);
