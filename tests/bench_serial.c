/* SPDX-License-Identifier: MIT */
/*
 * bench_serial PORT - what one live snapshot costs on the wire
 *
 * Reads registers 0 to 55 a thousand times and prints bytes and times beside
 * the wire's own limit: 8 + 117 bytes at 86.8 us.
 */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>

#include "tinybms/port.h"
#include "tinybms/registers.h"

enum { READS = 1000 };

static const double BYTE_US = 1e7 / 115200.0; /* start, 8 data bits, stop */

static int compare(const void *a, const void *b)
{
	const double x = *(const double *) a, y = *(const double *) b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	struct port_counters counters = { 0 };
	g_autoptr(GError) error = NULL;
	static double taken_us[READS];
	uint16_t words[REGISTERS_LIVE_COUNT];

	if (argc != 2) {
		fprintf(stderr, "usage: bench_serial PORT\n");
		return 2;
	}
	struct port *p = port_open(argv[1], true, &counters, &error);

	for (int i = 0; p && i < READS; i++) {
		const gint64 began_us = g_get_monotonic_time();

		if (!port_read(p, REGISTERS_LIVE_FIRST, REGISTERS_LIVE_COUNT, words, &error))
			break;
		taken_us[i] = (double) (g_get_monotonic_time() - began_us);
	}
	if (error) {
		fprintf(stderr, "bench_serial: %s\n", error->message);
		return 1;
	}
	qsort(taken_us, READS, sizeof(*taken_us), compare);

	const double bytes = (double) (counters.bytes_sent + counters.bytes_received) / READS;

	printf("live snapshot: %.0f bytes on the wire, limit %.2f ms; median %.2f ms, "
	       "90th percentile %.2f ms of %d reads\n",
	       bytes, bytes * BYTE_US / 1e3, taken_us[READS / 2] / 1e3, taken_us[READS * 9 / 10] / 1e3,
	       READS);
	port_close(p);
	return 0;
}
