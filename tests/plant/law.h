/* SPDX-License-Identifier: MIT */
/*
 * law - anything that turns snapshots into CVL, CCL and DCL
 *
 * Our controller and each law that it is compared with, behind one door. Laws
 * are stepped once a virtual second; their state is the plant's memory.
 */
#pragma once

#include <glib.h>
#include <stddef.h>

#include "battery/battery.h"
#include "battery/limits.h"

enum { LAW_STATE_BYTES = 16384 };

/** What the owner of this battery would have configured, whatever the law. */
struct law_setup {
	bool is_lfp; /**< else Li-ion */
	unsigned cell_count;
	double capacity_ah;
	double absorption_v; /**< V per cell: target of the highest */
	double float_v;	     /**< V per cell */
	double min_v;	     /**< V per cell: discharge ends */
	double max_v;	     /**< V per cell: the BMS's cut-off */
	double max_charge_a;
	double max_discharge_a;
};

struct law {
	const char *name;
	const char *sentence;
	size_t state_bytes;
	/** The state is all zero before. */
	void (*init)(void *state, const struct law_setup *setup);
	/** @battery is NULL when the BMS did not answer this second. */
	struct limits (*step)(void *state, const struct law_setup *setup,
			      const struct battery *battery, gint64 now_us);
	/** No limits at all: the plant holds the highest cell exactly at its target. */
	bool is_oracle;
};

/** All laws; the first is ours, the second the oracle. */
const struct law *const *law_list(size_t *count);
/** NULL where there is none of that name. */
const struct law *law_find(const char *name);

/** What every compared law starts from: on the bus, these numbers, state as text-free. */
struct limits law_limits(double cvl_v, double ccl_a, double dcl_a);

/** Linear between points of rising @x; held at the ends. */
double law_interpolate(const double (*points)[2], size_t count, double x);

extern const struct law law_ours, law_oracle, law_fixed, law_predecessor, law_serialbattery_p,
	law_serialbattery_i, law_serialbattery_sum, law_yambms, law_diybms, law_pylontech;
