/* SPDX-License-Identifier: MIT */
/*
 * A master and a tester out of their minds, against the simulator. The input is a
 * row of actions, each one byte and what it needs:
 *   0x00-0x3F  so many bytes to the line
 *   0x40-0x7F  so many (less 0x40) bytes to the line, and their checksum
 *   0x80-0xBF  so many times 10 ms pass
 *   0xC0-0xFF  so many bytes are a command
 */
#include "tests/fuzz/fuzz.h"

#include <math.h>
#include <string.h>

#include "sim/commands.h"
#include "sim/simulator.h"
#include "tinybms/frame.h"

enum { LENGTH_MASK = 0x3F, WAIT_US = 10000 };

static void send(struct simulator *s, const uint8_t *bytes, size_t count, bool adds_crc,
		 gint64 now_us)
{
	const uint16_t crc = frame_crc(bytes, count);
	uint8_t *copy = malloc(count + 2);

	memcpy(copy, bytes, count);
	copy[count] = (uint8_t) crc;
	copy[count + 1] = (uint8_t) (crc >> 8);
	simulator_receive(s, copy, count + (adds_crc ? 2 : 0), now_us);
	free(copy);
}

static void tell(struct simulator *s, const uint8_t *bytes, size_t count)
{
	char *line = g_strndup((const char *) bytes, count);
	GString *answer = g_string_new(NULL);

	commands_run(s, line, answer);
	promise(g_str_has_prefix(answer->str, "ok") || g_str_has_prefix(answer->str, "error: "));
	g_string_free(answer, TRUE);
	g_free(line);
}

static void pass(struct simulator *s, gint64 *now_us, unsigned steps)
{
	uint8_t out[256];

	for (unsigned i = 0; i < steps; i++) {
		*now_us += WAIT_US;
		simulator_advance(s, *now_us);
		while (simulator_take(s, *now_us, out, sizeof(out)) > 0)
			;
		promise(simulator_next_us(s, *now_us, 1000) >= *now_us);
	}
}

static void check(const struct simulator *s)
{
	const struct device *d = &s->device;

	promise(d->soc_pct >= 0.0 && d->soc_pct <= 100.0);
	promise(d->cells.count >= 4 && d->cells.count <= DEVICE_INPUTS);
	promise(isfinite(d->cells.sum_v) && isfinite(d->current_a));
	promise(s->uart.in_count <= UART_IN_MAX && s->uart.out_count <= UART_OUT_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	const struct simulator_options options = {
		.device = { .capacity_ah = (double) NAN, .soc_pct = (double) NAN },
		.is_paced = true,
		.is_paced_in = true,
		.gap_us = 5000,
	};
	struct simulator *s = malloc(sizeof(*s));
	gint64 now_us = 1000000;

	simulator_init(s, &options, now_us);
	while (count) {
		const uint8_t action = *bytes++;
		const size_t wanted = action & LENGTH_MASK;
		const size_t length = wanted < --count ? wanted : count;

		if (action >> 6 == 2) {
			pass(s, &now_us, (unsigned) wanted);
			continue;
		}
		if (action >> 6 == 3)
			tell(s, bytes, length);
		else
			send(s, bytes, length, action >> 6 == 1, now_us);
		bytes += length;
		count -= length;
	}
	pass(s, &now_us, 10);
	check(s);
	free(s);
	return 0;
}
