/* SPDX-License-Identifier: MIT */
/*
 * ha_entities - Home Assistant's words for the values of the own tree
 *
 * Pure data. Device classes with their units and state classes as Home Assistant's
 * source has them (components/sensor/const.py: DEVICE_CLASS_UNITS,
 * DEVICE_CLASS_STATE_CLASSES; components/binary_sensor/__init__.py).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/** A sensor or binary sensor; what is NULL is left out. */
struct ha_entity {
	const char *key;   /**< of the entity: unique_id ends with it */
	const char *topic; /**< below ROOT/ID/; also where the document has the value */
	const char *name;
	const char *device_class;
	const char *unit;
	const char *state_class;
	const char *template; /**< NULL: the JSON value as it is */
	int decimals;	      /**< suggested for display; -1: none */
	bool is_diagnostic;
};

const struct ha_entity *ha_entities_sensors(size_t *count);
const struct ha_entity *ha_entities_binary(size_t *count);

/** For people: "High cell voltage"; NULL for an alarm that is not known here. */
const char *ha_entities_alarm_name(const char *alarm);
