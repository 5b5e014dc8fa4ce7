/* SPDX-License-Identifier: MIT */
/* The controller against snapshots, times and keys that the bytes choose: see tests/hostile.h. */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>

#include "tests/hostile.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	const struct hostile_end end = hostile_run(bytes, count);

	if (end.broken)
		fprintf(stderr, "step %u: %s: %g and %g\n", end.step, end.broken, end.was, end.is);
	promise(!end.broken);
	return 0;
}
