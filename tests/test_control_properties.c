/* SPDX-License-Identifier: MIT */
/* Whatever comes in: sound limits, and never a more generous one because something is missing. */
#include "support.h"

#include <math.h>

#include "control_rig.h"
#include "hostile.h"
#include "plant/random.h"

enum { SEEDS = 200, BYTES = 1500 };

static void test_random_and_adversarial_snapshots(void **state)
{
	uint8_t bytes[BYTES];
	unsigned states = 0, on_bus = 0;

	for (unsigned seed = 0; seed < SEEDS; seed++) {
		struct random random = { seed };

		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = (uint8_t) (random_next(&random) >> 32);
		const struct hostile_end end = hostile_run(bytes, sizeof(bytes));

		if (end.broken)
			fail_msg("seed %u, step %u: %s: %g and %g", seed, end.step, end.broken,
				 end.was, end.is);
		states |= end.states;
		on_bus += end.on_bus;
	}
	print_message("# %u steps on the bus, states 0x%02x\n", on_bus, states);
	assert_true(on_bus > 10000);
	assert_int_equal(states, (1u << (CHARGE_CELL_PROTECTION + 1)) - 1); /* each was seen */
}

static void assert_sound(const struct rig *r)
{
	const struct limits *l = &r->limits;

	assert_true(l->on_bus);
	assert_true(l->cvl_v >= 51.2 - 1e-9 && l->cvl_v <= 56.7 + 1e-9); /* 16 cells of LFP */
	assert_true(l->ccl_a >= 0.0 && l->ccl_a <= 90.0 && l->dcl_a >= 0.0 && l->dcl_a <= 180.0);
	assert_non_null(l->charge_limitation);
	assert_non_null(l->discharge_limitation);
}

/* One bad snapshot each second for half a minute; limits then, and that they come back whole. */
static void spoil_all_cells_nan(struct battery *b)
{
	for (unsigned i = 0; i < b->cell_count; i++)
		b->cell_v[i] = (double) NAN;
}

static void spoil_cell_infinite(struct battery *b)
{
	b->cell_v[3] = (double) INFINITY;
}

static void spoil_cell_0(struct battery *b)
{
	b->cell_v[3] = 0.0;
}

static void spoil_cell_5(struct battery *b)
{
	b->cell_v[3] = 5.001;
}

static void spoil_cell_negative(struct battery *b)
{
	b->cell_v[3] = -3.3;
}

static void spoil_current_infinite(struct battery *b)
{
	b->current_a = (double) INFINITY;
}

static void spoil_current_huge(struct battery *b)
{
	b->current_a = -1e300;
}

static void spoil_no_temperature(struct battery *b)
{
	b->temp_internal_c = b->temp_external_c[0] = b->temp_external_c[1] = (double) NAN;
}

static void spoil_temperature_infinite(struct battery *b)
{
	b->temp_external_c[0] = -(double) INFINITY;
}

static void spoil_status(struct battery *b)
{
	b->status = BATTERY_STATUS_UNKNOWN;
}

static void spoil_soc_infinite(struct battery *b)
{
	b->soc_pct = (double) INFINITY;
}

static void spoil_soc_above(struct battery *b)
{
	b->soc_pct = 150.0;
}

static void spoil_cells_swapped(struct battery *b)
{
	b->cell_v[0] = 3.2;
	b->cell_v[15] = 3.4;
}

static const struct spoil_case {
	const char *name;
	void (*spoil)(struct battery *b);
	double most_ccl_a, most_dcl_a; /* while it lasts */
} spoils[] = {
	{ "all cells unknown", spoil_all_cells_nan, 0, 0 },
	{ "a cell at infinity", spoil_cell_infinite, 0, 0 },
	{ "a cell at 0 V", spoil_cell_0, 0, 0 },
	{ "a cell above 5 V", spoil_cell_5, 0, 0 },
	{ "a cell below 0 V", spoil_cell_negative, 0, 0 },
	{ "infinite current", spoil_current_infinite, 90, 180 },
	{ "a current that cannot be", spoil_current_huge, 90, 180 },
	{ "no temperature at all counts on for a minute", spoil_no_temperature, 90, 180 },
	{ "infinite cold", spoil_temperature_infinite, 0, 0 },
	{ "unknown status", spoil_status, 0, 0 },
	{ "infinite SOC counts as empty", spoil_soc_infinite, 90, 5 },
	{ "a SOC above 100 counts as empty", spoil_soc_above, 90, 5 },
	{ "cells that change places", spoil_cells_swapped, 90, 180 },
};

static void test_spoilt_for_a_while(void **state)
{
	const struct spoil_case *k = *state;
	struct rig r;

	rig_init(&r);
	rig_run(&r, 5);
	for (int s = 0; s < 30; s++) {
		const struct battery sound = r.battery;

		k->spoil(&r.battery);
		battery_derive(&r.battery);
		rig_step(&r);
		r.battery = sound;
		assert_sound(&r);
		assert_true(r.limits.ccl_a <= k->most_ccl_a && r.limits.dcl_a <= k->most_dcl_a);
	}
	rig_run(&r, 100);
	assert_sound(&r);
	assert_near(r.limits.ccl_a, 90.0, 1e-9);
	assert_near(r.limits.dcl_a, 180.0, 1e-9);
	/* nothing of it was learned */
	for (unsigned i = 0; i < r.battery.cell_count; i++)
		assert_true(isfinite(r.control.watch.ohm[i]) && r.control.watch.ohm[i] > 0.0);
	rig_cells(&r, 3.46, 0.0); /* and the law still cuts */
	r.battery.current_a = 20.0;
	rig_run(&r, 3);
	assert_true(r.limits.cvl_v < 55.2);
}

static void test_a_frozen_snapshot_is_silence(void **state)
{
	struct rig r;

	rig_init(&r);
	rig_step(&r);
	for (int s = 1; s <= 12; s++) {
		r.limits = control_step(&r.control, &r.config, &r.battery, r.now_us);
		r.now_us += RIG_SECOND_US;
	}
	assert_near(r.limits.ccl_a, 0.0, 0.0);
	assert_int_equal(r.limits.state, CHARGE_OFFLINE);
}

static void test_an_older_snapshot_than_the_last_is_no_answer(void **state)
{
	struct rig r;

	rig_init(&r);
	r.now_us = 100 * RIG_SECOND_US;
	rig_step(&r);
	r.battery.taken_us = 50 * RIG_SECOND_US;
	r.battery.current_a = 5.0;
	r.limits = control_step(&r.control, &r.config, &r.battery, 105 * RIG_SECOND_US);
	assert_string_equal(r.limits.charge_limitation, "stale data");
}

static void test_times_that_jump_do_no_harm(void **state)
{
	static const double jumps_s[] = { 3600.0, 1e9, -1.0, -3600.0, -1e9, 0.0, 1e-3 };
	struct rig r;

	rig_init(&r);
	r.now_us = 2000000000 * (gint64) RIG_SECOND_US;
	rig_run(&r, 10);
	for (size_t i = 0; i < G_N_ELEMENTS(jumps_s); i++) {
		r.now_us += (gint64) (jumps_s[i] * RIG_SECOND_US);
		rig_step(&r);
		assert_sound(&r);
		rig_run(&r, 10);
		assert_near(r.limits.ccl_a, 90.0, 1e-9);
		assert_int_equal(r.limits.state, CHARGE_BULK);
	}
}

/* A jump forward is not time that a battery spent at its target. */
static void test_a_jump_fills_no_timer(void **state)
{
	struct rig r;

	rig_init(&r);
	rig_cells(&r, 3.45, 0.0);
	r.battery.current_a = 20.0;
	rig_run(&r, 20);
	r.now_us += 7200 * (gint64) RIG_SECOND_US;
	rig_run(&r, 5);
	assert_int_equal(r.limits.state, CHARGE_TRANSITION);
}

static void test_another_number_of_cells_is_another_pack(void **state)
{
	static const unsigned counts[] = { 4, 16, 12, 5 };
	struct rig r;

	rig_init(&r);
	rig_run(&r, 5);
	for (size_t i = 0; i < G_N_ELEMENTS(counts); i++) {
		r.battery.cell_count = counts[i];
		rig_cells(&r, 3.30, 0.0);
		rig_step(&r);
		assert_near(r.limits.cvl_v, counts[i] * 3.45, 1e-9);
		assert_near(r.limits.dvl_v, counts[i] * 2.80, 1e-9);
	}
}

static void test_a_cap_that_falls_takes_cvl_along(void **state)
{
	struct rig r;

	rig_init(&r);
	rig_run(&r, 5);
	assert_near(r.limits.cvl_v, 55.2, 1e-9);
	r.config.absorption_cell_v = 3.38;
	r.config.cvl_headroom = 0.0;
	rig_step(&r);
	assert_near(r.limits.cvl_v, 16 * 3.38, 1e-9);
}

static void test_settings_that_contradict_each_other_forbid_both(void **state)
{
	struct rig r;

	rig_init(&r);
	rig_step(&r);
	r.battery.settings.under_voltage_v = 3.45;
	r.battery.settings.over_voltage_v = 3.40;
	rig_step(&r);
	assert_near(r.limits.ccl_a, 0.0, 0.0);
	assert_near(r.limits.dcl_a, 0.0, 0.0);
	assert_true(r.limits.cvl_v > 0.0 && r.limits.cvl_v <= 16 * 3.40);
	assert_string_equal(r.limits.charge_limitation, "BMS settings contradict each other");
	assert_string_equal(r.limits.discharge_limitation, "BMS settings contradict each other");
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(test_random_and_adversarial_snapshots),
		cmocka_unit_test(test_a_frozen_snapshot_is_silence),
		cmocka_unit_test(test_an_older_snapshot_than_the_last_is_no_answer),
		cmocka_unit_test(test_times_that_jump_do_no_harm),
		cmocka_unit_test(test_a_jump_fills_no_timer),
		cmocka_unit_test(test_another_number_of_cells_is_another_pack),
		cmocka_unit_test(test_a_cap_that_falls_takes_cvl_along),
		cmocka_unit_test(test_settings_that_contradict_each_other_forbid_both),
	};
	enum { SPOILS = G_N_ELEMENTS(spoils), OTHERS = G_N_ELEMENTS(others) };
	struct CMUnitTest tests[SPOILS + OTHERS];

	for (size_t i = 0; i < SPOILS; i++)
		tests[i] = (struct CMUnitTest){ .name = spoils[i].name,
						.test_func = test_spoilt_for_a_while,
						.initial_state = (void *) &spoils[i] };
	memcpy(tests + SPOILS, others, sizeof(others));
	return cmocka_run_group_tests_name("control_properties", tests, NULL, NULL);
}
