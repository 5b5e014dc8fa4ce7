/* SPDX-License-Identifier: MIT */
#include "battery/control_private.h"

#include <math.h>
#include <string.h>

/* V at a current of one capacity an hour: what cells of any size have, until they are learned. */
static const double usual_ohm_ah = 0.03;
static const double usual_weight_c = 0.05;
static const double least_share = 0.1, most_share = 8.0;
/* A step of the current that teaches, A and share of the capacity. */
static const double step_a = 3.0, step_c = 0.01;
static const double weight_kept = 0.95;
static const double step_time_max_s = 2.5;

static void forget(struct control *c)
{
	struct control_watch *w = &c->watch;
	const double weight_a = usual_weight_c * c->plan.capacity_ah;

	memset(w, 0, sizeof(*w));
	w->cells = c->plan.cells;
	w->ohm_weight = weight_a * weight_a;
	for (unsigned i = 0; i < w->cells; i++)
		w->ohm[i] = usual_ohm_ah / c->plan.capacity_ah;
	for (unsigned i = 0; i < CONTROL_RECENT; i++)
		w->recent_v[i] = c->cvl_v;
	w->jump_s = w->rise_s = w->moved_s = 1e3;
}

static void learn_resistances(struct control *c, const struct battery *b, double d_a)
{
	struct control_watch *w = &c->watch;
	const double usual_ohm = usual_ohm_ah / c->plan.capacity_ah;
	const double weight = w->ohm_weight * weight_kept + d_a * d_a;
	const double share = d_a * d_a / weight;

	for (unsigned i = 0; i < w->cells; i++) {
		double ohm = (b->cell_v[i] - w->last_v[i]) / d_a;

		ohm = fmin(fmax(ohm, least_share * usual_ohm), most_share * usual_ohm);
		w->ohm[i] += share * (ohm - w->ohm[i]);
	}
	w->ohm_weight = weight;
}

static void watch_steps(struct control *c, const struct control_view *v)
{
	struct control_watch *w = &c->watch;
	const double d_a = v->b->current_a - w->last_a;

	w->jump_s += v->dt_s;
	w->rise_s += v->dt_s;
	if (w->has_last && fabs(d_a) >= MAX(step_a, step_c * c->plan.capacity_ah)) {
		w->jump_s = 0.0;
		if (d_a > 0.0)
			w->rise_s = 0.0;
		if (v->dt_s <= step_time_max_s)
			learn_resistances(c, v->b, d_a);
	}
	w->has_last = true;
	w->last_a = v->b->current_a;
	memcpy(w->last_v, v->b->cell_v, sizeof(w->last_v));
}

static void remember(struct control *c, const struct control_view *v)
{
	struct control_watch *w = &c->watch;

	w->moved_s = w->is_withheld ? 0.0 : w->moved_s + v->dt_s;
	w->is_withheld = false;
	w->tick_s += v->dt_s;
	if (w->past_count && w->tick_s < 1.0 - 1e-6)
		return;
	w->tick_s = MAX(w->tick_s - 1.0, 0.0);
	memmove(w->recent_v + 1, w->recent_v, sizeof(w->recent_v) - sizeof(w->recent_v[0]));
	w->recent_v[0] = c->cvl_v;
	w->past_at = (w->past_at + 1) % CONTROL_PAST;
	w->past_count = MIN(w->past_count + 1, CONTROL_PAST);
	w->past[w->past_at] = (struct control_past){ v->b->cell_sum_v, v->b->current_a,
						     v->b->cell_max_v - w->ohm[v->b->cell_max - 1] *
										v->b->current_a };
}

const struct control_past *control_past(const struct control_watch *w, unsigned s)
{
	if (!w->past_count)
		return NULL;
	s = MIN(s, w->past_count - 1);
	return &w->past[(w->past_at + CONTROL_PAST - s) % CONTROL_PAST];
}

struct control_pack control_watch(struct control *c, const struct control_view *v)
{
	struct control_watch *w = &c->watch;
	const double target_v = c->plan.absorption_v;
	const double current_a = v->b->current_a;
	struct control_pack p = {
		.sum_v = v->b->cell_sum_v,
		.room_v = target_v - v->b->cell_max_v,
		.high_v = c->cvl_v,
		.a = current_a,
	};
	double room_a = HUGE_VAL;

	if (w->cells != c->plan.cells)
		forget(c), control_bus_reset(c);
	watch_steps(c, v);
	remember(c, v);
	for (unsigned i = 0; i < w->cells; i++) {
		const double cell_a = (target_v - v->b->cell_v[i]) / w->ohm[i];

		p.ohm += w->ohm[i];
		room_a = cell_a < room_a ? cell_a : room_a;
	}
	for (unsigned i = 0; i < CONTROL_RECENT; i++)
		p.high_v = w->recent_v[i] > p.high_v ? w->recent_v[i] : p.high_v;
	p.top_ohm = w->ohm[v->b->cell_max - 1];
	p.slope_v = (v->b->cell_max_v - p.top_ohm * current_a - control_past(w, 6)->top_rest_v) /
		    CLAMP(w->past_count - 1, 1u, 6u);
	p.wall_v = p.sum_v + p.ohm * room_a;
	p.rest_v = p.sum_v - p.ohm * current_a;
	return p;
}
