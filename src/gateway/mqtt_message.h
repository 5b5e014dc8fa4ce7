/* SPDX-License-Identifier: MIT */
/*
 * mqtt_message - one message as it should lie at the broker
 *
 * Pure. A list is a GPtrArray that owns its messages.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

struct mqtt_message {
	char *topic;   /**< (owned) */
	char *payload; /**< (owned) text; "" with retain takes a retained message away */
	int qos;       /**< 0 or 1 */
	bool retain;
	unsigned every_s; /**< sent at most once in this time; 0 is at each change */
	char *sense;	  /**< (owned, nullable) what tells whether it changed; NULL: the payload */
};

/** Empty, and the owner of what is put in. */
GPtrArray *mqtt_messages_new(void);

/** Takes @topic and @payload; gives the message, borrowed, so that it can be adorned. */
struct mqtt_message *mqtt_messages_add(GPtrArray *list, char *topic, char *payload);
