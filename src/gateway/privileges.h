/* SPDX-License-Identifier: MIT */
/*
 * privileges - stop being root, for good
 *
 * I/O.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/** @user: a name or a number. Nothing to do for whom it is already. */
bool privileges_drop(const char *user, GError **error) G_GNUC_WARN_UNUSED_RESULT;
