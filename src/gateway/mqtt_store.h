/* SPDX-License-Identifier: MIT */
/*
 * mqtt_store - the latest message of each topic, and which of them are to be sent
 *
 * While the broker is away nothing queues up: a topic has one message, the newest.
 * What changed is handed out in the order in which it changed first.
 *
 * Pure: the time is given.
 */
#pragma once

#include "gateway/mqtt_message.h"

struct mqtt_store;

struct mqtt_store *mqtt_store_new(void);
void mqtt_store_free(struct mqtt_store *s);

/** Keeps copies; what differs from before and is due at @now_us waits to be sent. */
void mqtt_store_put(struct mqtt_store *s, const GPtrArray *messages, gint64 now_us);

/** All wait to be sent. */
void mqtt_store_mark_all(struct mqtt_store *s);

/** The first that waits, borrowed until the next call with @s; NULL: none. */
const struct mqtt_message *mqtt_store_next(const struct mqtt_store *s);
/** It has been sent. */
void mqtt_store_sent(struct mqtt_store *s, gint64 now_us);

/** Forgets the topics that begin with @prefix, all but @spared (nullable). */
void mqtt_store_forget(struct mqtt_store *s, const char *prefix, const char *spared);

/** Topics that are kept, and of these what waits to be sent. */
unsigned mqtt_store_count(const struct mqtt_store *s);
unsigned mqtt_store_waiting(const struct mqtt_store *s);
