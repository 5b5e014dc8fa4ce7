/* SPDX-License-Identifier: MIT */
/*
 * dbus-serialbattery, linear mode, from its documented defaults: one state
 * machine and one set of tables, three ways to lower CVL when a cell is over
 * its maximum (controller modes 1 to 3). CVL falls at once and rises after a
 * hold of 60 s with 1 mV/s. Voltages are given from the maximum and minimum of
 * a cell, so that the tables serve Li-ion as well.
 */
#include "plant/law.h"

#include <math.h>

enum mode { MODE_P, MODE_I, MODE_SUM };

struct serialbattery {
	bool is_floating;
	gint64 timer_us;   /**< absorption timer began, 0 = not running */
	double walk_v;	   /**< float transition */
	double integral_v; /**< mode 2's CVL */
	double cvl_v;
	gint64 fell_us;
	double ccl_a, dcl_a;
	gint64 ccl_us, dcl_us, ccl_zero_us, dcl_zero_us;
	gint64 answered_us;
	struct limits limits;
};

static void init(void *state, const struct law_setup *setup)
{
	struct serialbattery *s = state;

	s->cvl_v = s->integral_v = setup->absorption_v * setup->cell_count;
}

static double full_v(const struct law_setup *setup)
{
	return setup->absorption_v * setup->cell_count;
}

/* 900 s at the top with the cells within 10 mV, then down with 1 mV/s to float. */
static void watch_float(struct serialbattery *s, const struct law_setup *setup,
			const struct battery *b, gint64 now_us)
{
	const double difference_v = b->cell_max_v - b->cell_min_v;

	if (s->is_floating) {
		s->walk_v = fmax(s->walk_v - 0.001, setup->float_v * setup->cell_count);
		if (b->soc_pct < 80.0 || difference_v >= 0.080)
			s->is_floating = false;
		return;
	}
	if (b->cell_sum_v >= full_v(setup) - 0.02 && difference_v <= 0.010 && !s->timer_us)
		s->timer_us = now_us;
	else if (difference_v > 0.013 && s->timer_us)
		s->timer_us = now_us;
	else if (b->cell_sum_v < full_v(setup) - 0.5)
		s->timer_us = 0;
	if (s->timer_us && now_us - s->timer_us >= 900 * G_USEC_PER_SEC) {
		s->is_floating = true;
		s->walk_v = s->cvl_v;
		s->timer_us = 0;
	}
}

static double controlled(struct serialbattery *s, enum mode mode, const struct law_setup *setup,
			 const struct battery *b)
{
	const double limit_v = setup->absorption_v, n = setup->cell_count;
	double penalty_v = 0.0, capped_v = 0.0;

	for (unsigned i = 0; i < b->cell_count; i++) {
		penalty_v += fmax(0.0, b->cell_v[i] - limit_v);
		capped_v += fmin(b->cell_v[i], limit_v);
	}
	switch (mode) {
	case MODE_P:
		return penalty_v > 0.0 ? b->cell_sum_v - penalty_v : full_v(setup);
	case MODE_I:
		s->integral_v -= (b->cell_max_v - limit_v - 0.010) * 0.2;
		s->integral_v = fmin(fmax(s->integral_v, setup->min_v * n), full_v(setup));
		return s->integral_v;
	case MODE_SUM:
		break;
	}
	return penalty_v > 0.0 ? capped_v + 0.010 : full_v(setup);
}

static double held_back(struct serialbattery *s, double wish_v, gint64 now_us)
{
	if (wish_v < s->cvl_v) {
		s->cvl_v = wish_v;
		s->fell_us = now_us;
	} else if (now_us - s->fell_us >= 60 * G_USEC_PER_SEC) {
		s->cvl_v = fmin(s->cvl_v + 0.001, wish_v);
	}
	return s->cvl_v;
}

/* Moves after 60 s, or by a third of the maximum, or to 0; from 0 up after 30 s with 5 A/s. */
static double published(double old_a, double new_a, double max_a, gint64 *moved_us, gint64 *zero_us,
			gint64 now_us)
{
	if (new_a <= 0.0)
		*zero_us = now_us;
	if (old_a <= 0.0 && new_a < 0.015 * max_a)
		return 0.0;
	if (new_a > old_a && *zero_us && now_us - *zero_us < 30 * G_USEC_PER_SEC)
		return old_a;
	if (new_a > old_a && *zero_us) {
		if (old_a + 5.0 >= new_a)
			*zero_us = 0;
		return fmin(old_a + 5.0, new_a);
	}
	if (new_a > 0.0 && now_us - *moved_us < 60 * G_USEC_PER_SEC &&
	    fabs(new_a - old_a) < 0.33 * max_a)
		return old_a;
	*moved_us = now_us;
	return new_a;
}

static double temperature_ratio(const struct battery *b, double coldest_none_c)
{
	static const double hot[][2] = {
		{ 0, 0 },  { 2, 0.25 }, { 5, 0.5 },   { 10, 1 },
		{ 40, 1 }, { 45, 0.5 }, { 50, 0.25 }, { 55, 0 },
	};
	static const double discharge[][2] = {
		{ -10, 0 }, { 0, 0.25 }, { 5, 0.5 },   { 10, 1 },
		{ 40, 1 },  { 45, 0.5 }, { 50, 0.25 }, { 55, 0 },
	};
	const double(*table)[2] = coldest_none_c < 0.0 ? discharge : hot;
	double ratio = 1.0;

	/* A sensor that is missing does not count. */
	for (int i = 0; i < BATTERY_EXTERNAL_SENSORS; i++)
		if (!isnan(b->temp_external_c[i]))
			ratio = fmin(ratio, law_interpolate(table, 8, b->temp_external_c[i]));
	return ratio;
}

static void currents(struct serialbattery *s, const struct law_setup *setup,
		     const struct battery *b, gint64 now_us)
{
	static const double charge[][2] = {
		{ -0.075, 1 }, { -0.050, 0.25 }, { -0.025, 0.05 }, { 0, 0.005 }, { 0.050, 0 },
	};
	static const double discharge[][2] = {
		{ 0, 0 }, { 0.10, 0.005 }, { 0.20, 0.05 }, { 0.30, 0.25 }, { 0.39, 1 },
	};
	const double by_high = law_interpolate(charge, 5, b->cell_max_v - setup->absorption_v);
	const double by_low = law_interpolate(discharge, 5, b->cell_min_v - setup->min_v);
	const double ccl_a = setup->max_charge_a * fmin(by_high, temperature_ratio(b, 0.0));
	const double dcl_a = setup->max_discharge_a * fmin(by_low, temperature_ratio(b, -10.0));

	if (!s->answered_us) {
		s->ccl_a = ccl_a;
		s->dcl_a = dcl_a;
		return;
	}
	s->ccl_a = published(s->ccl_a, ccl_a, setup->max_charge_a, &s->ccl_us, &s->ccl_zero_us,
			     now_us);
	s->dcl_a = published(s->dcl_a, dcl_a, setup->max_discharge_a, &s->dcl_us, &s->dcl_zero_us,
			     now_us);
}

static struct limits step(enum mode mode, struct serialbattery *s, const struct law_setup *setup,
			  const struct battery *b, gint64 now_us)
{
	double wish_v;

	if (!b) {
		/* Offline: the process ends 60 s after the last answer. */
		if (now_us - s->answered_us > 60 * G_USEC_PER_SEC)
			s->limits.on_bus = false;
		return s->limits;
	}
	watch_float(s, setup, b, now_us);
	wish_v = s->is_floating ? s->walk_v : controlled(s, mode, setup, b);
	wish_v = fmin(fmax(wish_v, setup->min_v * setup->cell_count), full_v(setup));
	currents(s, setup, b, now_us);
	s->limits = law_limits(held_back(s, wish_v, now_us), s->ccl_a, s->dcl_a);
	s->answered_us = now_us;
	return s->limits;
}

static struct limits step_p(void *state, const struct law_setup *setup, const struct battery *b,
			    gint64 now_us)
{
	return step(MODE_P, state, setup, b, now_us);
}

static struct limits step_i(void *state, const struct law_setup *setup, const struct battery *b,
			    gint64 now_us)
{
	return step(MODE_I, state, setup, b, now_us);
}

static struct limits step_sum(void *state, const struct law_setup *setup, const struct battery *b,
			      gint64 now_us)
{
	return step(MODE_SUM, state, setup, b, now_us);
}

const struct law law_serialbattery_p = {
	.name = "serialbattery-1",
	.sentence = "dbus-serialbattery, CVL mode 1: pack less what the cells are over",
	.state_bytes = sizeof(struct serialbattery),
	.init = init,
	.step = step_p,
};

const struct law law_serialbattery_i = {
	.name = "serialbattery-2",
	.sentence = "dbus-serialbattery, CVL mode 2: integrator without time",
	.state_bytes = sizeof(struct serialbattery),
	.init = init,
	.step = step_i,
};

const struct law law_serialbattery_sum = {
	.name = "serialbattery-3",
	.sentence = "dbus-serialbattery, CVL mode 3: sum of the capped cells",
	.state_bytes = sizeof(struct serialbattery),
	.init = init,
	.step = step_sum,
};
