/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "battery/alarms.h"
#include "battery/limits.h"

static const gint64 second_us = 1000000;

/* A 16-cell LFP battery that charges with 20 A; CCL is 90 A. */
struct bench {
	struct alarms alarms;
	struct charge_config config;
	struct battery battery;
	struct limits limits;
	gint64 now_us;
	enum alarm_level level[ALARM_COUNT];
};

static void set_cells(struct bench *x, double all_v, double first_v)
{
	for (unsigned i = 0; i < 16; i++)
		x->battery.cell_v[i] = i ? all_v : first_v;
	battery_derive(&x->battery);
}

static void bench_init(struct bench *x)
{
	memset(x, 0, sizeof(*x));
	charge_config_init(&x->config);
	battery_clear(&x->battery);
	x->battery.cell_count = 16;
	set_cells(x, 3.3, 3.3);
	x->battery.current_a = 20.0;
	x->battery.soc_pct = 50.0;
	x->battery.temp_internal_c = 30.0;
	x->battery.temp_external_c[0] = x->battery.temp_external_c[1] = 20.0;
	x->battery.status = BATTERY_STATUS_CHARGING;
	x->battery.settings = (struct battery_settings) {
		.early_balancing_v = 3.40, .over_voltage_v = 3.70, .under_voltage_v = 2.50,
		.discharge_over_current_a = 200.0, .charge_over_current_a = 100.0,
		.over_heat_c = 60.0, .low_temperature_charge_c = 0.0,
	};
	x->limits.on_bus = true;
	x->limits.ccl_a = 90.0;
}

/* One second later. */
static void step(struct bench *x, const struct battery *b)
{
	x->now_us += second_us;
	alarms_step(&x->alarms, &x->config, b, &x->limits, x->now_us, x->level);
}

static void steps(struct bench *x, unsigned seconds)
{
	for (unsigned i = 0; i < seconds; i++)
		step(x, &x->battery);
}

static void change(struct bench *x, const char *what, double to)
{
	struct battery *b = &x->battery;

	if (!strcmp(what, "cell"))
		set_cells(x, 3.3, to);
	else if (!strcmp(what, "cells"))
		set_cells(x, to, to);
	else if (!strcmp(what, "top"))
		set_cells(x, 3.41, 3.41 + to);
	else if (!strcmp(what, "low spread"))
		set_cells(x, 3.1, 3.1 + to);
	else if (!strcmp(what, "external"))
		b->temp_external_c[1] = to;
	else if (!strcmp(what, "external at rest"))
		b->temp_external_c[1] = to, b->current_a = 0.0;
	else if (!strcmp(what, "internal"))
		b->temp_internal_c = to;
	else if (!strcmp(what, "current"))
		b->current_a = to;
	else if (!strcmp(what, "soc"))
		b->soc_pct = to;
	else if (!strcmp(what, "event"))
		battery_events_add(&b->active, (unsigned) to);
	else if (!strcmp(what, "status"))
		b->status = BATTERY_STATUS_FAULT;
	else if (!strcmp(what, "status and event"))
		b->status = BATTERY_STATUS_FAULT, battery_events_add(&b->active, (unsigned) to);
	else
		fail_msg("no change %s", what);
}

/* From a calm battery, one change: the level comes after @delay_s, not before. */
static const struct row_case {
	const char *name;
	const char *what;
	double to;
	enum alarm_id id;
	enum alarm_level level;
	int delay_s;
} cases[] = {
	{ "HighCellVoltage warns at 315 - 0.05 V", "cell", 3.651, ALARM_HIGH_CELL_VOLTAGE, 1, 5 },
	{ "HighCellVoltage not below", "cell", 3.649, ALARM_HIGH_CELL_VOLTAGE, 0, 90 },
	{ "HighCellVoltage alarms at 315", "cell", 3.701, ALARM_HIGH_CELL_VOLTAGE, 2, 1 },
	{ "HighCellVoltage alarms at fault 3", "event", 0x03, ALARM_HIGH_CELL_VOLTAGE, 2, 0 },
	{ "LowCellVoltage warns at 316 + 0.15 V", "cell", 2.649, ALARM_LOW_CELL_VOLTAGE, 1, 10 },
	{ "LowCellVoltage not above", "cell", 2.651, ALARM_LOW_CELL_VOLTAGE, 0, 90 },
	{ "LowCellVoltage alarms at 316", "cell", 2.499, ALARM_LOW_CELL_VOLTAGE, 2, 1 },
	{ "LowCellVoltage alarms at fault 2", "event", 0x02, ALARM_LOW_CELL_VOLTAGE, 2, 0 },
	{ "LowCellVoltage alarms at warning 0x31", "event", 0x31, ALARM_LOW_CELL_VOLTAGE, 2, 0 },
	{ "HighVoltage warns", "cells", 3.651, ALARM_HIGH_VOLTAGE, 1, 5 },
	{ "HighVoltage is the pack, not a cell", "cell", 3.701, ALARM_HIGH_VOLTAGE, 0, 90 },
	{ "HighVoltage alarms", "cells", 3.701, ALARM_HIGH_VOLTAGE, 2, 1 },
	{ "LowVoltage warns", "cells", 2.649, ALARM_LOW_VOLTAGE, 1, 10 },
	{ "LowVoltage alarms", "cells", 2.499, ALARM_LOW_VOLTAGE, 2, 1 },
	{ "HighTemperature warns", "external", 55, ALARM_HIGH_TEMPERATURE, 1, 10 },
	{ "HighTemperature counts the internal sensor", "internal", 55, ALARM_HIGH_TEMPERATURE, 1, 10 },
	{ "HighTemperature alarms", "external", 60, ALARM_HIGH_TEMPERATURE, 2, 1 },
	{ "HighTemperature alarms at fault 4", "event", 0x04, ALARM_HIGH_TEMPERATURE, 2, 0 },
	{ "LowTemperature warns", "external", -10, ALARM_LOW_TEMPERATURE, 1, 10 },
	{ "LowTemperature alarms at fault 0x0A only", "external", -30, ALARM_LOW_TEMPERATURE, 1, 10 },
	{ "LowTemperature alarms at fault 0x0A", "event", 0x0A, ALARM_LOW_TEMPERATURE, 2, 0 },
	{ "LowChargeTemperature warns", "external", 3, ALARM_LOW_CHARGE_TEMPERATURE, 1, 10 },
	{ "LowChargeTemperature is the cells'", "internal", 3, ALARM_LOW_CHARGE_TEMPERATURE, 0, 90 },
	{ "LowChargeTemperature alarms when charged", "external", 0, ALARM_LOW_CHARGE_TEMPERATURE, 2, 1 },
	{ "LowChargeTemperature only warns at rest", "external at rest", 0, ALARM_LOW_CHARGE_TEMPERATURE, 1, 10 },
	{ "LowChargeTemperature alarms at 0x37", "event", 0x37, ALARM_LOW_CHARGE_TEMPERATURE, 2, 0 },
	{ "HighChargeCurrent warns", "current", 90, ALARM_HIGH_CHARGE_CURRENT, 1, 5 },
	{ "HighChargeCurrent alarms", "current", 100, ALARM_HIGH_CHARGE_CURRENT, 2, 1 },
	{ "HighChargeCurrent alarms at fault 6", "event", 0x06, ALARM_HIGH_CHARGE_CURRENT, 2, 0 },
	{ "HighChargeCurrent alarms at fault 7", "event", 0x07, ALARM_HIGH_CHARGE_CURRENT, 2, 0 },
	{ "HighDischargeCurrent warns", "current", -180, ALARM_HIGH_DISCHARGE_CURRENT, 1, 5 },
	{ "HighDischargeCurrent alarms", "current", -200, ALARM_HIGH_DISCHARGE_CURRENT, 2, 1 },
	{ "HighDischargeCurrent alarms at fault 5", "event", 0x05, ALARM_HIGH_DISCHARGE_CURRENT, 2, 0 },
	{ "HighCurrent warns", "current", -180, ALARM_HIGH_CURRENT, 1, 5 },
	{ "HighCurrent alarms", "current", -200, ALARM_HIGH_CURRENT, 2, 1 },
	{ "LowSoc warns", "soc", 10, ALARM_LOW_SOC, 1, 10 },
	{ "LowSoc alarms", "soc", 5, ALARM_LOW_SOC, 2, 10 },
	{ "CellImbalance warns", "top", 0.11, ALARM_CELL_IMBALANCE, 1, 60 },
	{ "CellImbalance alarms", "top", 0.21, ALARM_CELL_IMBALANCE, 2, 60 },
	{ "CellImbalance not below 303", "low spread", 0.21, ALARM_CELL_IMBALANCE, 0, 90 },
	{ "HighInternalTemperature warns", "internal", 70, ALARM_HIGH_INTERNAL_TEMPERATURE, 1, 10 },
	{ "HighInternalTemperature alarms", "internal", 80, ALARM_HIGH_INTERNAL_TEMPERATURE, 2, 1 },
	{ "InternalFailure: limit not obeyed", "current", 101.5, ALARM_INTERNAL_FAILURE, 1, 30 },
	{ "InternalFailure: what is tolerated", "current", 100.5, ALARM_INTERNAL_FAILURE, 0, 90 },
	{ "InternalFailure: fault of unknown cause", "status", 0, ALARM_INTERNAL_FAILURE, 2, 5 },
	{ "InternalFailure: a known cause is none", "status and event", 0x04, ALARM_INTERNAL_FAILURE, 0, 90 },
	{ "InternalFailure: 0x0B", "event", 0x0B, ALARM_INTERNAL_FAILURE, 2, 0 },
	{ "InternalFailure: 0x0C", "event", 0x0C, ALARM_INTERNAL_FAILURE, 2, 0 },
	{ "InternalFailure: 0x0D", "event", 0x0D, ALARM_INTERNAL_FAILURE, 2, 0 },
	{ "InternalFailure: 0x0E", "event", 0x0E, ALARM_INTERNAL_FAILURE, 2, 0 },
	{ "InternalFailure: 0x0F", "event", 0x0F, ALARM_INTERNAL_FAILURE, 2, 0 },
	{ "HighVoltage not below", "cells", 3.649, ALARM_HIGH_VOLTAGE, 0, 90 },
	{ "LowVoltage not above", "cells", 2.651, ALARM_LOW_VOLTAGE, 0, 90 },
	{ "HighTemperature not below", "external", 54.9, ALARM_HIGH_TEMPERATURE, 0, 90 },
	{ "LowTemperature not above", "external", -9.9, ALARM_LOW_TEMPERATURE, 0, 90 },
	{ "LowChargeTemperature not above", "external", 3.1, ALARM_LOW_CHARGE_TEMPERATURE, 0, 90 },
	{ "HighChargeCurrent not below", "current", 89.9, ALARM_HIGH_CHARGE_CURRENT, 0, 90 },
	{ "HighDischargeCurrent not below", "current", -179.9, ALARM_HIGH_DISCHARGE_CURRENT, 0, 90 },
	{ "HighCurrent not below", "current", -179.9, ALARM_HIGH_CURRENT, 0, 90 },
	{ "HighCurrent alarms at fault 5", "event", 0x05, ALARM_HIGH_CURRENT, 2, 0 },
	{ "LowSoc not above", "soc", 10.1, ALARM_LOW_SOC, 0, 90 },
	{ "CellImbalance: 100 mV is none", "top", 0.1, ALARM_CELL_IMBALANCE, 0, 90 },
	{ "CellImbalance: 200 mV only warns", "top", 0.2, ALARM_CELL_IMBALANCE, 1, 60 },
	{ "HighInternalTemperature not below", "internal", 69.9, ALARM_HIGH_INTERNAL_TEMPERATURE, 0, 90 },
};

static void test_row(void **state)
{
	const struct row_case *c = *state;
	struct bench x;

	bench_init(&x);
	step(&x, &x.battery);
	for (int i = 0; i < ALARM_COUNT; i++)
		assert_int_equal(x.level[i], ALARM_OK);
	change(&x, c->what, c->to);
	for (int s = 0; s < c->delay_s; s++) {
		step(&x, &x.battery);
		assert_true(x.level[c->id] < c->level || c->level == ALARM_OK);
	}
	step(&x, &x.battery);
	assert_int_equal(x.level[c->id], c->level);
}

static void test_idle_at_limit_zero_is_obedience(void **state)
{
	struct bench x;

	bench_init(&x);
	x.limits.ccl_a = 0.0;
	x.battery.current_a = 1.5;
	for (int s = 0; s < 120; s++) {
		step(&x, &x.battery);
		assert_int_equal(x.level[ALARM_INTERNAL_FAILURE], ALARM_OK);
	}
}

/* A battery that sits exactly on a threshold for an hour, with noise around it. */
static const struct noise_case {
	const char *name;
	const char *what;
	double on, noise;
	enum alarm_id id;
} noises[] = {
	{ "noise: HighCellVoltage warning", "cell", 3.65, 0.005, ALARM_HIGH_CELL_VOLTAGE },
	{ "noise: HighCellVoltage alarm", "cell", 3.70, 0.005, ALARM_HIGH_CELL_VOLTAGE },
	{ "noise: LowCellVoltage warning", "cell", 2.65, 0.005, ALARM_LOW_CELL_VOLTAGE },
	{ "noise: LowCellVoltage alarm", "cell", 2.50, 0.005, ALARM_LOW_CELL_VOLTAGE },
	{ "noise: HighVoltage warning", "cells", 3.65, 0.005, ALARM_HIGH_VOLTAGE },
	{ "noise: HighVoltage alarm", "cells", 3.70, 0.005, ALARM_HIGH_VOLTAGE },
	{ "noise: LowVoltage warning", "cells", 2.65, 0.005, ALARM_LOW_VOLTAGE },
	{ "noise: LowVoltage alarm", "cells", 2.50, 0.005, ALARM_LOW_VOLTAGE },
	{ "noise: HighTemperature warning", "external", 55, 0.5, ALARM_HIGH_TEMPERATURE },
	{ "noise: HighTemperature alarm", "external", 60, 0.5, ALARM_HIGH_TEMPERATURE },
	{ "noise: LowTemperature warning", "external", -10, 0.5, ALARM_LOW_TEMPERATURE },
	{ "noise: LowChargeTemperature warning", "external", 3, 0.5, ALARM_LOW_CHARGE_TEMPERATURE },
	{ "noise: LowChargeTemperature alarm", "external", 0, 0.5, ALARM_LOW_CHARGE_TEMPERATURE },
	{ "noise: HighChargeCurrent warning", "current", 90, 1, ALARM_HIGH_CHARGE_CURRENT },
	{ "noise: HighChargeCurrent alarm", "current", 100, 1, ALARM_HIGH_CHARGE_CURRENT },
	{ "noise: HighDischargeCurrent warning", "current", -180, 1, ALARM_HIGH_DISCHARGE_CURRENT },
	{ "noise: HighDischargeCurrent alarm", "current", -200, 1, ALARM_HIGH_DISCHARGE_CURRENT },
	{ "noise: HighCurrent warning", "current", -180, 1, ALARM_HIGH_CURRENT },
	{ "noise: LowSoc warning", "soc", 10, 0.5, ALARM_LOW_SOC },
	{ "noise: LowSoc alarm", "soc", 5, 0.5, ALARM_LOW_SOC },
	{ "noise: CellImbalance warning", "top", 0.1001, 0.005, ALARM_CELL_IMBALANCE },
	{ "noise: CellImbalance alarm", "top", 0.2001, 0.005, ALARM_CELL_IMBALANCE },
	{ "noise: CellImbalance where balancing begins", "low spread", 0.30, 0.005,
	  ALARM_CELL_IMBALANCE },
	{ "noise: HighInternalTemperature warning", "internal", 70, 0.5,
	  ALARM_HIGH_INTERNAL_TEMPERATURE },
	{ "noise: HighInternalTemperature alarm", "internal", 80, 0.5,
	  ALARM_HIGH_INTERNAL_TEMPERATURE },
	{ "noise: InternalFailure warning", "current", 101, 0.5, ALARM_INTERNAL_FAILURE },
};

/* The way up to an alarm passes the warning. */
static bool is_transition(const struct bench *x, enum alarm_id id, enum alarm_level was)
{
	return x->level[id] != was && !(was == ALARM_WARNING && x->level[id] == ALARM_ALARM);
}

static void test_noise_on_a_threshold_is_one_transition(void **state)
{
	const struct noise_case *c = *state;
	struct bench x;
	enum alarm_level was = ALARM_OK;
	unsigned random = 1, transitions = 0;

	bench_init(&x);
	step(&x, &x.battery);
	for (int s = 0; s < 3600; s++) {
		random = random * 1103515245u + 12345u;
		change(&x, c->what, c->on + c->noise * ((random >> 16 & 0x7FFF) / 16383.5 - 1.0));
		step(&x, &x.battery);
		transitions += is_transition(&x, c->id, was);
		was = x.level[c->id];
	}
	assert_in_range(transitions, 0, 1);
}

/* The same with a wave that is slow enough for every delay. */
static void test_slow_noise_on_a_threshold_is_one_transition(void **state)
{
	const struct noise_case *c = *state;
	struct bench x;
	enum alarm_level was = ALARM_OK;
	unsigned transitions = 0;

	bench_init(&x);
	step(&x, &x.battery);
	for (int s = 0; s < 3600; s++) {
		change(&x, c->what, c->on + (s / 90 % 2 ? c->noise : -c->noise));
		step(&x, &x.battery);
		transitions += is_transition(&x, c->id, was);
		was = x.level[c->id];
	}
	assert_in_range(transitions, 0, 1);
}

static void test_ends_half_a_minute_after_the_way_back(void **state)
{
	struct bench x;

	bench_init(&x);
	set_cells(&x, 3.3, 3.66);
	for (int s = 0; s < 10; s++)
		step(&x, &x.battery);
	set_cells(&x, 3.3, 3.64);
	for (int s = 0; s < 90; s++)
		step(&x, &x.battery);
	assert_int_equal(x.level[ALARM_HIGH_CELL_VOLTAGE], ALARM_WARNING);
	set_cells(&x, 3.3, 3.62);
	for (int s = 0; s < 30; s++)
		step(&x, &x.battery);
	assert_int_equal(x.level[ALARM_HIGH_CELL_VOLTAGE], ALARM_WARNING);
	step(&x, &x.battery);
	assert_int_equal(x.level[ALARM_HIGH_CELL_VOLTAGE], ALARM_OK);
}

static void test_what_is_unknown_keeps_its_level(void **state)
{
	struct bench x;

	bench_init(&x);
	x.battery.soc_pct = 4.0;
	for (int s = 0; s < 20; s++)
		step(&x, &x.battery);
	assert_int_equal(x.level[ALARM_LOW_SOC], ALARM_ALARM);
	x.battery.soc_pct = (double) NAN;
	for (int s = 0; s < 100; s++)
		step(&x, &x.battery);
	assert_int_equal(x.level[ALARM_LOW_SOC], ALARM_ALARM);
	for (int s = 0; s < 100; s++)
		step(&x, NULL);
	assert_int_equal(x.level[ALARM_LOW_SOC], ALARM_ALARM);
}

/* A bad line loses answers all day: a delay of 5 s must end some time. */
static void test_a_snapshot_that_is_late_stops_no_delay(void **state)
{
	struct bench x;

	bench_init(&x);
	change(&x, "cell", 3.66);
	for (int s = 0; s < 4; s++) {
		step(&x, &x.battery);
		step(&x, NULL);
	}
	assert_int_equal(x.level[ALARM_HIGH_CELL_VOLTAGE], ALARM_WARNING);
}

static void test_a_silence_begins_the_delay_anew(void **state)
{
	struct bench x;

	bench_init(&x);
	change(&x, "cell", 3.66);
	steps(&x, 5);
	for (int s = 0; s < 3; s++)
		step(&x, NULL);
	steps(&x, 5);
	assert_int_equal(x.level[ALARM_HIGH_CELL_VOLTAGE], ALARM_OK);
	steps(&x, 1);
	assert_int_equal(x.level[ALARM_HIGH_CELL_VOLTAGE], ALARM_WARNING);
}

/* Somebody writes the BMS's cut-off: the threshold moves with it, both ways. */
static void test_thresholds_follow_the_settings_of_the_bms(void **state)
{
	struct bench x;

	bench_init(&x);
	change(&x, "cell", 3.55);
	steps(&x, 60);
	assert_int_equal(x.level[ALARM_HIGH_CELL_VOLTAGE], ALARM_OK);
	x.battery.settings.over_voltage_v = 3.60; /* the warning from 3.55 V on */
	steps(&x, 7);
	assert_int_equal(x.level[ALARM_HIGH_CELL_VOLTAGE], ALARM_WARNING);
	x.battery.settings.over_voltage_v = (double) NAN;
	steps(&x, 60);
	assert_int_equal(x.level[ALARM_HIGH_CELL_VOLTAGE], ALARM_WARNING);
	x.battery.settings.over_voltage_v = 3.70;
	steps(&x, 40);
	assert_int_equal(x.level[ALARM_HIGH_CELL_VOLTAGE], ALARM_OK);
}

static void test_bms_cable_follows_the_ladder(void **state)
{
	struct bench x;

	bench_init(&x);
	x.limits.bms_cable_warning = true;
	step(&x, NULL);
	assert_int_equal(x.level[ALARM_BMS_CABLE], ALARM_WARNING);
	x.limits.bms_cable_alarm = true;
	step(&x, NULL);
	assert_int_equal(x.level[ALARM_BMS_CABLE], ALARM_ALARM);
	x.limits.bms_cable_warning = x.limits.bms_cable_alarm = false;
	step(&x, &x.battery);
	assert_int_equal(x.level[ALARM_BMS_CABLE], ALARM_OK);
}

static void test_error_code_is_the_gravest_fault(void **state)
{
	static const struct {
		unsigned event;
		int code;
	} rows[] = {
		{ 0x03, 13 }, { 0x02, 14 }, { 0x04, 15 }, { 0x0A, 16 }, { 0x0B, 11 },
		{ 0x0D, 11 }, { 0x0E, 7 },  { 0x05, 0 },  { 0x06, 0 },  { 0x07, 0 },
		{ 0x31, 0 },  { 0x20, 11 },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct battery_events active = { { 0 } };

		assert_int_equal(alarms_error_code(&active), 0);
		battery_events_add(&active, rows[i].event);
		assert_int_equal(alarms_error_code(&active), rows[i].code);
		battery_events_add(&active, 0x03);
		assert_int_equal(alarms_error_code(&active), 13);
	}
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(test_idle_at_limit_zero_is_obedience),
		cmocka_unit_test(test_ends_half_a_minute_after_the_way_back),
		cmocka_unit_test(test_what_is_unknown_keeps_its_level),
		cmocka_unit_test(test_a_snapshot_that_is_late_stops_no_delay),
		cmocka_unit_test(test_a_silence_begins_the_delay_anew),
		cmocka_unit_test(test_thresholds_follow_the_settings_of_the_bms),
		cmocka_unit_test(test_bms_cable_follows_the_ladder),
		cmocka_unit_test(test_error_code_is_the_gravest_fault),
	};
	enum { CASES = G_N_ELEMENTS(cases), NOISES = G_N_ELEMENTS(noises) };
	struct CMUnitTest tests[CASES + 2 * NOISES + G_N_ELEMENTS(others)];

	for (size_t i = 0; i < CASES; i++)
		tests[i] = (struct CMUnitTest) { .name = cases[i].name,
						 .test_func = test_row,
						 .initial_state = (void *) &cases[i] };
	for (size_t i = 0; i < NOISES; i++)
		for (size_t k = 0; k < 2; k++)
			tests[CASES + 2 * i + k] = (struct CMUnitTest) {
				.name = noises[i].name,
				.test_func = k ? test_slow_noise_on_a_threshold_is_one_transition
					       : test_noise_on_a_threshold_is_one_transition,
				.initial_state = (void *) &noises[i],
			};
	memcpy(tests + CASES + 2 * NOISES, others, sizeof(others));
	return cmocka_run_group_tests_name("alarms", tests, NULL, NULL);
}
