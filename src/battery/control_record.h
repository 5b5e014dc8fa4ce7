/* SPDX-License-Identifier: MIT */
/*
 * control_record - what the controller must remember over a restart
 *
 * Without it a restart in Float would begin a new absorption, and the time of
 * the last full charge would be lost.
 *
 * Pure.
 */
#pragma once

#include "battery/control.h"

struct control_record {
	enum charge_state chain; /**< Bulk, Transition, Float approach or Float */
	bool has_given_up;       /**< imbalance_time_max is used up */
	bool wants_full;         /**< the owner has asked for a full charge */
	bool has_external;       /**< an external temperature sensor was ever seen */
	double absorbed_s, held_s; /**< in this charge, s */
	double full_soc_pct;     /**< SOC when it was full; NAN: unknown */
	double since_full_s;     /**< since then, s */
};

void control_save(const struct control *c, struct control_record *record);

/**
 * Take over what was saved @away_s seconds ago (0 where the clocks cannot tell).
 * Call it between control_init() and the first step.
 * @return false if it is impossible; @c is as it was, and starts in Bulk
 */
bool control_restore(struct control *c, const struct control_record *record, double away_s);

/** The battery became full between the two: too dear to lose. */
bool control_record_is_precious(const struct control_record *before,
				const struct control_record *now);

/** Something but the times differs. */
bool control_record_differs(const struct control_record *before,
			    const struct control_record *now);
