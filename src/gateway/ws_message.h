/* SPDX-License-Identifier: MIT */
/*
 * ws_message - what is said over a WebSocket, as JSON; ws_hub.h describes it
 *
 * Pure apart from the time of day in a document's message.
 */
#pragma once

#include <cjson/cJSON.h>
#include <glib.h>
#include <stdbool.h>

enum {
	WS_TOPIC_BATTERY = 1,
	WS_TOPIC_EVENT = 2,
	WS_TOPIC_GATEWAY = 4,
	WS_TOPIC_ALL = 7,
};

/** Its bit; 0: there is no such topic. */
unsigned ws_topic_of(const char *name);

/** @battery and @data: nullable. (owned) */
GBytes *ws_message_document(const char *topic, const char *battery, const cJSON *data);
/** {"topic","reason"} (owned) */
GBytes *ws_message_told(const char *topic, const char *reason);

/** What a client wants to hear. */
struct ws_wish {
	unsigned topics; /**< bits */
	char *battery;	 /**< (owned) NULL: all */
	gint64 interval_us;
};

/** All, at 1 s. */
struct ws_wish ws_wish_default(void);
/** Changes what @text says, all or nothing. @return what is wrong with it (static), NULL: nothing
 */
const char *ws_wish_read(struct ws_wish *w, const char *text, gsize size);
