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
/* Noise is taken out over this time, and no more than this much: V for each cell, A and C. */
static const double calm_s = 8.0;
/* A drain of twice the leak is believed after this time, a stronger one sooner. */
static const double drain_s = 25.0;
static const double noise_v = 0.003, noise_a = 0.3, noise_c = 0.003;

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

/* Towards @is by @share, but never further from it than @most. */
static void follow(double *calm, double is, double share, double most)
{
	const double off = (*calm - is) * (1.0 - share);

	*calm = is + CLAMP(off, -most, most);
}

static const struct control_calm *calm_down(struct control *c, const struct control_view *v,
					    const struct control_calm *is)
{
	struct control_calm *calm = &c->watch.calm;
	const double share = calm->is_known ? v->dt_s / calm_s : 1.0;
	const double pack_v = noise_v * c->plan.cells;

	follow(&calm->a, is->a, share, noise_a + noise_c * c->plan.capacity_ah);
	follow(&calm->rest_v, is->rest_v, share, pack_v);
	follow(&calm->wall_v, is->wall_v, share, pack_v);
	follow(&calm->top_rest_v, is->top_rest_v, share, noise_v);
	calm->is_known = true;
	return calm;
}

static void count_drain(struct control *c, const struct control_view *v)
{
	const double leak_a = control_leak_a(c), most_as = 2.0 * drain_s * leak_a;
	const double as = c->watch.drained_as - (v->b->current_a + leak_a) * v->dt_s;

	c->watch.drained_as = CLAMP(as, 0.0, most_as);
}

bool control_is_drained(const struct control *c)
{
	return c->watch.drained_as >= drain_s * control_leak_a(c);
}

static void remember(struct control *c, const struct control_view *v, double sum_v)
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
	w->past[w->past_at] = (struct control_past){ sum_v, w->calm.a, w->calm.top_rest_v };
}

const struct control_past *control_past(const struct control_watch *w, unsigned s)
{
	if (!w->past_count)
		return NULL;
	s = MIN(s, w->past_count - 1);
	return &w->past[(w->past_at + CONTROL_PAST - s) % CONTROL_PAST];
}

/* As measured: where no current would flow, and where the first cell would be at its target. */
static struct control_calm measure(const struct control *c, const struct battery *b, double *ohm)
{
	const struct control_watch *w = &c->watch;
	const double target_v = c->plan.absorption_v;
	double room_a = HUGE_VAL;

	*ohm = 0.0;
	for (unsigned i = 0; i < w->cells; i++) {
		const double cell_a = (target_v - b->cell_v[i]) / w->ohm[i];

		*ohm += w->ohm[i];
		room_a = cell_a < room_a ? cell_a : room_a;
	}
	return (struct control_calm){
		.a = b->current_a,
		.rest_v = b->cell_sum_v - *ohm * b->current_a,
		.wall_v = b->cell_sum_v + *ohm * room_a,
		.top_rest_v = b->cell_max_v - w->ohm[b->cell_max - 1] * b->current_a,
	};
}

struct control_pack control_watch(struct control *c, const struct control_view *v)
{
	struct control_watch *w = &c->watch;
	struct control_pack p = { .high_v = c->cvl_v };

	if (w->cells != c->plan.cells)
		forget(c), control_bus_reset(c);
	watch_steps(c, v);

	const struct control_calm is = measure(c, v->b, &p.ohm);
	const struct control_calm *calm = calm_down(c, v, &is);

	count_drain(c, v);
	p.a = calm->a;
	p.rest_v = calm->rest_v;
	p.wall_v = calm->wall_v;
	p.sum_v = p.rest_v + p.ohm * p.a;
	p.top_ohm = w->ohm[v->b->cell_max - 1];
	p.room_v = c->plan.absorption_v - calm->top_rest_v - p.top_ohm * p.a;
	remember(c, v, p.sum_v);
	for (unsigned i = 0; i < CONTROL_RECENT; i++)
		p.high_v = w->recent_v[i] > p.high_v ? w->recent_v[i] : p.high_v;
	p.slope_v = (calm->top_rest_v - control_past(w, 6)->top_rest_v) /
		    CLAMP(w->past_count - 1, 1u, 6u);
	return p;
}
