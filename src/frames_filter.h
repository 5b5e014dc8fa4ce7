/* SPDX-License-Identifier: MIT */
/*
 * frames_filter - CAN frames of one protocol as a filter, for support and manual
 *
 * One snapshot a line in (snapshot_json.h); for each a set of frames out, as
 * "candump -L" writes them, each followed by its fields in words:
 *
 * (0.000000) can0 351#280258022003CC01
 * # charge voltage limit 55.2 V
 *
 * For NMEA 2000 the set is what a node sends by itself: address claim, product,
 * measurements, heartbeat; a fast packet's words stand after its last frame.
 *
 * Beside the snapshot's keys a line may hold "limits": {"cvl", "ccl", "dcl",
 * "dvl"} and "alarms": {"HighCellVoltage": 0, 1 or 2, ...}, each in place of what
 * the controller would say, so that an encoder can be judged alone; the snapshot
 * need not be whole then. Lines with "t" follow one another in time, and what
 * depends on time (ramps, the alarms that SMA's family keeps for 10 s) does so;
 * a line without it stands alone.
 */
#pragma once

#include <stdio.h>

#include "config.h"

/**
 * Filter @in to @out until its end, with the options of the first output in @config
 * that speaks @protocol.
 * @return 0, or 2 after a sentence on @err that names protocol, line or key.
 */
int frames_filter_run(const char *protocol, FILE *in, FILE *out, FILE *err,
		      const struct config *config);

/** One line a protocol: name, bit rate, inverters, options. */
void frames_filter_list(FILE *out);
