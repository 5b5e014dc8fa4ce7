/* SPDX-License-Identifier: MIT */
/*
 * bus_reader - ask services on the bus, one question at a time
 *
 * For a command that ends soon: each call waits, three seconds at most. What is
 * not there, invalid or not answered is NULL, NAN or false; doctor is there to
 * say so, not to stop at it.
 *
 * I/O.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

struct bus_reader;

/** @address NULL: DBUS_SESSION_BUS_ADDRESS, else the system bus. NULL with @error: no bus. */
struct bus_reader *bus_reader_open(const char *address, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bus_reader_free(struct bus_reader *b);

/** NULL-terminated names that begin with @prefix; owned by the caller. */
char **bus_reader_names(struct bus_reader *b, const char *prefix);

bool bus_reader_has_name(struct bus_reader *b, const char *name);

/** Of the process that owns @name; 0 if unknown. */
unsigned bus_reader_pid(struct bus_reader *b, const char *name);

double bus_reader_number(struct bus_reader *b, const char *service, const char *path);

/** Numbers as text too; owned by the caller. */
char *bus_reader_text(struct bus_reader *b, const char *service, const char *path);

/** Paths of all items of @service that begin with @prefix; NULL-terminated, owned by the caller. */
char **bus_reader_paths(struct bus_reader *b, const char *service, const char *prefix);

/**
 * The one call that changes something: takes @paths, all under /Settings/, out of the
 * settings service (RemoveSettings of localsettings).
 * @return how many it has removed
 */
unsigned bus_reader_remove_settings(struct bus_reader *b, char **paths);

/**
 * Call @member of the object "/" with @numbers; its answer is one text, owned by
 * the caller. NULL with @error: what the service said, or that it does not answer.
 */
char *bus_reader_ask(struct bus_reader *b, const char *service, const char *interface,
		     const char *member, const double *numbers, size_t count, GError **error);

/** Likewise with texts, and a minute's patience: the BMS has to confirm. */
char *bus_reader_tell(struct bus_reader *b, const char *service, const char *interface,
		      const char *member, const char *const *texts, size_t count, GError **error);

/** SetValue with a text; its answer (0 is success), or -1 without one. A minute's patience. */
int bus_reader_set(struct bus_reader *b, const char *service, const char *path, const char *text);
