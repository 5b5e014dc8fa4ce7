/* SPDX-License-Identifier: MIT */
/*
 * bms - what a TinyBMS does to its cells: samples, trips, recovers, bleeds, reports
 *
 * It samples in every electrical step and opens its switch at its own
 * cut-offs at once. Over-voltage and over-current open it in both directions
 * (one port); under-voltage leaves charge possible. It closes again by itself
 * 10 s later, when the cells have come back by a margin.
 *
 * Balancing: a cell above register 303 and more than register 308 above the
 * lowest is bled (the plant's README).
 */
#pragma once

#include <stdbool.h>

#include "battery/battery.h"
#include "plant/pack.h"

struct bms {
	struct battery_settings settings;
	double ammeter_offset_a;
	double counted_as; /**< its own count of charge */
	double capacity_as;
	bool is_open;				/**< no current at all */
	bool is_empty;				/**< no discharge */
	unsigned fault;				/**< event id, 0 = none */
	double fault_s;				/**< since it began */
	double over_charge_s, over_discharge_s; /**< how long the current has been too high */
	double full_s;
	bool is_full;
	uint16_t bleeding;
	double v_min, v_max;   /**< V, true, of the last step */
	unsigned broken_wire;  /**< cell that reads 0 V, from 1; 0 = none */
	unsigned lost_sensors; /**< 0, 1 (second external) or 3 (all) */
	unsigned over_voltage_trips, under_voltage_trips, other_trips;
	bool is_wire_excused; /**< under-voltage is what a broken wire looks like: not counted */
};

void bms_init(struct bms *b, const struct pack *p);

/** After each electrical step. */
void bms_sample(struct bms *b, const struct cells *c, double current_a);

/** Once a second: balancing, full, recovery, charge count. */
void bms_second(struct bms *b, struct cells *c, double current_a);

/** Trip for @fault (event id) as if it had happened. */
void bms_inject(struct bms *b, unsigned fault);

/** The snapshot that the service would have now. */
void bms_report(const struct bms *b, const struct cells *c, double current_a, gint64 now_us,
		struct battery *battery);
