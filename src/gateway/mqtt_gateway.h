/* SPDX-License-Identifier: MIT */
/*
 * mqtt_gateway - the batteries' documents at an MQTT broker
 *
 * Puts together the link (mqtt_link.h), the own tree (mqtt_battery.h), the
 * predecessor's topics (mqtt_legacy.h), Home Assistant's discovery
 * (ha_discovery.h) and commands (mqtt_commands.h). What changed is published;
 * all of it after each connection, when Home Assistant says on PREFIX/status that
 * it has started, and each full_interval_s. While the broker is away, only the
 * latest state is kept.
 *
 * The predecessor knew one battery: its topics lie directly at legacy_root as long
 * as one battery has been seen. From the second one on each has its own,
 * legacy_root/ID/KEY, and nothing is published at legacy_root itself any more, for
 * a mixture of two batteries would be worse than silence.
 *
 * I/O through the link. One thread: the main loop's.
 */
#pragma once

#include <cjson/cJSON.h>

#include "gateway/mqtt_commands.h"
#include "gateway/mqtt_link.h"

/** Copied. Texts may be NULL or "" where they are not wanted. */
struct mqtt_gateway_options {
	struct mqtt_link_options link; /**< its will_topic and client_id are filled in here */
	const char *root;	       /**< "tinybms" */
	const char *legacy_root;       /**< NULL: no topics of the predecessor */
	const char *discovery_prefix;  /**< "homeassistant" */
	bool has_discovery;	       /**< false: takes the devices out of Home Assistant */
	bool may_command;
	double full_interval_s; /**< 0: never without a reason */
	const char *page_url;
};

/** @reason NULL: it was done; else the sentence why not. Once for each call. */
typedef void (*mqtt_done_fn)(const char *reason, void *done_user);
/** Does what is asked of battery @id; @call is borrowed until it returns. */
typedef void (*mqtt_call_fn)(const char *id, const struct mqtt_call *call, mqtt_done_fn done,
			     void *done_user, void *user);

struct mqtt_gateway;

/** @call may be NULL if no commands are allowed. */
struct mqtt_gateway *mqtt_gateway_new(const struct mqtt_gateway_options *options, mqtt_call_fn call,
				      void *user);
/** Says offline. Calls that are still answered afterwards are answered to nobody. NULL is fine. */
void mqtt_gateway_free(struct mqtt_gateway *g);

/** The battery as it is now; @charge: values of its charge keys (nullable); all borrowed. */
void mqtt_gateway_battery(struct mqtt_gateway *g, const cJSON *document, const cJSON *charge);
/** It has left D-Bus. */
void mqtt_gateway_gone(struct mqtt_gateway *g, const char *id);
/** ROOT/ID/event, not retained, QoS 1: what happens while the broker is away is not told later. */
void mqtt_gateway_event(struct mqtt_gateway *g, const char *id, const cJSON *event);

/**
 * {"enabled":true,"connected":...,"host":...,"port":...,"tls":...,"root":...,
 *  "last_error":sentence or null,"published":n,"failed":n,"reconnects":n,
 *  "topics":n,"waiting":n,"last_publish_time":s since 1970 or null} (owned)
 * failed: events and answers that could not be sent and are not sent later.
 */
cJSON *mqtt_gateway_status(const struct mqtt_gateway *g);
