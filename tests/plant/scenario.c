/* SPDX-License-Identifier: MIT */
#include "plant/scenario.h"

#include <string.h>

/*
 * The first four groups are a household's ordinary days, the fifth Victron's
 * acceptance tests (CAN-bus BMS Protocol, section 1.5.3), the last what breaks.
 */
/* clang-format off */
static const struct scenario scenarios[] = {
	{ .name = "sunny-day", .sentence = "a clear day on the grid, nothing exported",
	  .hours = 7, .topology = TOPOLOGY_ESS, .sun = SUN_DAY, .sun_c = { 0.3, 0.8 },
	  .load = LOAD_BASE, .load_c = { 0.4, 0.6 }, .soc = { 0.30, 0.60 }, .spread = 0.05,
	  .judged = JUDGE_CHARGE },
	{ .name = "sunny-day-feed-in", .sentence = "a clear day, surplus exported",
	  .hours = 7, .topology = TOPOLOGY_FEED_IN, .sun = SUN_DAY, .sun_c = { 0.3, 0.8 },
	  .load = LOAD_BASE, .load_c = { 0.4, 0.6 }, .export_c = 1.2, .soc = { 0.30, 0.60 },
	  .spread = 0.05, .judged = JUDGE_CHARGE },
	{ .name = "sunny-day-off-grid", .sentence = "a clear day in a cabin",
	  .hours = 7, .topology = TOPOLOGY_OFF_GRID, .sun = SUN_DAY, .sun_c = { 0.3, 0.8 },
	  .load = LOAD_BASE, .load_c = { 0.4, 0.6 }, .soc = { 0.30, 0.60 }, .spread = 0.05,
	  .judged = JUDGE_CHARGE },
	{ .name = "steady-sun", .sentence = "the same sun for hours",
	  .hours = 5, .topology = TOPOLOGY_ESS, .sun = SUN_STEADY, .sun_c = { 0.3, 0.7 },
	  .load = LOAD_NONE, .soc = { 0.60, 0.80 }, .spread = 0.10,
	  .judged = JUDGE_STEADY | JUDGE_CHARGE },
	{ .name = "steady-sun-feed-in", .sentence = "the same sun for hours, exported",
	  .hours = 5, .topology = TOPOLOGY_FEED_IN, .sun = SUN_STEADY, .sun_c = { 0.3, 0.7 },
	  .load = LOAD_NONE, .export_c = 1.2, .soc = { 0.60, 0.80 }, .spread = 0.10,
	  .judged = JUDGE_STEADY | JUDGE_CHARGE },
	{ .name = "cloudy", .sentence = "cloud edges on a strong array",
	  .hours = 3, .topology = TOPOLOGY_ESS, .sun = SUN_CLOUDS, .sun_c = { 0.5, 2.0 },
	  .load = LOAD_BASE, .load_c = { 0.4, 0.6 }, .soc = { 0.60, 0.85 }, .spread = 0.10 },
	{ .name = "cloudy-feed-in", .sentence = "cloud edges on a strong array, exported",
	  .hours = 4, .topology = TOPOLOGY_FEED_IN, .sun = SUN_CLOUDS, .sun_c = { 0.5, 2.0 },
	  .load = LOAD_BASE, .load_c = { 0.4, 0.6 }, .export_c = 2.2, .soc = { 0.60, 0.85 },
	  .spread = 0.10 },
	{ .name = "strong-sun", .sentence = "twice the battery's capacity in PV",
	  .hours = 2.5, .topology = TOPOLOGY_OFF_GRID, .sun = SUN_STEADY, .sun_c = { 1.5, 2.0 },
	  .load = LOAD_BASE, .load_c = { 0.4, 0.6 }, .soc = { 0.40, 0.70 }, .spread = 0.10 },
	{ .name = "strong-sun-feed-in", .sentence = "twice the battery's capacity in PV, exported",
	  .hours = 2.5, .topology = TOPOLOGY_FEED_IN, .sun = SUN_STEADY, .sun_c = { 1.5, 2.0 },
	  .load = LOAD_BASE, .load_c = { 0.4, 0.6 }, .export_c = 2.2, .soc = { 0.40, 0.70 },
	  .spread = 0.10 },

	{ .name = "load-steps", .sentence = "off-grid, the inverter's full power on and off",
	  .hours = 3, .topology = TOPOLOGY_OFF_GRID, .sun = SUN_STEADY, .sun_c = { 0.6, 1.0 },
	  .load = LOAD_STEPS, .load_c = { 0.4, 0.8 }, .soc = { 0.70, 0.90 }, .spread = 0.10 },
	{ .name = "load-steps-feed-in", .sentence = "on the grid, loads on and off, exported",
	  .hours = 4, .topology = TOPOLOGY_FEED_IN, .sun = SUN_STEADY, .sun_c = { 0.6, 1.0 },
	  .load = LOAD_STEPS, .load_c = { 0.4, 0.8 }, .export_c = 1.2, .soc = { 0.70, 0.90 },
	  .spread = 0.10 },
	{ .name = "ac-coupled", .sentence = "PV inverter that needs 10 s to back off after a load drop",
	  .hours = 3, .topology = TOPOLOGY_AC_COUPLED, .sun = SUN_STEADY, .sun_c = { 0.4, 0.7 },
	  .load = LOAD_STEPS, .load_c = { 0.2, 0.4 }, .soc = { 0.70, 0.90 }, .spread = 0.10 },
	{ .name = "grid-charge", .sentence = "filled by the Multi's charger",
	  .hours = 3, .topology = TOPOLOGY_GRID_CHARGE, .sun = SUN_NONE, .sun_c = { 0.3, 0.6 },
	  .load = LOAD_NONE, .soc = { 0.20, 0.50 }, .spread = 0.05 },
	{ .name = "grid-loss", .sentence = "the grid goes while surplus is exported",
	  .hours = 3, .topology = TOPOLOGY_FEED_IN, .sun = SUN_STEADY, .sun_c = { 0.6, 1.2 },
	  .load = LOAD_BASE, .load_c = { 0.4, 0.6 }, .export_c = 1.5, .soc = { 0.75, 0.90 },
	  .spread = 0.10, .trouble = TROUBLE_GRID_LOSS },

	{ .name = "meters-high", .sentence = "both voltmeters read 0.3 V too much",
	  .hours = 4, .topology = TOPOLOGY_ESS, .sun = SUN_STEADY, .sun_c = { 0.3, 0.6 },
	  .load = LOAD_NONE, .soc = { 0.50, 0.70 }, .spread = 0.05, .meters_v = 0.3,
	  .judged = JUDGE_CHARGE },
	{ .name = "meters-low", .sentence = "both voltmeters read 0.3 V too little",
	  .hours = 4, .topology = TOPOLOGY_FEED_IN, .sun = SUN_STEADY, .sun_c = { 0.3, 0.6 },
	  .load = LOAD_NONE, .export_c = 1.2, .soc = { 0.50, 0.70 }, .spread = 0.05,
	  .meters_v = -0.3, .judged = JUDGE_CHARGE },
	{ .name = "noisy-meters", .sentence = "the BMS reads each cell 0.5 mV and the current 0.1 A to and fro",
	  .hours = 3, .topology = TOPOLOGY_ESS, .sun = SUN_STEADY, .sun_c = { 0.3, 0.7 },
	  .load = LOAD_NONE, .soc = { 0.60, 0.80 }, .spread = 0.10, .is_noisy = true,
	  .judged = JUDGE_STEADY | JUDGE_CHARGE },
	{ .name = "noisy-meters-feed-in", .sentence = "the same under clouds, exported",
	  .hours = 2, .topology = TOPOLOGY_FEED_IN, .sun = SUN_CLOUDS, .sun_c = { 0.4, 1.0 },
	  .load = LOAD_BASE, .load_c = { 0.4, 0.6 }, .export_c = 1.5, .soc = { 0.60, 0.80 },
	  .spread = 0.10, .is_noisy = true },
	{ .name = "runner", .sentence = "the fullest cell is also the weak one",
	  .hours = 4, .topology = TOPOLOGY_FEED_IN, .sun = SUN_CLOUDS, .sun_c = { 0.4, 1.0 },
	  .load = LOAD_BASE, .load_c = { 0.4, 0.6 }, .export_c = 1.5, .soc = { 0.60, 0.80 },
	  .spread = 0.10, .is_runner = true },
	{ .name = "balancing", .sentence = "a small pack, one per cent apart, and time",
	  .hours = 7, .topology = TOPOLOGY_ESS, .sun = SUN_STEADY, .sun_c = { 0.3, 0.5 },
	  .load = LOAD_NONE, .soc = { 0.85, 0.92 }, .spread = 0.03, .is_small = true,
	  .judged = JUDGE_BALANCING },

	{ .name = "to-empty", .sentence = "off-grid loads until the battery has no more",
	  .hours = 2, .topology = TOPOLOGY_OFF_GRID, .sun = SUN_NONE,
	  .load = LOAD_FULL, .load_c = { 0.2, 0.5 }, .soc = { 0.30, 0.60 }, .spread = 0.05 },
	{ .name = "to-empty-ess", .sentence = "the same on the grid, load steps",
	  .hours = 3, .topology = TOPOLOGY_ESS, .sun = SUN_NONE,
	  .load = LOAD_STEPS, .load_c = { 0.3, 0.7 }, .soc = { 0.20, 0.50 }, .spread = 0.05 },
	{ .name = "empty-then-sun", .sentence = "an empty battery meets the morning",
	  .hours = 3, .topology = TOPOLOGY_OFF_GRID, .sun = SUN_DAY, .sun_c = { 0.5, 1.0 },
	  .load = LOAD_BASE, .load_c = { 0.2, 0.3 }, .soc = { 0.10, 0.14 }, .spread = 0.05 },
	{ .name = "cold-morning", .sentence = "cells near freezing that warm up",
	  .hours = 3, .topology = TOPOLOGY_ESS, .sun = SUN_STEADY, .sun_c = { 0.3, 0.6 },
	  .load = LOAD_BASE, .load_c = { 0.4, 0.6 }, .soc = { 0.40, 0.60 }, .spread = 0.05,
	  .start_c = 3.0 },

	{ .name = "accept-surplus", .sentence = "1.5.3: feed-in with surplus PV, large loads on and off",
	  .hours = 3, .topology = TOPOLOGY_FEED_IN, .sun = SUN_STEADY, .sun_c = { 0.8, 1.2 },
	  .load = LOAD_STEPS, .load_c = { 0.5, 0.8 }, .export_c = 1.5, .soc = { 0.80, 0.95 },
	  .spread = 0.02 },
	{ .name = "accept-imbalance", .sentence = "1.5.3: imbalance with surplus PV, large loads on and off",
	  .hours = 3, .topology = TOPOLOGY_FEED_IN, .sun = SUN_STEADY, .sun_c = { 0.8, 1.2 },
	  .load = LOAD_STEPS, .load_c = { 0.5, 0.8 }, .export_c = 1.5, .soc = { 0.80, 0.90 },
	  .spread = 0.10, .is_runner = true },
	{ .name = "accept-inverter-limit", .sentence = "1.5.3: surplus that the inverter cannot take",
	  .hours = 3, .topology = TOPOLOGY_FEED_IN, .sun = SUN_STEADY, .sun_c = { 0.8, 1.2 },
	  .load = LOAD_STEPS, .load_c = { 0.2, 0.3 }, .export_c = 0.3, .soc = { 0.75, 0.90 },
	  .spread = 0.10 },

	{ .name = "wire-open", .sentence = "a cell's sense wire breaks in full sun",
	  .hours = 1, .topology = TOPOLOGY_ESS, .sun = SUN_STEADY, .sun_c = { 0.4, 0.8 },
	  .load = LOAD_BASE, .load_c = { 0.4, 0.6 }, .soc = { 0.60, 0.80 }, .spread = 0.05,
	  .trouble = TROUBLE_WIRE_OPEN },
	{ .name = "sensors-lost", .sentence = "temperature sensors vanish one after the other",
	  .hours = 1, .topology = TOPOLOGY_ESS, .sun = SUN_STEADY, .sun_c = { 0.4, 0.8 },
	  .load = LOAD_BASE, .load_c = { 0.4, 0.6 }, .soc = { 0.50, 0.60 }, .spread = 0.05,
	  .trouble = TROUBLE_SENSORS_LOST },
	{ .name = "silence-5s", .sentence = "the BMS is silent for 5 s in full sun",
	  .hours = 1, .topology = TOPOLOGY_FEED_IN, .sun = SUN_STEADY, .sun_c = { 0.4, 1.0 },
	  .load = LOAD_BASE, .load_c = { 0.4, 0.6 }, .export_c = 2.0, .soc = { 0.75, 0.92 },
	  .spread = 0.05, .trouble = TROUBLE_SILENCE_5S, .judged = JUDGE_STALE },
	{ .name = "silence-30s", .sentence = "the BMS is silent for 30 s in full sun",
	  .hours = 1, .topology = TOPOLOGY_FEED_IN, .sun = SUN_STEADY, .sun_c = { 0.4, 1.0 },
	  .load = LOAD_BASE, .load_c = { 0.4, 0.6 }, .export_c = 2.0, .soc = { 0.75, 0.92 },
	  .spread = 0.05, .trouble = TROUBLE_SILENCE_30S, .judged = JUDGE_STALE },
	{ .name = "silence-120s", .sentence = "the BMS is silent for 120 s in full sun",
	  .hours = 1, .topology = TOPOLOGY_FEED_IN, .sun = SUN_STEADY, .sun_c = { 0.4, 1.0 },
	  .load = LOAD_BASE, .load_c = { 0.4, 0.6 }, .export_c = 2.0, .soc = { 0.75, 0.92 },
	  .spread = 0.05, .trouble = TROUBLE_SILENCE_120S, .judged = JUDGE_STALE },
	{ .name = "bms-restart", .sentence = "the BMS starts anew every quarter of an hour",
	  .hours = 1, .topology = TOPOLOGY_FEED_IN, .sun = SUN_STEADY, .sun_c = { 0.5, 1.0 },
	  .load = LOAD_BASE, .load_c = { 0.4, 0.6 }, .export_c = 1.5, .soc = { 0.75, 0.92 },
	  .spread = 0.05, .trouble = TROUBLE_BMS_RESTART },
	{ .name = "bms-fault", .sentence = "the BMS reports over-temperature for a minute",
	  .hours = 1, .topology = TOPOLOGY_ESS, .sun = SUN_STEADY, .sun_c = { 0.5, 1.0 },
	  .load = LOAD_BASE, .load_c = { 0.4, 0.6 }, .soc = { 0.60, 0.80 }, .spread = 0.05,
	  .trouble = TROUBLE_BMS_FAULT },
};
/* clang-format on */

const struct scenario *scenario_list(size_t *count)
{
	*count = sizeof(scenarios) / sizeof(scenarios[0]);
	return scenarios;
}

const struct scenario *scenario_find(const char *name)
{
	for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++)
		if (!strcmp(scenarios[i].name, name))
			return &scenarios[i];
	return NULL;
}
