/* SPDX-License-Identifier: MIT */
/* fuzz - what every fuzz target needs */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

/** A broken promise of the code under test ends the run. */
#define promise(condition)             \
	do {                           \
		if (!(condition))      \
			abort();       \
	} while (0)
