/* SPDX-License-Identifier: MIT */
/*
 * commands - what a test tells the simulator, one line each
 *
 * The answer is one line: "ok", "ok VALUE ..." for a question, or "error: " and a
 * sentence. A number in a command is decimal, or hexadecimal after 0x; times are
 * seconds of the simulator's clock. "help" names all commands.
 *
 * Pure.
 */
#pragma once

#include <glib.h>

#include "sim/simulator.h"

/** Carry out @line; append the answer, without a line end. */
void commands_run(struct simulator *s, const char *line, GString *answer);
