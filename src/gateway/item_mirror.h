/* SPDX-License-Identifier: MIT */
/*
 * item_mirror - the values of one com.victronenergy service, kept up to date
 *
 * All of them are asked for when the service has an owner, and then follow its
 * ItemsChanged signals (velib_python: vedbus.py). Without an owner there are none. A value
 * that cannot be read is invalid.
 *
 * I/O: D-Bus. Nothing here waits.
 */
#pragma once

#include <glib.h>

#include "dbus/bus.h"
#include "dbus/value.h"

struct item_mirror;

/** @service is copied, @bus borrowed; it must live longer. */
struct item_mirror *item_mirror_new(struct bus *bus, const char *service);
void item_mirror_free(struct item_mirror *m);

const char *item_mirror_service(const struct item_mirror *m);

/** The service did not tell its values: only a new mirror asks again. */
bool item_mirror_has_failed(const struct item_mirror *m);

/** Invalid where there is nothing; a text is borrowed until the main loop runs again. */
struct value item_mirror_value(const struct item_mirror *m, const char *path);

/** NAN where there is no number. */
double item_mirror_number(const struct item_mirror *m, const char *path);
/** NULL where there is no text; borrowed likewise. */
const char *item_mirror_text(const struct item_mirror *m, const char *path);

/** The paths that begin with @prefix, in their order; free the array, not the texts. */
GPtrArray *item_mirror_paths(const struct item_mirror *m, const char *prefix);
