/* SPDX-License-Identifier: MIT */
/*
 * summary - the figures of many runs, against their targets
 *
 * Every figure is the worst of the runs, but for trips and fast changes
 * (counted together), charge (mean of a scenario's packs of one chemistry, worst scenario)
 * and balancing (all times against all of the oracle's).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "plant/jobs.h"

enum figure {
	FIGURE_TRIPS,
	FIGURE_OVERSHOOT,
	FIGURE_FAST_CHANGES,
	FIGURE_RIPPLE,
	FIGURE_REVERSALS,
	FIGURE_GRID,
	FIGURE_CHARGE_LFP,
	FIGURE_CHARGE_LI_ION,
	FIGURE_BALANCING,
	FIGURE_REACTION,
	FIGURE_NO_TEMPERATURE,
	FIGURE_STALE,
	FIGURE_COUNT,
};

struct summary {
	const struct law *law;
	size_t runs;
	double value[FIGURE_COUNT];	       /**< NAN: no run could tell */
	const struct job *worst[FIGURE_COUNT]; /**< NULL likewise, or where none stands out */
	size_t tripped[3];		       /**< over-voltage, under-voltage, other */
};

/**
 * Over the runs of @law, in @scenario only if not NULL. Charge and balancing
 * need the oracle's runs of the same packs among @jobs.
 */
struct summary summary_of(const struct job *jobs, size_t count, const struct law *law,
			  const struct scenario *scenario);

/** NAN meets nothing. */
bool summary_meets(const struct summary *s, enum figure figure);

/** Column heads with the targets; then a row for each. */
void summary_print_head(void);
void summary_print_row(const char *name, const struct summary *s);

/** Where the worst of each figure happened: scenario and seed. */
void summary_print_worst(const struct summary *s);

/** Which targets are missed, a line each; how many. */
unsigned summary_print_misses(const struct summary *s);

/**
 * One line: in how many figures ours is better, equal (the same, or both within
 * the target) and worse. True if worse in none, and so better in most of those
 * that tell the two apart.
 */
bool summary_print_comparison(const struct summary *ours, const struct summary *other);
