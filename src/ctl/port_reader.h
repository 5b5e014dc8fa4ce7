/* SPDX-License-Identifier: MIT */
/*
 * port_reader - what a service would answer, straight from a BMS on a port
 *
 * For when no service runs: Status, Settings and Events as the second name has
 * them (status.h, settings_methods.h, history_methods.h), without what only a
 * service knows: limits, alarms, whose event is new. Changes nothing.
 *
 * I/O: the port.
 */
#pragma once

#include <cjson/cJSON.h>
#include <glib.h>

struct port_reader;

/** Open @path and ask what is there. NULL with @error: nothing that is a TinyBMS, or in use. */
struct port_reader *port_reader_open(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** NULL is fine. */
void port_reader_free(struct port_reader *r);

/** The caller's to delete; NULL with @error: no answer, or @method needs a service. */
cJSON *port_reader_ask(struct port_reader *r, const char *method,
		       GError **error) G_GNUC_WARN_UNUSED_RESULT;
