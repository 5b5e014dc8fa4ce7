/* SPDX-License-Identifier: MIT */
/* json_option - --json for commands that take no other option */
#pragma once

#include <stdbool.h>
#include <string.h>

/** Take --json and -j out of the words; whether one was there. */
static inline bool json_option_take(int *argc, char **argv)
{
	int kept = 0;

	for (int i = 0; i < *argc; i++)
		if (i == 0 || (strcmp(argv[i], "--json") && strcmp(argv[i], "-j")))
			argv[kept++] = argv[i];

	const bool was_there = kept < *argc;

	*argc = kept;
	return was_there;
}
