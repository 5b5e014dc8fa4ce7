/* SPDX-License-Identifier: MIT */
/*
 * figures - what a run is judged by
 *
 * All of them are measured from outside, on true voltages and published
 * limits; what a law says of itself (is_protective) is not believed.
 */
#pragma once

#include <stdbool.h>

#include "battery/battery.h"
#include "battery/limits.h"
#include "plant/bms.h"
#include "plant/scenario.h"
#include "plant/victron.h"

/** One run's result: plain numbers, NAN where the scenario cannot tell. */
struct figures {
	unsigned over_voltage_trips, under_voltage_trips, other_trips;
	double overshoot; /**< (highest cell - target) / (cut-off - target), worst moment */
	unsigned cvl_changes;
	unsigned fast_changes; /**< not protective, less than 20 s after the one before */
	double ripple_v;    /**< the smaller of largest rise and fall within an hour, worst hour */
	unsigned reversals; /**< of the direction of CVL, worst hour */
	double grid_share;  /**< of capacity, to the grid because CVL fell below the pack */
	double charge_ah;   /**< in the cells at the end */
	double balancing_s; /**< first bleeding to imbalance under release for a minute */
	double reaction_s;  /**< longest, to a cell over its threshold, a fault, a dead wire */
	double no_temperature_s; /**< till CCL is 0 without any sensor */
	double stale_bad_s;	 /**< seconds that differ from the ladder */
};

enum { FIGURES_MINUTE = 60 };

/** How they are measured; all zero but for @setup is the start. */
struct observer {
	const struct scenario *scenario;
	const struct law_setup *setup;
	struct figures figures;
	double v_max_ever;

	struct limits before; /**< of the second before */
	bool has_before;
	double changed_s;	/**< when CVL last moved */
	double fell_s;		/**< when it last went down */
	double answered_s;	/**< newest snapshot */
	double returned_s;	/**< first snapshot after the newest silence */
	struct limits answered; /**< limits at answered_s */
	bool is_silent;

	double hour_low_v, hour_high_v, hour_rise_v, hour_fall_v;
	int direction;
	unsigned hour_reversals;

	double exported_a[FIGURES_MINUTE]; /**< from the battery, a ring of seconds */
	double exported_sum_a;
	double exported_as;

	double bled_from_s, balanced_from_s;
	double crossed_s, fault_s, dead_s, blind_s; /**< NAN: not now */
	struct limits crossed;			    /**< limits just before crossed_s */
	double calm_s; /**< the highest cell has been below its threshold since */
};

void observer_init(struct observer *o, const struct scenario *scenario,
		   const struct law_setup *setup);

/** Each electrical step. */
static inline void observer_step(struct observer *o, double v_max)
{
	o->v_max_ever = v_max > o->v_max_ever ? v_max : o->v_max_ever;
}

/** Each second, after the law: @battery is NULL where it had none. */
void observer_second(struct observer *o, double t_s, const struct limits *limits,
		     const struct battery *battery, const struct victron *victron);

struct figures observer_finish(struct observer *o, const struct bms *bms,
			       const struct cells *cells);
