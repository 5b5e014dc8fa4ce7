/* SPDX-License-Identifier: MIT */
/* Any line as snapshot for the filters: refused with a sentence, or a battery that holds. */
#include "tests/fuzz/fuzz.h"

#include <math.h>

#include "snapshot_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	char *text = g_strndup((const char *) bytes, count);
	g_autoptr(GError) error = NULL;
	struct snapshot_json s;

	if (snapshot_json_read(&s, text, &error)) {
		promise(!error);
		promise(s.battery.cell_count <= BATTERY_CELLS_MAX);
		promise(!isinf(s.battery.cell_sum_v) && !isinf(s.battery.current_a));
	} else {
		promise(error && error->message[0]);
	}
	g_free(text);
	return 0;
}
