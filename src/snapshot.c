/* SPDX-License-Identifier: MIT */
#include "snapshot.h"

#include <math.h>

/* Comparisons with NAN, where a cut-off is not known, are false: not beyond. */
static bool is_beyond_cutoff(const struct battery *b)
{
	return b->cell_max_v >= b->settings.over_voltage_v ||
	       b->cell_min_v <= b->settings.under_voltage_v;
}

bool snapshot_is_urgent(const struct battery *before, const struct battery *now)
{
	if (!before)
		return true;
	return !battery_events_equal(&before->active, &now->active) ||
	       (before->status == BATTERY_STATUS_FAULT) != (now->status == BATTERY_STATUS_FAULT) ||
	       is_beyond_cutoff(before) != is_beyond_cutoff(now) ||
	       isnan(before->cell_sum_v) != isnan(now->cell_sum_v);
}
