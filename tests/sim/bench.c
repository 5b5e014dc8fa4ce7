/* SPDX-License-Identifier: MIT */
#include "tests/sim/bench.h"

#include <stdlib.h>

enum { QUIET_US = 50000, LOT_US = 1000 };

static struct bench *start(const struct dump *dump)
{
	const struct simulator_options options = {
		.device = { .capacity_ah = (double) NAN, .soc_pct = (double) NAN },
		.dump = dump,
		.is_paced = true,
		.is_paced_in = true,
		.gap_us = 5000,
	};
	struct bench *b = g_new0(struct bench, 1);

	b->now_us = 1000000000;
	simulator_init(&b->s, &options, b->now_us);
	return b;
}

struct bench *bench_new(void)
{
	return start(NULL);
}

struct bench *bench_new_captured(void)
{
	struct dump *dump = g_new0(struct dump, 1);
	g_autoptr(GError) error = NULL;

	if (!dump_load(dump, CAPTURE, &error))
		fail_msg("%s", error->message);

	struct bench *b = start(dump);

	g_free(dump);
	return b;
}

void bench_free(struct bench *b)
{
	g_free(b);
}

void bench_send(struct bench *b, const char *hex)
{
	uint8_t bytes[UART_IN_MAX];
	size_t count = 0;
	char *end;

	for (const char *p = hex; *p && count < sizeof(bytes); p = *end ? end + 1 : end)
		bytes[count++] = (uint8_t) strtoul(p, &end, 16);
	simulator_receive(&b->s, bytes, count, b->now_us);
}

static size_t append(char *text, size_t used, const uint8_t *bytes, size_t count)
{
	for (size_t i = 0; i < count && used + 4 < BENCH_HEX_MAX; i++)
		used += (size_t) g_snprintf(text + used, 4, "%s%02X", used ? " " : "", bytes[i]);
	return used;
}

/* In steps as the line wants them, at least each 10 ms. */
static void run(struct bench *b, gint64 until_us, bool stops_when_quiet)
{
	const gint64 began_us = b->now_us;
	gint64 heard_us = b->now_us;
	size_t used = 0;

	b->got[0] = '\0';
	b->first_us = b->last_us = -1;
	while (b->now_us < until_us && (!stops_when_quiet || b->now_us < heard_us + QUIET_US)) {
		const gint64 next_us = simulator_next_us(&b->s, b->now_us, LOT_US);
		uint8_t bytes[64];
		size_t count;

		b->now_us = MIN(MAX(MIN(next_us, b->now_us + 10000), b->now_us + 1), until_us);
		simulator_advance(&b->s, b->now_us);
		while ((count = simulator_take(&b->s, b->now_us, bytes, sizeof(bytes))) > 0) {
			if (b->first_us < 0)
				b->first_us = b->now_us - began_us;
			b->last_us = b->now_us - began_us;
			heard_us = b->now_us;
			used = append(b->got, used, bytes, count);
		}
	}
}

const char *bench_ask(struct bench *b, const char *hex)
{
	bench_send(b, hex);
	run(b, b->now_us + 10000000, true);
	return b->got;
}

void bench_wait(struct bench *b, double s)
{
	run(b, b->now_us + (gint64) (s * 1e6), false);
}

const char *bench_tell(struct bench *b, const char *command)
{
	GString *answer = g_string_new(NULL);

	simulator_advance(&b->s, b->now_us);
	commands_run(&b->s, command, answer);
	if (!g_str_has_prefix(answer->str, "ok"))
		fail_msg("%s: %s", command, answer->str);
	g_strlcpy(b->got, answer->len > 3 ? answer->str + 3 : "", sizeof(b->got));
	g_string_free(answer, TRUE);
	return b->got;
}

double bench_number(struct bench *b, const char *question)
{
	return g_ascii_strtod(bench_tell(b, question), NULL);
}

unsigned bench_word(const struct bench *b, unsigned address)
{
	return device_word(&b->s.device, (uint16_t) address);
}

struct bench *bench_awake(struct bench *b)
{
	bench_tell(b, "auto-sleep off");
	return b;
}

double bench_f32(const struct bench *b, unsigned address)
{
	const uint32_t bits = device_u32(&b->s.device, address);
	float value;

	memcpy(&value, &bits, sizeof(value));
	return (double) value;
}
