/* SPDX-License-Identifier: MIT */
/*
 * port - one serial port with a TinyBMS on it
 *
 * Modbus functions 3 and 16 go through libmodbus, native commands over the same
 * file descriptor. 115200 8N1, slave address 0xAA (Communication Protocols
 * rev. D, chapter 1). One request, one answer; every call blocks for at most
 * the answer's time-outs. Used by one thread only.
 *
 * A TinyBMS refuses with a native frame, which libmodbus takes for a broken
 * answer. Such an answer is asked for once more in a way that tells a refusal
 * from noise.
 *
 * I/O.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "tinybms/frame.h"

struct port;

#define PORT_ERROR (port_error_quark())
GQuark port_error_quark(void);
enum port_error {
	PORT_ERROR_ABSENT,  /**< cannot be opened: not there, no permission, no serial port, in use */
	PORT_ERROR_GONE,    /**< was open and has vanished: close it */
	PORT_ERROR_SILENT,  /**< no byte came */
	PORT_ERROR_GARBLED, /**< noise: no answer in what came, or the BMS heard no request */
	PORT_ERROR_REFUSED, /**< the BMS refuses this request; it will again */
};

/** What happened on the line since the port's owner was made. */
struct port_counters {
	uint64_t timeouts;   /**< requests without an answer */
	uint64_t crc_errors; /**< answers that were broken, or noise */
	uint64_t refusals;
	uint64_t retries;
	uint64_t bytes_sent, bytes_received; /**< of answers that were understood */
};

/**
 * Open @path and claim it (TIOCEXCL, flock).
 * @counters (borrowed) are counted up. @low_latency asks the driver to pass
 * bytes on at once; a driver that cannot is no error.
 */
struct port *port_open(const char *path, bool low_latency, struct port_counters *counters,
		       GError **error) G_GNUC_WARN_UNUSED_RESULT;
void port_close(struct port *p);
/** For g_autoptr(port_handle); a bare "port" would shadow every argument of that name. */
typedef struct port port_handle;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(port_handle, port_close)

/** The driver passes bytes on at once. */
bool port_has_low_latency(const struct port *p);

/** Modbus 3. @count 1 to 125. Any error but PORT_ERROR_ABSENT. */
bool port_read(struct port *p, unsigned first, unsigned count, uint16_t *words, GError **error)
	G_GNUC_WARN_UNUSED_RESULT;

/** Modbus 16, registers 300 to 399. @count 1 to 100. */
bool port_write(struct port *p, unsigned first, unsigned count, const uint16_t *words,
		GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** A native command; @answer holds the joined payload, empty for an acknowledge. */
bool port_native(struct port *p, enum frame_command command, const uint8_t *payload, size_t count,
		 struct frame_join *answer, GError **error) G_GNUC_WARN_UNUSED_RESULT;
