/* SPDX-License-Identifier: MIT */
/* The states that lie over the chain, and their precedence: docs/charge-control.md. */
#include "support.h"

#include <math.h>

#include "control_rig.h"

static void test_imbalance_hold_after_60_s_over_the_threshold(void **state)
{
	struct rig r;

	rig_init(&r);
	rig_cells(&r, rig_target_v - 0.11, 0.11);
	r.battery.current_a = 20.0;
	rig_run(&r, 60);
	assert_int_equal(r.limits.state, CHARGE_TRANSITION);
	rig_step(&r);
	assert_int_equal(r.limits.state, CHARGE_IMBALANCE_HOLD);
	assert_near(r.limits.ccl_a, 2.0, 1e-9);
	assert_string_equal(r.limits.charge_limitation, "balancing");
}

static void test_no_imbalance_hold_away_from_the_top(void **state)
{
	struct rig r;

	rig_init(&r);
	rig_cells(&r, rig_target_v - 0.221, 0.20);
	rig_run(&r, 600);
	assert_int_equal(r.limits.state, CHARGE_TRANSITION);
}

static void test_full_but_not_balanced_is_imbalance_hold(void **state)
{
	struct rig r;

	rig_init(&r);
	rig_cells(&r, rig_target_v - 0.045, 0.045);
	r.battery.current_a = 2.0;
	rig_run(&r, 61);
	assert_int_equal(r.limits.state, CHARGE_TRANSITION);
	rig_step(&r);
	assert_int_equal(r.limits.state, CHARGE_IMBALANCE_HOLD);
}

static void bring_to_hold(struct rig *r)
{
	rig_cells(r, rig_target_v - 0.11, 0.11);
	r->battery.current_a = 20.0;
	assert_true(rig_until(r, CHARGE_IMBALANCE_HOLD, 70) <= 70);
}

static void test_imbalance_hold_ends_60_s_after_release(void **state)
{
	struct rig r;

	rig_init(&r);
	bring_to_hold(&r);
	rig_cells(&r, rig_target_v - 0.041, 0.041);
	rig_run(&r, 300);
	assert_int_equal(r.limits.state, CHARGE_IMBALANCE_HOLD);
	rig_cells(&r, rig_target_v - 0.040, 0.040);
	rig_run(&r, 60);
	assert_int_equal(r.limits.state, CHARGE_IMBALANCE_HOLD);
	rig_step(&r);
	assert_int_equal(r.limits.state, CHARGE_TRANSITION);
}

static void test_imbalance_hold_ends_when_the_top_is_left(void **state)
{
	struct rig r;

	rig_init(&r);
	bring_to_hold(&r);
	rig_cells(&r, rig_target_v - 0.15, 0.125);
	rig_run(&r, 60);
	assert_int_equal(r.limits.state, CHARGE_IMBALANCE_HOLD);
	rig_cells(&r, rig_target_v - 0.15, 0.115);
	rig_step(&r);
	assert_int_equal(r.limits.state, CHARGE_TRANSITION);
}

static void test_imbalance_hold_ends_after_imbalance_time_max_with_a_warning(void **state)
{
	struct rig r;
	struct alarms alarms = { 0 };
	enum alarm_level levels[ALARM_COUNT];

	rig_init(&r);
	r.config.imbalance_time_max = 1.0;
	r.battery.settings.early_balancing_v = 3.60; /* no warning by the difference alone */
	bring_to_hold(&r);
	rig_run(&r, 3599);
	assert_int_equal(r.limits.state, CHARGE_IMBALANCE_HOLD);
	alarms_step(&alarms, &r.config, &r.battery, &r.limits, r.now_us, levels);
	assert_int_equal(levels[ALARM_CELL_IMBALANCE], ALARM_OK);
	rig_step(&r);
	assert_int_equal(r.limits.state, CHARGE_TRANSITION);
	alarms_step(&alarms, &r.config, &r.battery, &r.limits, r.now_us, levels);
	assert_int_equal(levels[ALARM_CELL_IMBALANCE], ALARM_WARNING);
	rig_step(&r);
	assert_int_equal(r.limits.state, CHARGE_FLOAT_APPROACH); /* absorption time is over */
}

static void test_cell_protection_from_threshold_to_release(void **state)
{
	struct rig r;

	rig_init(&r);
	rig_cells(&r, 3.30, 0.2195);
	rig_step(&r);
	assert_int_equal(r.limits.state, CHARGE_BULK);
	rig_cells(&r, 3.30, 0.22);
	rig_step(&r);
	assert_int_equal(r.limits.state, CHARGE_CELL_PROTECTION);
	rig_cells(&r, 3.30, 0.171);
	rig_run(&r, 10);
	assert_int_equal(r.limits.state, CHARGE_CELL_PROTECTION);
	rig_cells(&r, 3.30, 0.17);
	rig_step(&r);
	assert_int_equal(r.limits.state, CHARGE_TRANSITION);
}

static void test_sustain_from_soc_entry_to_exit(void **state)
{
	struct rig r;

	rig_init(&r);
	r.battery.soc_pct = 5.1;
	rig_step(&r);
	assert_int_equal(r.limits.state, CHARGE_BULK);
	assert_false(r.limits.charge_request);
	r.battery.soc_pct = 5.0;
	rig_step(&r);
	assert_int_equal(r.limits.state, CHARGE_SUSTAIN);
	assert_true(r.limits.charge_request);
	assert_near(r.limits.dcl_a, 5.0, 1e-9);
	assert_string_equal(r.limits.discharge_limitation, "sustain");
	assert_near(r.limits.ccl_a, 90.0, 1e-9);
	assert_near(r.limits.cvl_v, 55.2, 1e-9);
	r.battery.soc_pct = 7.9;
	rig_step(&r);
	assert_int_equal(r.limits.state, CHARGE_SUSTAIN);
	r.battery.soc_pct = 8.0;
	rig_step(&r);
	assert_int_equal(r.limits.state, CHARGE_BULK);
}

static void test_sustain_by_the_lowest_cell_and_its_end(void **state)
{
	struct rig r;

	rig_init(&r); /* the taper ends at 2.80 V */
	rig_cells(&r, 2.8505, 0.0);
	rig_step(&r);
	assert_int_equal(r.limits.state, CHARGE_BULK);
	rig_cells(&r, 2.85, 0.0);
	rig_step(&r);
	assert_int_equal(r.limits.state, CHARGE_SUSTAIN);
	rig_cells(&r, 2.949, 0.0);
	rig_step(&r);
	assert_int_equal(r.limits.state, CHARGE_SUSTAIN);
	rig_cells(&r, 2.951, 0.0);
	rig_step(&r);
	assert_int_equal(r.limits.state, CHARGE_BULK);
}

static void test_sustain_ends_discharge_at_the_end_of_the_taper(void **state)
{
	struct rig r;

	rig_init(&r);
	rig_cells(&r, 2.80, 0.0);
	rig_step(&r);
	assert_int_equal(r.limits.state, CHARGE_SUSTAIN);
	assert_near(r.limits.dcl_a, 0.0, 0.0);
}

static void test_sustain_charges_a_deeply_discharged_cell_gently(void **state)
{
	struct rig r;

	rig_init(&r); /* the taper's 0.05 point is 2.90 V */
	r.battery.soc_pct = 4.0;
	rig_cells(&r, 2.901, 0.0);
	rig_step(&r);
	assert_near(r.limits.ccl_a, 90.0, 1e-9);
	rig_cells(&r, 2.899, 0.0);
	rig_step(&r);
	assert_near(r.limits.ccl_a, 5.0, 1e-9);
	assert_string_equal(r.limits.charge_limitation, "deep discharge");
}

static void test_unknown_soc_counts_as_empty(void **state)
{
	struct rig r;

	rig_init(&r);
	r.battery.soc_pct = (double) NAN;
	rig_step(&r);
	assert_int_equal(r.limits.state, CHARGE_SUSTAIN);
}

static void test_soc_ceiling_is_float(void **state)
{
	struct rig r;

	rig_init(&r);
	r.config.soc_ceiling = 80.0;
	r.battery.soc_pct = 79.9;
	rig_step(&r);
	assert_int_equal(r.limits.state, CHARGE_BULK);
	r.battery.soc_pct = 80.0;
	rig_step(&r);
	assert_int_equal(r.limits.state, CHARGE_FLOAT);
	r.battery.soc_pct = 75.1;
	rig_run(&r, 10);
	assert_int_equal(r.limits.state, CHARGE_FLOAT);
	r.battery.soc_pct = 74.9;
	rig_step(&r);
	assert_int_equal(r.limits.state, CHARGE_BULK);
}

static void test_soc_ceiling_yields_to_the_periodic_full_charge(void **state)
{
	struct rig r;

	rig_init(&r);
	r.config.soc_ceiling = 80.0;
	r.config.full_charge_interval = 1.0;
	r.battery.soc_pct = 81.0;
	rig_run(&r, 86399);
	assert_int_equal(r.limits.state, CHARGE_FLOAT);
	rig_run(&r, 2);
	assert_int_equal(r.limits.state, CHARGE_BULK);
	rig_charge_to_top(&r);
	assert_true(rig_until(&r, CHARGE_FLOAT_APPROACH, 200) <= 200);
	rig_step(&r);
	assert_int_equal(r.limits.state, CHARGE_FLOAT);
}

/* 60 % at most, and no full charge by itself. */
static void test_storage_holds_half_full(void **state)
{
	struct rig r;

	rig_init(&r);
	r.config.storage = true;
	r.config.full_charge_interval = 1.0;
	r.battery.soc_pct = 59.9;
	rig_step(&r);
	assert_int_equal(r.limits.state, CHARGE_BULK);
	r.battery.soc_pct = 60.0;
	rig_run(&r, 2 * 86400);
	assert_int_equal(r.limits.state, CHARGE_FLOAT);
	r.config.soc_ceiling = 50.0;
	r.battery.soc_pct = 56.0;
	rig_step(&r);
	assert_int_equal(r.limits.state, CHARGE_FLOAT);
	control_want_full(&r.control, true);
	rig_step(&r);
	assert_int_equal(r.limits.state, CHARGE_BULK);
}

/* Everything at once, then taken away from the top. */
static void test_precedence_offline_protection_sustain_hold_chain(void **state)
{
	struct rig r;

	rig_init(&r);
	bring_to_hold(&r);
	r.battery.soc_pct = 4.0;
	rig_cells(&r, rig_target_v - 0.11, 0.19);
	rig_step(&r);
	assert_int_equal(r.limits.state, CHARGE_CELL_PROTECTION);
	rig_silence(&r, 11);
	assert_int_equal(r.limits.state, CHARGE_OFFLINE);
	assert_string_equal(r.limits.waits_for, "an answer from the BMS");
	rig_step(&r);
	assert_int_equal(r.limits.state, CHARGE_CELL_PROTECTION);
	rig_cells(&r, rig_target_v - 0.11, 0.12);
	rig_step(&r);
	assert_int_equal(r.limits.state, CHARGE_SUSTAIN);
	r.battery.soc_pct = 50.0;
	rig_step(&r);
	assert_int_equal(r.limits.state, CHARGE_IMBALANCE_HOLD);
	rig_cells(&r, rig_target_v - 0.11, 0.05);
	rig_step(&r);
	assert_int_equal(r.limits.state, CHARGE_TRANSITION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_imbalance_hold_after_60_s_over_the_threshold),
		cmocka_unit_test(test_no_imbalance_hold_away_from_the_top),
		cmocka_unit_test(test_full_but_not_balanced_is_imbalance_hold),
		cmocka_unit_test(test_imbalance_hold_ends_60_s_after_release),
		cmocka_unit_test(test_imbalance_hold_ends_when_the_top_is_left),
		cmocka_unit_test(test_imbalance_hold_ends_after_imbalance_time_max_with_a_warning),
		cmocka_unit_test(test_cell_protection_from_threshold_to_release),
		cmocka_unit_test(test_sustain_from_soc_entry_to_exit),
		cmocka_unit_test(test_sustain_by_the_lowest_cell_and_its_end),
		cmocka_unit_test(test_sustain_ends_discharge_at_the_end_of_the_taper),
		cmocka_unit_test(test_sustain_charges_a_deeply_discharged_cell_gently),
		cmocka_unit_test(test_unknown_soc_counts_as_empty),
		cmocka_unit_test(test_soc_ceiling_is_float),
		cmocka_unit_test(test_soc_ceiling_yields_to_the_periodic_full_charge),
		cmocka_unit_test(test_storage_holds_half_full),
		cmocka_unit_test(test_precedence_offline_protection_sustain_hold_chain),
	};
	return cmocka_run_group_tests_name("control_overlays", tests, NULL, NULL);
}
