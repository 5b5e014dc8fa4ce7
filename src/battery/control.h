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
	double held_s;	     /**< in imbalance hold, in this charge */
	double full_soc_pct; /**< SOC when it was full; NAN: unknown */
	double since_full_s; /**< since then, or since the first start */

	struct lasting near_target, tail, low_cell, apart, together;
};

enum {
	CONTROL_RECENT = 6, /* s of CVL that chargers may still act on */
	CONTROL_PAST = 32,  /* s of measurements */
};

/** What watching the battery has taught. */
struct control_watch {
	unsigned cells; /**< that the rest is about; 0 = nothing yet */
	double ohm[BATTERY_CELLS_MAX];
	double ohm_weight; /**< A^2 of current steps behind ohm */
	bool has_last;
	double last_v[BATTERY_CELLS_MAX], last_a; /**< snapshot before */
	double jump_s;				  /**< since the current last jumped */
	double rise_s;				  /**< since it last jumped up */

	/** Measurements without their noise; the three voltages do not jump with the current. */
	struct control_calm {
		bool is_known;
		double a, rest_v, wall_v, top_rest_v;
	} calm;
	double drained_as; /**< As that went out beyond what the ammeter may be off */

	double tick_s;			 /**< towards the next second of the two rings */
	double recent_v[CONTROL_RECENT]; /**< CVL */
	struct control_past {
		double sum_v, a;
		double top_rest_v; /**< highest cell without its current */
	} past[CONTROL_PAST];	   /**< the newest at past_at */
	unsigned past_at, past_count;
	double moved_s;	  /**< since CVL last moved */
	bool is_withheld; /**< stale data keep CVL below what was computed */
};

enum control_evidence {
	CONTROL_UNKNOWN,
	CONTROL_FREE,  /**< the chargers give what they have */
	CONTROL_BINDS, /**< CVL is what limits the current */
};

/**
 * What lies between CVL and the pack: the chargers' bus is at CVL plus an
 * offset (voltmeters that lie, what chargers add), the pack behind a cable.
 */
struct control_bus {
	enum control_evidence evidence;
	bool has_offset;
	double offset_v; /**< of the bus over a CVL that binds */
	bool has_low;
	double low_v;			   /**< of what holds the bus lower, where there are two */
	bool is_low_tried, is_low_refuted; /**< CVL was set by it; and what else is there charged */
	double cable_ohm;

	double weighed_s; /**< since evidence was last found */
	bool has_anchor;
	double anchor_sum_v, anchor_rest_v, anchor_a; /**< where evidence starts */
	bool is_answer_due;	   /**< the pack's answer to the last moves is still to be judged */
	bool was_bound;		   /**< CVL did bind before them */
	double before_v, before_a; /**< CVL and current before them */
	double before_a_s;	   /**< A/s by which it was changing anyway */
};

enum { CONTROL_SENSORS = 1 + BATTERY_EXTERNAL_SENSORS }; /**< the internal one first */

/** Temperatures outlive their sensors for a while. */
struct control_sensors {
	struct control_sensor {
		bool was_seen;
		double last_c; /**< degrees C, newest known */
		double away_s; /**< since then */
		double charge_ratio, discharge_ratio; /**< of the plan's curves at last_c */
	} sensor[CONTROL_SENSORS];
	bool has_external; /**< one was ever seen, also before a restart */
	bool has_ratio;
	double discharge_ratio; /**< of the discharge curve, as last known */
};

/** The caller's, from control_init() on. */
struct control {
	bool was_answered;  /**< a complete snapshot has been seen */
	gint64 newest_us;   /**< its time */
	struct limits last; /**< as computed from it */

	bool was_stepped;
	gint64 step_us;	  /**< time of the last step */
	double age_s;	  /**< of the newest snapshot */
	double pending_s; /**< since the limits last moved by themselves or by the stale ladder */
	bool was_last_update; /**< the one with the alarm, before leaving the bus */

	bool has_plan;
	struct charge_plan plan;
	struct charge_config plan_config;      /**< what it was made from */
	struct battery_settings plan_settings; /**< newest known of each */
	struct battery_settings plan_read;     /**< as last read, with what is missing */
	unsigned plan_cells;

	struct control_channel charge, discharge;
	struct control_sensors sensors;
	struct control_states states;
	struct control_watch watch;
	struct control_bus bus;
	double cvl_v;
};

void control_init(struct control *c);

/** The owner asks for a full charge, whatever SOC and ceiling; false ends it. */
void control_want_full(struct control *c, bool is_wanted);
bool control_wants_full(const struct control *c);

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
