/* SPDX-License-Identifier: MIT */
/*
 * managed - which of several batteries DVCC is to obey
 *
 * DVCC obeys one BMS (dbus-systemcalc-py, delegates/batteryservice.py). As soon as
 * a second TinyBMS is on the bus, the owner has to say which one is managed, and that each other one
 * stands apart: chargers and loads of its own, or another guard.
 *
 * Pure: no I/O, no clock.
 */
#pragma once

#include <glib.h>

enum managed {
	MANAGED_AUTO, /**< nothing was said; right for a battery that is alone */
	MANAGED_YES,
	MANAGED_NO,   /**< stands apart: DVCC must not obey it */
	MANAGED_COUNT,
};

/** As in the configuration, NULL-terminated. */
extern const char *const managed_names[];

/** A word that is none of the names, or NULL, is MANAGED_AUTO. */
enum managed managed_parse(const char *word);

/**
 * What is wrong with @count batteries that share a bus, a sentence with the
 * remedy; NULL: nothing, because there is one battery only, or at most one is
 * managed and all others stand apart. Static text.
 */
const char *managed_complaint(const enum managed *batteries, unsigned count);
