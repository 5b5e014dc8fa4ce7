/* SPDX-License-Identifier: MIT */
/*
 * state_file - what the service is doing, for those who watch it from outside
 *
 * One line in a file in memory: "PID WORD SENTENCE". WORD is "publishing", then
 * SENTENCE is the name on the bus, or "waiting", then it says for what. Written
 * when it changes, as a whole or not at all. The installer judges a new version
 * by it.
 *
 * I/O.
 */
#pragma once

#include <stdbool.h>

struct state_file;

/** @path NULL: nothing is ever written. */
struct state_file *state_file_new(const char *path);

/** Removes the file: nobody does anything any more. */
void state_file_free(struct state_file *s);

void state_file_say(struct state_file *s, bool is_publishing, const char *sentence);
