/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "battery/control.h"

static const gint64 second_us = 1000000;

/* A 16-cell LFP battery at rest in the middle. */
static struct battery healthy(gint64 taken_us)
{
	struct battery b;

	battery_clear(&b);
	b.taken_us = taken_us;
	b.cell_count = 16;
	for (unsigned i = 0; i < 16; i++)
		b.cell_v[i] = 3.30;
	battery_derive(&b);
	b.pack_v = b.cell_sum_v;
	b.current_a = 0.0;
	b.soc_pct = 50.0;
	b.temp_internal_c = 25.0;
	b.temp_external_c[0] = b.temp_external_c[1] = 25.0;
	b.status = BATTERY_STATUS_IDLE;
	b.settings = (struct battery_settings) {
		.fully_charged_v = 3.65, .fully_discharged_v = 2.75, .early_balancing_v = 3.40,
		.charge_finished_a = 2.0, .capacity_ah = 100.0, .series_cells = 16,
		.allowed_disbalance_v = 0.015, .over_voltage_v = 3.70, .under_voltage_v = 2.50,
		.discharge_over_current_a = 200.0, .charge_over_current_a = 100.0,
		.over_heat_c = 60.0, .low_temperature_charge_c = 0.0,
	};
	return b;
}

static void test_nothing_before_the_first_snapshot(void **state)
{
	struct control c;
	struct charge_config config;

	control_init(&c);
	charge_config_init(&config);
	assert_false(control_step(&c, &config, NULL, 0).on_bus);
	struct battery b = healthy(second_us);
	for (unsigned i = 0; i < 16; i++)
		b.cell_v[i] = 0.0;
	battery_derive(&b);
	assert_false(control_step(&c, &config, &b, second_us).on_bus);
}

static void test_first_limits_are_as_computed(void **state)
{
	struct control c;
	struct charge_config config;
	const struct battery b = healthy(0);

	control_init(&c);
	charge_config_init(&config);
	const struct limits l = control_step(&c, &config, &b, 0);
	assert_true(l.on_bus);
	assert_near(l.cvl_v, 55.2, 1e-9);
	assert_near(l.ccl_a, 90.0, 1e-9);
	assert_near(l.dcl_a, 180.0, 1e-9);
	assert_string_equal(l.charge_limitation, "BMS charge cut-off");
}

static const struct stale_case {
	double age_s;
	double ccl_a, cvl_v;
	bool on_bus, warning, alarm;
} ladder[] = {
	{ 1, 90, 55.2, true, false, false },
	{ 3, 90, 55.2, true, false, false },
	{ 6.5, 54, 55.2, true, false, false },
	{ 10, 18, 55.2, true, false, false },
	{ 11, 0, 53.6, true, true, false },
	{ 59, 0, 53.6, true, true, false },
	{ 60, 0, 53.6, true, true, true },
	{ 61, 0, 53.6, false, true, true },
};

static void test_stale_ladder_to_the_second(void **state)
{
	struct control c;
	struct charge_config config;
	const struct battery b = healthy(0);

	control_init(&c);
	charge_config_init(&config);
	(void) control_step(&c, &config, &b, 0);
	for (size_t i = 0; i < G_N_ELEMENTS(ladder); i++) {
		const struct stale_case *want = &ladder[i];
		const gint64 now_us = (gint64) (want->age_s * 1e6);
		const struct limits l = control_step(&c, &config, NULL, now_us);

		assert_near(l.ccl_a, want->ccl_a, 1e-9);
		assert_near(l.dcl_a, 2 * want->ccl_a, 1e-9);
		assert_near(l.cvl_v, want->cvl_v, 1e-9);
		assert_int_equal(l.on_bus, want->on_bus);
		assert_int_equal(l.bms_cable_warning, want->warning);
		assert_int_equal(l.bms_cable_alarm, want->alarm);
	}
}

static void test_return_from_silence_ramps_without_hold(void **state)
{
	struct control c;
	struct charge_config config;
	struct battery b = healthy(0);

	control_init(&c);
	charge_config_init(&config);
	(void) control_step(&c, &config, &b, 0);
	assert_near(control_step(&c, &config, NULL, 20 * second_us).ccl_a, 0.0, 0);
	b.taken_us = 21 * second_us;
	const struct limits l = control_step(&c, &config, &b, 21 * second_us);
	assert_near(l.ccl_a, 5.0, 1e-9);
	assert_near(l.cvl_v, 55.2, 1e-9);
	assert_string_equal(l.charge_limitation, "recovery ramp");
	assert_false(l.bms_cable_warning);
}

static void test_fault_forbids_and_recovers_after_the_hold(void **state)
{
	struct control c;
	struct charge_config config;
	struct battery b = healthy(0);

	control_init(&c);
	charge_config_init(&config);
	b.status = BATTERY_STATUS_FAULT;
	battery_events_add(&b.active, 0x04);
	struct limits l = control_step(&c, &config, &b, 0);
	assert_near(l.ccl_a, 0.0, 0);
	assert_near(l.dcl_a, 0.0, 0);
	assert_string_equal(l.discharge_limitation, "BMS fault over-temperature");

	b = healthy(0);
	for (int t = 1; t <= 32; t++) {
		b.taken_us = t * second_us;
		l = control_step(&c, &config, &b, b.taken_us);
		assert_near(l.ccl_a, t <= 30 ? 0.0 : 5.0 * (t - 30), 1e-9);
	}
}

static void test_dead_wire_forbids_both(void **state)
{
	struct control c;
	struct charge_config config;
	struct battery b = healthy(0);

	control_init(&c);
	charge_config_init(&config);
	b.cell_v[4] = 0.0;
	battery_derive(&b);
	const struct limits l = control_step(&c, &config, &b, 0);
	assert_near(l.ccl_a, 0.0, 0);
	assert_near(l.dcl_a, 0.0, 0);
	assert_true(l.cvl_v > 0.0);
	assert_string_equal(l.charge_limitation, "cell sense wire broken");
}

/* A second of a battery whose sensors say this; NAN is no sensor. */
static struct limits step_at(struct control *c, int t, double internal_c, double external_c)
{
	struct charge_config config;
	struct battery b = healthy(t * second_us);

	charge_config_init(&config);
	b.temp_internal_c = internal_c;
	b.temp_external_c[0] = external_c;
	b.temp_external_c[1] = (double) NAN;
	return control_step(c, &config, &b, b.taken_us);
}

/* Cells at 4 degrees, the BMS warm: the broken wire must not free the charge. */
static void test_a_vanished_sensor_counts_with_its_last_value_for_60_s(void **state)
{
	struct control c;
	struct limits l;

	control_init(&c);
	l = step_at(&c, 0, 25.0, 4.0);
	const double cold_a = l.ccl_a;

	assert_true(cold_a > 0.0 && cold_a < 50.0);
	for (int t = 1; t <= 60; t++) {
		l = step_at(&c, t, 25.0, (double) NAN);
		assert_near(l.ccl_a, cold_a, 1e-9);
	}
	l = step_at(&c, 61, 25.0, (double) NAN);
	assert_near(l.ccl_a, 0.0, 0.0);
	assert_string_equal(l.charge_limitation, "external temperature sensor 1 lost");
	assert_near(l.dcl_a, 45.0, 1e-9); /* a quarter: no black-out */
	assert_string_equal(l.discharge_limitation, "external temperature sensor 1 lost");
}

static void test_a_lost_sensor_never_raises_discharge(void **state)
{
	struct control c;
	struct limits l;

	control_init(&c);
	l = step_at(&c, 0, 25.0, -15.0); /* 0.125 of 180 A */
	const double cold_a = l.dcl_a;

	assert_true(cold_a > 0.0 && cold_a < 45.0);
	for (int t = 1; t <= 100; t++) {
		l = step_at(&c, t, 25.0, (double) NAN);
		assert_true(l.dcl_a <= cold_a + 1e-9);
	}
}

static void test_the_internal_sensor_stands_in_where_no_other_ever_was(void **state)
{
	struct control c, with_external;
	struct limits l;

	control_init(&c);
	control_init(&with_external);
	l = step_at(&c, 0, 5.0, (double) NAN);
	assert_true(l.ccl_a > 0.0 && l.ccl_a < 90.0);
	assert_near(l.ccl_a, step_at(&with_external, 0, 25.0, 5.0).ccl_a, 1e-9);
	assert_string_equal(l.charge_limitation, "temperature");
}

static void test_no_temperature_at_all_is_no_charge(void **state)
{
	struct control c;
	struct limits l;

	control_init(&c);
	l = step_at(&c, 0, (double) NAN, (double) NAN);
	assert_near(l.ccl_a, 0.0, 0.0);
	assert_near(l.dcl_a, 45.0, 1e-9);
	assert_string_equal(l.charge_limitation, "no temperature");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_before_the_first_snapshot),
		cmocka_unit_test(test_first_limits_are_as_computed),
		cmocka_unit_test(test_stale_ladder_to_the_second),
		cmocka_unit_test(test_return_from_silence_ramps_without_hold),
		cmocka_unit_test(test_fault_forbids_and_recovers_after_the_hold),
		cmocka_unit_test(test_dead_wire_forbids_both),
		cmocka_unit_test(test_a_vanished_sensor_counts_with_its_last_value_for_60_s),
		cmocka_unit_test(test_a_lost_sensor_never_raises_discharge),
		cmocka_unit_test(test_the_internal_sensor_stands_in_where_no_other_ever_was),
		cmocka_unit_test(test_no_temperature_at_all_is_no_charge),
	};

	return cmocka_run_group_tests_name("control", tests, NULL, NULL);
}
