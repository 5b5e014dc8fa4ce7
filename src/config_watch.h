/* SPDX-License-Identifier: MIT */
/*
 * config_watch - the configuration file, read again when it changes
 *
 * Looked at every two seconds and on SIGHUP (config_watch_check()). A file with
 * an error, or one that vanishes, changes nothing and is reported; our own saving
 * is not a change. A copy of the last good one lies beside it (FILE.last) for a
 * start with an error in the file.
 *
 * I/O: files, main loop.
 */
#pragma once

#include "config.h"

struct config_watch;

/** @config is new; what was before is gone. */
typedef void (*config_watch_fn)(const struct config *config, void *user);

/** Read @path (copied) for the first time, or its copy; all defaults where neither is good. */
struct config_watch *config_watch_new(const char *path, config_watch_fn fn, void *user);
void config_watch_free(struct config_watch *w);

const struct config *config_watch_get(const struct config_watch *w);

/** Look at the file now; always reads it. */
void config_watch_check(struct config_watch *w);

/** Take @config over and save it; on error nothing changes. Does not call the callback. */
bool config_watch_save(struct config_watch *w, const struct config *config, GError **error)
	G_GNUC_WARN_UNUSED_RESULT;
