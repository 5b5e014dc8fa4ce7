/* SPDX-License-Identifier: MIT */
#include "hostile.h"

#include <math.h>
#include <string.h>

#include "battery/control.h"
#include "config.h"
#include "control_rig.h"

static const double second_us = 1e6;
static const double hair = 1e-6;
static const double step_max_s = 3.0;
static const double remembered_s = 60.0;

enum { SETTINGS = sizeof(struct battery_settings) / sizeof(double) };

struct hostile {
	const uint8_t *at, *end;
	struct config config;
	struct battery base; /* what the snapshots drift from */
	gint64 now_us;
	struct control control;
	struct limits last; /* that were on the bus */
	gint64 last_us;     /* of the step before, on the bus or not */
	bool has_last;
	struct hostile_end result;
};

static uint8_t choose(struct hostile *h)
{
	return h->at < h->end ? *h->at++ : 0;
}

/* Mostly between, sometimes a number that cannot be. */
static double odd(struct hostile *h, double low, double high)
{
	static const double odd_ones[] = {
		(double) NAN, (double) INFINITY, -(double) INFINITY, 0.0, -1.0, 1e300, -1e300,
		1e-310,
	};
	const uint8_t byte = choose(h);

	if (byte < G_N_ELEMENTS(odd_ones))
		return odd_ones[byte];
	return low + (high - low) * (byte - 8) / 247.0;
}

/* ---- the battery ------------------------------------------------------------------- */

static void set_cells(struct battery *b, double v)
{
	for (unsigned i = 0; i < b->cell_count; i++)
		b->cell_v[i] = v;
}

/* Everywhere that a battery can be, the edges of the curves above all. */
static void drift(struct hostile *h)
{
	struct battery *b = &h->base;
	const uint8_t what = choose(h) % 16;

	if (what < 6)
		set_cells(b, 2.7 + 0.85 * choose(h) / 255.0);
	else if (what < 8)
		b->cell_v[choose(h) % b->cell_count] += 0.2 * (choose(h) - 128) / 128.0;
	else if (what < 10)
		b->current_a = 100.0 * (choose(h) - 128) / 128.0;
	else if (what < 12)
		b->soc_pct = 100.0 * choose(h) / 255.0;
	else if (what == 12)
		b->temp_external_c[choose(h) % 2] = -25.0 + 90.0 * choose(h) / 255.0;
	else if (what == 13)
		b->temp_internal_c = -25.0 + 90.0 * choose(h) / 255.0;
	else if (what == 14)
		b->status = choose(h) < 64 ? BATTERY_STATUS_FULL : BATTERY_STATUS_CHARGING;
	else if (choose(h) < 32)
		rig_battery(b);
}

static void spoil(struct hostile *h, struct battery *b)
{
	double *const settings = (double *) &b->settings;
	const unsigned cell = choose(h) % MAX(b->cell_count, 1);

	switch (choose(h) % 12) {
	case 0:
		b->cell_v[cell] = odd(h, 0.0, 5.2);
		break;
	case 1:
		set_cells(b, odd(h, 0.0, 5.2));
		break;
	case 2:
		b->current_a = odd(h, -2000.0, 2000.0);
		break;
	case 3:
		b->soc_pct = odd(h, -10.0, 110.0);
		break;
	case 4:
		b->temp_internal_c = odd(h, -60.0, 150.0);
		break;
	case 5:
		b->temp_external_c[cell % 2] = odd(h, -60.0, 150.0);
		break;
	case 6:
		b->temp_internal_c = b->temp_external_c[0] = b->temp_external_c[1] = (double) NAN;
		break;
	case 7:
		settings[cell % SETTINGS] = odd(h, 0.0, cell < 10 ? 5.0 : 100.0);
		break;
	case 8:
		battery_events_add(&b->active, choose(h) % 128);
		break;
	case 9:
		b->status = (enum battery_status) choose(h);
		break;
	case 10:
		b->cell_count = choose(h) % 20;
		for (unsigned i = 0; i < BATTERY_CELLS_MAX; i++)
			b->cell_v[i] = 3.3;
		break;
	default:
		b->current_a = -b->current_a;
		b->cell_v[cell] = b->cell_v[0];
		break;
	}
	b->cell_count = MIN(b->cell_count, BATTERY_CELLS_MAX);
}

static void pass_time(struct hostile *h)
{
	static const double steps_s[] = { 0.0,	0.1,	0.3, 2.0,  5.0,	  20.0,
					  61.0, 3600.0, 1e6, -0.5, -30.0, -1e6 };
	const uint8_t byte = choose(h);
	const double step_s = byte < G_N_ELEMENTS(steps_s) ? steps_s[byte] : 1.0;

	h->now_us += (gint64) (step_s * second_us);
}

static void change_key(struct hostile *h)
{
	const struct config_key *key = config_at(choose(h) % config_count());
	const double share = choose(h) / 255.0;

	if (!key->is_charge || key->type == CONFIG_CURVE)
		return;
	double v = key->min + share * (key->max - key->min);

	if (key->type != CONFIG_NUMBER)
		v = rint(v);
	g_autofree char *text =
		key->choices ? g_strdup(key->choices[(int) v]) : g_strdup_printf("%.6f", v);

	/* one that contradicts the rest is refused and changes nothing */
	if (!config_set_text(&h->config, key, text, NULL))
		return;
}

/* ---- the promises -------------------------------------------------------------------- */

static bool owe(struct hostile *h, bool is_kept, const char *promise, double was, double is)
{
	if (!is_kept && !h->result.broken) {
		h->result.broken = promise;
		h->result.was = was;
		h->result.is = is;
	}
	return is_kept;
}

static void owe_sound(struct hostile *h, const struct limits *l)
{
	const struct charge_plan *p = &h->control.plan;

	owe(h, isfinite(l->cvl_v) && isfinite(l->dvl_v), "finite voltages", l->cvl_v, l->dvl_v);
	owe(h, isfinite(l->ccl_a) && isfinite(l->dcl_a), "finite currents", l->ccl_a, l->dcl_a);
	owe(h, l->ccl_a >= 0.0 && l->dcl_a >= 0.0, "no negative current", l->ccl_a, l->dcl_a);
	owe(h, l->dvl_v > 0.0, "DVL never 0", 0.0, l->dvl_v);
	owe(h, l->cvl_v >= p->cvl_min_v - hair, "CVL never below its floor", p->cvl_min_v,
	    l->cvl_v);
	owe(h, l->cvl_v > 0.0, "CVL never 0", 0.0, l->cvl_v);
	owe(h, l->cvl_v <= p->cvl_max_v + hair, "CVL never above its cap", p->cvl_max_v, l->cvl_v);
	owe(h, l->ccl_a <= p->max_charge_a + hair, "CCL at most its maximum", p->max_charge_a,
	    l->ccl_a);
	owe(h, l->dcl_a <= p->max_discharge_a + hair, "DCL at most its maximum", p->max_discharge_a,
	    l->dcl_a);
	owe(h,
	    l->charge_limitation && l->charge_limitation[0] && l->discharge_limitation &&
		    l->discharge_limitation[0],
	    "a reason is named", 0.0, 0.0);
}

/* What was left unused while the BMS missed a second may be used by the next answer. */
static void owe_ramps(struct hostile *h, const struct control *before, const struct limits *l)
{
	const double step_s = fmax((double) (h->now_us - h->last_us) / second_us, 0.0);
	const double rise_a =
		h->config.charge.recovery_rate * fmin(before->pending_s + step_s, step_max_s);

	if (!h->has_last)
		return;
	owe(h, l->ccl_a <= h->last.ccl_a + rise_a + hair, "CCL rises by its ramp", h->last.ccl_a,
	    l->ccl_a);
	owe(h, l->dcl_a <= h->last.dcl_a + rise_a + hair, "DCL rises by its ramp", h->last.dcl_a,
	    l->dcl_a);
}

static bool has_impossible_cell(const struct battery *b)
{
	for (unsigned i = 0; i < b->cell_count; i++)
		if (!(b->cell_v[i] >= 0.5 && b->cell_v[i] <= 5.0))
			return true;
	return false;
}

static void owe_no_more_current(struct hostile *h, const struct limits *less,
				const struct limits *more, const char *promise)
{
	if (!less->on_bus || !more->on_bus)
		return;
	owe(h, less->ccl_a <= more->ccl_a + hair, promise, more->ccl_a, less->ccl_a);
	owe(h, less->dcl_a <= more->dcl_a + hair, promise, more->dcl_a, less->dcl_a);
}

static void owe_no_more(struct hostile *h, const struct limits *less, const struct limits *more,
			const char *promise)
{
	owe_no_more_current(h, less, more, promise);
	if (less->on_bus && more->on_bus)
		owe(h, less->cvl_v <= more->cvl_v + hair, promise, more->cvl_v, less->cvl_v);
}

/* What the same controller would have said without an answer. */
static struct limits if_silent(const struct hostile *h, const struct control *before)
{
	struct control c = *before;

	return control_step(&c, &h->config.charge, NULL, h->now_us);
}

/* Both snapshots to the same controller, for a while, so that delays pass. */
static void owe_less(struct hostile *h, const struct control *before, const struct battery *without,
		     const struct battery *with, unsigned seconds, const char *promise)
{
	struct control less_c = *before, more_c = *before;
	struct battery less_b = *without, more_b = *with;

	for (unsigned s = 0; s < seconds; s++) {
		const gint64 t_us = h->now_us + (gint64) (s * second_us);

		less_b.taken_us = more_b.taken_us = t_us;
		const struct limits less = control_step(&less_c, &h->config.charge, &less_b, t_us);
		const struct limits more = control_step(&more_c, &h->config.charge, &more_b, t_us);

		owe_no_more_current(h, &less, &more, promise);
	}
}

/* The same at once, and CVL too; later the two tell different stories. */
static void owe_less_at_once(struct hostile *h, const struct control *before,
			     const struct battery *without, const struct battery *with,
			     const char *promise)
{
	struct control less_c = *before, more_c = *before;
	const struct limits less = control_step(&less_c, &h->config.charge, without, h->now_us);
	const struct limits more = control_step(&more_c, &h->config.charge, with, h->now_us);

	owe_no_more(h, &less, &more, promise);
}

/* The input itself, in the snapshot. */
static double *temperature(struct battery *b, unsigned i)
{
	return i ? &b->temp_external_c[i - 1] : &b->temp_internal_c;
}

/* A temperature counts on for a minute: compared with what it was, not with what it is. */
static void owe_for_temperature(struct hostile *h, const struct control *before,
				const struct battery *b, unsigned i)
{
	const struct control_sensor *s = &before->sensors.sensor[i];
	const double step_s = (double) (h->now_us - before->step_us) / second_us;
	struct battery without = *b, with = *b;

	/* a sensor that never was, or was given up, is no input */
	if (!s->was_seen || s->away_s + fmax(step_s, 0.0) > remembered_s)
		return;
	*temperature(&without, i) = (double) NAN;
	*temperature(&with, i) = s->last_c;
	owe_less_at_once(h, before, &without, &with, "without a temperature no limit is higher");
}

/* The newest known setting counts; another pack that lacks one is no answer. */
static void owe_for_setting(struct hostile *h, const struct control *before,
			    const struct battery *b, unsigned i)
{
	struct battery without = *b, with = *b;

	((double *) &without.settings)[i] = (double) NAN;
	if (before->plan_cells != b->cell_count)
		return;
	if (before->has_plan)
		((double *) &with.settings)[i] = ((const double *) &before->plan_settings)[i];
	owe_less_at_once(h, before, &without, &with, "without a setting no limit is higher");
}

static void owe_without_inputs(struct hostile *h, const struct control *before,
			       const struct battery *b)
{
	const unsigned seconds = choose(h) % 16 ? 1 : 75;
	struct battery without = *b;

	without.cell_v[choose(h) % b->cell_count] = (double) NAN;
	battery_derive(&without);
	owe_less_at_once(h, before, &without, b, "without a cell no limit is higher");
	owe_less(h, before, &without, b, seconds, "without a cell no limit is higher");

	without = *b;
	without.current_a = (double) NAN;
	owe_less_at_once(h, before, &without, b, "without current no limit is higher");
	owe_less(h, before, &without, b, seconds, "without current no limit is higher");

	without = *b;
	without.status = BATTERY_STATUS_UNKNOWN;
	owe_less_at_once(h, before, &without, b, "without status no limit is higher");
	owe_less(h, before, &without, b, seconds, "without status no limit is higher");

	without = *b;
	without.soc_pct = (double) NAN;
	/* later the current that an unknown SOC allows tells of no tail, and so of no hold */
	owe_less_at_once(h, before, &without, b, "without SOC no limit is higher");

	for (unsigned i = 0; i < CONTROL_SENSORS; i++)
		owe_for_temperature(h, before, b, i);
	owe_for_setting(h, before, b, choose(h) % SETTINGS);
}

/* ---- */

static void check(struct hostile *h, const struct control *before, const struct battery *b,
		  const struct limits *l)
{
	const bool is_answered = b && b->taken_us == h->now_us && !battery_is_blank(b) &&
				 h->control.plan_cells == b->cell_count;

	h->result.on_bus++;
	h->result.states |= 1u << l->state;
	owe_sound(h, l);
	owe_ramps(h, before, l);
	if (is_answered && has_impossible_cell(b))
		owe(h, !(l->ccl_a > 0.0) && !(l->dcl_a > 0.0), "no current with an impossible cell",
		    l->ccl_a, l->dcl_a);
	if (is_answered)
		owe_without_inputs(h, before, b);
	if (h->has_last) {
		const struct limits silent = if_silent(h, before);

		owe_no_more(h, &silent, &h->last, "without an answer no limit is higher");
	}
	h->last = *l;
	h->has_last = true;
}

static void turn(struct hostile *h)
{
	const uint8_t kind = choose(h);
	struct battery b;

	pass_time(h);
	if (kind % 4)
		drift(h);
	b = h->base;
	for (unsigned i = kind % 8; i < 2; i++)
		spoil(h, &b);
	if (kind > 240)
		h->base = b;
	if (h->base.cell_count < BATTERY_CELLS_MIN)
		rig_battery(&h->base);
	if (kind % 32 == 1)
		change_key(h);
	battery_derive(&b);
	b.taken_us =
		kind % 64 == 2 ? h->now_us - (gint64) (second_us * (choose(h) - 100)) : h->now_us;

	const struct battery *answer = kind % 32 == 4 ? NULL : &b;
	const struct control before = h->control;
	const struct limits l = control_step(&h->control, &h->config.charge, answer, h->now_us);

	if (l.on_bus)
		check(h, &before, answer, &l);
	h->last_us = h->now_us;
}

struct hostile_end hostile_run(const uint8_t *bytes, size_t count)
{
	struct hostile h = { .at = bytes, .end = bytes + count };

	config_init(&h.config);
	rig_battery(&h.base);
	control_init(&h.control);
	while (h.at < h.end && !h.result.broken) {
		turn(&h);
		h.result.step += !h.result.broken;
	}
	return h.result;
}
