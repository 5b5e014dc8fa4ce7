/* SPDX-License-Identifier: MIT */
/*
 * status - what the second name's Status answers
 *
 * {"program": version, "port": device, "service": name on the bus or null,
 *  "state": a sentence, "instance": number or null,
 *  "serial", "firmware", "hardware": texts, "age": s of the snapshot,
 *  "battery": a snapshot (snapshot_json.h), "pack_voltage": V,
 *  "limits": {"cvl", "ccl", "dcl", "dvl", "state", "charge_limitation",
 *  "discharge_limitation"}, "alarms": {name: 0, 1 or 2}}
 * The keys from "serial" on are there once the BMS has answered.
 *
 * Pure.
 */
#pragma once

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "publish/view.h"

struct status {
	const char *port;
	const char *sentence; /**< the name on the bus, or what is missing before it is there */
	bool is_published;
	int instance; /**< -1: none yet */
	/** (nullable) the BMS has not answered yet; without limits and alarms nobody has decided */
	const struct decision *decision;
};

/** The caller's to delete. */
cJSON *status_make(const struct status *s);
