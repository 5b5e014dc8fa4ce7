/* SPDX-License-Identifier: MIT */
/* What CVL owes whatever the law that moves it: docs/charge-control.md. */
#include "support.h"

#include "control_rig.h"

enum { N = 16 };

static const double start_v = N * 3.45;

/* Near its target, calm, charging: and a while in it. */
static void charge_calmly(struct rig *r)
{
	rig_init(r);
	r->battery.soc_pct = 88.0;
	r->battery.current_a = 20.0;
	rig_cells(r, 3.40, 0.03);
	rig_run(r, 60);
}

static void test_bulk_begins_at_n_times_absorption(void **state)
{
	struct rig r;

	rig_init(&r);
	rig_run(&r, 60);
	assert_int_equal(r.limits.state, CHARGE_BULK);
	assert_near(r.limits.cvl_v, start_v, 1e-9);
}

static void test_a_cell_over_its_target_cuts_at_once(void **state)
{
	struct rig r;

	charge_calmly(&r);
	const double before_v = r.limits.cvl_v;

	rig_cells(&r, 3.40, 0.08);
	rig_step(&r);
	assert_true(r.limits.cvl_v < before_v - 0.005);
}

static void test_cell_protection_cuts_at_once_and_returns_slowly(void **state)
{
	struct rig r;

	charge_calmly(&r);
	const double before_v = r.limits.cvl_v;

	rig_cells(&r, 3.40, 0.14);
	rig_step(&r);
	assert_int_equal(r.limits.state, CHARGE_CELL_PROTECTION);
	const double cut_v = r.limits.cvl_v;

	assert_true(cut_v < before_v - 0.005);
	assert_true(cut_v >= N * 3.20); /* as far as the cell needs, not further than its floor */
	rig_cells(&r, 3.40, 0.02);
	for (int s = 0; s < 19; s++) {
		const double was_v = r.limits.cvl_v;

		rig_step(&r);
		assert_true(r.limits.cvl_v <= was_v + 1e-9); /* not sooner than 20 s after a move */
	}
}

/* Moves upwards are at least 20 s after the last move, whatever the battery does. */
static void test_no_move_upwards_within_20_s_of_any_move(void **state)
{
	unsigned random = 7, moves = 0;
	double was_v, moved_s = 1e9;
	struct rig r;

	rig_init(&r);
	rig_step(&r);
	was_v = r.limits.cvl_v;
	for (int s = 0; s < 20000; s++) {
		random = random * 1103515245u + 12345u;
		if (random >> 28 == 0) {
			r.battery.current_a = (double) (random >> 16 & 63) - 16.0;
			rig_cells(&r, 3.36 + 0.0015 * (random >> 10 & 63), 0.02);
		}
		rig_step(&r);
		moved_s += 1.0;
		if (fabs(r.limits.cvl_v - was_v) < 1e-9)
			continue;
		if (r.limits.cvl_v > was_v)
			assert_true(moved_s >= 20.0);
		was_v = r.limits.cvl_v;
		moved_s = 0.0;
		moves++;
	}
	assert_true(moves > 20);
}

static void test_sustain_has_the_cvl_of_bulk(void **state)
{
	struct rig r;

	rig_init(&r);
	r.battery.soc_pct = 4.0;
	rig_run(&r, 60);
	assert_int_equal(r.limits.state, CHARGE_SUSTAIN);
	assert_near(r.limits.cvl_v, start_v, 1e-9);
}

static void test_a_dead_wire_takes_cvl_to_its_floor_and_back(void **state)
{
	struct rig r;

	rig_init(&r);
	rig_run(&r, 60);
	r.battery.cell_v[5] = 0.0;
	battery_derive(&r.battery);
	rig_step(&r);
	assert_near(r.limits.cvl_v, N * 3.20, 1e-9);
	rig_cells(&r, 3.30, 0.0);
	rig_step(&r);
	assert_near(r.limits.cvl_v, start_v, 1e-9);
}

static void test_offline_holds_cvl_at_float(void **state)
{
	struct rig r;

	rig_init(&r);
	rig_run(&r, 60);
	rig_silence(&r, 11);
	assert_near(r.limits.cvl_v, N * 3.35, 1e-9);
	rig_step(&r);
	assert_near(r.limits.cvl_v, start_v,
		    1e-9); /* a move within 5 s of their return acts at once */
}

static void test_float_never_falls_faster_than_its_ramp(void **state)
{
	struct rig r;

	rig_init(&r);
	r.battery.soc_pct = 99.0;
	r.battery.status = BATTERY_STATUS_FULL;
	r.battery.current_a = 3.0;
	rig_cells(&r, 3.44, 0.0);
	assert_true(rig_until(&r, CHARGE_FLOAT_APPROACH, 30) <= 30);
	const double from_v = r.limits.cvl_v;

	for (int s = 1; s <= 3600; s++) {
		rig_step(&r);
		assert_true(r.limits.cvl_v >= from_v - 0.001 * (s + 20) - 1e-9);
	}
}

/* Charged against a ceiling of SOC: CVL comes down to where no current would flow, and no further.
 */
static void test_at_soc_ceiling_cvl_comes_to_the_rest_voltage(void **state)
{
	struct rig r;

	rig_init(&r);
	r.config.soc_ceiling = 80.0;
	r.battery.soc_pct = 79.0;
	r.battery.current_a = 10.0;
	rig_cells(&r, 3.34, 0.0);
	rig_run(&r, 60);
	assert_near(r.limits.cvl_v, start_v, 1e-9);
	r.battery.soc_pct = 80.0;
	rig_run(&r, 60);
	assert_int_equal(r.limits.state, CHARGE_FLOAT);
	assert_true(r.limits.cvl_v < N * 3.34);
	assert_true(r.limits.cvl_v > N * 3.34 - 0.2); /* 16 cells of 0.3 mOhm, 10 A */
	r.battery.current_a = 0.0;
	rig_cells(&r, 3.337, 0.0);
	const double rest_v = r.limits.cvl_v;

	rig_run(&r, 600);
	assert_near(r.limits.cvl_v, rest_v, 0.02); /* nothing flows: it stays */
}

/* Behind the thickest loss on a cable CVL may be what limits: nothing tells but a try. */
static void test_a_cvl_that_may_bind_behind_its_cable_is_probed(void **state)
{
	static const struct {
		double a;
		bool is_probed;
	} rows[] = { { 80.0, true }, { 65.0, false } };

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct rig r;

		rig_init(&r);
		rig_cells(&r, 3.395, 0.0); /* 0.88 V under CVL, 0.65 V of it the cable's at 90 A */
		r.battery.current_a = rows[i].a;
		rig_run(&r, 30);
		assert_int_equal(r.limits.cvl_v > start_v + 0.01, rows[i].is_probed);
	}
}

/* A cloud's edge drains until the inverter has followed: no reason to move. What lasts is one. */
static void test_only_a_drain_that_lasts_raises_cvl(void **state)
{
	const double low_v = 54.0;
	struct rig r;

	charge_calmly(&r);
	r.control.cvl_v = low_v;
	r.control.watch.moved_s = 60.0;
	r.control.bus.has_low = true;
	r.control.bus.low_v = -0.2;
	r.battery.current_a = -30.0;
	rig_run(&r, 6);
	assert_near(r.limits.cvl_v, low_v, 1e-9);
	rig_run(&r, 6);
	assert_true(r.limits.cvl_v > low_v + 0.3);
}

/* To and fro by three times what it may be off: no drain. Out by twice that: one, after a while. */
static void test_an_ammeter_that_is_off_to_and_fro_raises_nothing(void **state)
{
	const double leak_a = 0.1 + 0.001 * 100.0, low_v = 54.0;
	struct rig r;

	charge_calmly(&r);
	r.control.cvl_v = low_v;
	rig_cells(&r, 3.415, 0.03); /* too little room to raise it for more charge */
	for (int s = 0; s < 600; s++) {
		r.battery.current_a = s % 2 ? 3.0 * leak_a : -3.0 * leak_a;
		rig_step(&r);
		assert_near(r.limits.cvl_v, low_v, 1e-9);
	}
	r.battery.current_a = -2.0 * leak_a;
	rig_run(&r, 20);
	assert_near(r.limits.cvl_v, low_v, 1e-9);
	rig_run(&r, 30);
	assert_true(r.limits.cvl_v > low_v + 0.005);
}

/* Chargers that feed the grid ignore CCL: only CVL keeps them off a battery that must not charge.
 */
static void test_cvl_stays_while_charge_is_forbidden(void **state)
{
	struct rig r;

	rig_init(&r);
	rig_cells(&r, 3.435, 0.0);
	battery_events_add(&r.battery.active, 0x04);
	rig_step(&r);
	const double before_v = r.limits.cvl_v;

	rig_run(&r, 1200);
	assert_near(r.limits.ccl_a, 0.0, 0.0);
	assert_true(r.limits.cvl_v <= before_v);
}

static double cvl_over_target_v(double current_a)
{
	struct rig r;

	charge_calmly(&r);
	rig_cells(&r, 3.40, 0.08);
	r.battery.current_a = current_a;
	rig_run(&r, 30);
	return r.limits.cvl_v;
}

/* Not even in the second in which the reason appears. */
static void test_cvl_is_not_raised_by_the_snapshot_that_forbids_charge(void **state)
{
	struct rig r;

	rig_init(&r);
	rig_cells(&r, 3.395, 0.0);
	r.battery.current_a = 80.0;
	r.battery.status = BATTERY_STATUS_FAULT;
	rig_step(&r);
	assert_near(r.limits.cvl_v, start_v, 1e-9);
	assert_near(r.limits.ccl_a, 0.0, 0.0);
}

/* How far down it would have to go depends on the current: as far as any could ask for. */
static void test_without_a_current_cvl_rests_at_its_floor_and_returns(void **state)
{
	static const double others_a[] = { 0.0, 20.0, 90.0, -90.0 };
	struct rig r;

	for (size_t i = 0; i < G_N_ELEMENTS(others_a); i++)
		assert_true(cvl_over_target_v((double) NAN) <= cvl_over_target_v(others_a[i]));
	charge_calmly(&r);
	const double a = r.battery.current_a, before_v = r.limits.cvl_v;

	r.battery.current_a = (double) NAN;
	rig_step(&r);
	assert_near(r.limits.cvl_v, N * 3.20, 1e-9);
	assert_true(r.limits.is_protective);
	assert_string_equal(r.limits.waits_for, "the BMS to measure its current");
	rig_run(&r, 300);
	assert_near(r.limits.cvl_v, N * 3.20, 1e-9);
	r.battery.current_a = a;
	rig_step(&r);
	assert_near(r.limits.cvl_v, before_v, 1e-9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bulk_begins_at_n_times_absorption),
		cmocka_unit_test(test_a_cell_over_its_target_cuts_at_once),
		cmocka_unit_test(test_cell_protection_cuts_at_once_and_returns_slowly),
		cmocka_unit_test(test_no_move_upwards_within_20_s_of_any_move),
		cmocka_unit_test(test_sustain_has_the_cvl_of_bulk),
		cmocka_unit_test(test_a_dead_wire_takes_cvl_to_its_floor_and_back),
		cmocka_unit_test(test_offline_holds_cvl_at_float),
		cmocka_unit_test(test_float_never_falls_faster_than_its_ramp),
		cmocka_unit_test(test_at_soc_ceiling_cvl_comes_to_the_rest_voltage),
		cmocka_unit_test(test_a_cvl_that_may_bind_behind_its_cable_is_probed),
		cmocka_unit_test(test_only_a_drain_that_lasts_raises_cvl),
		cmocka_unit_test(test_an_ammeter_that_is_off_to_and_fro_raises_nothing),
		cmocka_unit_test(test_cvl_stays_while_charge_is_forbidden),
		cmocka_unit_test(test_cvl_is_not_raised_by_the_snapshot_that_forbids_charge),
		cmocka_unit_test(test_without_a_current_cvl_rests_at_its_floor_and_returns),
	};

	return cmocka_run_group_tests_name("control_cvl", tests, NULL, NULL);
}
