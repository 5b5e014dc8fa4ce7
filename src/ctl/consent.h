/* SPDX-License-Identifier: MIT */
/*
 * consent - does the owner mean it?
 *
 * I/O: the terminal.
 */
#pragma once

#include <stdbool.h>

/** Show @question and wait for "yes". Without a terminal: no, and say that --yes is needed. */
bool consent_ask(const char *question);
