/* SPDX-License-Identifier: MIT */
/*
 * mqtt_fleet - the batteries on the bus at the broker of the configuration
 *
 * Between fleet.h and mqtt_gateway.h: documents, events and charge keys go one
 * way, commands the other.
 *
 * I/O through both. One thread: the main loop's.
 */
#pragma once

#include <cjson/cJSON.h>

#include "gateway/fleet.h"
#include "gateway/gateway_config.h"
#include "gateway/writes.h"

struct mqtt_fleet;

/**
 * NULL: the configuration has no MQTT. @password may be NULL. @fleet is borrowed, and @writes,
 * where every command that a battery was asked for is written down.
 */
struct mqtt_fleet *mqtt_fleet_new(const struct gateway_config *config, const char *password,
				  struct fleet *fleet, struct writes *writes);
/** After fleet_free(). Says offline. NULL is fine. */
void mqtt_fleet_free(struct mqtt_fleet *m);

/** As mqtt_gateway_status(); {"enabled":false} of NULL. (owned) */
cJSON *mqtt_fleet_status(const struct mqtt_fleet *m);
