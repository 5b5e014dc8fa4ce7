/* SPDX-License-Identifier: MIT */
/*
 * history_paths - /History/Clear and /History/CanBeCleared
 *
 * Writing 1 to /History/Clear forgets totals and extremes. What is shown of the
 * history is in paths.c.
 *
 * I/O: D-Bus.
 */
#pragma once

#include "dbus/item.h"

struct history_paths;

/** Somebody wants the history cleared. */
typedef void (*history_clear_fn)(void *user);

struct history_paths *history_paths_new(struct items *items, history_clear_fn fn, void *user);
void history_paths_free(struct history_paths *h);
