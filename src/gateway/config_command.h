/* SPDX-License-Identifier: MIT */
/*
 * config_command - change the configuration from the command line
 *
 * I/O: the file, standard output.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/**
 * @pairs: NAME=VALUE, NULL-terminated. A list is words between commas; nothing behind the equals
 * sign is the default. All or nothing; each change is printed. What is already so is no change.
 * The file keeps belonging to whom its folder belongs.
 */
bool config_command_set(const char *path, char *const *pairs,
			GError **error) G_GNUC_WARN_UNUSED_RESULT;
