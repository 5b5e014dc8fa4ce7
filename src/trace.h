/* SPDX-License-Identifier: MIT */
/*
 * trace - what was decided on, a line a decision, for `dbus-tinybms --limits`
 *
 * Some 100 MB a day: for tests and for finding out, not for a flash chip.
 *
 * I/O: one file.
 */
#pragma once

#include <glib.h>

#include "battery/battery.h"

struct trace;

/** A new file at @path, in place of what is there. NULL and @error: it cannot be written. */
struct trace *trace_open(const char *path, GError **error);

/** @battery is NULL where the BMS has not answered since. A file that fails is left, with a line in the log. */
void trace_write(struct trace *t, const struct battery *battery, gint64 now_us);

void trace_close(struct trace *t);
