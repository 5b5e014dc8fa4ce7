/* SPDX-License-Identifier: MIT */
#include "battery/control_private.h"

#include <math.h>

/* docs/charge-control.md, "What the battery does": distances of the highest cell from its target, V ... */
static const double transition_below_v = 0.05;
static const double bulk_below_v = 0.10;
static const double top_below_v = 0.02;
static const double top_hysteresis_v = 0.01;
static const double full_below_v = 0.010; /* CVL rises no further for less */
/* ... of the lowest cell from the end of the discharge taper ... */
static const double sustain_above_v = 0.05;
static const double sustain_exit_v = 0.10;
/* ... of the pack from its float voltage, */
static const double float_reached_v = 0.01;
/* s that a condition has to last, */
static const double transition_s = 10.0;
static const double settled_s = 60.0;
static const double day_s = 86400.0;
/* and %. */
static const double bulk_below_pct = 10.0;
static const double float_taken_pct = 3.0;
static const double rebulk_below_pct = 95.0;
static const double ceiling_hysteresis_pct = 5.0;
static const double storage_pct = 60.0;
/*
 * A BMS that never corrects its SOC may call a full battery half empty: without
 * some use in between, float and bulk would follow each other for ever.
 */
static const double used_since_full_pct = 1.0;

static const char *const awaited[] = {
	[CHARGE_OFFLINE] = "an answer from the BMS",
	[CHARGE_BULK] = "a cell near its target",
	[CHARGE_TRANSITION] = "the current to fall",
	[CHARGE_FLOAT_APPROACH] = "the pack to settle",
	[CHARGE_FLOAT] = "use of the battery",
	[CHARGE_IMBALANCE_HOLD] = "the cells to balance",
	[CHARGE_SUSTAIN] = "charge",
	[CHARGE_CELL_PROTECTION] = "the highest cell to fall",
};

/* Differences of decimal fractions miss by a hair; NAN is in no order. */
static bool at_most(double v, double limit_v)
{
	return v <= limit_v + 1e-6;
}

static bool at_least(double v, double limit_v)
{
	return v >= limit_v - 1e-6;
}

/* What the states look at, worked out once a step. */
struct seen {
	double below_v;     /* highest cell below its target */
	double imbalance_v; /* highest less lowest cell */
	bool is_top;
	bool is_full; /* whatever the balance */
	bool is_balanced;
};

static bool is_charging(const struct control_states *s)
{
	return s->chain == CHARGE_BULK || s->chain == CHARGE_TRANSITION;
}

/* A current that a limit keeps small says nothing; one that is unknown may be small. */
static bool has_tail(struct control *c, const struct control_view *v, double below_v)
{
	const bool is_limited = c->states.is_holding || c->last.ccl_a <= c->plan.tail_a;
	const bool is_small = !(v->b->current_a > c->plan.tail_a);

	return lasts(&c->states.tail, is_small && !is_limited && at_most(below_v, full_below_v),
		     v->config->tail_time, v->dt_s);
}

static struct seen look(struct control *c, const struct control_view *v)
{
	struct control_states *s = &c->states;
	struct seen seen = {
		.below_v = c->plan.absorption_v - v->b->cell_max_v,
		.imbalance_v = v->b->cell_max_v - v->b->cell_min_v,
	};

	seen.is_top =
		at_most(seen.below_v, top_below_v + (s->is_holding ? top_hysteresis_v : 0.0));
	seen.is_balanced =
		at_most(seen.imbalance_v, v->config->imbalance_release_threshold / 1e3);
	if (at_most(seen.below_v, top_below_v) && is_charging(s))
		s->absorbed_s += v->dt_s;
	seen.is_full = has_tail(c, v, seen.below_v) || v->b->status == BATTERY_STATUS_FULL ||
		       s->absorbed_s >= v->config->absorption_time_max;
	return seen;
}

static void start_bulk(struct control_states *s)
{
	s->chain = CHARGE_BULK;
	s->absorbed_s = s->held_s = 0.0;
	s->has_given_up = false;
}

static void finish(struct control_states *s, double soc_pct)
{
	s->chain = CHARGE_FLOAT_APPROACH;
	s->full_soc_pct = soc_pct;
	s->since_full_s = 0.0;
	s->wants_full = false;
}

static bool is_full_charge_due(const struct control_states *s, const struct charge_config *config)
{
	return !config->storage && config->full_charge_interval > 0.0 &&
	       s->since_full_s >= config->full_charge_interval * day_s;
}

/* An unknown SOC counts as above the ceiling. */
static void update_ceiling(struct control *c, const struct control_view *v)
{
	struct control_states *s = &c->states;
	const double ceiling_pct = v->config->storage ? fmin(v->config->soc_ceiling, storage_pct)
						       : v->config->soc_ceiling;
	const double leave_pct = s->is_at_ceiling ? ceiling_hysteresis_pct : 0.0;
	const bool was_at_ceiling = s->is_at_ceiling;

	s->is_at_ceiling = ceiling_pct < 100.0 && !s->wants_full &&
			   !is_full_charge_due(s, v->config) &&
			   !(v->b->soc_pct < ceiling_pct - leave_pct);
	if (s->is_at_ceiling)
		s->chain = CHARGE_FLOAT;
	else if (was_at_ceiling && s->chain == CHARGE_FLOAT)
		start_bulk(s);
}

static bool must_charge_again(struct control *c, const struct control_view *v)
{
	struct control_states *s = &c->states;
	const double soc_pct = v->b->soc_pct;
	const bool is_low =
		at_most(v->b->cell_min_v, c->plan.rebulk_v) && soc_pct < rebulk_below_pct;
	const bool was_low = lasts(&s->low_cell, is_low, settled_s, v->dt_s);
	const bool is_used = soc_pct <= c->plan.float_exit_pct &&
			     !(soc_pct > s->full_soc_pct - used_since_full_pct);

	return was_low || is_used || s->wants_full || is_full_charge_due(s, v->config);
}

static bool has_reached_float(const struct control *c, const struct control_view *v)
{
	return at_most(v->b->cell_sum_v, c->plan.cvl_float_v + float_reached_v) ||
	       at_most(c->cvl_v, c->plan.cvl_float_v) ||
	       v->b->soc_pct <= c->states.full_soc_pct - float_taken_pct;
}

static void update_chain(struct control *c, const struct control_view *v, const struct seen *seen)
{
	struct control_states *s = &c->states;
	const double soc_pct = v->b->soc_pct, threshold_pct = v->config->bulk_soc_threshold;
	const bool is_near = lasts(&s->near_target, at_most(seen->below_v, transition_below_v),
				   transition_s, v->dt_s);

	if (s->chain == CHARGE_TRANSITION) {
		if (soc_pct < threshold_pct - bulk_below_pct && seen->below_v > bulk_below_v)
			start_bulk(s);
		else if (seen->is_full && (seen->is_balanced || s->has_given_up))
			finish(s, soc_pct);
	} else if (s->chain == CHARGE_BULK) {
		if (is_near || !(soc_pct < threshold_pct))
			s->chain = CHARGE_TRANSITION;
	} else if (!s->is_at_ceiling && must_charge_again(c, v)) {
		start_bulk(s);
	} else if (s->chain == CHARGE_FLOAT_APPROACH && has_reached_float(c, v)) {
		s->chain = CHARGE_FLOAT;
	}
}

static void update_hold(struct control *c, const struct control_view *v, const struct seen *seen)
{
	struct control_states *s = &c->states;
	const double threshold_v = v->config->imbalance_hold_threshold / 1e3;
	const bool may_hold = seen->is_top && is_charging(s) && !s->has_given_up;
	const bool is_apart = lasts(&s->apart, may_hold && !at_most(seen->imbalance_v, threshold_v),
				    settled_s, v->dt_s);
	const bool is_together = lasts(&s->together, s->is_holding && seen->is_balanced, settled_s,
				       v->dt_s);

	if (!s->is_holding) {
		s->is_holding = may_hold && (is_apart || (seen->is_full && !seen->is_balanced));
		return;
	}
	s->held_s += v->dt_s;
	s->has_given_up = s->held_s >= v->config->imbalance_time_max * 3600.0;
	if (is_together)
		s->held_s = 0.0;
	s->is_holding = may_hold && !is_together && !s->has_given_up;
}

static void update_protection(struct control *c, const struct control_view *v)
{
	struct control_states *s = &c->states;
	const double limit_v =
		s->is_protecting ? c->plan.safety_release_v : c->plan.safety_threshold_v;

	s->is_protecting = s->is_protecting ? !at_most(v->b->cell_max_v, limit_v)
					    : at_least(v->b->cell_max_v, limit_v);
}

/* An unknown SOC counts as empty. */
static void update_sustain(struct control *c, const struct control_view *v)
{
	struct control_states *s = &c->states;
	const double entry_v = c->plan.discharge_zero_v + sustain_above_v;

	if (s->is_sustaining)
		s->is_sustaining = !(v->b->soc_pct >= v->config->sustain_soc_exit &&
				     at_least(v->b->cell_min_v, entry_v + sustain_exit_v));
	else
		s->is_sustaining = !(v->b->soc_pct > v->config->sustain_soc_entry) ||
				   at_most(v->b->cell_min_v, entry_v);
}

static enum charge_state foremost(const struct control_states *s)
{
	if (s->is_protecting)
		return CHARGE_CELL_PROTECTION;
	if (s->is_sustaining)
		return CHARGE_SUSTAIN;
	return s->is_holding ? CHARGE_IMBALANCE_HOLD : s->chain;
}

void control_states(struct control *c, const struct control_view *v)
{
	struct control_states *s = &c->states;

	if (!v->implausible) {
		const struct seen seen = look(c, v);

		update_protection(c, v);
		update_sustain(c, v);
		update_ceiling(c, v);
		update_chain(c, v, &seen);
		update_hold(c, v, &seen);
	}
	c->last.state = foremost(s);
	c->last.waits_for = awaited[c->last.state];
	c->last.charge_request = s->is_sustaining;
	c->last.is_unbalanced = s->has_given_up;
}
