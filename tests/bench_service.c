/* SPDX-License-Identifier: MIT */
/*
 * bench_service LINK CAPTURE [FAULTS] - a BMS at wire speed, with a stopwatch
 *
 * Answers on a pty (LINK points to it) with the registers of CAPTURE, as long as
 * the wire would take. With FAULTS it lets the status go to Fault and back so
 * many times, prints how long the D-Bus signal that tells of it took from the
 * last byte of the answer on, and ends.
 */
#include <fcntl.h>
#include <glib.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "battery/battery.h"
#include "dbus/bus.h"
#include "tinybms/frame.h"

enum { REGISTERS = 600, REQUEST_BYTES = 8, STATUS_REGISTER = 50, PACK_VOLTAGE_LOW_REGISTER = 36, FAULT_EVERY_MS = 700, FAULTS_MAX = 1000 };

static const double BYTE_US = 1e7 / 115200.0;
enum { TURNAROUND_US = 1000 };

struct bench {
	int fd;
	uint16_t words[REGISTERS];
	gint is_fault;         /* what the next answer says */
	gint has_said_fault;   /* what the last one said */
	gint64 changed_us;     /* when the last byte of the first answer with a change left */
	GMutex lock;

	GMainLoop *loop;
	unsigned wanted, count;
	double taken_ms[FAULTS_MAX];
};

static void read_capture(struct bench *b, const char *path)
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

		if (g_ascii_isdigit(line[0]) && *end == ',' && address < REGISTERS)
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
static uint16_t jittered(const struct bench *b, unsigned address)
{
	const uint16_t word = address < REGISTERS ? b->words[address] : 0;

	if (address < BATTERY_CELLS_MAX && word > 0)
		return (uint16_t) (word + g_random_int_range(-8, 9)); /* 0.1 mV */
	if (address == PACK_VOLTAGE_LOW_REGISTER)
		return (uint16_t) (word ^ (g_random_int() & 0x1FFF)); /* up to 31 mV */
	return word;
}

static size_t build_answer(const struct bench *b, const uint8_t *request, uint8_t *out)
{
	const unsigned first = (unsigned) (request[2] << 8 | request[3]);
	const unsigned count = (unsigned) (request[4] << 8 | request[5]);
	size_t n = 0;

	out[n++] = request[0];
	out[n++] = request[1];
	out[n++] = (uint8_t) (2 * count);
	for (unsigned i = first; i < first + count; i++) {
		const uint16_t word = i == STATUS_REGISTER && g_atomic_int_get(&b->is_fault)
					      ? BATTERY_STATUS_FAULT
					      : jittered(b, i);
		out[n++] = (uint8_t) (word >> 8);
		out[n++] = (uint8_t) word;
	}
	const uint16_t crc = frame_crc(out, n);

	out[n++] = (uint8_t) crc;
	out[n++] = (uint8_t) (crc >> 8);
	return n;
}

static void answer(struct bench *b, const uint8_t *request)
{
	uint8_t bytes[300];
	const gint is_fault = g_atomic_int_get(&b->is_fault);
	const size_t count = build_answer(b, request, bytes);

	/* the wire: all but the last byte are on their way while the rest sleeps */
	g_usleep((gulong) (TURNAROUND_US + BYTE_US * (double) (REQUEST_BYTES + count)));
	if (write(b->fd, bytes, count) != (ssize_t) count)
		exit(1);
	if (request[3] == 0 && request[2] == 0 && is_fault != b->has_said_fault) {
		b->has_said_fault = is_fault;
		g_mutex_lock(&b->lock);
		b->changed_us = g_get_monotonic_time();
		g_mutex_unlock(&b->lock);
	}
}

static gpointer run(gpointer user)
{
	struct bench *b = user;
	uint8_t request[REQUEST_BYTES];
	size_t count = 0;

	for (;;) {
		const ssize_t got = read(b->fd, request + count, sizeof(request) - count);

		if (got <= 0)
			exit(1);
		count += (size_t) got;
		if (count == sizeof(request)) {
			answer(b, request);
			count = 0;
		}
	}
	return NULL;
}

static gboolean on_toggle(void *user)
{
	struct bench *b = user;

	g_atomic_int_set(&b->is_fault, !g_atomic_int_get(&b->is_fault));
	return G_SOURCE_CONTINUE;
}

static void on_signal(DBusMessage *signal, void *user)
{
	const gint64 now_us = g_get_monotonic_time();
	struct bench *b = user;

	g_mutex_lock(&b->lock);
	const gint64 changed_us = b->changed_us;

	b->changed_us = 0;
	g_mutex_unlock(&b->lock);
	if (changed_us == 0)
		return;
	b->taken_ms[b->count++] = (double) (now_us - changed_us) / 1e3;
	if (b->count == b->wanted)
		g_main_loop_quit(b->loop);
}

static int compare(const void *a, const void *b)
{
	const double x = *(const double *) a, y = *(const double *) b;

	return (x > y) - (x < y);
}

static void measure(struct bench *b)
{
	const struct bus_match match = { .member = "ItemsChanged", .path = "/" };
	struct bus *bus = bus_connect(NULL, NULL, NULL, NULL);

	if (!bus)
		exit(1);
	bus_subscribe(bus, &match, on_signal, b);
	g_timeout_add(FAULT_EVERY_MS, on_toggle, b);
	g_main_loop_run(b->loop);
	qsort(b->taken_ms, b->count, sizeof(*b->taken_ms), compare);
	printf("last byte of the answer to the D-Bus signal: median %.2f ms, 90th percentile %.2f ms, "
	       "maximum %.2f ms of %u changes\n",
	       b->taken_ms[b->count / 2], b->taken_ms[b->count * 9 / 10],
	       b->taken_ms[b->count - 1], b->count);
	bus_free(bus);
}

int main(int argc, char **argv)
{
	static struct bench b;

	if (argc < 3) {
		fprintf(stderr, "usage: bench_service LINK CAPTURE [FAULTS]\n");
		return 2;
	}
	read_capture(&b, argv[2]);
	b.fd = open_pty(argv[1]);
	b.loop = g_main_loop_new(NULL, FALSE);
	b.wanted = argc > 3 ? (unsigned) CLAMP(atoi(argv[3]), 0, FAULTS_MAX) : 0;
	g_thread_new("wire", run, &b);
	if (b.wanted)
		measure(&b);
	else
		g_main_loop_run(b.loop);
	unlink(argv[1]);
	return 0;
}
