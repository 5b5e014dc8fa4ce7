/* SPDX-License-Identifier: MIT */
#include "history/history.h"

#include <math.h>

static const double SMOOTH_S = 60.0;            /* time constant of the current behind time to go */
static const double IDLE_A = 0.1;               /* less is no discharge: dbus-serialbattery */
static const double TIME_TO_GO_MAX_S = 864000.0; /* what Victron's own monitors show at most */
static const double EMPTY_PCT = 0.05, ARMED_PCT = 15.0; /* full discharges: dbus-serialbattery */

static void forget_extremes(struct history_kept *k)
{
	struct history_extreme *const all[] = {
		&k->pack_min_v, &k->pack_max_v, &k->cell_min_v, &k->cell_max_v,
		&k->temperature_min_c, &k->temperature_max_c, &k->charge_max_a,
		&k->discharge_max_a,
	};

	for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
		*all[i] = (struct history_extreme){ .value = (double) NAN };
}

static void forget(struct history_kept *k)
{
	*k = (struct history_kept){
		.consumed_ah = (double) NAN,
		.deepest_ah = (double) NAN,
		.last_ah = (double) NAN,
		.since_full_s = (double) NAN,
		.full_at_s = (double) NAN,
	};
	forget_extremes(k);
}

void history_init(struct history *h)
{
	*h = (struct history){ .smooth_a = (double) NAN, .remaining_s = (double) NAN };
	forget(&h->kept);
}

void history_clear(struct history *h, double wall_s)
{
	const double since_full_s = h->kept.since_full_s, full_at_s = h->kept.full_at_s;
	const double consumed_ah = h->kept.consumed_ah;

	/* when it was full and what is missing is a state of the battery, not a record of it */
	forget(&h->kept);
	h->kept.since_full_s = since_full_s;
	h->kept.full_at_s = full_at_s;
	h->kept.consumed_ah = consumed_ah;
	h->kept.since_s = wall_s;
	h->energy.totals = h->kept.totals;
}

/* ---- one snapshot ------------------------------------------------------------------ */

static void take_lowest(struct history_extreme *e, double value, double wall_s)
{
	if (!isnan(value) && !(e->value <= value))
		*e = (struct history_extreme){ value, wall_s };
}

static void take_highest(struct history_extreme *e, double value, double wall_s)
{
	if (!isnan(value) && !(e->value >= value))
		*e = (struct history_extreme){ value, wall_s };
}

/* The external sensors are at the cells; the BMS's own stands in where there is none. */
static void take_temperatures(struct history_kept *k, const struct battery *b, double wall_s)
{
	bool has_external = false;

	for (int i = 0; i < BATTERY_EXTERNAL_SENSORS; i++) {
		take_lowest(&k->temperature_min_c, b->temp_external_c[i], wall_s);
		take_highest(&k->temperature_max_c, b->temp_external_c[i], wall_s);
		has_external |= !isnan(b->temp_external_c[i]);
	}
	if (!has_external) {
		take_lowest(&k->temperature_min_c, b->temp_internal_c, wall_s);
		take_highest(&k->temperature_max_c, b->temp_internal_c, wall_s);
	}
}

static void take_extremes(struct history_kept *k, const struct battery *b, double wall_s)
{
	take_lowest(&k->pack_min_v, b->pack_v, wall_s);
	take_highest(&k->pack_max_v, b->pack_v, wall_s);
	/* 0 V is a broken sense wire, no cell */
	if (b->cell_min && b->cell_min_v > 0.0)
		take_lowest(&k->cell_min_v, b->cell_min_v, wall_s);
	if (b->cell_max)
		take_highest(&k->cell_max_v, b->cell_max_v, wall_s);
	if (b->current_a > 0.0)
		take_highest(&k->charge_max_a, b->current_a, wall_s);
	if (b->current_a < 0.0)
		take_highest(&k->discharge_max_a, -b->current_a, wall_s);
	take_temperatures(k, b, wall_s);
}

static void take_energy(struct history *h, const struct battery *b)
{
	const struct energy_totals before = h->energy.totals;
	const struct energy_totals *now = &h->energy.totals;
	const double capacity_ah = b->settings.capacity_ah;
	struct history_kept *k = &h->kept;

	energy_step(&h->energy, b->pack_v, b->current_a, b->taken_us);
	k->totals = *now;
	if (!(capacity_ah > 0.0))
		return;

	const double in_ah = now->charged_ah - before.charged_ah;
	const double out_ah = now->discharged_ah - before.discharged_ah;
	const bool is_lost = isnan(k->consumed_ah) || now->gaps > before.gaps;

	k->cycles += out_ah / capacity_ah;
	/* Nobody has counted in a gap but the BMS. */
	if (is_lost && !isnan(b->soc_pct))
		k->consumed_ah = capacity_ah * (b->soc_pct / 100.0 - 1.0);
	else
		k->consumed_ah = CLAMP(k->consumed_ah + in_ah - out_ah, -capacity_ah, 0.0);
	if (!(k->last_ah <= k->consumed_ah))
		k->last_ah = k->consumed_ah;
	if (!(k->deepest_ah <= k->consumed_ah))
		k->deepest_ah = k->consumed_ah;
}

static void count_empty(struct history_kept *k, double soc_pct)
{
	if (soc_pct > ARMED_PCT) {
		k->is_empty = 0.0;
	} else if (soc_pct <= EMPTY_PCT && k->is_empty < 0.5) {
		k->is_empty = 1.0;
		k->full_discharges += 1.0;
	}
}

/* A new load is believed at once, and then the mean; what a lull says is waited out. */
static void smooth(struct history *h, double a, double passed_s)
{
	const bool was_idle = !(h->smooth_a < -IDLE_A);

	if (isnan(a))
		return;
	if (was_idle)
		h->smooth_a = a;
	else
		h->smooth_a += (a - h->smooth_a) * (1.0 - exp(-passed_s / SMOOTH_S));
}

static double time_to_go(const struct history *h, const struct battery *b)
{
	const double left_ah = b->settings.capacity_ah * b->soc_pct / 100.0;
	double s = (double) NAN;

	if (h->smooth_a < -IDLE_A && !isnan(left_ah))
		s = left_ah / -h->smooth_a * 3600.0;
	else if (b->status == BATTERY_STATUS_DISCHARGING && isnan(left_ah))
		s = b->time_left_s;
	return s <= TIME_TO_GO_MAX_S ? s : (double) NAN;
}

void history_step(struct history *h, const struct battery *b, double wall_s)
{
	const double passed_s = h->has_last ? (double) (b->taken_us - h->last_us) / 1e6 : 0.0;

	if (h->has_last && b->taken_us <= h->last_us)
		return;
	if (!(h->kept.since_s > 0.0))
		h->kept.since_s = wall_s;
	h->kept.since_full_s += passed_s; /* stays NAN as long as it is */
	take_extremes(&h->kept, b, wall_s);
	take_energy(h, b);
	count_empty(&h->kept, b->soc_pct);
	smooth(h, b->current_a, passed_s);
	h->remaining_s = time_to_go(h, b);
	h->has_last = true;
	h->last_us = b->taken_us;
}

void history_full(struct history *h, double wall_s)
{
	struct history_kept *k = &h->kept;

	if (k->last_ah < 0.0) {
		k->depths_ah += k->last_ah;
		k->depths += 1.0;
	}
	k->full_charges += 1.0;
	k->consumed_ah = 0.0;
	k->last_ah = 0.0;
	k->since_full_s = 0.0;
	k->full_at_s = wall_s;
}

void history_resume(struct history *h, const struct history_kept *kept, double away_s)
{
	history_init(h);
	h->kept = *kept;
	h->energy.totals = kept->totals;
	energy_break(&h->energy, away_s);
	h->kept.totals = h->energy.totals;
	h->kept.consumed_ah = (double) NAN; /* the BMS knows better what went on meanwhile */
	if (away_s > 0.0 && isfinite(away_s))
		h->kept.since_full_s += away_s;
}

double history_time_to_go_s(const struct history *h)
{
	return h->remaining_s;
}

double history_average_depth_ah(const struct history_kept *k)
{
	return k->depths > 0.0 ? k->depths_ah / k->depths : (double) NAN;
}
