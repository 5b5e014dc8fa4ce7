/* SPDX-License-Identifier: MIT */
#include "battery/control_plan.h"

#include <math.h>

/* Distances of docs/charge-control.md, "Every key", V per cell: from the over-voltage cut-off ... */
static const double absorption_below_cutoff_v = 0.03;
static const double safety_below_cutoff_v = 0.08;
static const double absorption_below_safety_v = 0.02;
/* ... and of the discharge taper's zero from the under-voltage cut-off and the end of discharge. */
static const double zero_above_cutoff_v = 0.05;
static const double zero_above_discharged_v = 0.02;
static const double discharge_span_v = 0.15;
/* Degrees C between a temperature taper's zero and the cut-off. */
static const double temp_margin_c = 2.0;
static const double cutoff_share = 0.9;
static const double deep_ratio = 0.05;

static double or_default(double wish, double fallback)
{
	return isnan(wish) ? fallback : wish;
}

/* Ranges of the register table (Communication Protocols rev. D, chapter 3). */
static bool are_settings_known(const struct battery_settings *s)
{
	return s->fully_charged_v >= 1.2 && s->fully_charged_v <= 4.5 &&
	       s->fully_discharged_v >= 1.0 && s->fully_discharged_v <= 3.5 &&
	       s->over_voltage_v >= 1.2 && s->over_voltage_v <= 4.5 &&
	       s->under_voltage_v >= 0.8 && s->under_voltage_v <= 3.5 &&
	       s->capacity_ah >= 0.1 && s->capacity_ah <= 655.0 &&
	       s->discharge_over_current_a >= 1.0 && s->discharge_over_current_a <= 750.0 &&
	       s->charge_over_current_a >= 1.0 && s->charge_over_current_a <= 750.0 &&
	       s->over_heat_c >= 20.0 && s->over_heat_c <= 90.0 &&
	       s->low_temperature_charge_c >= -40.0 && s->low_temperature_charge_c <= 10.0;
}

static void take_curve(struct curve *out, const struct curve *wish, const struct curve *fallback)
{
	*out = wish->count ? *wish : *fallback;
	curve_sort_rising(out);
}

static void plan_voltages(struct charge_plan *p, const struct charge_config *c,
			  const struct battery_settings *s)
{
	const struct chemistry *chem = p->chemistry;
	const double wish_v = or_default(c->cell_safety_threshold_v, chem->safety_threshold_v);
	const double release_v = or_default(c->cell_safety_release_v, chem->safety_release_v);

	p->over_voltage_v = s->over_voltage_v;
	p->safety_threshold_v = fmin(wish_v, s->over_voltage_v - safety_below_cutoff_v);
	const double shift_v = wish_v - p->safety_threshold_v;
	p->safety_release_v = fmin(release_v - shift_v, p->safety_threshold_v);

	take_curve(&p->charge_v, &c->charge_taper_v, &chem->charge_taper_v);
	for (unsigned i = 0; i < p->charge_v.count; i++)
		p->charge_v.point[i].x -= shift_v;

	double v = or_default(c->absorption_cell_v, chem->absorption_v);
	v = fmin(v, s->fully_charged_v);
	v = fmin(v, s->over_voltage_v - c->feed_in_headroom / p->cells - absorption_below_cutoff_v);
	v = fmin(v, p->safety_threshold_v - absorption_below_safety_v);
	p->absorption_v = v;
	p->float_v = fmin(or_default(c->float_cell_v, chem->float_v), v);
	p->min_float_v = fmin(or_default(c->cell_min_float_v, chem->min_float_v), p->float_v);
	p->rebulk_v = fmin(or_default(c->rebulk_cell_v, chem->rebulk_v), p->float_v);
	p->float_exit_pct = or_default(c->float_exit_soc, chem->float_exit_pct);
}

/* Squeeze the taper linearly so that its zero clears the BMS's own end of discharge. */
static void plan_discharge_taper(struct charge_plan *p, const struct charge_config *c,
				 const struct battery_settings *s)
{
	struct curve *curve = &p->discharge_v;

	take_curve(curve, &c->discharge_taper_v, &p->chemistry->discharge_taper_v);

	const double was_zero_v = curve_zero(curve);
	const double was_full_v = curve->point[curve->count - 1].x;
	const double zero_v = fmax(was_zero_v, fmax(s->under_voltage_v + zero_above_cutoff_v,
						    s->fully_discharged_v +
							    zero_above_discharged_v));
	const double full_v = fmax(was_full_v, zero_v + discharge_span_v);
	const double scale = (full_v - zero_v) / fmax(was_full_v - was_zero_v, 1e-6);

	p->discharge_zero_v = zero_v;
	p->discharge_deep_v = zero_v;
	if (!(zero_v > was_zero_v))
		p->discharge_zero_v = was_zero_v;
	else
		for (unsigned i = 0; i < curve->count; i++)
			curve->point[i].x = zero_v + (curve->point[i].x - was_zero_v) * scale;
	for (unsigned i = 0; i < curve->count; i++)
		if (curve->point[i].ratio <= deep_ratio)
			p->discharge_deep_v = curve->point[i].x;
}

/* Move one half of a temperature taper, keeping the points in order. */
static void shift_half(struct curve *curve, bool is_cold, double by_c)
{
	const unsigned last = curve->count - 1;
	unsigned top = 0;

	for (unsigned i = 1; i <= last; i++)
		if (curve->point[i].ratio > curve->point[top].ratio)
			top = i;
	if (is_cold) {
		for (unsigned i = 0; i <= top; i++)
			curve->point[i].x += by_c;
		for (unsigned i = top + 1; i <= last; i++)
			curve->point[i].x = fmax(curve->point[i].x, curve->point[top].x);
		return;
	}
	while (top < last && curve->point[top + 1].ratio >= curve->point[top].ratio)
		top++;
	for (unsigned i = top; i <= last; i++)
		curve->point[i].x += by_c;
	for (unsigned i = 0; i < top; i++)
		curve->point[i].x = fmin(curve->point[i].x, curve->point[top].x);
}

static void plan_temperature(struct charge_plan *p, const struct charge_config *c,
			     const struct battery_settings *s)
{
	static const struct curve none = { 0 };
	const double hot_c = s->over_heat_c - temp_margin_c;

	take_curve(&p->charge_temp, &c->charge_taper_temp, &none);
	take_curve(&p->discharge_temp, &c->discharge_taper_temp, &none);
	if (p->charge_temp.count) {
		const struct curve_point *first = p->charge_temp.point;
		const double cold_c = s->low_temperature_charge_c + temp_margin_c;

		if (first[0].ratio <= 0.0 && first[0].x < cold_c)
			shift_half(&p->charge_temp, true, cold_c - first[0].x);
		const struct curve_point *end = &first[p->charge_temp.count - 1];
		if (end->ratio <= 0.0 && end->x > hot_c)
			shift_half(&p->charge_temp, false, hot_c - end->x);
	}
	/* Register 320 ends charge only: a cold battery may be discharged, or a house goes dark. */
	if (p->discharge_temp.count) {
		const struct curve_point *end =
			&p->discharge_temp.point[p->discharge_temp.count - 1];

		if (end->ratio <= 0.0 && end->x > hot_c)
			shift_half(&p->discharge_temp, false, hot_c - end->x);
	}
}

static void plan_currents(struct charge_plan *p, const struct charge_config *c,
			  const struct battery_settings *s)
{
	p->capacity_ah = s->capacity_ah;
	p->max_charge_a = or_default(c->max_charge_current, cutoff_share * s->charge_over_current_a);
	p->max_charge_name = isnan(c->max_charge_current) ? "BMS charge cut-off" : "configured";
	p->max_discharge_a = or_default(c->max_discharge_current,
					cutoff_share * s->discharge_over_current_a);
	p->max_discharge_name =
		isnan(c->max_discharge_current) ? "BMS discharge cut-off" : "configured";
	p->tail_a = or_default(c->tail_current, s->charge_finished_a);
	p->imbalance_ccl_a = or_default(c->imbalance_ccl, fmax(2.0, 0.02 * s->capacity_ah));
	p->deep_ccl_a = c->deep_discharge_ccl * s->capacity_ah;
}

static void plan_pack(struct charge_plan *p, const struct charge_config *c)
{
	const double n = p->cells;
	const double headroom_v = or_default(c->cvl_headroom, p->cells < 12 ? 0.9 : 1.5);

	p->cvl_start_v = n * p->absorption_v;
	p->cvl_max_v = fmax(p->cvl_start_v, fmin(p->cvl_start_v + headroom_v,
						 n * p->over_voltage_v - c->feed_in_headroom));
	p->cvl_float_v = n * p->float_v;
	p->cvl_min_v = n * p->min_float_v;
	p->dvl_v = n * p->discharge_zero_v;
}

bool charge_plan_make(struct charge_plan *plan, const struct charge_config *config,
		      const struct battery_settings *settings, unsigned cells)
{
	if (!are_settings_known(settings) || cells < BATTERY_CELLS_MIN || cells > BATTERY_CELLS_MAX)
		return false;

	struct charge_plan p = {
		.cells = cells,
		.chemistry = chemistry_find(config->chemistry, settings->over_voltage_v),
	};

	plan_voltages(&p, config, settings);
	plan_discharge_taper(&p, config, settings);
	plan_temperature(&p, config, settings);
	plan_currents(&p, config, settings);
	plan_pack(&p, config);
	/* An empty window is no battery that anyone can charge. */
	if (!(p.discharge_zero_v < p.float_v && p.min_float_v > 0.5 &&
	      settings->under_voltage_v < settings->over_voltage_v &&
	      settings->fully_discharged_v < settings->fully_charged_v))
		p.contradiction = "BMS settings contradict each other";
	*plan = p;
	return true;
}
