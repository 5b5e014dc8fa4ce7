/* SPDX-License-Identifier: MIT */
/* CCL and DCL: each limiter with its name, and how they move. Charge-control reference, sections 3
 * and 4. */
#include "support.h"

#include <math.h>

#include "control_rig.h"

/* Limits of a battery that has just this; 90 A and 180 A are the maxima. */
/* clang-format off */
static const struct curve_case {
	const char *name;
	enum { CELL_V, TEMPERATURE_C, SOC_PCT } what;
	double x, ccl_a, dcl_a;
	const char *charge_says, *discharge_says;
} curves[] = {
	{ "charge taper: full", CELL_V, 3.40, 90, 180, "BMS charge cut-off", "BMS discharge cut-off" },
	{ "charge taper: between points", CELL_V, 3.425, 56.25, 180, "cell voltage", NULL },
	{ "charge taper: at a point", CELL_V, 3.50, 4.5, 180, "cell voltage", NULL },
	{ "charge taper: zero", CELL_V, 3.55, 0, 180, "cell voltage", NULL },
	{ "charge taper: beyond", CELL_V, 3.69, 0, 180, "cell voltage", NULL },
	{ "discharge taper: between points", CELL_V, 3.05, 90, 112.5, NULL, "cell voltage" },
	{ "discharge taper: zero", CELL_V, 2.80, 5, 0, NULL, "cell voltage" },
	{ "charge temperature: cold zero", TEMPERATURE_C, 2, 0, 108, "temperature", "temperature" },
	{ "charge temperature: cold", TEMPERATURE_C, 7, 0.5 * 90, 0.85 * 180, "temperature", "temperature" },
	{ "charge temperature: hot", TEMPERATURE_C, 42.5, 0.75 * 90, 180, "temperature", NULL },
	{ "charge temperature: hot zero", TEMPERATURE_C, 55, 0, 27, "temperature", "temperature" },
	{ "discharge temperature: cold zero", TEMPERATURE_C, -20, 0, 0, NULL, "temperature" },
	{ "discharge temperature: hot zero", TEMPERATURE_C, 58, 0, 0, NULL, "temperature" },
	{ "soc taper: charge", SOC_PCT, 95, 49.5, 180, "state of charge", NULL },
	{ "soc taper: discharge", SOC_PCT, 15, 90, 90, NULL, "state of charge" },
	{ "soc taper: unknown SOC is the worst case", SOC_PCT, (double) NAN, 9, 0, "state of charge",
	  "state of charge" },
};
/* clang-format on */

static void test_curve(void **state)
{
	const struct curve_case *k = *state;
	struct rig r;

	rig_init(&r);
	if (k->what == CELL_V)
		rig_cells(&r, k->x, 0.0);
	if (k->what == TEMPERATURE_C)
		r.battery.temp_external_c[1] = k->x;
	if (k->what == SOC_PCT) {
		r.battery.soc_pct = k->x;
		r.config.sustain_dcl = 750;
		assert_true(curve_parse(&r.config.charge_taper_soc, "90:1 100:0.1"));
		assert_true(curve_parse(&r.config.discharge_taper_soc, "10:0 20:1"));
	}
	rig_step(&r);
	assert_near(r.limits.ccl_a, k->ccl_a, 1e-9);
	assert_near(r.limits.dcl_a, k->dcl_a, 1e-9);
	if (k->charge_says)
		assert_string_equal(r.limits.charge_limitation, k->charge_says);
	if (k->discharge_says)
		assert_string_equal(r.limits.discharge_limitation, k->discharge_says);
}

static void test_the_coldest_external_sensor_counts(void **state)
{
	struct rig r;

	rig_init(&r);
	r.battery.temp_internal_c = -5.0; /* not at the cells */
	r.battery.temp_external_c[0] = 7.0;
	rig_step(&r);
	assert_near(r.limits.ccl_a, 45.0, 1e-9);
}

static void test_temperature_source_internal(void **state)
{
	struct rig r;

	rig_init(&r);
	r.config.temperature_source = TEMPERATURE_INTERNAL;
	r.battery.temp_internal_c = 7.0;
	rig_step(&r);
	assert_near(r.limits.ccl_a, 45.0, 1e-9);
}

static void test_recovery_hold_then_ramp_after_zero(void **state)
{
	struct rig r;

	rig_init(&r);
	rig_step(&r);
	battery_events_add(&r.battery.active, 0x03);
	rig_step(&r);
	assert_near(r.limits.ccl_a, 0.0, 0.0);
	assert_string_equal(r.limits.charge_limitation, "BMS fault over-voltage");
	assert_near(r.limits.dcl_a, 180.0, 1e-9);
	battery_events_remove(&r.battery.active, 0x03);
	rig_run(&r, 30);
	assert_near(r.limits.ccl_a, 0.0, 0.0);
	assert_string_equal(r.limits.charge_limitation, "recovery hold");
	for (int s = 1; s <= 17; s++) {
		rig_step(&r);
		assert_near(r.limits.ccl_a, 5.0 * s, 1e-9);
		assert_string_equal(r.limits.charge_limitation, "recovery ramp");
	}
	rig_step(&r);
	assert_near(r.limits.ccl_a, 90.0, 1e-9);
}

static void test_no_recovery_hold_where_the_limit_was_not_zero(void **state)
{
	struct rig r;

	rig_init(&r);
	r.battery.temp_external_c[0] = 7.0;
	rig_step(&r);
	r.battery.temp_external_c[0] = 25.0;
	rig_step(&r);
	assert_near(r.limits.ccl_a, 50.0, 1e-9);
}

static void test_recovery_keys_act(void **state)
{
	struct rig r;

	rig_init(&r);
	r.config.recovery_hold = 3.0;
	r.config.recovery_rate = 20.0;
	r.config.force_charging_off = true;
	rig_step(&r);
	assert_string_equal(r.limits.charge_limitation, "switched off by the owner");
	r.config.force_charging_off = false;
	rig_run(&r, 3);
	assert_near(r.limits.ccl_a, 0.0, 0.0);
	rig_step(&r);
	assert_near(r.limits.ccl_a, 20.0, 1e-9);
}

static void test_a_process_start_is_no_recovery(void **state)
{
	struct rig r;

	rig_init(&r);
	rig_step(&r);
	assert_near(r.limits.ccl_a, 90.0, 1e-9);
	assert_near(r.limits.dcl_a, 180.0, 1e-9);
}

static void test_a_configuration_that_allows_more_acts_by_the_ramp(void **state)
{
	struct rig r;

	rig_init(&r);
	r.config.max_charge_current = 20.0;
	r.config.max_discharge_current = 30.0;
	rig_run(&r, 10);
	assert_string_equal(r.limits.charge_limitation, "configured");
	assert_string_equal(r.limits.discharge_limitation, "configured");
	r.config.max_charge_current = 100.0;
	r.config.max_discharge_current = 200.0;
	for (int s = 1; s <= 16; s++) {
		rig_step(&r);
		assert_near(r.limits.ccl_a, 20.0 + 5.0 * s, 1e-9);
		assert_near(r.limits.dcl_a, 30.0 + 5.0 * s, 1e-9);
	}
}

static void test_a_configuration_that_allows_less_acts_at_once(void **state)
{
	struct rig r;

	rig_init(&r);
	rig_run(&r, 10);
	r.config.max_charge_current = 20.0;
	r.config.max_discharge_current = 30.0;
	rig_step(&r);
	assert_near(r.limits.ccl_a, 20.0, 1e-9);
	assert_near(r.limits.dcl_a, 30.0, 1e-9);
}

/* The temperature that was read before counts by the new curve, though it reads the same. */
static void test_a_changed_temperature_curve_acts_at_the_same_temperature(void **state)
{
	struct rig r;

	rig_init(&r);
	rig_run(&r, 5);
	assert_near(r.limits.ccl_a, 90.0, 1e-9);
	assert_true(curve_parse(&r.config.charge_taper_temp, "0:0 20:0.5 30:0.5 55:0"));
	assert_true(curve_parse(&r.config.discharge_taper_temp, "-20:0 20:0.25 55:0"));
	rig_step(&r);
	assert_near(r.limits.ccl_a, 45.0, 1e-9);
	assert_near(r.limits.dcl_a, 180.0 * 0.25 * 30.0 / 35.0, 1e-9);
	assert_string_equal(r.limits.charge_limitation, "temperature");
	r.battery.settings.over_heat_c = 30.0; /* the hot half reaches 0 at 28 degrees */
	rig_step(&r);
	assert_near(r.limits.ccl_a, 45.0 * 3.0 / 25.0, 1e-9);
}

static void test_force_discharging_off_is_the_limiter(void **state)
{
	struct rig r;

	rig_init(&r);
	rig_step(&r);
	r.config.force_discharging_off = true;
	rig_step(&r);
	assert_near(r.limits.dcl_a, 0.0, 0.0);
	assert_string_equal(r.limits.discharge_limitation, "switched off by the owner");
	assert_true(r.limits.discharge_blocked);
	assert_near(r.limits.ccl_a, 90.0, 1e-9);
}

/* Faults: what each forbids, and in which words. */
static const struct fault_case {
	const char *name;
	unsigned event;
	bool charge, discharge; /* allowed */
} faults[] = {
	{ "BMS fault under-voltage", 0x02, true, false },
	{ "BMS fault over-voltage", 0x03, false, true },
	{ "BMS fault over-temperature", 0x04, false, false },
	{ "BMS fault discharge over-current", 0x05, true, false },
	{ "BMS fault charge over-current", 0x06, false, true },
	{ "BMS fault regeneration over-current", 0x07, false, true },
	{ "BMS fault low temperature", 0x0A, false, false },
	{ "BMS fault charger switch", 0x0B, false, false },
	{ "BMS fault load switch", 0x0C, false, false },
	{ "BMS fault single port switch", 0x0D, false, false },
	{ "BMS fault current sensor disconnected", 0x0E, false, false },
	{ "BMS fault current sensor connected", 0x0F, false, false },
	{ "BMS fully discharged", 0x31, true, false },
	{ "BMS too cold to charge", 0x37, false, true },
	{ "BMS fault", 0x20, false, false }, /* one that no document knows */
};

static void test_fault(void **state)
{
	const struct fault_case *k = *state;
	struct rig r;

	rig_init(&r);
	rig_step(&r);
	battery_events_add(&r.battery.active, k->event);
	rig_step(&r);
	assert_near(r.limits.ccl_a, k->charge ? 90.0 : 0.0, 1e-9);
	assert_near(r.limits.dcl_a, k->discharge ? 180.0 : 0.0, 1e-9);
	if (!k->charge)
		assert_string_equal(r.limits.charge_limitation, k->name);
	if (!k->discharge)
		assert_string_equal(r.limits.discharge_limitation, k->name);
}

static void test_a_fault_without_a_cause_forbids_both(void **state)
{
	struct rig r;

	rig_init(&r);
	r.battery.status = BATTERY_STATUS_FAULT;
	rig_step(&r);
	assert_near(r.limits.ccl_a, 0.0, 0.0);
	assert_near(r.limits.dcl_a, 0.0, 0.0);
	assert_string_equal(r.limits.charge_limitation, "BMS fault of unknown cause");
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(test_the_coldest_external_sensor_counts),
		cmocka_unit_test(test_temperature_source_internal),
		cmocka_unit_test(test_recovery_hold_then_ramp_after_zero),
		cmocka_unit_test(test_no_recovery_hold_where_the_limit_was_not_zero),
		cmocka_unit_test(test_recovery_keys_act),
		cmocka_unit_test(test_a_process_start_is_no_recovery),
		cmocka_unit_test(test_a_configuration_that_allows_more_acts_by_the_ramp),
		cmocka_unit_test(test_a_configuration_that_allows_less_acts_at_once),
		cmocka_unit_test(test_a_changed_temperature_curve_acts_at_the_same_temperature),
		cmocka_unit_test(test_force_discharging_off_is_the_limiter),
		cmocka_unit_test(test_a_fault_without_a_cause_forbids_both),
	};
	enum { CURVES = G_N_ELEMENTS(curves), FAULTS = G_N_ELEMENTS(faults) };
	struct CMUnitTest tests[CURVES + FAULTS + G_N_ELEMENTS(others)];

	for (size_t i = 0; i < CURVES; i++)
		tests[i] = (struct CMUnitTest){ .name = curves[i].name,
						.test_func = test_curve,
						.initial_state = (void *) &curves[i] };
	for (size_t i = 0; i < FAULTS; i++)
		tests[CURVES + i] = (struct CMUnitTest){ .name = faults[i].name,
							 .test_func = test_fault,
							 .initial_state = (void *) &faults[i] };
	memcpy(tests + CURVES + FAULTS, others, sizeof(others));
	return cmocka_run_group_tests_name("control_currents", tests, NULL, NULL);
}
