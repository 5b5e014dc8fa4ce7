/* SPDX-License-Identifier: MIT */
/*
 * api - REST: batteries, their past, settings, configuration and orders
 *
 * api/openapi.yaml describes every path, and is served. Reads are answered from the
 * fleet's documents or from the battery's service; writes go to that service, which
 * judges them, and are written down with who asked. Without a service on the bus answers are 503
 * with the reason.
 *
 * I/O: D-Bus by way of the fleet, the configuration, the file of the writes.
 */
#pragma once

#include <cjson/cJSON.h>

#include "gateway/certificates.h"
#include "gateway/fleet.h"
#include "gateway/gateway_config.h"
#include "gateway/http_server.h"
#include "gateway/secrets.h"
#include "gateway/writes.h"
#include "gateway/ws_hub.h"

struct api;

/** State of a part for GET /api/v1/gateway (owned by the caller). */
typedef cJSON *(*api_state_fn)(void *user);

struct api_options {
	struct http_server *http;	     /**< (borrowed) not yet listening */
	struct fleet *fleet;		     /**< (borrowed) */
	struct ws_hub *hub;		     /**< (borrowed) */
	struct secrets *secrets;	     /**< (borrowed) */
	struct writes *writes;		     /**< (borrowed) */
	const struct gateway_config *config; /**< (borrowed) in force; changes are saved to
						  @config_path, for the next start */
	const char *config_path;
	const struct certificates *certificates; /**< (borrowed) */
	api_state_fn mqtt;			 /**< (nullable) */
	void *mqtt_user;
	void (*restart)(void *user); /**< end soon, to be started again */
	void *restart_user;
};

/** Adds its routes to the server. */
struct api *api_new(const struct api_options *options);
/** What GET /api/v1/gateway answers, without the configuration (owned by the caller). */
cJSON *api_state(const struct api *a);
/** Before fleet and writes, after the server; notes writes that wait for an answer. NULL is fine. */
void api_free(struct api *a);
