/* SPDX-License-Identifier: MIT */
/*
 * diagnostics - what the second name's Diagnostics answers
 *
 * {"bms": {"polls", "successes", "timeouts", "crc_errors", "refusals", "retries",
 *   "reopens", "latency_last_ms", "latency_mean_ms", "latency_max_ms"},
 *  "bus": {"signals", "paths", "bytes", "latency_..."} or null off the bus,
 *  "can": [{"interface", "protocol", "state", "error", "frames_sent",
 *   "frames_received", "frames_refused", "sets_dropped", "errors", "openings",
 *   "latency_..."}],
 *  "history": {"gaps", "gap_s"} or null,
 *  "statistics": {name: number} or null: the BMS's own, registers 100 to 117}
 * Latencies are ms: of a live read, from a snapshot to its signal, and of a CAN
 * frame from when it was due to the queue of the bus. Unknown numbers are null.
 *
 * Asks the outputs how they are.
 */
#pragma once

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "battery/battery.h"
#include "can/can_outputs.h"
#include "history/history.h"
#include "publish/bus_paths.h"
#include "tinybms/acquisition.h"

struct diagnostics {
	const struct acquisition_counters *line;
	bool is_on_bus;
	struct bus_counters bus; /**< while it is */
	const struct can_outputs *outputs;
	const struct history *history;		     /**< (nullable) */
	const struct battery_statistics *statistics; /**< (nullable) */
};

/** The caller's to delete. */
cJSON *diagnostics_make(const struct diagnostics *d);
