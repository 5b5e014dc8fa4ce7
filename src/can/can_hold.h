/* SPDX-License-Identifier: MIT */
/*
 * can_hold - alarms that stay until a slow inverter has had time to see them
 *
 * SMA's inverters may need 10 s to react (FSS-ConnectingBat). An alarm, or a
 * warning, that ends sooner keeps its "arrive" bit until 10 s after it came; its
 * "leave" bit follows and stays until it comes again. Coming is never delayed.
 *
 * Pure.
 */
#pragma once

#include <glib.h>

#include "can/can_values.h"

enum { CAN_HOLD_S = 10 };

/** The caller's; all zero is "just started". */
struct can_hold {
	uint32_t held[2];		 /**< as sent last: alarms, warnings */
	gint64 since_us[2][ALARM_COUNT]; /**< when each came */
};

/** Add to @values what is still to be shown. */
void can_hold_apply(struct can_hold *h, struct can_values *values, gint64 now_us);
