/* SPDX-License-Identifier: MIT */
#include "tinybms/port.h"

#include <errno.h>
#include <linux/serial.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <modbus.h>

enum {
	BAUD = 115200,
	SLAVE = 0xAA,
	/*
	 * A real device answers 125 registers within 26 ms; an FTDI chip without
	 * low latency holds bytes back for 16 ms.
	 */
	RESPONSE_US = 150 * 1000,
	BYTE_US = 50 * 1000,
	NOISE_US = 100 * 1000, /* how much longer noise may last before it is given up */
	REQUEST_BYTES = 8,  /* of Modbus 3 */
	ANSWER_BYTES = 5,   /* of Modbus 3, besides its data */
	RAW_MAX = 1024,     /* bytes looked at for one answer, noise included */
};

struct port {
	char *path;      /* (owned) for messages */
	modbus_t *modbus; /* (owned) */
	int fd;          /* of modbus */
	bool has_low_latency;
	struct port_counters *counters; /* (borrowed) */
};

G_DEFINE_QUARK(port_error, port_error)

static bool fail(GError **error, enum port_error code, const struct port *p, const char *what,
		 const char *why)
{
	g_set_error(error, PORT_ERROR, code, "%s: %s: %s", p->path, what, why);
	return false;
}

/* ---- opening ------------------------------------------------------------------ */

static bool ask_low_latency(int fd)
{
	struct serial_struct serial;

	if (ioctl(fd, TIOCGSERIAL, &serial) < 0)
		return false;
	serial.flags |= ASYNC_LOW_LATENCY;
	return ioctl(fd, TIOCSSERIAL, &serial) == 0;
}

static const char *why_not_open(int saved_errno)
{
	switch (saved_errno) {
	case ENOENT:
	case ENODEV:
	case ENXIO:
		return "there is no such device; check the cable, and the name in the configuration";
	case EACCES:
	case EPERM:
		return "permission denied; run as root, or as a member of the group that owns it";
	case EBUSY:
		return "another program has it open; stop that program";
	case ENOTTY:
	case EISDIR:
	case EINVAL:
		return "that is no serial port; name the one of the BMS's cable";
	default:
		return g_strerror(saved_errno);
	}
}

static bool configure(modbus_t *modbus)
{
	return modbus && modbus_set_slave(modbus, SLAVE) == 0 &&
	       modbus_set_response_timeout(modbus, 0, RESPONSE_US) == 0 &&
	       modbus_set_byte_timeout(modbus, 0, BYTE_US) == 0 &&
	       modbus_set_error_recovery(modbus, MODBUS_ERROR_RECOVERY_NONE) == 0;
}

static bool claim(struct port *p)
{
	if (modbus_connect(p->modbus) < 0)
		return false;

	p->fd = modbus_get_socket(p->modbus);
	if (!isatty(p->fd)) {
		errno = ENOTTY;
		return false;
	}
	if (flock(p->fd, LOCK_EX | LOCK_NB) < 0) {
		errno = errno == EWOULDBLOCK ? EBUSY : errno;
		return false;
	}
	return ioctl(p->fd, TIOCEXCL) == 0;
}

struct port *port_open(const char *path, bool low_latency, struct port_counters *counters,
		       GError **error)
{
	g_autoptr(port_handle) p = g_new0(struct port, 1);

	p->path = g_strdup(path);
	p->counters = counters;
	p->fd = -1;
	p->modbus = modbus_new_rtu(path, BAUD, 'N', 8, 1);
	if (!configure(p->modbus) || !claim(p)) {
		g_set_error(error, PORT_ERROR, PORT_ERROR_ABSENT, "%s: %s", path,
			    why_not_open(errno));
		return NULL;
	}
	p->has_low_latency = low_latency && ask_low_latency(p->fd);
	return g_steal_pointer(&p);
}

void port_close(struct port *p)
{
	if (!p)
		return;
	if (p->fd >= 0)
		tcflush(p->fd, TCIOFLUSH); /* or close() may wait for bytes that nobody takes */
	if (p->modbus) {
		modbus_close(p->modbus);
		modbus_free(p->modbus);
	}
	g_free(p->path);
	g_free(p);
}

bool port_has_low_latency(const struct port *p)
{
	return p->has_low_latency;
}

/* ---- one transaction in our own framing ------------------------------------------ */

static bool is_gone(int saved_errno)
{
	switch (saved_errno) {
	case EIO:
	case ENXIO:
	case ENODEV:
	case EBADF:
	case EPIPE:
	case ECONNRESET:
		return true;
	default:
		return false;
	}
}

static bool fail_errno(GError **error, const struct port *p, const char *what)
{
	const int saved_errno = errno;

	return fail(error, is_gone(saved_errno) ? PORT_ERROR_GONE : PORT_ERROR_GARBLED, p, what,
		    is_gone(saved_errno) ? "the port has vanished" : g_strerror(saved_errno));
}

/* Wait for and append bytes. @return how many, 0 when none came in time, -1 and errno. */
static ssize_t receive(struct port *p, uint8_t *bytes, size_t count, gint64 until_us)
{
	struct pollfd ready = { .fd = p->fd, .events = POLLIN };
	const gint64 wait_us = until_us - g_get_monotonic_time();
	const int n = poll(&ready, 1, wait_us > 0 ? (int) (wait_us / 1000 + 1) : 0);

	if (n <= 0)
		return n < 0 && errno == EINTR ? 0 : n;

	const ssize_t got = read(p->fd, bytes + count, RAW_MAX - count);

	if (got == 0)
		errno = EIO; /* end of file: the adapter was pulled */
	return got > 0 ? got : -1;
}

/* Drop what cannot be the start of an answer. @return bytes that are left. */
static size_t resynchronise(uint8_t *bytes, size_t count)
{
	const uint8_t *start = count > 1 ? memchr(bytes + 1, FRAME_START, count - 1) : NULL;

	if (!start)
		return 0;

	const size_t rest = count - (size_t) (start - bytes);

	memmove(bytes, start, rest);
	return rest;
}

/*
 * The next frame that answers @command, skipping noise before it. An incomplete
 * frame at whose end no more bytes come may be noise itself: look behind its
 * first byte.
 */
static bool receive_frame(struct port *p, uint8_t command, uint8_t *bytes, size_t *count,
			  struct frame *frame, const char *what, GError **error)
{
	const gint64 end_us = g_get_monotonic_time() + RESPONSE_US + NOISE_US;
	gint64 until_us = end_us - NOISE_US;
	bool heard = *count > 0;

	for (;;) {
		const enum frame_result result = frame_parse(bytes, *count, command, frame);

		if (result == FRAME_COMPLETE)
			return true;
		if (result != FRAME_INCOMPLETE) {
			*count = resynchronise(bytes, *count);
			continue;
		}

		const ssize_t got = *count < RAW_MAX ? receive(p, bytes, *count, until_us) : 0;

		if (got < 0)
			return fail_errno(error, p, what);
		if (got == 0 && *count == 0) {
			p->counters->timeouts += !heard;
			p->counters->crc_errors += heard;
			return heard ? fail(error, PORT_ERROR_GARBLED, p, what,
					    "noise instead of an answer")
				     : fail(error, PORT_ERROR_SILENT, p, what, "no answer");
		}
		if (got == 0)
			*count = resynchronise(bytes, *count);
		if (got > 0) {
			heard = true;
			until_us = MIN(end_us, g_get_monotonic_time() + BYTE_US);
		}
		*count += (size_t) got;
	}
}

static bool send_request(struct port *p, const uint8_t *bytes, size_t count, const char *what,
			 GError **error)
{
	tcflush(p->fd, TCIFLUSH); /* what nobody asked for */

	const ssize_t sent = write(p->fd, bytes, count);

	if (sent < 0)
		return fail_errno(error, p, what);
	if ((size_t) sent != count)
		return fail(error, PORT_ERROR_GARBLED, p, what, "the port took half of the request");
	return true;
}

/* A request that noise spoiled on its way is refused too, and would be answered the next time. */
static bool fail_refused(struct port *p, const struct frame *frame, const char *what,
			 GError **error)
{
	if (frame->error == FRAME_ERROR_CRC) {
		p->counters->crc_errors++;
		return fail(error, PORT_ERROR_GARBLED, p, what, "the BMS saw a wrong checksum");
	}
	p->counters->refusals++;
	return fail(error, PORT_ERROR_REFUSED, p, what, "refused by the BMS");
}

static bool exchange(struct port *p, const uint8_t *request, size_t request_count, uint8_t command,
		     const char *what, struct frame_join *answer, GError **error)
{
	uint8_t bytes[RAW_MAX];
	size_t count = 0;

	*answer = (struct frame_join){ 0 };
	if (!send_request(p, request, request_count, what, error))
		return false;

	while (!answer->is_whole) {
		struct frame frame;

		if (!receive_frame(p, command, bytes, &count, &frame, what, error))
			return false;
		if (frame.is_refusal)
			return fail_refused(p, &frame, what, error);
		if (!frame_join_add(answer, &frame))
			return fail(error, PORT_ERROR_GARBLED, p, what, "the answer is too long");
		p->counters->bytes_received += frame.frame_count;
		count -= frame.frame_count;
		memmove(bytes, bytes + frame.frame_count, count);
	}
	p->counters->bytes_sent += request_count;
	return true;
}

bool port_native(struct port *p, enum frame_command command, const uint8_t *payload, size_t count,
		 struct frame_join *answer, GError **error)
{
	uint8_t request[FRAME_MAX];
	const size_t request_count = frame_build(request, sizeof(request), (uint8_t) command,
						 payload, count);
	char what[32];

	g_assert(request_count > 0);
	g_snprintf(what, sizeof(what), "command 0x%02X", command);
	return exchange(p, request, request_count, (uint8_t) command, what, answer, error);
}

/* ---- Modbus ------------------------------------------------------------------------ */

/* libmodbus failed. @return the error that errno stands for; counts it. */
static enum port_error classify(struct port *p, int saved_errno, gint64 began_us)
{
	if (is_gone(saved_errno))
		return PORT_ERROR_GONE;
	if (saved_errno == ETIMEDOUT && g_get_monotonic_time() - began_us >= RESPONSE_US) {
		p->counters->timeouts++;
		return PORT_ERROR_SILENT;
	}
	p->counters->crc_errors++;
	return PORT_ERROR_GARBLED;
}

static bool read_raw(struct port *p, unsigned first, unsigned count, uint16_t *words,
		     const char *what, GError **error)
{
	const uint8_t payload[4] = { (uint8_t) (first >> 8), (uint8_t) first,
				     (uint8_t) (count >> 8), (uint8_t) count };
	uint8_t request[REQUEST_BYTES];
	struct frame_join answer;

	frame_build(request, sizeof(request), FRAME_MODBUS_READ, payload, sizeof(payload));
	if (!exchange(p, request, sizeof(request), FRAME_MODBUS_READ, what, &answer, error))
		return false;
	if (answer.count != 2 * count)
		return fail(error, PORT_ERROR_GARBLED, p, what, "the answer has another length");
	for (unsigned i = 0; i < count; i++)
		words[i] = (uint16_t) (answer.payload[2 * i] << 8 | answer.payload[2 * i + 1]);
	return true;
}

bool port_read(struct port *p, unsigned first, unsigned count, uint16_t *words, GError **error)
{
	const gint64 began_us = g_get_monotonic_time();
	char what[40];

	tcflush(p->fd, TCIFLUSH);
	if (modbus_read_registers(p->modbus, (int) first, (int) count, words) == (int) count) {
		p->counters->bytes_sent += REQUEST_BYTES;
		p->counters->bytes_received += ANSWER_BYTES + 2 * count;
		return true;
	}

	const enum port_error code = classify(p, errno, began_us);

	g_snprintf(what, sizeof(what), "registers %u to %u", first, first + count - 1);
	if (code != PORT_ERROR_GARBLED)
		return fail(error, code, p, what,
			    code == PORT_ERROR_GONE ? "the port has vanished" : "no answer");

	p->counters->retries++;
	return read_raw(p, first, count, words, what, error);
}

static bool write_raw(struct port *p, unsigned first, unsigned count, const uint16_t *words,
		      const char *what, GError **error)
{
	uint8_t payload[5 + 2 * 100], request[FRAME_MAX];
	struct frame_join answer;

	payload[0] = (uint8_t) (first >> 8);
	payload[1] = (uint8_t) first;
	payload[2] = 0;
	payload[3] = (uint8_t) count;
	payload[4] = (uint8_t) (2 * count);
	for (unsigned i = 0; i < count; i++) {
		payload[5 + 2 * i] = (uint8_t) (words[i] >> 8);
		payload[6 + 2 * i] = (uint8_t) words[i];
	}

	const size_t length = frame_build(request, sizeof(request), FRAME_MODBUS_WRITE, payload,
					  5 + 2 * count);

	return exchange(p, request, length, FRAME_MODBUS_WRITE, what, &answer, error);
}

bool port_write(struct port *p, unsigned first, unsigned count, const uint16_t *words,
		GError **error)
{
	const gint64 began_us = g_get_monotonic_time();
	char what[48];

	g_assert(count >= 1 && count <= 100);
	tcflush(p->fd, TCIFLUSH);
	if (modbus_write_registers(p->modbus, (int) first, (int) count, words) == (int) count)
		return true;

	const enum port_error code = classify(p, errno, began_us);

	g_snprintf(what, sizeof(what), "writing registers %u to %u", first, first + count - 1);
	if (code != PORT_ERROR_GARBLED)
		return fail(error, code, p, what,
			    code == PORT_ERROR_GONE ? "the port has vanished" : "no answer");

	p->counters->retries++;
	return write_raw(p, first, count, words, what, error);
}
