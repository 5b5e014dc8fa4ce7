/* SPDX-License-Identifier: MIT */
#include "battery/control_record.h"

#include <math.h>

/* Longer than any cell lives: a time beyond it is none. */
static const double time_max_s = 50.0 * 365.0 * 86400.0;

void control_save(const struct control *c, struct control_record *record)
{
	const struct control_states *s = &c->states;

	*record = (struct control_record){
		.chain = s->chain,
		.has_given_up = s->has_given_up,
		.wants_full = s->wants_full,
		.has_external = c->sensors.has_external,
		.absorbed_s = s->absorbed_s,
		.held_s = s->held_s,
		.full_soc_pct = s->full_soc_pct,
		.since_full_s = s->since_full_s,
	};
}

static bool is_time(double s)
{
	return s >= 0.0 && s <= time_max_s;
}

static bool is_possible(const struct control_record *r)
{
	return r->chain >= CHARGE_BULK && r->chain <= CHARGE_FLOAT && is_time(r->absorbed_s) &&
	       is_time(r->held_s) && is_time(r->since_full_s) &&
	       (isnan(r->full_soc_pct) || (r->full_soc_pct >= 0.0 && r->full_soc_pct <= 100.0));
}

bool control_restore(struct control *c, const struct control_record *record, double away_s)
{
	struct control_states *s = &c->states;

	if (!is_possible(record))
		return false;
	s->chain = record->chain;
	s->has_given_up = record->has_given_up;
	s->wants_full = record->wants_full;
	c->sensors.has_external = record->has_external;
	s->absorbed_s = record->absorbed_s;
	s->held_s = record->held_s;
	s->full_soc_pct = record->full_soc_pct;
	s->since_full_s = record->since_full_s + (is_time(away_s) ? away_s : 0.0);
	return true;
}

static bool is_past_full(const struct control_record *r)
{
	return r->chain == CHARGE_FLOAT_APPROACH || r->chain == CHARGE_FLOAT;
}

bool control_record_is_precious(const struct control_record *before,
				const struct control_record *now)
{
	return (is_past_full(now) && !is_past_full(before)) ||
	       now->since_full_s < before->since_full_s || now->wants_full != before->wants_full ||
	       now->has_external != before->has_external;
}

bool control_record_differs(const struct control_record *before,
			    const struct control_record *now)
{
	return now->chain != before->chain || now->has_given_up != before->has_given_up ||
	       now->wants_full != before->wants_full;
}
