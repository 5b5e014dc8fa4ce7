/* SPDX-License-Identifier: MIT */
/*
 * control_rig - a controller with a battery that a test sets second by second
 */
#pragma once

#include "battery/alarms.h"
#include "battery/control.h"

struct rig {
	struct control control;
	struct charge_config config;
	struct battery battery;
	struct limits limits; /* of the newest step */
	gint64 now_us;
};

enum { RIG_SECOND_US = 1000000 };

/* All cells at @cell_v but the last, which is @apart_v higher. */
static inline void rig_cells(struct rig *r, double cell_v, double apart_v)
{
	for (unsigned i = 0; i < r->battery.cell_count; i++)
		r->battery.cell_v[i] = cell_v;
	r->battery.cell_v[r->battery.cell_count - 1] += apart_v;
	battery_derive(&r->battery);
	r->battery.pack_v = r->battery.cell_sum_v;
}

/* 16 LFP cells of 100 Ah at rest in the middle; target 3.45 V, cut-offs 3.70 and 2.50 V. */
static inline void rig_battery(struct battery *b)
{
	battery_clear(b);
	b->cell_count = 16;
	for (unsigned i = 0; i < b->cell_count; i++)
		b->cell_v[i] = 3.30;
	battery_derive(b);
	b->pack_v = b->cell_sum_v;
	b->current_a = 0.0;
	b->soc_pct = 50.0;
	b->temp_internal_c = 25.0;
	b->temp_external_c[0] = b->temp_external_c[1] = 25.0;
	b->status = BATTERY_STATUS_IDLE;
	b->settings = (struct battery_settings){
		.fully_charged_v = 3.65,
		.fully_discharged_v = 2.75,
		.early_balancing_v = 3.40,
		.charge_finished_a = 5.0,
		.capacity_ah = 100.0,
		.series_cells = 16,
		.allowed_disbalance_v = 0.015,
		.over_voltage_v = 3.70,
		.under_voltage_v = 2.50,
		.discharge_over_current_a = 200.0,
		.charge_over_current_a = 100.0,
		.over_heat_c = 60.0,
		.low_temperature_charge_c = 0.0,
	};
}

static inline void rig_init(struct rig *r)
{
	control_init(&r->control);
	charge_config_init(&r->config);
	r->now_us = 0;
	rig_battery(&r->battery);
}

/* One step at rig's time, which then is a second later. */
static inline void rig_step(struct rig *r)
{
	r->battery.taken_us = r->now_us;
	r->limits = control_step(&r->control, &r->config, &r->battery, r->now_us);
	r->now_us += RIG_SECOND_US;
}

static inline void rig_run(struct rig *r, unsigned seconds)
{
	for (unsigned i = 0; i < seconds; i++)
		rig_step(r);
}

static inline void rig_silence(struct rig *r, unsigned seconds)
{
	for (unsigned i = 0; i < seconds; i++) {
		r->limits = control_step(&r->control, &r->config, NULL, r->now_us);
		r->now_us += RIG_SECOND_US;
	}
}

/* Seconds until @state shows, at most @most; more than @most if it does not. */
static inline unsigned rig_until(struct rig *r, enum charge_state state, unsigned most)
{
	unsigned seconds = 0;

	while (seconds++ < most) {
		rig_step(r);
		if (r->limits.state == state)
			return seconds;
	}
	return seconds;
}

static const double rig_target_v = 3.45; /* of the highest cell, LFP */

/* Full at its target: 2 A. */
static inline void rig_charge_to_top(struct rig *r)
{
	rig_cells(r, rig_target_v, 0.0);
	r->battery.current_a = 2.0;
	r->battery.soc_pct = 99.0;
}
