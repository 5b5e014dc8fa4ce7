/* SPDX-License-Identifier: MIT */
/* The ladder of a BMS that does not answer, row by row: docs/charge-control.md. */
#include "support.h"

#include "control_rig.h"

static const double float_v = 16 * 3.35;

/* The newest snapshot is @age_s old: taken at 0, and then silence each second. */
static void be_silent(struct rig *r, unsigned age_s)
{
	rig_init(r);
	rig_step(r);
	rig_silence(r, age_s);
}

static void test_up_to_3_s_as_computed(void **state)
{
	for (unsigned age_s = 0; age_s <= 3; age_s++) {
		struct rig r;

		be_silent(&r, age_s);
		assert_true(r.limits.on_bus);
		assert_near(r.limits.cvl_v, 55.2, 1e-9);
		assert_near(r.limits.ccl_a, 90.0, 1e-9);
		assert_near(r.limits.dcl_a, 180.0, 1e-9);
		assert_string_equal(r.limits.charge_limitation, "BMS charge cut-off");
		assert_string_equal(r.limits.waits_for, "a cell near its target");
	}
}

static void test_3_to_10_s_values_kept_and_currents_fall_to_20_pct(void **state)
{
	for (unsigned age_s = 4; age_s <= 10; age_s++) {
		const double share = 1.0 - 0.8 * (age_s - 3) / 7.0;
		struct rig r;

		be_silent(&r, age_s);
		assert_true(r.limits.on_bus);
		assert_near(r.limits.cvl_v, 55.2, 1e-9);
		assert_near(r.limits.ccl_a, 90.0 * share, 1e-9);
		assert_near(r.limits.dcl_a, 180.0 * share, 1e-9);
		assert_int_equal(r.limits.state, CHARGE_BULK);
		assert_string_equal(r.limits.waits_for, "an answer from the BMS");
		assert_string_equal(r.limits.charge_limitation, "stale data");
		assert_string_equal(r.limits.discharge_limitation, "stale data");
		assert_false(r.limits.bms_cable_warning);
	}
}

static void test_10_to_60_s_offline_without_current_and_with_a_warning(void **state)
{
	for (unsigned age_s = 11; age_s <= 59; age_s++) {
		struct rig r;

		be_silent(&r, age_s);
		assert_true(r.limits.on_bus);
		assert_near(r.limits.cvl_v, float_v, 1e-9);
		assert_near(r.limits.ccl_a, 0.0, 0.0);
		assert_near(r.limits.dcl_a, 0.0, 0.0);
		assert_int_equal(r.limits.state, CHARGE_OFFLINE);
		assert_true(r.limits.bms_cable_warning);
		assert_false(r.limits.bms_cable_alarm);
		assert_true(r.limits.charge_blocked && r.limits.discharge_blocked);
		assert_false(r.limits.charge_request);
	}
}

static void test_over_60_s_one_update_with_the_alarm_then_off_the_bus(void **state)
{
	struct rig r;

	be_silent(&r, 60);
	assert_true(r.limits.on_bus);
	assert_true(r.limits.bms_cable_alarm);
	for (int s = 0; s < 300; s++) {
		rig_silence(&r, 1);
		assert_false(r.limits.on_bus);
	}
}

static void test_a_cvl_below_float_stays_where_it_is(void **state)
{
	struct rig r;

	rig_init(&r);
	r.config.cell_min_float_v = 3.20;
	r.battery.cell_v[3] = 0.1; /* the lowest CVL there is */
	battery_derive(&r.battery);
	rig_step(&r);
	const double cvl_v = r.limits.cvl_v;

	assert_true(cvl_v < float_v);
	rig_silence(&r, 20);
	assert_near(r.limits.cvl_v, cvl_v, 1e-9);
}

/* By the ramp, from what was sent last, whatever the age was; without hold. */
static void test_return_by_the_ramp_without_hold(void **state)
{
	static const struct {
		unsigned age_s;
		double from_a; /* share of 90 A that was sent last */
	} rows[] = { { 5, 90.0 * (1 - 0.8 * 2 / 7) }, { 10, 18 }, { 20, 0 }, { 59, 0 } };

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct rig r;

		be_silent(&r, rows[i].age_s);
		assert_near(r.limits.ccl_a, rows[i].from_a, 1e-9);
		for (int s = 1; s <= 18; s++) {
			rig_step(&r);
			assert_true(r.limits.on_bus);
			assert_false(r.limits.bms_cable_warning);
			assert_near(r.limits.ccl_a, fmin(rows[i].from_a + 5.0 * s, 90.0), 1e-9);
		}
		assert_string_equal(r.limits.charge_limitation, "BMS charge cut-off");
	}
}

static void test_back_on_the_bus_from_the_first_snapshot_after_minutes(void **state)
{
	struct rig r;

	be_silent(&r, 300);
	assert_false(r.limits.on_bus);
	rig_step(&r);
	assert_true(r.limits.on_bus);
	assert_near(r.limits.cvl_v, 55.2, 1e-9);
	assert_true(r.limits.ccl_a <= 5.0 * 3);
	rig_run(&r, 40);
	assert_near(r.limits.ccl_a, 90.0, 1e-9);
	assert_near(r.limits.dcl_a, 180.0, 1e-9);
}

static void test_each_silence_has_its_one_update_with_the_alarm(void **state)
{
	struct rig r;

	rig_init(&r);
	for (int round = 0; round < 3; round++) {
		unsigned alarms = 0;

		rig_run(&r, 5);
		for (int s = 0; s < 100; s++) {
			rig_silence(&r, 1);
			alarms += r.limits.on_bus && r.limits.bms_cable_alarm;
		}
		assert_int_equal(alarms, 1);
	}
}

/* Only the fault is worth a hold, and silence neither adds to it nor stops it. */
static void test_a_hold_that_began_before_the_silence_goes_on(void **state)
{
	struct rig r;

	rig_init(&r);
	rig_step(&r);
	battery_events_add(&r.battery.active, 0x03);
	rig_step(&r);
	battery_events_remove(&r.battery.active, 0x03);
	rig_run(&r, 10);
	rig_silence(&r, 15);
	rig_run(&r, 7);
	assert_near(r.limits.ccl_a, 0.0, 0.0);
	assert_string_equal(r.limits.charge_limitation, "recovery hold");
	rig_run(&r, 3);
	assert_true(r.limits.ccl_a > 0.0 && r.limits.ccl_a <= 15.0);
}

static void test_what_moves_by_silence_is_published_at_once(void **state)
{
	struct rig r;

	be_silent(&r, 3);
	assert_false(r.limits.is_protective);
	rig_silence(&r, 1);
	assert_true(r.limits.is_protective);
	rig_silence(&r, 10);
	assert_true(r.limits.is_protective);
}

/* Cold cells and a plug that fell off overnight: yesterday's warmth is no temperature. */
static void test_a_sensor_that_was_lost_in_the_silence_is_lost(void **state)
{
	struct rig r;

	be_silent(&r, 3600);
	r.battery.temp_external_c[0] = r.battery.temp_external_c[1] = (double) NAN;
	rig_run(&r, 20);
	assert_near(r.limits.ccl_a, 0.0, 0.0);
	assert_string_equal(r.limits.charge_limitation, "external temperature sensor 1 lost");
}

static void test_a_sensor_counts_60_s_with_a_silence_in_them(void **state)
{
	struct rig r;

	be_silent(&r, 5);
	r.battery.temp_external_c[0] = r.battery.temp_external_c[1] = (double) NAN;
	rig_run(&r, 55);
	assert_near(r.limits.ccl_a, 90.0, 1e-9);
	rig_run(&r, 1);
	assert_near(r.limits.ccl_a, 0.0, 0.0);
}

static void test_another_pack_without_its_settings_is_no_answer(void **state)
{
	struct rig r;

	be_silent(&r, 1);
	r.battery.cell_count = 8;
	rig_cells(&r, 3.30, 0.0);
	r.battery.settings.over_voltage_v = (double) NAN;
	rig_run(&r, 12);
	assert_int_equal(r.limits.state, CHARGE_OFFLINE);
	assert_near(r.limits.ccl_a, 0.0, 0.0);
	r.battery.settings.over_voltage_v = 3.60;
	rig_step(&r);
	assert_near(r.limits.cvl_v, 8 * 3.45, 1e-9);
}

static void test_the_alarm_path_follows(void **state)
{
	struct alarms alarms = { 0 };
	enum alarm_level levels[ALARM_COUNT];
	struct rig r;

	rig_init(&r);
	rig_step(&r);
	for (int age_s = 1; age_s <= 60; age_s++) {
		rig_silence(&r, 1);
		alarms_step(&alarms, &r.config, NULL, &r.limits, r.now_us, levels);
		assert_int_equal(levels[ALARM_BMS_CABLE], age_s <= 10  ? ALARM_OK
							  : age_s < 60 ? ALARM_WARNING
								       : ALARM_ALARM);
	}
}

static void test_a_blank_snapshot_is_no_answer(void **state)
{
	struct rig r;

	rig_init(&r);
	rig_step(&r);
	rig_cells(&r, 0.0, 0.0);
	rig_run(&r, 11);
	assert_int_equal(r.limits.state, CHARGE_OFFLINE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_up_to_3_s_as_computed),
		cmocka_unit_test(test_3_to_10_s_values_kept_and_currents_fall_to_20_pct),
		cmocka_unit_test(test_10_to_60_s_offline_without_current_and_with_a_warning),
		cmocka_unit_test(test_over_60_s_one_update_with_the_alarm_then_off_the_bus),
		cmocka_unit_test(test_a_cvl_below_float_stays_where_it_is),
		cmocka_unit_test(test_return_by_the_ramp_without_hold),
		cmocka_unit_test(test_back_on_the_bus_from_the_first_snapshot_after_minutes),
		cmocka_unit_test(test_each_silence_has_its_one_update_with_the_alarm),
		cmocka_unit_test(test_a_hold_that_began_before_the_silence_goes_on),
		cmocka_unit_test(test_what_moves_by_silence_is_published_at_once),
		cmocka_unit_test(test_a_sensor_that_was_lost_in_the_silence_is_lost),
		cmocka_unit_test(test_a_sensor_counts_60_s_with_a_silence_in_them),
		cmocka_unit_test(test_another_pack_without_its_settings_is_no_answer),
		cmocka_unit_test(test_the_alarm_path_follows),
		cmocka_unit_test(test_a_blank_snapshot_is_no_answer),
	};

	return cmocka_run_group_tests_name("control_stale", tests, NULL, NULL);
}
