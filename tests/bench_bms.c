/* SPDX-License-Identifier: MIT */
#include "bench_bms.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "battery/battery.h"
#include "tinybms/frame.h"

enum {
	REQUEST_BYTES = 8,
	COMMAND_BYTES = 4,
	ANSWER_BYTES = 260,
	READ_MAX = 125,
	STATUS_REGISTER = 50,
	PACK_VOLTAGE_LOW_REGISTER = 36,
	OVER_VOLTAGE_REGISTER = 315, /* mV */
	CELL_STEPS = 10,	     /* in a mV */
	OVER_MV = 20,
	OVER_REGISTER = 4, /* of a cell that the capture has */
};

static const double BYTE_US = 1e7 / 115200.0;
enum { TURNAROUND_US = 1000 };

static void read_capture(struct bench_bms *b, const char *path)
{
	FILE *file = fopen(path, "r");
	char line[200];

	if (!file) {
		perror(path);
		exit(1);
	}
	while (fgets(line, sizeof(line), file)) {
		char *end = NULL;
		const unsigned long address = strtoul(line, &end, 10);

		if (g_ascii_isdigit(line[0]) && *end == ',' && address < BENCH_REGISTERS)
			b->words[address] = (uint16_t) strtol(end + 1, NULL, 0);
	}
	fclose(file);
}

static int open_pty(const char *link)
{
	const int fd = posix_openpt(O_RDWR | O_NOCTTY);
	char path[64];
	struct termios raw;

	if (fd < 0 || grantpt(fd) || unlockpt(fd) || ptsname_r(fd, path, sizeof(path)))
		exit(1);
	const int held = open(path, O_RDWR | O_NOCTTY); /* kept: the pty outlives its users */

	tcgetattr(held, &raw);
	cfmakeraw(&raw);
	tcsetattr(held, TCSANOW, &raw);
	unlink(link);
	if (symlink(path, link) != 0) {
		perror(link);
		exit(1);
	}
	return fd;
}

/* Real cells and meters are never quite still. */
static uint16_t jittered(const struct bench_bms *b, unsigned address)
{
	const uint16_t word = address < BENCH_REGISTERS ? b->words[address] : 0;

	if (address < BATTERY_CELLS_MAX && word > 0)
		return (uint16_t) (word + g_random_int_range(-8, 9)); /* 0.1 mV */
	if (address == PACK_VOLTAGE_LOW_REGISTER)
		return (uint16_t) (word ^ (g_random_int() & 0x1FFF)); /* up to 31 mV */
	return word;
}

static size_t end_frame(uint8_t *out, size_t n)
{
	const uint16_t crc = frame_crc(out, n);

	out[n++] = (uint8_t) crc;
	out[n++] = (uint8_t) (crc >> 8);
	return n;
}

/* Events and all else but registers are not to be had here. */
static void refuse(const struct bench_bms *b, const uint8_t *request)
{
	uint8_t bytes[8] = { request[0], 0, request[1], 1 };
	const size_t count = end_frame(bytes, 4);

	if (write(b->fd, bytes, count) != (ssize_t) count)
		exit(1);
}

static uint16_t word_of(const struct bench_bms *b, enum bench_state state, unsigned address)
{
	if (state == BENCH_FAULT && address == STATUS_REGISTER)
		return BATTERY_STATUS_FAULT;
	if (state == BENCH_CELL_OVER && address == OVER_REGISTER)
		return (uint16_t) ((b->words[OVER_VOLTAGE_REGISTER] + OVER_MV) * CELL_STEPS);
	return jittered(b, address);
}

static size_t build_answer(const struct bench_bms *b, enum bench_state state,
			   const uint8_t *request, uint8_t *out)
{
	const unsigned first = (unsigned) (request[2] << 8 | request[3]);
	const unsigned count = MIN((unsigned) (request[4] << 8 | request[5]), READ_MAX);
	size_t n = 0;

	out[n++] = request[0];
	out[n++] = request[1];
	out[n++] = (uint8_t) (2 * count);
	for (unsigned i = first; i < first + count; i++) {
		const uint16_t word = word_of(b, state, i);

		out[n++] = (uint8_t) (word >> 8);
		out[n++] = (uint8_t) word;
	}
	return end_frame(out, n);
}

static void answer(struct bench_bms *b, const uint8_t *request)
{
	uint8_t bytes[ANSWER_BYTES];
	const gint state = g_atomic_int_get(&b->state);
	const size_t count = build_answer(b, (enum bench_state) state, request, bytes);

	/* the wire: all but the last byte are on their way while the rest sleeps */
	g_usleep((gulong) (TURNAROUND_US + BYTE_US * (double) (REQUEST_BYTES + count)));
	if (request[3] == 0 && request[2] == 0 && state != b->said) {
		b->said = state;
		g_mutex_lock(&b->lock);
		b->changed_us = g_get_monotonic_time();
		g_mutex_unlock(&b->lock);
	}
	if (write(b->fd, bytes, count) != (ssize_t) count)
		exit(1);
}

/* Read until @request has @wanted bytes; what does not begin a request is passed over. */
static size_t fill(const struct bench_bms *b, uint8_t *request, size_t count, size_t wanted)
{
	while (count < wanted) {
		const ssize_t got = read(b->fd, request + count, count ? wanted - count : 1);

		if (got <= 0)
			exit(1);
		if (count > 0 || request[0] == FRAME_START)
			count += (size_t) got;
	}
	return count;
}

static gpointer run(gpointer user)
{
	struct bench_bms *b = user;

	for (;;) {
		uint8_t request[REQUEST_BYTES];
		const size_t begun = fill(b, request, 0, 2);

		/* commands of the BMS's own kind are 4 bytes, reads of registers 8 */
		if (request[1] == FRAME_MODBUS_READ) {
			fill(b, request, begun, REQUEST_BYTES);
			answer(b, request);
		} else {
			fill(b, request, begun, COMMAND_BYTES);
			refuse(b, request);
		}
	}
	return NULL;
}

void bench_bms_start(struct bench_bms *b, const char *link, const char *capture)
{
	read_capture(b, capture);
	b->fd = open_pty(link);
	g_thread_unref(g_thread_new("wire", run, b));
}

void bench_bms_set(struct bench_bms *b, enum bench_state state)
{
	g_atomic_int_set(&b->state, (gint) state);
}

gint64 bench_bms_take_change(struct bench_bms *b)
{
	g_mutex_lock(&b->lock);
	const gint64 changed_us = b->changed_us;

	b->changed_us = 0;
	g_mutex_unlock(&b->lock);
	return changed_us;
}

static int compare(const void *a, const void *b)
{
	const double x = *(const double *) a, y = *(const double *) b;

	return (x > y) - (x < y);
}

void bench_bms_tell(const char *what, double *taken_ms, unsigned count)
{
	qsort(taken_ms, count, sizeof(*taken_ms), compare);
	printf("last byte of the answer to %s: median %.2f ms, 90th percentile %.2f ms, "
	       "maximum %.2f ms of %u changes\n",
	       what, taken_ms[count / 2], taken_ms[count * 9 / 10], taken_ms[count - 1], count);
}
