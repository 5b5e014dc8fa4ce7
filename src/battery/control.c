/* SPDX-License-Identifier: MIT */
#include "battery/control_private.h"

#include <math.h>
#include <string.h>

static const double step_max_s = 3.0;
static const double current_max_a = 2000.0; /* see battery.h */
/* 0 and 100, and what rounding and counting add to them. */
static const double soc_min_pct = -5.0, soc_max_pct = 105.0;

void control_init(struct control *c)
{
	memset(c, 0, sizeof(*c));
	c->states.chain = CHARGE_BULK;
	c->states.full_soc_pct = (double) NAN;
	c->last.charge_limitation = c->last.discharge_limitation = "no data yet";
}

void control_want_full(struct control *c, bool is_wanted)
{
	c->states.wants_full = is_wanted;
}

bool control_wants_full(const struct control *c)
{
	return c->states.wants_full;
}

/* s since the last step; a clock that goes back starts anew and ages nothing. */
static double advance(struct control *c, gint64 now_us)
{
	const double dt_s = c->was_stepped ? (double) (now_us - c->step_us) / 1e6 : 0.0;

	if (dt_s < 0.0)
		c->newest_us = now_us;
	c->was_stepped = true;
	c->step_us = now_us;
	return MAX(dt_s, 0.0);
}

/* What is missing was known before: of this pack, which another number of cells is not. */
static bool is_same_pack(const struct control *c, const struct battery *b)
{
	return c->has_plan && c->plan_cells == b->cell_count;
}

/* The newest known of each setting. */
static void merge_settings(struct battery_settings *known, const struct battery_settings *read)
{
	double *to = (double *) known;
	const double *from = (const double *) read;

	for (size_t i = 0; i < sizeof(*known) / sizeof(double); i++)
		if (!isnan(from[i]))
			to[i] = from[i];
}

/* Another number of cells is another pack; a cap that falls takes CVL along at once. */
static void fit_cvl(struct control *c, bool is_other_pack)
{
	const struct charge_plan *p = &c->plan;

	c->cvl_v =
		is_other_pack ? p->cvl_start_v : fmin(fmax(c->cvl_v, p->cvl_min_v), p->cvl_max_v);
}

static void update_plan(struct control *c, const struct charge_config *config,
			const struct battery *b)
{
	if (is_same_pack(c, b) && !memcmp(&b->settings, &c->plan_read, sizeof(c->plan_read)) &&
	    charge_config_equal(config, &c->plan_config))
		return;

	struct battery_settings known = is_same_pack(c, b) ? c->plan_settings : b->settings;

	merge_settings(&known, &b->settings);
	if (!charge_plan_make(&c->plan, config, &known, b->cell_count))
		return;
	fit_cvl(c, !is_same_pack(c, b));
	control_sensors_replan(c);
	c->has_plan = true;
	c->plan_config = *config;
	c->plan_settings = known;
	c->plan_read = b->settings;
	c->plan_cells = b->cell_count;
}

static bool is_answer(const struct control *c, const struct battery *b)
{
	return b && b->cell_count >= BATTERY_CELLS_MIN && b->cell_count <= BATTERY_CELLS_MAX &&
	       (!c->was_answered || b->taken_us >= c->newest_us) && !battery_is_blank(b);
}

/*
 * Cells that cannot be teach nothing, and may be all of them. Without a current
 * or a status nobody knows how far down CVL has to go: as far as it can.
 */
static void rest_cvl(struct control *c, const struct control_view *view)
{
	c->watch.has_last = c->watch.calm.is_known = false;
	c->watch.is_withheld = true;
	c->last.cvl_v = c->plan.cvl_min_v;
	c->last.is_protective = true;
	if (view->missing)
		c->last.waits_for = view->missing;
}

/*
 * What cannot be is unknown: what is learned from such a current would never be
 * forgotten, and no SOC is better than none.
 */
static const struct battery *without_absurd(const struct battery *b, struct battery *copy)
{
	if (!b || (fabs(b->current_a) <= current_max_a && b->soc_pct >= soc_min_pct &&
		   b->soc_pct <= soc_max_pct))
		return b;
	*copy = *b;
	if (!(fabs(b->current_a) <= current_max_a))
		copy->current_a = (double) NAN;
	if (!(b->soc_pct >= soc_min_pct && b->soc_pct <= soc_max_pct))
		copy->soc_pct = (double) NAN;
	return copy;
}

static void compute(struct control *c, struct control_view *view)
{
	control_look_at_faults(view);
	c->last.on_bus = true;
	c->last.is_protective = view->implausible || view->charge_fault;
	c->last.dvl_v = c->plan.dvl_v;
	control_sensors(c, view);
	control_states(c, view);
	if (view->implausible || view->missing)
		rest_cvl(c, view);
	else
		control_cvl(c, view);
	control_currents(c, view);
	c->was_last_update = false;
	c->was_answered = true;
}

/* Silence adds no hold, and does not stop one. */
static void run_down_hold(struct control_channel *channel, double dt_s)
{
	channel->hold_s = fmax(channel->hold_s - dt_s, 0.0);
}

struct limits control_step(struct control *c, const struct charge_config *config,
			   const struct battery *battery, gint64 now_us)
{
	const double dt_s = advance(c, now_us);
	struct battery copy;
	struct control_view view = { .config = config };

	battery = view.b = without_absurd(battery, &copy);
	c->age_s += dt_s;
	c->pending_s += dt_s;
	c->states.since_full_s += dt_s;
	control_sensors_age(c, dt_s);

	const bool is_answered = is_answer(c, battery);

	if (is_answered)
		update_plan(c, config, battery);
	if (is_answered && is_same_pack(c, battery)) {
		c->newest_us = MIN(battery->taken_us, now_us);
		c->age_s = (double) (now_us - c->newest_us) / 1e6;
		view.dt_s = MIN(c->pending_s, step_max_s);
		c->pending_s = 0.0;
		compute(c, &view);
	} else if (c->age_s > step_max_s) {
		run_down_hold(&c->charge, dt_s);
		run_down_hold(&c->discharge, dt_s);
	}
	return c->was_answered ? control_stale(c, c->age_s) : c->last;
}
