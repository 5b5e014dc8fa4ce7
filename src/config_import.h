/* SPDX-License-Identifier: MIT */
/*
 * config_import - take over the configuration of the ESP32 bridge that this replaces
 *
 * What means the same here is taken over; everything else is named. Its charge
 * voltage target is not taken over: there it is a pack voltage that doubles as
 * the over-voltage threshold.
 *
 * Pure.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "config.h"

/**
 * Set in @c what @json and our configuration have in common; on error @c is left
 * as it was. One line for each key of @json is added to @report: what was taken
 * over, what was not and why. Values of what was not are never shown: there are
 * passwords among them.
 */
bool config_import(struct config *c, const char *json, GString *report, GError **error)
	G_GNUC_WARN_UNUSED_RESULT;
