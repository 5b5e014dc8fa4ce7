/* SPDX-License-Identifier: MIT */
/*
 * history - what has become of one battery over its time with us
 *
 * Energy, depth of discharge, cycles, extremes with their dates, full charges;
 * and the time to go. Paths that show it: publish/history_paths.h.
 *
 * Pure: monotonic time and wall clock come in as arguments.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "battery/battery.h"
#include "history/energy.h"

/** NAN, 0: none yet. */
struct history_extreme {
	double value;
	double when_s; /**< wall clock, s since 1970 */
};

/** What is kept over restarts; numbers only, NAN is "not known". */
struct history_kept {
	struct energy_totals totals;
	double since_s;           /**< wall clock: the first sample, or when it was cleared */
	double consumed_ah;       /**< since it was full, not positive; NAN: never seen */
	double deepest_ah;        /**< deepest that ever was, not positive */
	double last_ah;           /**< deepest since it was full, not positive */
	double depths_ah, depths; /**< sum and count of last_ah at each full charge */
	double cycles;            /**< discharged charge in capacities */
	double full_charges;      /**< count */
	double full_discharges;   /**< count of SOC 0, armed again above 15 % */
	double is_empty;          /**< 1: not armed */
	double since_full_s;      /**< NAN: never seen */
	double full_at_s;         /**< wall clock; NAN: never seen */
	struct history_extreme pack_min_v, pack_max_v, cell_min_v, cell_max_v;
	struct history_extreme temperature_min_c, temperature_max_c; /**< of the cells */
	struct history_extreme charge_max_a, discharge_max_a;        /**< both positive */
};

struct history {
	struct history_kept kept;

	struct energy energy; /* its totals are kept.totals after each step */
	bool has_last;
	gint64 last_us;
	double smooth_a;    /* NAN: nothing measured */
	double remaining_s; /* time to go */
};

void history_init(struct history *h);

/** A snapshot. @wall_s: seconds since 1970 just now, 0 while the clock is not set. */
void history_step(struct history *h, const struct battery *b, double wall_s);

/** The battery is full, by whoever judges it. */
void history_full(struct history *h, double wall_s);

/** Forget everything that is kept, and begin anew. */
void history_clear(struct history *h, double wall_s);

/** Go on with what was kept @away_s ago; NAN where the clocks cannot tell. */
void history_resume(struct history *h, const struct history_kept *kept, double away_s);

/** Until it is empty, s; NAN while it is not discharged, or beyond ten days. */
double history_time_to_go_s(const struct history *h);

/** The mean depth between full charges, not positive; NAN before the first one. */
double history_average_depth_ah(const struct history_kept *kept);
