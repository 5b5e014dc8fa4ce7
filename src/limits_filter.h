/* SPDX-License-Identifier: MIT */
/*
 * limits_filter - the charge controller as a filter
 *
 * One snapshot a line in (snapshot_json.h, or with @csv the table of
 * snapshot_csv.h), one line of limits out:
 *
 * {"t": s, "cvl": V, "ccl": A, "dcl": A, "state": "...", "charge_limitation": "...",
 *  "discharge_limitation": "...", "charge_request": bool, "alarms": {"HighCellVoltage": 0, ...}}
 *
 * cvl, ccl and dcl are null where the service would not be on the bus. Time is
 * that of the lines. In a table the last row repeats each second until the next.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "battery/charge_config.h"

/**
 * Filter @in to @out until its end; each line is flushed.
 * @return 0, or 2 after a sentence on @err that names line and key.
 */
int limits_filter_run(FILE *in, FILE *out, FILE *err, const struct charge_config *config, bool csv);
