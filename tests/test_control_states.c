/* SPDX-License-Identifier: MIT */
/* The chain of states, with every transition: docs/charge-control.md. */
#include "support.h"

#include <math.h>

#include "control_rig.h"

static void bring_to(struct rig *r, enum charge_state state)
{
	rig_charge_to_top(r);
	assert_true(rig_until(r, state, 4000) <= 4000);
}

static void test_start_is_bulk(void **state)
{
	struct rig r;

	rig_init(&r);
	rig_step(&r);
	assert_int_equal(r.limits.state, CHARGE_BULK);
	assert_string_equal(r.limits.waits_for, "a cell near its target");
}

static void test_bulk_to_transition_10_s_within_50_mv(void **state)
{
	struct rig r;

	rig_init(&r);
	rig_cells(&r, 3.30, 0.099);
	rig_run(&r, 60);
	assert_int_equal(r.limits.state, CHARGE_BULK);
	rig_cells(&r, 3.30, 0.101);
	rig_run(&r, 10);
	assert_int_equal(r.limits.state, CHARGE_BULK);
	rig_step(&r);
	assert_int_equal(r.limits.state, CHARGE_TRANSITION);
}

static void test_bulk_to_transition_needs_10_s_without_a_break(void **state)
{
	struct rig r;

	rig_init(&r);
	for (int i = 0; i < 10; i++) {
		rig_cells(&r, 3.30, 0.12);
		rig_run(&r, 9);
		rig_cells(&r, 3.30, 0.05);
		rig_step(&r);
	}
	assert_int_equal(r.limits.state, CHARGE_BULK);
}

static void test_bulk_to_transition_at_the_soc_threshold(void **state)
{
	struct rig r;

	rig_init(&r);
	r.battery.soc_pct = 89.9;
	rig_run(&r, 60);
	assert_int_equal(r.limits.state, CHARGE_BULK);
	r.battery.soc_pct = 90.0;
	rig_step(&r);
	assert_int_equal(r.limits.state, CHARGE_TRANSITION);
}

static void test_transition_to_bulk_needs_soc_and_voltage(void **state)
{
	struct rig r;

	rig_init(&r);
	r.battery.soc_pct = 90.0;
	rig_step(&r);
	r.battery.soc_pct = 79.0;
	rig_cells(&r, 3.30, 0.06);
	rig_run(&r, 60);
	assert_int_equal(r.limits.state, CHARGE_TRANSITION);
	r.battery.soc_pct = 81.0;
	rig_cells(&r, 3.30, 0.04);
	rig_run(&r, 60);
	assert_int_equal(r.limits.state, CHARGE_TRANSITION);
	r.battery.soc_pct = 79.0;
	rig_step(&r);
	assert_int_equal(r.limits.state, CHARGE_BULK);
}

static void test_full_by_tail_current_for_tail_time(void **state)
{
	struct rig r;

	rig_init(&r);
	rig_charge_to_top(&r);
	r.battery.current_a = 6.0;
	rig_run(&r, 120);
	assert_int_equal(r.limits.state, CHARGE_TRANSITION);
	r.battery.current_a = 5.0;
	rig_run(&r, 60);
	assert_int_equal(r.limits.state, CHARGE_TRANSITION);
	rig_step(&r);
	assert_int_equal(r.limits.state, CHARGE_FLOAT_APPROACH);
}

static void test_no_tail_below_the_target(void **state)
{
	struct rig r;

	rig_init(&r);
	rig_charge_to_top(&r);
	rig_cells(&r, rig_target_v - 0.025, 0.0);
	rig_run(&r, 8000);
	assert_int_equal(r.limits.state, CHARGE_TRANSITION);
}

static void test_no_tail_where_a_limit_keeps_the_current_small(void **state)
{
	struct rig r;

	rig_init(&r);
	rig_charge_to_top(&r);
	r.config.max_charge_current = 4.0;
	rig_run(&r, 600);
	assert_int_equal(r.limits.state, CHARGE_TRANSITION);
}

static void test_full_by_the_status_of_the_bms(void **state)
{
	struct rig r;

	rig_init(&r);
	rig_charge_to_top(&r);
	r.battery.current_a = 20.0;
	rig_run(&r, 20);
	assert_int_equal(r.limits.state, CHARGE_TRANSITION);
	r.battery.status = BATTERY_STATUS_FULL;
	rig_step(&r);
	assert_int_equal(r.limits.state, CHARGE_FLOAT_APPROACH);
}

static void test_full_after_absorption_time_max_near_the_target_only(void **state)
{
	struct rig r;

	rig_init(&r);
	rig_charge_to_top(&r);
	r.battery.current_a = 20.0;
	rig_run(&r, 1800);
	rig_cells(&r, rig_target_v - 0.03, 0.0);
	rig_run(&r, 7200);
	assert_int_equal(r.limits.state, CHARGE_TRANSITION);
	rig_charge_to_top(&r);
	r.battery.current_a = 20.0;
	rig_run(&r, 1790);
	assert_int_equal(r.limits.state, CHARGE_TRANSITION);
	rig_run(&r, 20);
	assert_int_equal(r.limits.state, CHARGE_FLOAT_APPROACH);
}

static void test_float_approach_to_float_when_the_pack_is_there(void **state)
{
	struct rig r;

	rig_init(&r);
	bring_to(&r, CHARGE_FLOAT_APPROACH);
	rig_cells(&r, 3.40, 0.0);
	r.battery.current_a = 0.0;
	rig_run(&r, 60);
	assert_int_equal(r.limits.state, CHARGE_FLOAT_APPROACH);
	rig_cells(&r, 3.35, 0.0);
	rig_step(&r);
	assert_int_equal(r.limits.state, CHARGE_FLOAT);
}

static void test_float_approach_to_float_when_loads_took_3_pct(void **state)
{
	struct rig r;

	rig_init(&r);
	bring_to(&r, CHARGE_FLOAT_APPROACH);
	rig_cells(&r, 3.40, 0.0);
	r.battery.current_a = 0.0;
	r.battery.soc_pct = 96.1;
	rig_run(&r, 10);
	assert_int_equal(r.limits.state, CHARGE_FLOAT_APPROACH);
	r.battery.soc_pct = 96.0;
	rig_step(&r);
	assert_int_equal(r.limits.state, CHARGE_FLOAT);
}

static void bring_to_float(struct rig *r)
{
	bring_to(r, CHARGE_FLOAT_APPROACH);
	rig_cells(r, 3.34, 0.0);
	r->battery.current_a = 0.0;
	rig_step(r);
	assert_int_equal(r->limits.state, CHARGE_FLOAT);
}

static void test_float_to_bulk_at_float_exit_soc(void **state)
{
	struct rig r;

	rig_init(&r);
	bring_to_float(&r);
	r.battery.soc_pct = 85.1;
	rig_run(&r, 120);
	assert_int_equal(r.limits.state, CHARGE_FLOAT);
	r.battery.soc_pct = 85.0;
	rig_step(&r);
	assert_int_equal(r.limits.state, CHARGE_BULK);
}

static void test_float_to_bulk_by_the_lowest_cell_for_60_s(void **state)
{
	struct rig r;

	rig_init(&r);
	bring_to_float(&r);
	rig_cells(&r, 3.29, 0.0);
	r.battery.soc_pct = 96.0;
	rig_run(&r, 300);
	assert_int_equal(r.limits.state, CHARGE_FLOAT);
	rig_cells(&r, 3.32, 0.0);
	rig_step(&r);
	rig_cells(&r, 3.30, 0.0);
	r.battery.soc_pct = 94.0;
	rig_run(&r, 60);
	assert_int_equal(r.limits.state, CHARGE_FLOAT);
	rig_step(&r);
	assert_int_equal(r.limits.state, CHARGE_BULK);
}

static void test_float_approach_to_bulk_at_float_exit_soc(void **state)
{
	struct rig r;

	rig_init(&r);
	bring_to(&r, CHARGE_FLOAT_APPROACH);
	r.battery.soc_pct = 84.0;
	rig_step(&r);
	assert_int_equal(r.limits.state, CHARGE_BULK);
}

static void test_float_to_bulk_after_full_charge_interval(void **state)
{
	struct rig r;

	rig_init(&r);
	r.config.full_charge_interval = 1.0;
	bring_to_float(&r);
	rig_run(&r, 86390);
	assert_int_equal(r.limits.state, CHARGE_FLOAT);
	assert_true(rig_until(&r, CHARGE_BULK, 20) <= 20);
}

/* A BMS that calls a full battery 80 % full: no endless circle of charges. */
static void test_float_holds_though_the_soc_is_wrong(void **state)
{
	struct rig r;

	rig_init(&r);
	rig_charge_to_top(&r);
	r.battery.soc_pct = 80.0;
	assert_true(rig_until(&r, CHARGE_FLOAT_APPROACH, 200) <= 200);
	rig_cells(&r, 3.34, 0.0);
	rig_run(&r, 600);
	assert_int_equal(r.limits.state, CHARGE_FLOAT);
	r.battery.soc_pct = 79.0;
	rig_step(&r);
	assert_int_equal(r.limits.state, CHARGE_BULK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_start_is_bulk),
		cmocka_unit_test(test_bulk_to_transition_10_s_within_50_mv),
		cmocka_unit_test(test_bulk_to_transition_needs_10_s_without_a_break),
		cmocka_unit_test(test_bulk_to_transition_at_the_soc_threshold),
		cmocka_unit_test(test_transition_to_bulk_needs_soc_and_voltage),
		cmocka_unit_test(test_full_by_tail_current_for_tail_time),
		cmocka_unit_test(test_no_tail_below_the_target),
		cmocka_unit_test(test_no_tail_where_a_limit_keeps_the_current_small),
		cmocka_unit_test(test_full_by_the_status_of_the_bms),
		cmocka_unit_test(test_full_after_absorption_time_max_near_the_target_only),
		cmocka_unit_test(test_float_approach_to_float_when_the_pack_is_there),
		cmocka_unit_test(test_float_approach_to_float_when_loads_took_3_pct),
		cmocka_unit_test(test_float_to_bulk_at_float_exit_soc),
		cmocka_unit_test(test_float_to_bulk_by_the_lowest_cell_for_60_s),
		cmocka_unit_test(test_float_approach_to_bulk_at_float_exit_soc),
		cmocka_unit_test(test_float_to_bulk_after_full_charge_interval),
		cmocka_unit_test(test_float_holds_though_the_soc_is_wrong),
	};
	return cmocka_run_group_tests_name("control_states", tests, NULL, NULL);
}
