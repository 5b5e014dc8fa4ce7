/* SPDX-License-Identifier: MIT */
#include "plant/victron.h"

#include <math.h>

/* DVCC gives an MPPT this much above CVL while DC-coupled surplus is fed in. */
static const double feed_in_v = 0.4;
static const double inverter_efficiency = 0.94, mppt_efficiency = 0.97;

void victron_init(struct victron *v, const struct pack *p, const struct scenario *s)
{
	*v = (struct victron){
		.topology = s->topology,
		.cable_ohm = p->cable_ohm,
		.mppt_offset_v = p->mppt_offset_v,
		.multi_offset_v = p->multi_offset_v,
		.step_s = p->cells.step_s,
		.mppt_share = fmin(p->cells.step_s / p->mppt_lag_s, 1.0),
		.multi_share = fmin(p->cells.step_s / p->multi_lag_s, 1.0),
		.export_max_a = p->export_max_a,
		.grid_charge_a = p->grid_charge_a,
		.ac_down_w = p->sun_peak_w * p->cells.step_s / 10.0,
		.ac_up_w = p->sun_peak_w * p->cells.step_s / 30.0,
		.has_grid = s->topology != TOPOLOGY_OFF_GRID && s->topology != TOPOLOGY_AC_COUPLED,
		.bus_v = p->cells.sum_v,
	};
}

static bool feeds_in(const struct victron *v)
{
	return v->topology == TOPOLOGY_FEED_IN && v->has_grid;
}

void victron_read_limits(struct victron *v, const struct limits *limits)
{
	v->has_bms = limits->on_bus;
	v->lost_s = limits->on_bus ? 0.0 : v->lost_s + 3.0;
	if (!limits->on_bus)
		return;
	v->cvl_v = limits->cvl_v;
	v->ccl_a = limits->ccl_a;
	v->dcl_a = limits->dcl_a;
	v->mppt_limit_a = v->ccl_a + fmax(0.0, v->multi_a);
}

static double clamped(double value, double low, double high)
{
	value = value > high ? high : value;
	return value < low ? low : value;
}

/* Power beyond what the battery and its loads take is turned down at the panel. */
static void step_mppt(struct victron *v, double rest_v, double ohm)
{
	/* A Multi without grid tells DVCC so within half a minute. */
	const bool has_surplus = v->topology == TOPOLOGY_FEED_IN && v->without_grid_s < 30.0;
	const double target_v = v->cvl_v + (has_surplus ? feed_in_v : 0.0) - v->mppt_offset_v;
	const double sun_a = v->sun_w * mppt_efficiency / v->bus_v;
	double want_a = (target_v - rest_v) / ohm + v->multi_a;

	if (!has_surplus)
		want_a = fmin(want_a, v->mppt_limit_a);
	want_a = clamped(want_a, 0.0, sun_a);
	v->mppt_a += (want_a - v->mppt_a) * v->mppt_share;
	v->mppt_a = fmin(v->mppt_a, sun_a);
}

static void step_inverter(struct victron *v)
{
	v->multi_a = v->dcl_a > 0.0 ? v->load_a : 0.0;
	v->export_a = v->wanted_discharge_a = 0.0;
}

static void step_ess(struct victron *v, double rest_v, double ohm)
{
	const double held_a = (v->cvl_v - v->multi_offset_v - rest_v) / ohm;
	const double most_a = v->mppt_a + v->dcl_a;
	double want_a = v->load_a;

	if (feeds_in(v))
		want_a = fmax(want_a, clamped(v->mppt_a - held_a, 0.0, v->export_max_a));
	want_a = fmin(want_a, most_a);
	v->multi_a += (want_a - v->multi_a) * v->multi_share;
	v->export_a = feeds_in(v) ? fmax(0.0, v->multi_a - v->load_a) : 0.0;
	v->wanted_discharge_a = feeds_in(v) ? fmax(0.0, -held_a) : 0.0;
}

static void step_charger(struct victron *v, double rest_v, double ohm)
{
	const double held_a = (v->cvl_v - v->multi_offset_v - rest_v) / ohm;
	const double want_a = clamped(held_a, 0.0, fmin(v->ccl_a, v->grid_charge_a));

	v->multi_a += (-want_a - v->multi_a) * v->multi_share;
}

static void step_ac_coupled(struct victron *v, double rest_v, double ohm)
{
	const double held_a = (v->cvl_v - v->multi_offset_v - rest_v) / ohm;
	const double charge_a = clamped(held_a, 0.0, v->ccl_a);
	const double want_w = fmin(v->load_w + charge_a * v->bus_v, v->sun_w);
	const double surplus_w = v->ac_pv_w - v->load_w;

	v->ac_pv_w += clamped(want_w - v->ac_pv_w, -v->ac_down_w, v->ac_up_w);
	v->ac_pv_w = fmin(v->ac_pv_w, v->sun_w);
	if (surplus_w > 0.0)
		v->multi_a = -surplus_w * inverter_efficiency / v->bus_v;
	else
		v->multi_a = v->dcl_a > 0.0 ? -surplus_w / (inverter_efficiency * v->bus_v) : 0.0;
}

static void step_multi(struct victron *v, double rest_v, double ohm)
{
	v->load_a = v->load_w / (inverter_efficiency * v->bus_v);
	switch (v->topology) {
	case TOPOLOGY_ESS:
	case TOPOLOGY_FEED_IN:
		if (v->has_grid)
			step_ess(v, rest_v, ohm);
		else
			step_inverter(v);
		break;
	case TOPOLOGY_OFF_GRID:
		step_inverter(v);
		break;
	case TOPOLOGY_AC_COUPLED:
		step_ac_coupled(v, rest_v, ohm);
		break;
	case TOPOLOGY_GRID_CHARGE:
		step_charger(v, rest_v, ohm);
		break;
	}
}

double victron_step(struct victron *v, double rest_v, double battery_ohm, bool is_open,
		    bool is_empty)
{
	const double ohm = battery_ohm + v->cable_ohm;
	const double sun_a = v->sun_w * mppt_efficiency / v->bus_v;

	v->without_grid_s = v->has_grid ? 0.0 : v->without_grid_s + v->step_s;
	step_multi(v, rest_v, ohm);
	if (v->topology != TOPOLOGY_GRID_CHARGE && v->topology != TOPOLOGY_AC_COUPLED)
		step_mppt(v, rest_v, ohm);
	if (v->lost_s >= 60.0)
		v->mppt_a = v->multi_a = v->ac_pv_w = v->export_a = 0.0;
	v->battery_a = v->mppt_a - v->multi_a;

	/* Without the battery the sun carries the loads, as far as it can. */
	if (is_open || (is_empty && v->battery_a < 0.0)) {
		v->multi_a = fmin(fmax(v->multi_a, 0.0), fmin(v->load_a, sun_a));
		v->mppt_a = v->multi_a;
		v->ac_pv_w = v->battery_a = v->export_a = 0.0;
	}
	v->bus_v = rest_v + v->battery_a * ohm;
	return v->battery_a;
}
