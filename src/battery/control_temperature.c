/* SPDX-License-Identifier: MIT */
/*
 * Which temperature counts, and what counts when one vanishes. The internal
 * sensor is not at the cells: it stands in only where no external one was ever
 * seen, so that a broken wire never frees the charge of frozen cells.
 */
#include "battery/control_private.h"

#include <math.h>

/* docs/charge-control.md, "When the BMS falls silent", last paragraphs */
static const double remembered_s = 60.0;
static const double blind_ratio = 0.25;

static const char *const lost_names[CONTROL_SENSORS] = {
	"internal temperature sensor lost",
	"external temperature sensor 1 lost",
	"external temperature sensor 2 lost",
};

/* Sensors read the same most of the time: their ratios are looked up when they do not. */
static void look_up(const struct control *c, struct control_sensor *s)
{
	s->charge_ratio = curve_at(&c->plan.charge_temp, s->last_c);
	s->discharge_ratio = curve_at(&c->plan.discharge_temp, s->last_c);
}

static void remember(const struct control *c, struct control_sensor *s, double degc)
{
	if (isnan(degc))
		return;
	s->away_s = 0.0;
	if (s->was_seen && degc <= s->last_c && degc >= s->last_c)
		return;
	s->was_seen = true;
	s->last_c = degc;
	look_up(c, s);
}

void control_sensors_age(struct control *c, double dt_s)
{
	for (unsigned i = 0; i < CONTROL_SENSORS; i++)
		c->sensors.sensor[i].away_s += dt_s;
}

void control_sensors_replan(struct control *c)
{
	for (unsigned i = 0; i < CONTROL_SENSORS; i++)
		if (c->sensors.sensor[i].was_seen)
			look_up(c, &c->sensors.sensor[i]);
}

static bool is_external_used(const struct control_sensors *s, const struct control_view *v)
{
	return v->config->temperature_source != TEMPERATURE_INTERNAL && s->has_external;
}

/* The smallest of the sensors that count; NAN: none is left. */
static void find_least_ratios(const struct control_sensors *s, struct control_view *v)
{
	const bool is_external = is_external_used(s, v);
	const unsigned first = is_external ? 1 : 0;
	const unsigned end = is_external ? CONTROL_SENSORS : 1;

	v->charge_temp_ratio = v->discharge_temp_ratio = (double) NAN;
	for (unsigned i = first; i < end; i++) {
		const struct control_sensor *one = &s->sensor[i];

		if (!one->was_seen || one->away_s > remembered_s)
			continue;
		if (!(v->charge_temp_ratio <= one->charge_ratio))
			v->charge_temp_ratio = one->charge_ratio;
		if (!(v->discharge_temp_ratio <= one->discharge_ratio))
			v->discharge_temp_ratio = one->discharge_ratio;
	}
}

void control_sensors(struct control *c, struct control_view *v)
{
	struct control_sensors *s = &c->sensors;

	remember(c, &s->sensor[0], v->b->temp_internal_c);
	for (unsigned i = 0; i < BATTERY_EXTERNAL_SENSORS; i++) {
		remember(c, &s->sensor[1 + i], v->b->temp_external_c[i]);
		s->has_external = s->has_external || s->sensor[1 + i].was_seen;
	}
	find_least_ratios(s, v);
}

static const char *lost_name(const struct control_sensors *s, const struct control_view *v)
{
	if (!is_external_used(s, v))
		return s->sensor[0].was_seen ? lost_names[0] : "no temperature";
	for (unsigned i = 1; i < CONTROL_SENSORS; i++)
		if (s->sensor[i].was_seen)
			return lost_names[i];
	return "no external temperature sensor";
}

void control_charge_temperature(const struct control *c, const struct control_view *v,
				struct limiter *l)
{
	const double ratio = v->charge_temp_ratio;

	if (isnan(ratio))
		limiter_take(l, 0.0, lost_name(&c->sensors, v));
	else
		limiter_take(l, c->plan.max_charge_a * ratio, "temperature");
}

void control_discharge_temperature(struct control *c, const struct control_view *v,
				   struct limiter *l)
{
	struct control_sensors *s = &c->sensors;
	const double ratio = v->discharge_temp_ratio;

	if (isnan(ratio)) {
		const double last = s->has_ratio ? s->discharge_ratio : 1.0;

		limiter_take(l, c->plan.max_discharge_a * fmin(last, blind_ratio), lost_name(s, v));
		return;
	}
	s->has_ratio = true;
	s->discharge_ratio = ratio;
	limiter_take(l, c->plan.max_discharge_a * ratio, "temperature");
}
