/* SPDX-License-Identifier: MIT */
/*
 * mqtt_client - one attempt at a broker, from the look-up of its name on
 *
 * Part of mqtt_link, see there how it does not block. libmosquitto's client with
 * what it is to know before it connects.
 *
 * I/O.
 */
#pragma once

#include <mosquitto.h>

#include "gateway/mqtt_link.h"

enum { MQTT_CLIENT_TEXT_BYTES = 256 };

struct mqtt_client {
	struct mosquitto *mosquitto;
	char *host; /**< (owned) */
	int port, keepalive_s;
	void *owner; /**< NULL: nobody wants it any more; touched by the main loop only */
	void (*started)(struct mqtt_client *c, void *owner);
	int result;  /**< of mosquitto_connect_async() */
	int error;   /**< errno with it */
	int refusal; /**< the broker's code, 0: none (MQTT 3.1.1, section 3.2.2.3) */
	char said[MQTT_CLIENT_TEXT_BYTES]; /**< libmosquitto's last complaint */
};

/** @owner is also the user of libmosquitto's callbacks' client; NULL and @error if an option is
 * bad. */
struct mqtt_client *mqtt_client_new(const struct mqtt_link_options *options, void *owner,
				    GError **error);

/** Calls @started once, in the main loop: before this returns, or later. */
void mqtt_client_start(struct mqtt_client *c, void (*started)(struct mqtt_client *c, void *owner));

/** While it starts, mqtt_client_abandon() instead. */
void mqtt_client_free(struct mqtt_client *c);
/** The one that is being started frees itself when it is done. */
void mqtt_client_abandon(struct mqtt_client *c);

/** What went wrong, a clause without a full stop: "connection refused". (owned) */
char *mqtt_client_trouble(const struct mqtt_client *c, int result, int error);
