/* SPDX-License-Identifier: MIT */
/*
 * control - snapshots to CVL, CCL and DCL
 *
 * Pure: no clock, no I/O, no allocation. Time and snapshot come in, limits and
 * reasons go out; the state is a struct that the caller owns.
 */
#pragma once

#include <glib.h>

#include "battery/battery.h"
#include "battery/charge_config.h"
#include "battery/limits.h"

/** The caller's; all zero is "just started". */
struct control {
	bool was_answered;     /**< a complete snapshot has been seen */
	gint64 newest_us;      /**< its time */
	struct limits last;    /**< as computed from it */
};

void control_init(struct control *c);

/**
 * One step. @battery is the newest complete snapshot since the last step, or
 * NULL when the BMS has not answered since. @now_us is monotonic. May be called
 * at any rate; cannot fail.
 */
struct limits control_step(struct control *c, const struct charge_config *config,
			   const struct battery *battery, gint64 now_us);
