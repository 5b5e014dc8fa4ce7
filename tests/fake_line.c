/* SPDX-License-Identifier: MIT */
#include "tests/fake_line.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "tinybms/frame.h"

enum { REQUEST_BYTES = 8, PAUSE_US = 10 * 1000, TRUNCATED_BYTES = 40 };

struct fake_line {
	int fd;      /* master */
	int held_fd; /* slave, so that the pty lives while nobody else has it open */
	char path[64];
	const unsigned *script;
	gint stopped;
	gint requests;
	GThread *thread;
};

static void put(struct fake_line *line, const uint8_t *bytes, size_t count)
{
	if (write(line->fd, bytes, count) != (ssize_t) count)
		abort();
}

/* Modbus 3: slave, function, bytes, registers with the high byte first, CRC. */
static size_t good_answer(const uint8_t *request, uint8_t *out)
{
	const unsigned first = (unsigned) (request[2] << 8 | request[3]);
	const unsigned count = (unsigned) (request[4] << 8 | request[5]);
	size_t n = 0;

	out[n++] = request[0];
	out[n++] = request[1];
	out[n++] = (uint8_t) (2 * count);
	for (unsigned i = first; i < first + count; i++) {
		out[n++] = (uint8_t) (i >> 8);
		out[n++] = (uint8_t) i;
	}
	const uint16_t crc = frame_crc(out, n);

	out[n++] = (uint8_t) crc;
	out[n++] = (uint8_t) (crc >> 8);
	return n;
}

static void answer(struct fake_line *line, const uint8_t *request, unsigned step)
{
	static const uint8_t noise[] = { 0x00, 0xFF, 0xAA, 0x03, 0x13, 0x37, 0x0D };
	static const char text[] = "V:55.78 I:0.0 SOC:83\r\n";
	static const uint8_t refusal[] = { 0xAA, 0x00, 0x03, 0x00 };
	uint8_t bytes[300];
	size_t count = good_answer(request, bytes);

	if (step & FAKE_NOISE)
		put(line, noise, sizeof(noise));
	if (step & FAKE_TEXT)
		put(line, (const uint8_t *) text, strlen(text));
	if (step & FAKE_GOOD)
		put(line, bytes, count);
	if (step & FAKE_SPLIT) {
		put(line, bytes, count / 2);
		g_usleep(PAUSE_US);
		put(line, bytes + count / 2, count - count / 2);
	}
	if (step & FAKE_BAD_CRC) {
		bytes[5] ^= 0x10;
		put(line, bytes, count);
	}
	if (step & FAKE_TRUNCATED)
		put(line, bytes, MIN(count, TRUNCATED_BYTES));
	if (step & FAKE_FOREIGN) {
		bytes[0] = 0x01;
		put(line, bytes, count);
	}
	if (step & (FAKE_REFUSAL | FAKE_BAD_REQUEST)) {
		memcpy(bytes, refusal, sizeof(refusal));
		bytes[3] = step & FAKE_BAD_REQUEST ? FRAME_ERROR_CRC : 0;
		const uint16_t crc = frame_crc(bytes, sizeof(refusal));

		bytes[4] = (uint8_t) crc;
		bytes[5] = (uint8_t) (crc >> 8);
		put(line, bytes, 6);
	}
	if (step & FAKE_HANG_UP) {
		close(line->held_fd);
		close(line->fd);
		line->held_fd = line->fd = -1;
	}
}

static gpointer run(gpointer user)
{
	struct fake_line *line = user;
	uint8_t request[REQUEST_BYTES];
	size_t count = 0;

	while (!g_atomic_int_get(&line->stopped) && line->fd >= 0) {
		struct pollfd ready = { .fd = line->fd, .events = POLLIN };

		if (poll(&ready, 1, 10) <= 0)
			continue;
		const ssize_t got = read(line->fd, request + count, sizeof(request) - count);

		if (got <= 0)
			continue;
		count += (size_t) got;
		if (count < sizeof(request))
			continue;
		count = 0;
		g_atomic_int_inc(&line->requests);
		answer(line, request, *line->script);
		if (line->script[1])
			line->script++;
	}
	return NULL;
}

struct fake_line *fake_line_new(const unsigned *script)
{
	struct fake_line *line = g_new0(struct fake_line, 1);
	struct termios raw;

	line->script = script;
	line->fd = posix_openpt(O_RDWR | O_NOCTTY);
	if (line->fd < 0 || grantpt(line->fd) || unlockpt(line->fd) ||
	    ptsname_r(line->fd, line->path, sizeof(line->path)))
		abort();
	line->held_fd = open(line->path, O_RDWR | O_NOCTTY);
	tcgetattr(line->held_fd, &raw);
	cfmakeraw(&raw);
	tcsetattr(line->held_fd, TCSANOW, &raw);
	line->thread = g_thread_new("fake line", run, line);
	return line;
}

void fake_line_free(struct fake_line *line)
{
	g_atomic_int_set(&line->stopped, 1);
	g_thread_join(line->thread);
	if (line->fd >= 0) {
		close(line->held_fd);
		close(line->fd);
	}
	g_free(line);
}

const char *fake_line_path(const struct fake_line *line)
{
	return line->path;
}

unsigned fake_line_requests(const struct fake_line *line)
{
	return (unsigned) g_atomic_int_get(&line->requests);
}
