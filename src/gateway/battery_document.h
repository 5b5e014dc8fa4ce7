/* SPDX-License-Identifier: MIT */
/*
 * battery_document - all that is known of one battery as one JSON object
 *
 * Made of the answer of Status (the second name of the service, also there when
 * the battery is off the bus) and of the paths that the battery has on the bus.
 * api/battery.schema.json describes it. What is unknown is null, never 0; what
 * is too old to act on is told with is_live false, and its age.
 *
 * Pure.
 */
#pragma once

#include <cjson/cJSON.h>

#include "gateway/item_mirror.h"

enum {
	BATTERY_DOCUMENT_VERSION = 1, /**< raised when a key changes its meaning */
	/* The service's own ladder: from 10 s on, nothing is allowed any more. */
	BATTERY_DOCUMENT_LIVE_S = 10,
};

/**
 * @status: answer of Status; NULL while it has not answered.
 * @items: NULL while the battery is not on the bus.
 * @now_s: s since 1970. The caller's to delete.
 */
cJSON *battery_document_make(const char *id, const cJSON *status, const struct item_mirror *items,
			     double now_s);
