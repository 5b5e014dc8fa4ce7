/* SPDX-License-Identifier: MIT */
#include "plant/world.h"

#include <math.h>

void world_init(struct world *w, const struct pack *p)
{
	*w = (struct world){
		.random = p->random,
		.sun_peak_w = p->sun_peak_w,
		.load_peak_w = p->load_peak_w,
		.shade = 1.0,
		.shade_target = 1.0,
	};
}

/* Sun for half a minute to five, a cloud for 20 s to two minutes; edges of 1 to 3 s. */
static double clouded(struct world *w, double t_s)
{
	if (t_s >= w->shade_until_s) {
		const bool comes = w->shade_target > 0.9;

		w->shade_target = comes ? random_between(&w->random, 0.1, 0.5) : 1.0;
		w->shade_per_s = 1.0 / random_between(&w->random, 1.0, 3.0);
		w->shade_until_s = t_s + (comes ? random_between(&w->random, 20.0, 120.0)
						: random_between(&w->random, 30.0, 300.0));
	}
	if (w->shade < w->shade_target)
		w->shade = fmin(w->shade + w->shade_per_s, w->shade_target);
	else
		w->shade = fmax(w->shade - w->shade_per_s, w->shade_target);
	return w->shade;
}

static double sun(struct world *w, const struct scenario *s, double t_s)
{
	switch (s->sun) {
	case SUN_STEADY:
		return w->sun_peak_w;
	case SUN_DAY:
		return w->sun_peak_w * sin(G_PI * t_s / (s->hours * 3600.0));
	case SUN_CLOUDS:
		return w->sun_peak_w * clouded(w, t_s);
	case SUN_NONE:
		break;
	}
	return 0.0;
}

static double load(struct world *w, const struct scenario *s, double t_s)
{
	switch (s->load) {
	case LOAD_FULL:
		return w->load_peak_w;
	case LOAD_BASE:
		return w->load_peak_w * 0.1;
	case LOAD_STEPS:
		if (t_s >= w->load_until_s) {
			w->is_load_on = !w->is_load_on;
			w->load_until_s = t_s + random_between(&w->random, 60.0, 480.0);
		}
		return w->is_load_on ? w->load_peak_w : w->load_peak_w * 0.05;
	case LOAD_NONE:
		break;
	}
	return 0.0;
}

/* True for @length_s in each @period_s, from the middle of the period on. */
static bool is_in_window(double t_s, double period_s, double length_s)
{
	const double phase_s = fmod(t_s, period_s) - period_s / 2.0;

	return phase_s >= 0.0 && phase_s < length_s;
}

static void trouble(struct world *w, const struct scenario *s, double t_s, struct bms *bms)
{
	const bool is_trouble_time = t_s >= 1200.0 && t_s < 1800.0;

	switch (s->trouble) {
	case TROUBLE_WIRE_OPEN:
		bms->broken_wire = is_trouble_time ? 2 : 0;
		bms->is_wire_excused = t_s >= 1200.0 && t_s < 1830.0;
		break;
	case TROUBLE_SENSORS_LOST:
		bms->lost_sensors = is_trouble_time ? 3 : t_s >= 900.0 && t_s < 1800.0 ? 1 : 0;
		break;
	case TROUBLE_SILENCE_5S:
		w->is_silent = is_in_window(t_s, 600.0, 5.0);
		break;
	case TROUBLE_SILENCE_30S:
		w->is_silent = is_in_window(t_s, 600.0, 30.0);
		break;
	case TROUBLE_SILENCE_120S:
		w->is_silent = is_in_window(t_s, 600.0, 120.0);
		break;
	case TROUBLE_BMS_RESTART:
		w->is_silent = is_in_window(t_s, 900.0, 5.0);
		w->is_switched_off = is_in_window(t_s, 900.0, 8.0);
		w->is_zero = w->is_switched_off && !w->is_silent;
		break;
	case TROUBLE_BMS_FAULT:
		if (is_in_window(t_s, 900.0, 1.0))
			bms_inject(bms, 0x04);
		break;
	case TROUBLE_GRID_LOSS:
		w->has_grid = w->has_grid && !is_in_window(t_s, 2400.0, 180.0);
		break;
	case TROUBLE_NONE:
		break;
	}
}

void world_second(struct world *w, const struct scenario *s, double t_s, struct bms *bms)
{
	w->sun_w = sun(w, s, t_s);
	w->load_w = load(w, s, t_s);
	w->has_grid = s->topology != TOPOLOGY_OFF_GRID && s->topology != TOPOLOGY_AC_COUPLED;
	trouble(w, s, t_s, bms);
}
