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
#include "battery/control_plan.h"
#include "battery/limits.h"

/** A current limit over time. */
struct control_channel {
	double out_a;  /**< what was last sent */
	double hold_s; /**< s that a limit which was cut to 0 still stays there */
};

/** How long something has been true without a break. */
struct lasting {
	bool is_true;
	double s;
};

/**
 * Where the charge is. Cell protection, sustain and imbalance hold lie over the
 * chain bulk, transition, float approach, float, which goes on beneath them.
 */
struct control_states {
	enum charge_state chain;
	bool is_protecting, is_sustaining, is_holding;
	bool is_at_ceiling; /**< soc_ceiling is what keeps it in float */
	bool has_given_up;  /**< imbalance_time_max is used up */
	bool wants_full;    /**< the owner has asked for a full charge */

	double absorbed_s;   /**< with the highest cell near its target, in this charge */
	double held_s;       /**< in imbalance hold, in this charge */
	double full_soc_pct; /**< SOC when it was full; NAN: unknown */
	double since_full_s; /**< since then, or since the first start */

	struct lasting near_target, tail, low_cell, apart, together;
};

/** The caller's, from control_init() on. */
struct control {
	bool was_answered;  /**< a complete snapshot has been seen */
	gint64 newest_us;   /**< its time */
	struct limits last; /**< as computed from it */

	bool was_stepped;
	gint64 step_us;  /**< time of the last step */
	double age_s;     /**< of the newest snapshot */
	double pending_s; /**< since the limits last moved by themselves or by the stale ladder */
	bool was_last_update; /**< the one with the alarm, before leaving the bus */

	bool has_plan;
	struct charge_plan plan;
	struct charge_config plan_config;      /**< what it was made from */
	struct battery_settings plan_settings; /**< newest known of each */
	unsigned plan_cells;

	struct control_channel charge, discharge;
	struct control_states states;
	double cvl_v;
	double walk_s; /**< since the last step down to float */
};

void control_init(struct control *c);

/**
 * One step. @battery is the newest complete snapshot since the last step, or
 * NULL when the BMS has not answered since. @now_us is monotonic. May be called
 * at any rate; cannot fail.
 *
 * A snapshot without any of the BMS's settings that the plan needs, with all
 * cells at 0 or older than one already seen is no answer.
 */
struct limits control_step(struct control *c, const struct charge_config *config,
			   const struct battery *battery, gint64 now_us);
