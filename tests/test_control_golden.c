/* SPDX-License-Identifier: MIT */
/*
 * Golden traces: scripts of a battery, and every change of state and of what
 * limits the currents, to the second. Worked out by hand.
 */
#include "support.h"

#include <math.h>

#include "control_rig.h"

/* All cells at cell_v, the last one higher by apart_v. */
struct act {
	unsigned s; /* how long */
	double cell_v, apart_v, current_a, soc_pct;
	enum {
		ANSWERS,
		SILENT,
		FULL,	   /* as the BMS calls itself */
		OVER_VOLT, /* fault 0x03 */
		FORBIDDEN, /* charge, by the owner */
		WANTED,	   /* a full charge, by the owner */
	} how;
};

enum { ACTS_MAX = 24, LINES_MAX = 40 };

/* The moment and what it brings; end of a list: NULL. */
struct change {
	unsigned s;
	const char *state, *charge, *discharge;
};

struct golden {
	const char *name;
	struct act acts[ACTS_MAX];
	struct change changes[LINES_MAX];
};

#define CHARGE_MAX    "BMS charge cut-off"
#define DISCHARGE_MAX "BMS discharge cut-off"
#define CELL	      "cell voltage"
#define RAMP	      "recovery ramp"
#define HOLD	      "recovery hold"
#define STALE	      "stale data"

/* clang-format off */
static const struct golden goldens[] = {
	{ "bulk, transition, imbalance hold, float approach, float, bulk",
	  { { 60, 3.30, 0.00, 20, 50 },
	    { 20, 3.38, 0.03, 20, 70 },  /* 3.41 V: within 50 mV */
	    { 90, 3.336, 0.11, 20, 92 }, /* near its target, 110 mV apart */
	    { 70, 3.416, 0.03, 20, 95 }, /* together */
	    { 62, 3.446, 0.00, 2, 99 },  /* tail current */
	    { 30, 3.40, 0.00, 0, 99 },   /* settles */
	    { 60, 3.24, 0.00, 0, 98 },   /* there */
	    { 70, 3.19, 0.00, -20, 88 } },
	  { { 0, "Bulk", CHARGE_MAX, DISCHARGE_MAX },
	    { 60, "Bulk", CELL, DISCHARGE_MAX },
	    { 70, "Transition", CELL, DISCHARGE_MAX },
	    { 140, "Imbalance hold", "balancing", DISCHARGE_MAX },
	    { 230, "Transition", RAMP, DISCHARGE_MAX },
	    { 235, "Transition", CELL, DISCHARGE_MAX },
	    { 300, "Float approach", CELL, DISCHARGE_MAX },
	    { 302, "Float approach", RAMP, DISCHARGE_MAX },
	    { 314, "Float approach", CHARGE_MAX, DISCHARGE_MAX },
	    { 332, "Float", CHARGE_MAX, DISCHARGE_MAX },
	    { 452, "Bulk", CHARGE_MAX, DISCHARGE_MAX } } },
	{ "full by the BMS's word, and again by the owner's wish",
	  { { 20, 3.42, 0.00, 20, 92 },
	    { 5, 3.42, 0.00, 20, 98, FULL },
	    { 10, 3.24, 0.00, 0, 98 },
	    { 1, 3.24, 0.00, 0, 97, WANTED },
	    { 5, 3.24, 0.00, 20, 97 } },
	  { { 0, "Transition", CELL, DISCHARGE_MAX },
	    { 20, "Float approach", CELL, DISCHARGE_MAX },
	    { 25, "Float", RAMP, DISCHARGE_MAX },
	    { 30, "Float", CHARGE_MAX, DISCHARGE_MAX },
	    { 35, "Bulk", CHARGE_MAX, DISCHARGE_MAX },
	    { 36, "Transition", CHARGE_MAX, DISCHARGE_MAX } } },
	{ "imbalance_time_max is used up: float with a warning",
	  { { 28880, 3.336, 0.11, 20, 92 } },
	  { { 0, "Transition", CELL, DISCHARGE_MAX },
	    { 60, "Imbalance hold", "balancing", DISCHARGE_MAX },
	    { 28860, "Transition", RAMP, DISCHARGE_MAX },
	    { 28861, "Float approach", RAMP, DISCHARGE_MAX },
	    { 28865, "Float approach", CELL, DISCHARGE_MAX } } },
	{ "cell protection, transition, bulk",
	  { { 20, 3.30, 0.00, 20, 50 },
	    { 5, 3.30, 0.23, 20, 50 },
	    { 10, 3.30, 0.16, 20, 50 },
	    { 20, 3.30, 0.00, 0, 70 } },
	  { { 0, "Bulk", CHARGE_MAX, DISCHARGE_MAX },
	    { 20, "Cell protection", CELL, DISCHARGE_MAX },
	    { 25, "Bulk", RAMP, DISCHARGE_MAX },
	    { 28, "Bulk", CELL, DISCHARGE_MAX },
	    { 30, "Transition", CELL, DISCHARGE_MAX },
	    { 35, "Bulk", RAMP, DISCHARGE_MAX },
	    { 49, "Bulk", CHARGE_MAX, DISCHARGE_MAX } } },
	{ "sustain by SOC, and by the lowest cell to the end of the taper",
	  { { 10, 3.20, 0.00, -20, 6 },
	    { 10, 3.20, 0.00, -20, 5 },
	    { 40, 3.20, 0.00, 20, 8 },
	    { 5, 2.85, 0.00, -20, 50 },
	    { 5, 2.80, 0.00, -20, 50 },
	    { 50, 2.96, 0.00, 5, 50 } },
	  { { 0, "Bulk", CHARGE_MAX, DISCHARGE_MAX },
	    { 10, "Sustain", CHARGE_MAX, "sustain" },
	    { 20, "Bulk", CHARGE_MAX, RAMP },
	    { 54, "Bulk", CHARGE_MAX, DISCHARGE_MAX },
	    { 60, "Sustain", "deep discharge", CELL },
	    { 70, "Bulk", RAMP, HOLD },
	    { 86, "Bulk", CHARGE_MAX, HOLD },
	    { 100, "Bulk", CHARGE_MAX, RAMP },
	    { 106, "Bulk", CHARGE_MAX, CELL } } },
	{ "silence to the end, and back",
	  { { 5, 3.30, 0.00, 20, 50 },
	    { 70, 3.30, 0.00, 20, 50, SILENT },
	    { 40, 3.30, 0.00, 20, 50 } },
	  { { 0, "Bulk", CHARGE_MAX, DISCHARGE_MAX },
	    { 8, "Bulk", STALE, STALE },
	    { 15, "Offline", STALE, STALE },
	    { 65, "(Offline)", STALE, STALE },
	    { 75, "Bulk", RAMP, RAMP },
	    { 92, "Bulk", CHARGE_MAX, RAMP },
	    { 110, "Bulk", CHARGE_MAX, DISCHARGE_MAX } } },
	{ "a fault of the BMS, and what follows it",
	  { { 5, 3.30, 0.00, 20, 50 },
	    { 5, 3.30, 0.00, 20, 50, OVER_VOLT },
	    { 50, 3.30, 0.00, 20, 50 } },
	  { { 0, "Bulk", CHARGE_MAX, DISCHARGE_MAX },
	    { 5, "Bulk", "BMS fault over-voltage", DISCHARGE_MAX },
	    { 10, "Bulk", HOLD, DISCHARGE_MAX },
	    { 40, "Bulk", RAMP, DISCHARGE_MAX },
	    { 57, "Bulk", CHARGE_MAX, DISCHARGE_MAX } } },
	{ "switched off by the owner, and on again",
	  { { 5, 3.30, 0.00, 20, 50 },
	    { 5, 3.30, 0.00, 0, 50, FORBIDDEN },
	    { 50, 3.30, 0.00, 20, 50 } },
	  { { 0, "Bulk", CHARGE_MAX, DISCHARGE_MAX },
	    { 5, "Bulk", "switched off by the owner", DISCHARGE_MAX },
	    { 10, "Bulk", HOLD, DISCHARGE_MAX },
	    { 40, "Bulk", RAMP, DISCHARGE_MAX },
	    { 57, "Bulk", CHARGE_MAX, DISCHARGE_MAX } } },
};
/* clang-format on */

static void play(struct rig *r, const struct act *a)
{
	r->battery.active = (struct battery_events){ { 0 } };
	r->battery.status = a->how == FULL ? BATTERY_STATUS_FULL : BATTERY_STATUS_CHARGING;
	r->battery.current_a = a->current_a;
	r->battery.soc_pct = a->soc_pct;
	r->config.force_charging_off = a->how == FORBIDDEN;
	if (a->how == WANTED)
		control_want_full(&r->control, true);
	if (a->how == OVER_VOLT)
		battery_events_add(&r->battery.active, 0x03);
	rig_cells(r, a->cell_v, a->apart_v);
	if (a->how == SILENT)
		rig_silence(r, 1);
	else
		rig_step(r);
}

/* "Bulk" on the bus, "(Offline)" off it. */
static void state_name(const struct limits *l, char *out, size_t size)
{
	(void) snprintf(out, size, l->on_bus ? "%s" : "(%s)", charge_state_text(l->state));
}

static bool is_as(const struct limits *l, const struct change *c)
{
	char state[40];

	state_name(l, state, sizeof(state));
	return c->state && !strcmp(c->state, state) && !strcmp(c->charge, l->charge_limitation) &&
	       !strcmp(c->discharge, l->discharge_limitation);
}

static void test_golden(void **state)
{
	const struct golden *g = *state;
	const struct change *next = g->changes, *now = NULL;
	struct rig r;
	unsigned t = 0;

	rig_init(&r);
	/* low enough that only the pack gets there, never the CVL of cells that jump as here */
	r.config.float_cell_v = 3.25;
	r.config.rebulk_cell_v = 3.20;
	for (const struct act *a = g->acts; a->s; a++)
		for (unsigned i = 0; i < a->s; i++, t++) {
			play(&r, a);
			if (next->state && next->s == t)
				now = next++;
			if (now && is_as(&r.limits, now))
				continue;
			char is[40];

			state_name(&r.limits, is, sizeof(is));
			fail_msg("at %u s it is %s (%s, %s)", t, is, r.limits.charge_limitation,
				 r.limits.discharge_limitation);
		}
	assert_null(next->state);
}

int main(void)
{
	struct CMUnitTest tests[G_N_ELEMENTS(goldens)];

	for (size_t i = 0; i < G_N_ELEMENTS(goldens); i++)
		tests[i] = (struct CMUnitTest){ .name = goldens[i].name,
						.test_func = test_golden,
						.initial_state = (void *) &goldens[i] };
	return cmocka_run_group_tests_name("control_golden", tests, NULL, NULL);
}
