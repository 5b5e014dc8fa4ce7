/* SPDX-License-Identifier: MIT */
#include "plant/figures.h"

#include <math.h>

static const double minute_s = 60.0, hour_s = 3600.0;
static const double apart_s = 20.0;    /* Victron: set-points change no more often */
static const double release_v = 0.040; /* imbalance_release_threshold */
static const double noticeable_v = 1e-3;

void observer_init(struct observer *o, const struct scenario *scenario,
		   const struct law_setup *setup)
{
	const double never = -1e9, none = (double) NAN;

	*o = (struct observer){
		.scenario = scenario,
		.setup = setup,
		.changed_s = never,
		.fell_s = never,
		.returned_s = never,
		.bled_from_s = none,
		.balanced_from_s = none,
		.crossed_s = none,
		.fault_s = none,
		.dead_s = none,
		.blind_s = none,
		.calm_s = never,
		.figures = {
			.balancing_s = none,
			.reaction_s = none,
			.no_temperature_s = none,
			.stale_bad_s = none,
		},
	};
}

static void note_longest(double *longest, double value)
{
	if (!(*longest >= value))
		*longest = value;
}

/* Downwards with a cell at its target or a fault; anything while stale or just back. */
static bool is_protective(const struct observer *o, double t_s, double change_v,
			  const struct battery *battery)
{
	if (!battery || t_s - o->returned_s <= 5.0)
		return true;
	if (change_v > 0.0)
		return false;
	return battery->cell_max_v >= o->setup->absorption_v - 5e-4 ||
	       battery->status == BATTERY_STATUS_FAULT || battery->cell_min_v < 0.5;
}

static void watch_changes(struct observer *o, double t_s, const struct limits *limits,
			  const struct battery *battery)
{
	const double change_v = limits->cvl_v - o->before.cvl_v;

	if (!limits->on_bus || !o->before.on_bus || fabs(change_v) < 1e-6)
		return;
	o->figures.cvl_changes++;
	if (!is_protective(o, t_s, change_v, battery) && t_s - o->changed_s < apart_s - 1e-6)
		o->figures.fast_changes++;
	o->changed_s = t_s;
	if (change_v < -noticeable_v)
		o->fell_s = t_s;
}

/* Ripple is what goes up and comes down again: a walk in one direction has none. */
static void watch_ripple(struct observer *o, double t_s, double cvl_v)
{
	const double change_v = cvl_v - o->before.cvl_v;

	if (t_s < 2.0 * hour_s)
		return;
	if (fmod(t_s, hour_s) < 0.5) {
		o->hour_low_v = o->hour_high_v = cvl_v;
		o->hour_rise_v = o->hour_fall_v = 0.0;
		o->hour_reversals = 0;
		o->direction = 0;
		return;
	}
	o->hour_low_v = fmin(o->hour_low_v, cvl_v);
	o->hour_high_v = fmax(o->hour_high_v, cvl_v);
	o->hour_rise_v = fmax(o->hour_rise_v, cvl_v - o->hour_low_v);
	o->hour_fall_v = fmax(o->hour_fall_v, o->hour_high_v - cvl_v);
	if (fabs(change_v) > 1e-6) {
		const int direction = change_v > 0.0 ? 1 : -1;

		o->hour_reversals += o->direction == -direction;
		o->direction = direction;
	}
	o->figures.ripple_v = fmax(o->figures.ripple_v, fmin(o->hour_rise_v, o->hour_fall_v));
	o->figures.reversals = MAX(o->figures.reversals, o->hour_reversals);
}

/*
 * Charge that leaves the battery for the grid because the inverter pulls the
 * pack down to a CVL that fell: only while without any lag it would discharge.
 */
static void watch_grid(struct observer *o, double t_s, const struct victron *v)
{
	const unsigned slot = (unsigned) t_s % FIGURES_MINUTE;
	const double wanted_a = fmin(v->wanted_discharge_a, v->export_a);
	const double out_a = fmin(-v->battery_a, wanted_a);

	o->exported_sum_a += out_a - o->exported_a[slot];
	o->exported_a[slot] = out_a;
	if (o->exported_sum_a > 0.0 && t_s - o->fell_s <= hour_s)
		o->exported_as += o->exported_sum_a / FIGURES_MINUTE;
}

static void watch_balancing(struct observer *o, double t_s, const struct battery *b)
{
	const bool is_balanced = b->cell_max_v - b->cell_min_v <= release_v &&
				 b->cell_max_v >= b->settings.early_balancing_v;

	if (b->balancing && isnan(o->bled_from_s))
		o->bled_from_s = t_s;
	if (isnan(o->bled_from_s) || !isnan(o->figures.balancing_s))
		return;
	if (!is_balanced)
		o->balanced_from_s = (double) NAN;
	else if (isnan(o->balanced_from_s))
		o->balanced_from_s = t_s;
	if (t_s - o->balanced_from_s >= minute_s)
		o->figures.balancing_s = o->balanced_from_s - o->bled_from_s;
}

/* A condition that demands something: how long until it is there. */
static void watch_demand(double *since_s, double t_s, bool is_demanded, bool is_met,
			 double *longest)
{
	if (!is_demanded) {
		*since_s = (double) NAN;
		return;
	}
	if (isnan(*since_s))
		*since_s = t_s;
	if (*since_s < 0.0)
		return; /* met before */
	note_longest(longest, t_s - *since_s);
	if (is_met)
		*since_s = -1.0;
}

static void watch_threshold(struct observer *o, double t_s, const struct limits *l,
			    const struct battery *b)
{
	const double threshold_v = o->setup->absorption_v + (o->setup->is_lfp ? 0.07 : 0.05);
	const bool is_over = b->cell_max_v >= threshold_v;
	const bool is_new = is_over && isnan(o->crossed_s);

	if (is_new)
		o->crossed = o->before;
	watch_demand(&o->crossed_s, t_s, is_over,
		     t_s - o->fell_s <= apart_s || l->cvl_v < o->crossed.cvl_v - noticeable_v ||
			     l->ccl_a < 0.9 * o->crossed.ccl_a || l->cvl_v <= b->cell_sum_v,
		     &o->figures.reaction_s);
}

static void watch_reactions(struct observer *o, double t_s, const struct limits *l,
			    const struct battery *b)
{
	const bool is_empty = battery_events_contain(&b->active, 0x02);
	const bool is_fault = b->status == BATTERY_STATUS_FAULT && !is_empty;
	const bool is_dead = b->cell_min_v < 0.5 && b->cell_max_v > 0.5;
	const bool is_blind = isnan(b->temp_internal_c) && isnan(b->temp_external_c[0]);

	watch_threshold(o, t_s, l, b);
	watch_demand(&o->fault_s, t_s, is_fault, l->ccl_a <= 0.0, &o->figures.reaction_s);
	watch_demand(&o->dead_s, t_s, is_dead, l->ccl_a <= 0.0 && l->dcl_a <= 0.0,
		     &o->figures.reaction_s);
	watch_demand(&o->blind_s, t_s, is_blind, l->ccl_a <= 0.0, &o->figures.no_temperature_s);
}

/* Boundaries: at exactly 3, 10 and 60 s either rung is right. */
static bool follows_ladder(const struct observer *o, double age_s, const struct limits *l)
{
	const struct limits *was = &o->answered;
	const double tolerance_a = 0.1 + 0.01 * was->ccl_a;
	const double ratio = age_s <= 3.0 ? 1.0 : 1.0 - 0.8 * (age_s - 3.0) / 7.0;
	const bool is_kept = l->on_bus && fabs(l->cvl_v - was->cvl_v) < noticeable_v &&
			     fabs(l->ccl_a - was->ccl_a * ratio) <= tolerance_a &&
			     fabs(l->dcl_a - was->dcl_a * ratio) <= 0.1 + 0.01 * was->dcl_a;
	const bool is_stopped = l->on_bus && l->ccl_a <= 0.0 && l->dcl_a <= 0.0 &&
				l->state == CHARGE_OFFLINE && l->cvl_v > 0.0 &&
				l->bms_cable_warning &&
				l->cvl_v <= o->setup->float_v * o->setup->cell_count + noticeable_v;

	if (age_s <= 10.0 && is_kept)
		return true;
	if (age_s >= 10.0 && age_s <= 60.0 && is_stopped)
		return true;
	if (age_s >= 60.0 && age_s <= 61.0 && l->on_bus && l->bms_cable_alarm)
		return true;
	return age_s >= 60.0 && !l->on_bus;
}

static void watch_ladder(struct observer *o, double t_s, const struct limits *l, bool is_answered)
{
	const double age_s = t_s - o->answered_s;
	const bool is_right = is_answered ? l->on_bus : follows_ladder(o, age_s, l);

	note_longest(&o->figures.stale_bad_s, 0.0);
	if (o->has_before && !is_right)
		o->figures.stale_bad_s += 1.0;
}

void observer_second(struct observer *o, double t_s, const struct limits *limits,
		     const struct battery *battery, const struct victron *victron)
{
	const unsigned judged = o->scenario->judged;

	if (battery && battery->cell_max_v <= 0.0)
		battery = NULL; /* a BMS that restarts: no snapshot */
	if (battery && o->is_silent)
		o->returned_s = t_s;
	o->is_silent = !battery;

	if (o->has_before) {
		watch_changes(o, t_s, limits, battery);
		if (judged & JUDGE_STEADY)
			watch_ripple(o, t_s, limits->cvl_v);
		if (judged & JUDGE_STALE)
			watch_ladder(o, t_s, limits, battery);
	}
	watch_grid(o, t_s, victron);
	if (battery) {
		if (judged & JUDGE_BALANCING)
			watch_balancing(o, t_s, battery);
		watch_reactions(o, t_s, limits, battery);
		o->answered_s = t_s;
		o->answered = *limits;
	}
	o->before = *limits;
	o->has_before = true;
}

struct figures observer_finish(struct observer *o, const struct bms *bms, const struct cells *cells)
{
	struct figures *f = &o->figures;
	const double way_v = o->setup->max_v - o->setup->absorption_v;

	f->over_voltage_trips = bms->over_voltage_trips;
	f->under_voltage_trips = bms->under_voltage_trips;
	f->other_trips = bms->other_trips;
	f->overshoot = fmax(0.0, (o->v_max_ever - o->setup->absorption_v) / way_v);
	f->grid_share = o->exported_as / 3600.0 / o->setup->capacity_ah;
	f->charge_ah = cells_charge_ah(cells);
	return *f;
}
