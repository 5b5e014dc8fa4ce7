/* SPDX-License-Identifier: MIT */
/* The judge is judged: each figure, on limits and snapshots made by hand. */
#include "support.h"

#include "plant/figures.h"

struct bench {
	struct scenario scenario;
	struct law_setup setup;
	struct battery battery;
	struct limits limits;
	struct victron victron;
	struct observer observer;
	double t_s;
};

static void bench_init(struct bench *b, unsigned judged)
{
	memset(b, 0, sizeof(*b));
	b->scenario = (struct scenario){ .name = "bench", .hours = 4, .judged = judged };
	b->setup = (struct law_setup){
		.is_lfp = true,
		.cell_count = 16,
		.capacity_ah = 100.0,
		.absorption_v = 3.45,
		.float_v = 3.35,
		.max_v = 3.65,
	};
	battery_clear(&b->battery);
	b->battery.cell_count = 16;
	for (unsigned i = 0; i < 16; i++)
		b->battery.cell_v[i] = 3.30;
	battery_derive(&b->battery);
	b->battery.temp_internal_c = b->battery.temp_external_c[0] = 20.0;
	b->battery.status = BATTERY_STATUS_CHARGING;
	b->battery.settings.early_balancing_v = 3.40;
	b->limits = (struct limits){
		.on_bus = true,
		.cvl_v = 55.2,
		.ccl_a = 100.0,
		.dcl_a = 100.0,
		.state = CHARGE_BULK,
	};
	observer_init(&b->observer, &b->scenario, &b->setup);
}

static void set_highest(struct bench *b, double v)
{
	b->battery.cell_v[3] = v;
	battery_derive(&b->battery);
}

static void seconds(struct bench *b, unsigned count, bool is_answered)
{
	while (count--) {
		observer_second(&b->observer, b->t_s, &b->limits, is_answered ? &b->battery : NULL,
				&b->victron);
		b->t_s += 1.0;
	}
}

static void change(struct bench *b, double v)
{
	b->limits.cvl_v += v;
	seconds(b, 1, true);
}

static void test_changes_20_s_apart_are_not_fast(void **state)
{
	struct bench b;

	bench_init(&b, 0);
	seconds(&b, 30, true);
	change(&b, -0.1);
	seconds(&b, 19, true);
	change(&b, -0.1);
	assert_int_equal(b.observer.figures.cvl_changes, 2);
	assert_int_equal(b.observer.figures.fast_changes, 0);
	seconds(&b, 18, true);
	change(&b, 0.1);
	assert_int_equal(b.observer.figures.fast_changes, 1);
}

static void test_a_protective_change_is_not_fast(void **state)
{
	struct bench b;

	bench_init(&b, 0);
	seconds(&b, 30, true);
	set_highest(&b, 3.46);
	change(&b, -0.1);
	change(&b, -0.1);
	assert_int_equal(b.observer.figures.fast_changes, 0);
	change(&b, 0.1); /* upwards never is */
	assert_int_equal(b.observer.figures.fast_changes, 1);
}

static void test_stale_data_and_their_return_may_move_cvl(void **state)
{
	struct bench b;

	bench_init(&b, 0);
	seconds(&b, 30, true);
	b.limits.cvl_v = 53.6;
	seconds(&b, 15, false);
	change(&b, 0.1);
	assert_int_equal(b.observer.figures.fast_changes, 0);
	seconds(&b, 6, true);
	change(&b, 0.1);
	assert_int_equal(b.observer.figures.fast_changes, 1);
}

static void test_a_walk_has_no_ripple_but_a_swing_has(void **state)
{
	struct bench b;

	bench_init(&b, JUDGE_STEADY);
	seconds(&b, 7200, true);
	for (int i = 0; i < 100; i++) {
		change(&b, -0.01);
		seconds(&b, 29, true);
	}
	assert_near(b.observer.figures.ripple_v, 0.0, 1e-9);
	assert_int_equal(b.observer.figures.reversals, 0);
	change(&b, 0.25);
	seconds(&b, 30, true);
	change(&b, -0.15);
	assert_near(b.observer.figures.ripple_v, 0.25, 1e-9);
	assert_int_equal(b.observer.figures.reversals, 2);
}

static void test_grid_counts_only_what_a_fallen_cvl_draws(void **state)
{
	struct bench b;

	bench_init(&b, 0);
	b.victron.export_a = 50.0;
	b.victron.battery_a = -36.0; /* export by lag alone: nothing is wanted */
	seconds(&b, 200, true);
	assert_near(b.observer.exported_as, 0.0, 0);
	b.victron.wanted_discharge_a = 40.0; /* wanted, but CVL never fell */
	seconds(&b, 200, true);
	assert_near(b.observer.exported_as, 0.0, 0);
	change(&b, -0.5);
	seconds(&b, 99, true);
	assert_near(b.observer.exported_as, 36.0 * 100.0, 1.0);
	b.victron.wanted_discharge_a = 20.0; /* the rest is lag */
	seconds(&b, 60, true);
	b.observer.exported_as = 0.0;
	seconds(&b, 100, true);
	assert_near(b.observer.exported_as, 20.0 * 100.0, 1.0);
}

static void test_balancing_time_runs_from_first_bleeding(void **state)
{
	struct bench b;

	bench_init(&b, JUDGE_BALANCING);
	seconds(&b, 100, true);
	b.battery.balancing = 8;
	set_highest(&b, 3.45);
	seconds(&b, 500, true);
	for (unsigned i = 0; i < 16; i++)
		b.battery.cell_v[i] = 3.42;
	battery_derive(&b.battery);
	seconds(&b, 60, true);
	assert_near(b.observer.figures.balancing_s, (double) NAN, 0);
	seconds(&b, 1, true);
	assert_near(b.observer.figures.balancing_s, 500.0, 0);
}

static void test_reaction_to_a_cell_over_its_threshold(void **state)
{
	struct bench b;

	bench_init(&b, 0);
	seconds(&b, 100, true);
	set_highest(&b, 3.53);
	seconds(&b, 5, true);
	change(&b, -0.3);
	seconds(&b, 50, true);
	assert_near(b.observer.figures.reaction_s, 5.0, 0);
}

static void test_reaction_to_fault_and_wire(void **state)
{
	struct bench b;

	bench_init(&b, 0);
	seconds(&b, 10, true);
	b.battery.status = BATTERY_STATUS_FAULT;
	seconds(&b, 2, true);
	b.limits.ccl_a = 0.0;
	seconds(&b, 9, true);
	assert_near(b.observer.figures.reaction_s, 2.0, 0);

	bench_init(&b, 0);
	seconds(&b, 10, true);
	b.battery.cell_v[7] = 0.0;
	battery_derive(&b.battery);
	b.limits.ccl_a = 0.0; /* charge alone is not enough */
	seconds(&b, 4, true);
	b.limits.dcl_a = 0.0;
	seconds(&b, 9, true);
	assert_near(b.observer.figures.reaction_s, 4.0, 0);
}

static void test_reaction_to_no_temperature(void **state)
{
	struct bench b;

	bench_init(&b, 0);
	seconds(&b, 10, true);
	b.battery.temp_internal_c = b.battery.temp_external_c[0] = (double) NAN;
	seconds(&b, 60, true);
	b.limits.ccl_a = 0.0;
	seconds(&b, 9, true);
	assert_near(b.observer.figures.no_temperature_s, 60.0, 0);
	assert_near(b.observer.figures.reaction_s, (double) NAN, 0);
}

/* A law that follows the ladder exactly, second by second. */
static struct limits ladder(const struct limits *was, double age_s)
{
	struct limits l = *was;

	if (age_s > 3.0) {
		l.ccl_a = was->ccl_a * (1.0 - 0.8 * (age_s - 3.0) / 7.0);
		l.dcl_a = was->dcl_a * (1.0 - 0.8 * (age_s - 3.0) / 7.0);
	}
	if (age_s > 10.0) {
		l.ccl_a = l.dcl_a = 0.0;
		l.cvl_v = 53.6;
		l.state = CHARGE_OFFLINE;
		l.bms_cable_warning = true;
	}
	if (age_s > 60.0)
		l.on_bus = false;
	return l;
}

static double seconds_off_ladder(double too_late_s)
{
	struct bench b;
	struct limits answered;

	bench_init(&b, JUDGE_STALE);
	seconds(&b, 20, true);
	answered = b.limits;
	for (int age_s = 1; age_s <= 90; age_s++) {
		b.limits = ladder(&answered, age_s - too_late_s);
		seconds(&b, 1, false);
	}
	b.limits = answered;
	seconds(&b, 10, true);
	return b.observer.figures.stale_bad_s;
}

static void test_ladder_is_judged_to_the_second(void **state)
{
	assert_near(seconds_off_ladder(0.0), 0.0, 0);
	/* 2 s late: 4 to 12 (but 10 is free up to a value it is not at), and 61, 62. */
	assert_near(seconds_off_ladder(2.0), 11.0, 0);
}

static void test_overshoot_is_a_share_of_the_way(void **state)
{
	struct pack p;
	struct bms bms;
	struct bench b;

	bench_init(&b, 0);
	pack_draw(&p, &b.scenario, 0);
	bms_init(&bms, &p);
	observer_step(&b.observer, 3.40);
	observer_step(&b.observer, 3.55);
	observer_step(&b.observer, 3.45);
	assert_near(observer_finish(&b.observer, &bms, &p.cells).overshoot, 0.5, 1e-9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changes_20_s_apart_are_not_fast),
		cmocka_unit_test(test_a_protective_change_is_not_fast),
		cmocka_unit_test(test_stale_data_and_their_return_may_move_cvl),
		cmocka_unit_test(test_a_walk_has_no_ripple_but_a_swing_has),
		cmocka_unit_test(test_grid_counts_only_what_a_fallen_cvl_draws),
		cmocka_unit_test(test_balancing_time_runs_from_first_bleeding),
		cmocka_unit_test(test_reaction_to_a_cell_over_its_threshold),
		cmocka_unit_test(test_reaction_to_fault_and_wire),
		cmocka_unit_test(test_reaction_to_no_temperature),
		cmocka_unit_test(test_ladder_is_judged_to_the_second),
		cmocka_unit_test(test_overshoot_is_a_share_of_the_way),
	};

	return cmocka_run_group_tests_name("figures", tests, NULL, NULL);
}
