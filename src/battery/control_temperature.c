/* SPDX-License-Identifier: MIT */
/*
 * Which temperature counts, and what counts when one vanishes. The internal
 * sensor is not at the cells: it stands in only where no external one was ever
 * seen, so that a broken wire never frees the charge of frozen cells.
 */
#include "battery/control_private.h"

#include <math.h>

/* charge-control.md, section 4, last rule */
static const double remembered_s = 60.0;
static const double blind_ratio = 0.25;

static const char *const lost_names[CONTROL_SENSORS] = {
	"internal temperature sensor lost",
	"external temperature sensor 1 lost",
	"external temperature sensor 2 lost",
};

static void remember(struct control_sensor *s, double degc, double dt_s)
{
	if (!isnan(degc))
		*s = (struct control_sensor){ .was_seen = true, .last_c = degc };
	else if (s->was_seen)
		s->away_s += dt_s;
}

static bool is_external_used(const struct control_sensors *s, const struct control_view *v)
{
	return v->config->temperature_source != TEMPERATURE_INTERNAL && s->has_external;
}

void control_sensors(struct control *c, const struct control_view *v)
{
	struct control_sensors *s = &c->sensors;

	remember(&s->sensor[0], v->b->temp_internal_c, v->dt_s);
	for (unsigned i = 0; i < BATTERY_EXTERNAL_SENSORS; i++) {
		remember(&s->sensor[1 + i], v->b->temp_external_c[i], v->dt_s);
		s->has_external = s->has_external || s->sensor[1 + i].was_seen;
	}
}

/* The smallest ratio of the sensors that count; NAN: none is left. */
static double least_ratio(const struct control_sensors *s, const struct control_view *v,
			  const struct curve *curve)
{
	const bool is_external = is_external_used(s, v);
	const unsigned first = is_external ? 1 : 0;
	const unsigned end = is_external ? CONTROL_SENSORS : 1;
	double ratio = (double) NAN;

	for (unsigned i = first; i < end; i++)
		if (s->sensor[i].was_seen && s->sensor[i].away_s <= remembered_s)
			ratio = fmin(ratio, curve_at(curve, s->sensor[i].last_c));
	return ratio;
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
	const double ratio = least_ratio(&c->sensors, v, &c->plan.charge_temp);

	if (isnan(ratio))
		limiter_take(l, 0.0, lost_name(&c->sensors, v));
	else
		limiter_take(l, c->plan.max_charge_a * ratio, "temperature");
}

void control_discharge_temperature(struct control *c, const struct control_view *v,
				   struct limiter *l)
{
	struct control_sensors *s = &c->sensors;
	const double ratio = least_ratio(s, v, &c->plan.discharge_temp);

	if (isnan(ratio)) {
		const double last = s->has_ratio ? s->discharge_ratio : 1.0;

		limiter_take(l, c->plan.max_discharge_a * fmin(last, blind_ratio),
			     lost_name(s, v));
		return;
	}
	s->has_ratio = true;
	s->discharge_ratio = ratio;
	limiter_take(l, c->plan.max_discharge_a * ratio, "temperature");
}
