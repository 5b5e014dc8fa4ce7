/* SPDX-License-Identifier: MIT */
/*
 * mqtt_link - one connection to an MQTT broker that is made again for ever
 *
 * libmosquitto driven by the GLib main loop: its socket is a source of the loop,
 * mosquitto_loop_read(), _write() and _misc() are called from there. Nothing here
 * blocks the loop: mosquitto_connect_async() makes the socket non-blocking before
 * it connects, so that waiting for the other side is waiting for the source; what
 * it still blocks on is the look-up of a name (getaddrinfo), so a broker that is
 * named is connected to in a short thread of its own, which owns the client for
 * that time and gives it back (can/can_port.c opens its interface in the same
 * manner). A broker given by its IP address needs no thread.
 *
 * Each attempt is a new client: files of certificates are read anew, and nothing
 * queued for a lost connection is ever sent later. Between attempts there is a
 * pause that doubles from retry_min_s to retry_max_s, times a random half to
 * whole, so that a hundred sites do not come back in the same second. A
 * connection that has lasted retry_max_s ends the doubling.
 *
 * The broker says MQTT_OFFLINE on the will topic, retained, when the connection
 * breaks; mqtt_link_free() says it itself.
 *
 * I/O. One thread: the main loop's.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

enum {
	MQTT_LINK_PENDING_MAX = 256,   /**< messages handed over and not yet written */
	MQTT_LINK_CONNECT_S = 20,      /**< from the attempt to the broker's consent */
	MQTT_LINK_GOODBYE_MS = 300,    /**< at most, at the end */
	MQTT_LINK_PAYLOAD_MAX = 65536, /**< what is received beyond is dropped */
};

/** Copied by mqtt_link_new(). Texts may be NULL or "" where they are not wanted. */
struct mqtt_link_options {
	const char *host; /**< name or address */
	int port;
	int keepalive_s;       /**< 5 to 600 */
	const char *client_id; /**< unique at the broker */
	const char *user, *password;
	bool is_tls;
	const char *ca; /**< PEM file; none: the system's authorities */
	const char *certificate,
		*key; /**< PEM files of the client's own certificate, both or none */
	const char *will_topic;
	double retry_min_s, retry_max_s;
};

/** None may free the link. */
struct mqtt_link_events {
	void (*connected)(void *user);
	void (*lost)(void *user); /**< or not reached: see mqtt_link_error() */
	void (*room)(void *user); /**< something was written after a refusal: there is room again */
	/** @payload ends with a 0 that @size does not count; all is borrowed. */
	void (*message)(const char *topic, const char *payload, gsize size, bool is_retained,
			void *user);
};

struct mqtt_link;

/** Connects at once. */
struct mqtt_link *mqtt_link_new(const struct mqtt_link_options *options,
				const struct mqtt_link_events *events, void *user);
/** Says offline if it is connected, for MQTT_LINK_GOODBYE_MS at most. NULL is fine. */
void mqtt_link_free(struct mqtt_link *l);

bool mqtt_link_is_connected(const struct mqtt_link *l);
/** Why there is no connection, or was none before this one, in a sentence; "" if nothing failed. */
const char *mqtt_link_error(const struct mqtt_link *l);
/** Connections that were made after the first. */
guint64 mqtt_link_reconnects(const struct mqtt_link *l);

/** False: not connected, or no room; nothing is kept. */
bool mqtt_link_publish(struct mqtt_link *l, const char *topic, const char *payload, int qos,
		       bool retain);
bool mqtt_link_subscribe(struct mqtt_link *l, const char *topic, int qos);
