/* SPDX-License-Identifier: MIT */
/*
 * paths - which field of the view goes to which D-Bus path, how and how often
 *
 * Source: Venus OS's own consumers; units and types as systemcalc, gui-v2 and
 * the Modbus-TCP map read them. Dead-bands follow what those display.
 *
 * Pure data.
 */
#pragma once

#include <stddef.h>

#include "dbus/item.h"
#include "publish/view.h"

/** When a path may change. All are announced in the one signal of that second. */
enum path_pace {
	PACE_SECOND,    /**< each second */
	PACE_URGENT,    /**< each second, and at once when it matters: limits and alarms */
	PACE_FIVE,      /**< every fifth second */
	PACE_FIVE_LATER, /**< every fifth second, two after the others: spreads the cells */
	PACE_MINUTE,
};

struct path {
	const char *path;     /**< with one %u where there is one for each element */
	enum value_type type; /**< VALUE_STRING: the field is a const char *, else a double */
	size_t offset;        /**< into struct view */
	unsigned elements;    /**< 0: one path; else that many, elements counted from 1 */
	enum path_pace pace;
	const char *unit;
	int decimals;
	double dead_band;
};

/** All rows, alarms excepted. */
const struct path *paths_table(size_t *count);

/** Is a row with this pace due in second @second of the service's life? */
bool path_is_due(enum path_pace pace, unsigned second);
