/* SPDX-License-Identifier: MIT */
/*
 * ha_discovery - what makes Home Assistant know a battery by itself
 *
 * One retained message a battery, PREFIX/device/OBJECT/config (device discovery,
 * Home Assistant 2024.11 and later; www.home-assistant.io/integrations/mqtt,
 * "Device discovery payload"), with all entities of the device. Device classes,
 * units and state classes are those that Home Assistant's
 * components/sensor/const.py and binary_sensor/__init__.py allow together; the
 * tests hold these tables.
 *
 * Identity is the BMS's serial number, so that a battery keeps its history when
 * it moves to another port; without one it is the document's id. Availability
 * asks both the gateway's topic (its last will) and the battery's.
 *
 * What a device had in an earlier message stays in Home Assistant until a message
 * names it with its platform alone ("Device discovery", same page): so commands are
 * named while they are off, and so are the cells that a smaller battery lacks.
 *
 * Pure: no I/O, no clock.
 */
#pragma once

#include <cjson/cJSON.h>

#include "gateway/mqtt_message.h"

struct ha_discovery {
	const char *prefix;   /**< "homeassistant" */
	const char *root;     /**< of the own tree, see mqtt_battery.h */
	bool may_command;     /**< numbers, switches and buttons as well */
	const char *page_url; /**< of the gateway's page; "" or NULL: none */
};

/** What the configuration depends on; two equal texts give equal messages. (owned) */
char *ha_discovery_signature(const cJSON *document);

/** Appends the configuration of @document's battery, QoS 1, retained. */
void ha_discovery_add(GPtrArray *list, const struct ha_discovery *d, const cJSON *document);

/** Appends the empty message that takes the battery out of Home Assistant. */
void ha_discovery_add_removal(GPtrArray *list, const char *prefix, const cJSON *document);
