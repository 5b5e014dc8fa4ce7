/* SPDX-License-Identifier: MIT */
#include "publish/view.h"

#include <math.h>
#include <stdio.h>

/* /State and /Balancer/Status: victronenergy/venus wiki, dbus. */
enum { STATE_RUNNING = 9, STATE_ERROR = 10 };
enum { BALANCER_UNKNOWN = 0, BALANCER_BALANCED = 1, BALANCER_BALANCING = 2, BALANCER_IMBALANCE = 3 };

static double time_to_go_s(const struct battery *b)
{
	return b->status == BATTERY_STATUS_DISCHARGING ? b->time_left_s : (double) NAN;
}

static void fill_measurements(struct view *v, const struct battery *b)
{
	v->pack_v = b->pack_v;
	v->current_a = b->current_a;
	v->power_w = b->pack_v * b->current_a;
	v->soc_pct = b->soc_pct;
	v->soh_pct = b->soh_pct;
	v->capacity_ah = b->settings.capacity_ah;
	v->capacity_left_ah = b->settings.capacity_ah * b->soc_pct / 100.0;
	v->consumed_ah = v->capacity_left_ah - v->capacity_ah;
	v->time_to_go_s = time_to_go_s(b);
}

/* The external sensors are at the cells; the BMS's own stands in where there is none. */
static void fill_temperatures(struct view *v, const struct battery *b)
{
	static const char *const ids[BATTERY_EXTERNAL_SENSORS] = { "External 1", "External 2" };
	double lowest = b->temp_internal_c, highest = b->temp_internal_c;
	const char *lowest_id = "Internal", *highest_id = "Internal";
	bool has_external = false;

	v->internal_temperature_c = b->temp_internal_c;
	for (int i = 0; i < BATTERY_EXTERNAL_SENSORS; i++) {
		const double t = b->temp_external_c[i];

		v->external_temperature_c[i] = t;
		if (isnan(t))
			continue;
		if (!has_external || t < lowest) {
			lowest = t;
			lowest_id = ids[i];
		}
		if (!has_external || t > highest) {
			highest = t;
			highest_id = ids[i];
		}
		has_external = true;
	}
	v->temperature_c = highest;
	v->cell_temperature_min_c = lowest;
	v->cell_temperature_max_c = highest;
	v->temperature_min_id = isnan(lowest) ? NULL : lowest_id;
	v->temperature_max_id = isnan(highest) ? NULL : highest_id;
}

static void fill_cells(struct view *v, const struct battery *b)
{
	v->cell_count = b->cell_count;
	v->cell_sum_v = b->cell_sum_v;
	v->cell_min_v = b->cell_min ? b->cell_min_v : (double) NAN;
	v->cell_max_v = b->cell_max ? b->cell_max_v : (double) NAN;
	v->cell_difference_v = v->cell_max_v - v->cell_min_v;
	snprintf(v->cell_min_text, sizeof(v->cell_min_text), "C%u", b->cell_min);
	snprintf(v->cell_max_text, sizeof(v->cell_max_text), "C%u", b->cell_max);
	v->cell_min_id = b->cell_min ? v->cell_min_text : NULL;
	v->cell_max_id = b->cell_max ? v->cell_max_text : NULL;

	for (unsigned i = 0; i < BATTERY_CELLS_MAX; i++) {
		v->cell_v[i] = i < b->cell_count ? b->cell_v[i] : (double) NAN;
		v->cell_balances[i] = i < b->cell_count ? (b->balancing >> i) & 1u : (double) NAN;
	}
}

static double balancer_status(const struct battery *b, enum alarm_level imbalance)
{
	if (b->balancing)
		return BALANCER_BALANCING;
	if (imbalance != ALARM_OK)
		return BALANCER_IMBALANCE;
	return b->cell_count && !isnan(b->cell_sum_v) ? BALANCER_BALANCED : BALANCER_UNKNOWN;
}

static void fill_state(struct view *v, const struct decision *d)
{
	const struct battery *b = d->battery;
	const struct limits *l = d->limits;

	v->error_code = alarms_error_code(&b->active);
	v->state = b->status == BATTERY_STATUS_FAULT || v->error_code > 0.0 || l->bms_cable_warning
			   ? STATE_ERROR
			   : STATE_RUNNING;
	v->allow_charge = !l->charge_blocked;
	v->allow_discharge = !l->discharge_blocked;
	v->blocks_charge = l->charge_blocked;
	v->blocks_discharge = l->discharge_blocked;
	v->is_balancing = b->balancing != 0;
	v->balancer_status = balancer_status(b, d->alarms[ALARM_CELL_IMBALANCE]);
	for (int i = 0; i < ALARM_COUNT; i++)
		v->alarm[i] = d->alarms[i];
}

static void fill_limits(struct view *v, const struct limits *l)
{
	v->cvl_v = l->cvl_v;
	v->ccl_a = l->ccl_a;
	v->dcl_a = l->dcl_a;
	v->dvl_v = l->dvl_v;
	v->charge_request = l->charge_request;
	snprintf(v->charge_mode_text, sizeof(v->charge_mode_text), l->waits_for ? "%s (%s)" : "%s",
		 charge_state_text(l->state), l->waits_for);
	v->charge_mode = v->charge_mode_text;
	v->charge_limitation = l->charge_limitation;
	v->discharge_limitation = l->discharge_limitation;
}

/* A record of a time without a clock has no date. */
static void hide_unknown_dates(struct history_kept *k)
{
	struct history_extreme *const all[] = { &k->pack_min_v,	       &k->pack_max_v,
						&k->cell_min_v,	       &k->cell_max_v,
						&k->temperature_min_c, &k->temperature_max_c };

	for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
		if (!(all[i]->when_s > 0.0))
			all[i]->when_s = (double) NAN;
	if (!(k->full_at_s > 0.0))
		k->full_at_s = (double) NAN;
}

/* What was counted since the last full charge is finer than what SOC says, which stands in. */
static void fill_history(struct view *v, const struct history *h)
{
	struct history none;

	if (!h)
		history_init(&none);
	v->past = h ? h->kept : none.kept;
	v->discharged_kwh = h ? v->past.totals.discharged_wh / 1000.0 : (double) NAN;
	v->charged_kwh = h ? v->past.totals.charged_wh / 1000.0 : (double) NAN;
	v->drawn_ah = h ? -v->past.totals.discharged_ah : (double) NAN;
	hide_unknown_dates(&v->past);
	v->average_depth_ah = history_average_depth_ah(&v->past);
	if (!isnan(v->past.consumed_ah))
		v->consumed_ah = v->past.consumed_ah;
	if (h)
		v->time_to_go_s = history_time_to_go_s(h);
}

static void fill_diagnostics(struct view *v, const struct acquisition_counters *c)
{
	v->polls = (double) c->polls;
	v->successes = (double) c->successes;
	v->timeouts = (double) c->line.timeouts;
	v->crc_errors = (double) c->line.crc_errors;
	v->refusals = (double) c->line.refusals;
	v->retries = (double) c->line.retries;
	v->reopens = (double) c->reopens;
	v->latency_last_ms = c->latency_last_us / 1e3;
	v->latency_mean_ms = c->latency_mean_us / 1e3;
	v->latency_max_ms = c->latency_max_us / 1e3;
}

static void fill_connection(struct view *v, double age_s)
{
	/* Whole seconds, and only once it matters: a text that changes is a signal. */
	if (age_s < 3.0)
		snprintf(v->connection_text, sizeof(v->connection_text), "Connected");
	else
		snprintf(v->connection_text, sizeof(v->connection_text),
			 "No answer from the BMS for %.0f s: check its cable", age_s);
	v->connection_information = v->connection_text;
}

void view_fill(struct view *v, const struct decision *d)
{
	fill_measurements(v, d->battery);
	fill_temperatures(v, d->battery);
	fill_cells(v, d->battery);
	fill_state(v, d);
	fill_limits(v, d->limits);
	fill_history(v, d->history);
	v->statistics = d->battery->statistics;
	fill_diagnostics(v, d->counters);
	fill_connection(v, d->age_s);
	v->age_s = d->age_s;
	v->taken_us = d->battery->taken_us;
}

void view_firmware(char *out, const struct battery_identity *identity)
{
	if (identity->firmware_public)
		snprintf(out, VIEW_TEXT_MAX, "%u.%u", identity->firmware_public,
			 identity->firmware_internal);
	else
		out[0] = '\0';
}
