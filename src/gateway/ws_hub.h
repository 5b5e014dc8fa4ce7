/* SPDX-License-Identifier: MIT */
/*
 * ws_hub - the latest documents, and which of them each live client still lacks
 *
 * Of "battery" and "gateway" the latest document of each battery is kept and sent
 * to whoever comes; a client that is slow misses those between, never gets a queue.
 * "event" is told once to those who are there, from a ring of WS_EVENTS_MAX; a
 * client that lags behind the ring, or takes nothing for WS_STALL_S, is shed.
 *
 * Client to server: {"subscribe":["battery","event","gateway"],"battery":"ID"|null,
 * "interval":0.2 to 60 s}. Server to client: {"topic","battery","time","data"}; data is
 * null for a battery that has left; {"topic":"closing","reason"} before it is shed;
 * {"topic":"error","reason"} for a message that it did not understand.
 *
 * Knows no socket: http_server.c has those. One thread: the main loop's.
 */
#pragma once

#include <cjson/cJSON.h>
#include <glib.h>
#include <stdbool.h>

enum {
	WS_CLIENTS_MAX = 64,
	WS_DOCUMENTS_MAX = 64, /**< topics and batteries that are kept; who has left gives way */
	WS_EVENTS_MAX = 32,
	WS_MESSAGE_MAX = 1024, /**< bytes that a client may say at once */
	WS_STALL_S = 20,       /**< TCP stays silent for up to twice as long as its line was cut */
};

struct ws_hub;
struct ws_client;

struct ws_hub *ws_hub_new(void);
void ws_hub_free(struct ws_hub *h);

/** @document NULL: the battery has left. @battery_id nullable. Both borrowed. */
void ws_hub_publish(struct ws_hub *h, const char *topic, const char *battery_id,
		    const cJSON *document);

unsigned ws_hub_clients(const struct ws_hub *h);
/** Clients that were shed since the start. */
guint64 ws_hub_shed(const struct ws_hub *h);

/* ---- for http_server.c ------------------------------------------------------------------- */

/** There is something to take; called from the main loop, may not free the client. */
typedef void (*ws_wake_fn)(void *user);

/** NULL: there are WS_CLIENTS_MAX. Begins with battery, event, gateway of all, at 1 s. */
struct ws_client *ws_hub_join(struct ws_hub *h, ws_wake_fn wake, void *user);
void ws_hub_leave(struct ws_hub *h, struct ws_client *c);

/** The next message that is due (owned), NULL: none now; the client is woken when there is. */
GBytes *ws_hub_take(struct ws_hub *h, struct ws_client *c);

/** One whole message of the client. */
void ws_hub_receive(struct ws_hub *h, struct ws_client *c, const char *text, gsize size);

/** Why the client has to go (borrowed), NULL: it may stay. */
const char *ws_hub_verdict(const struct ws_client *c, gint64 now_us);
/** It goes: counted, and the last message for it (owned). */
GBytes *ws_hub_farewell(struct ws_hub *h, const char *reason);
