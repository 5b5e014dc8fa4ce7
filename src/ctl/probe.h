/* SPDX-License-Identifier: MIT */
/*
 * probe - what answers on a serial port
 *
 * Sends requests that change nothing. I/O.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "battery/battery.h"
#include "tinybms/port.h"

/** Fill @b with version, settings and live values. Errors are those of port.h and registers.h. */
bool probe_port(const char *path, struct battery *b, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** Likewise on a port that is open; @b was cleared. */
bool probe_ask(struct port *line, struct battery *b, GError **error) G_GNUC_WARN_UNUSED_RESULT;
