/* SPDX-License-Identifier: MIT */
/*
 * energy - charge and energy through the terminals, from samples
 *
 * The trapezoid rule over the times at which the samples were really taken.
 * Where power or current changes its sign between two samples, each side gets
 * its own triangle. Samples that lie more than ten seconds apart say nothing of
 * what was between them: that time is counted, not integrated.
 *
 * Pure.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

static const gint64 ENERGY_GAP_US = 10 * G_USEC_PER_SEC;

/** All numbers are doubles and none of them is ever negative. */
struct energy_totals {
	double charged_wh, discharged_wh;
	double charged_ah, discharged_ah;
	double gaps;  /**< count */
	double gap_s; /**< in them */
};

/** All zero is "nothing was measured yet". */
struct energy {
	struct energy_totals totals;

	bool has_last;
	gint64 last_us;
	double last_a, last_w;
};

/**
 * A sample, positive current = charging; @taken_us is monotonic. One that is NAN,
 * or not later than the one before, is left out.
 */
void energy_step(struct energy *e, double pack_v, double current_a, gint64 taken_us);

/** Nothing was measured for @away_s, NAN where nobody knows how long: a restart. */
void energy_break(struct energy *e, double away_s);
