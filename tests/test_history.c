/* SPDX-License-Identifier: MIT */
#include "tests/support.h"

#include <glib.h>

#include "history/history.h"

enum { S = G_USEC_PER_SEC };

/* ---- energy ------------------------------------------------------------------------ */

static void a_constant_current_is_its_product_with_time(void **state)
{
	struct energy e = { 0 };

	for (int s = 0; s <= 3600; s += 5)
		energy_step(&e, 50.0, -20.0, (gint64) s * S);
	assert_near(e.totals.discharged_ah, 20.0, 1e-9);
	assert_near(e.totals.discharged_wh, 1000.0, 1e-9);
	assert_near(e.totals.charged_wh, 0.0, 0.0);
	assert_near(e.totals.gaps, 0.0, 0.0);
}

/* Three triangles by hand: 0 A to 36 A in 10 s is 0.05 Ah; to -36 A in 10 s is 0.025 Ah each way. */
static void a_ramp_is_a_trapezoid_and_each_sign_has_its_own(void **state)
{
	struct energy e = { 0 };

	energy_step(&e, 10.0, 0.0, 0);
	energy_step(&e, 10.0, 36.0, 10 * S);
	assert_near(e.totals.charged_ah, 0.05, 1e-12);
	energy_step(&e, 10.0, -36.0, 20 * S);
	assert_near(e.totals.charged_ah, 0.075, 1e-12);
	assert_near(e.totals.discharged_ah, 0.025, 1e-12);
	assert_near(e.totals.charged_wh, 0.75, 1e-12);
	assert_near(e.totals.discharged_wh, 0.25, 1e-12);
}

static void a_gap_is_counted_and_not_integrated(void **state)
{
	struct energy e = { 0 };

	energy_step(&e, 50.0, 72.0, 0);
	energy_step(&e, 50.0, 72.0, 10 * S); /* just borne: 0.2 Ah */
	energy_step(&e, 50.0, 72.0, 20 * S + 1);
	energy_step(&e, 50.0, 72.0, 21 * S + 1); /* 0.02 Ah */
	energy_break(&e, 60.0);
	energy_step(&e, 50.0, 72.0, 22 * S);
	energy_break(&e, (double) NAN);
	assert_near(e.totals.charged_ah, 0.22, 1e-9);
	assert_near(e.totals.gaps, 3.0, 0.0);
	assert_near(e.totals.gap_s, 70.000001, 1e-9);
}

static void samples_without_a_number_or_a_new_time_are_left_out(void **state)
{
	struct energy e = { 0 };

	energy_step(&e, 50.0, 36.0, 0);
	energy_step(&e, (double) NAN, 36.0, 2 * S);
	energy_step(&e, 50.0, (double) INFINITY, 4 * S);
	energy_step(&e, 50.0, 36.0, 0);
	energy_step(&e, 50.0, 9e9, -5 * S);
	energy_step(&e, 50.0, 36.0, 10 * S);
	assert_near(e.totals.charged_ah, 0.1, 1e-12);
	assert_near(e.totals.discharged_ah, 0.0, 0.0);
}

/* ---- history ------------------------------------------------------------------------ */

static struct battery sample(double current_a, double soc_pct, gint64 s)
{
	struct battery b;

	battery_clear(&b);
	b.taken_us = s * S;
	b.cell_count = 4;
	for (unsigned i = 0; i < b.cell_count; i++)
		b.cell_v[i] = 3.3 + 0.01 * i;
	battery_derive(&b);
	b.pack_v = b.cell_sum_v;
	b.current_a = current_a;
	b.soc_pct = soc_pct;
	b.temp_internal_c = 25.0;
	b.settings.capacity_ah = 100.0;
	b.status = current_a < 0 ? BATTERY_STATUS_DISCHARGING : BATTERY_STATUS_IDLE;
	return b;
}

static void run(struct history *h, double current_a, double soc_pct, gint64 from_s, gint64 to_s)
{
	for (gint64 s = from_s; s <= to_s; s += 10) {
		const struct battery b = sample(current_a, soc_pct, s);

		history_step(h, &b, 1.7e9 + (double) s);
	}
}

static void depth_and_cycles_follow_the_charge(void **state)
{
	struct history h;

	history_init(&h);
	run(&h, -36.0, 80.0, 0, 3600); /* from 20 Ah below full: 36 Ah more */
	assert_near(h.kept.consumed_ah, -56.0, 1e-6);
	assert_near(h.kept.deepest_ah, -56.0, 1e-6);
	assert_near(h.kept.cycles, 0.36, 1e-9);
	run(&h, 36.0, 80.0, 3610, 3600 + 5400); /* 54 Ah back, less the change of sign */
	history_full(&h, 1.7e9 + 9000);
	assert_near(history_average_depth_ah(&h.kept), -56.0, 0.1);
	assert_near(h.kept.consumed_ah, 0.0, 0.0);
	assert_near(h.kept.full_at_s, 1.7e9 + 9000, 0.0);
	run(&h, -36.0, 99.0, 9010, 9010 + 1000); /* 10 Ah */
	assert_near(h.kept.last_ah, -10.0, 0.1);
	assert_near(h.kept.deepest_ah, -56.0, 0.1);
	assert_near(h.kept.since_full_s, 1010.0, 1e-6);
	assert_near(h.kept.full_charges, 1.0, 0.0);
}

static void an_average_is_unknown_before_the_first_full_charge(void **state)
{
	struct history h;

	history_init(&h);
	run(&h, -36.0, 80.0, 0, 100);
	assert_near(history_average_depth_ah(&h.kept), (double) NAN, 0.0);
	assert_near(h.kept.since_full_s, (double) NAN, 0.0);
}

static void after_a_gap_the_bms_says_what_is_consumed(void **state)
{
	struct history h;

	history_init(&h);
	run(&h, -36.0, 80.0, 0, 1000);
	run(&h, -36.0, 40.0, 5000, 5000);
	assert_near(h.kept.consumed_ah, -60.0, 1e-9);
	assert_near(h.kept.totals.gap_s, 4000.0, 1e-6);
}

static void an_empty_battery_is_counted_once_until_it_was_charged(void **state)
{
	static const double soc[] = { 20.0, 1.0, 0.0, 0.0, 5.0, 0.0, 15.1, 0.04, 0.0 };
	struct history h;

	history_init(&h);
	for (size_t i = 0; i < G_N_ELEMENTS(soc); i++)
		run(&h, -1.0, soc[i], (gint64) i * 10, (gint64) i * 10);
	assert_near(h.kept.full_discharges, 2.0, 0.0);
}

static void extremes_have_dates_and_no_broken_wire(void **state)
{
	struct history h;
	struct battery b = sample(-50.0, 50.0, 0);

	history_init(&h);
	history_step(&h, &b, 1000.0);
	b = sample(30.0, 50.0, 10);
	b.cell_v[2] = 0.0;
	b.temp_external_c[0] = 4.0;
	battery_derive(&b);
	history_step(&h, &b, 1010.0);
	assert_near(h.kept.cell_min_v.value, 3.3, 1e-9);
	assert_near(h.kept.cell_min_v.when_s, 1000.0, 0.0);
	assert_near(h.kept.cell_max_v.value, 3.33, 1e-9);
	assert_near(h.kept.temperature_min_c.value, 4.0, 1e-9);
	assert_near(h.kept.temperature_min_c.when_s, 1010.0, 0.0);
	assert_near(h.kept.temperature_max_c.value, 25.0, 1e-9);
	assert_near(h.kept.charge_max_a.value, 30.0, 1e-9);
	assert_near(h.kept.discharge_max_a.value, 50.0, 1e-9);
	assert_near(h.kept.discharge_max_a.when_s, 1000.0, 0.0);
}

static void time_to_go_is_smoothed_and_never_absurd(void **state)
{
	struct history h;
	struct battery b;

	history_init(&h);
	run(&h, 0.0, 50.0, 0, 100);
	assert_near(history_time_to_go_s(&h), (double) NAN, 0.0);
	run(&h, -20.0, 50.0, 110, 110); /* at once: 50 Ah at 20 A */
	assert_near(history_time_to_go_s(&h), 9000.0, 1e-6);
	run(&h, -40.0, 50.0, 120, 120); /* a sixth of the way: 23.07 A */
	assert_near(history_time_to_go_s(&h), 50.0 / (20.0 + 20.0 * (1.0 - exp(-10.0 / 60.0))) * 3600.0, 1.0);
	run(&h, -40.0, 50.0, 130, 1130);
	assert_near(history_time_to_go_s(&h), 4500.0, 1.0);
	run(&h, 40.0, 50.0, 1140, 1300);
	assert_near(history_time_to_go_s(&h), (double) NAN, 0.0);

	history_init(&h);
	run(&h, -0.2, 100.0, 0, 100); /* 500 h */
	assert_near(history_time_to_go_s(&h), (double) NAN, 0.0);

	/* without capacity the BMS's own word */
	history_init(&h);
	b = sample(-20.0, 50.0, 0);
	b.settings.capacity_ah = (double) NAN;
	b.time_left_s = 1234.0;
	history_step(&h, &b, 0.0);
	assert_near(history_time_to_go_s(&h), 1234.0, 0.0);
}

static void a_restart_is_a_gap_and_loses_nothing_else(void **state)
{
	struct history h;

	history_init(&h);
	run(&h, -36.0, 80.0, 0, 1000);
	history_full(&h, 1.7e9);

	const struct history_kept kept = h.kept;

	history_resume(&h, &kept, 500.0);
	assert_near(h.kept.since_full_s, 500.0, 1e-9);
	run(&h, -36.0, 90.0, 0, 1000); /* another boot: time starts anew */
	assert_near(h.kept.totals.discharged_ah, 20.0, 1e-9);
	assert_near(h.kept.totals.gaps, 1.0, 0.0);
	assert_near(h.kept.totals.gap_s, 500.0, 1e-9);
	assert_near(h.kept.consumed_ah, -20.0, 1e-6);
}

static void clearing_forgets_records_and_not_the_state(void **state)
{
	struct history h;

	history_init(&h);
	run(&h, -36.0, 80.0, 0, 1000);
	history_full(&h, 1.7e9);
	run(&h, -36.0, 90.0, 1010, 2000);
	history_clear(&h, 1.7e9 + 2000);
	assert_near(h.kept.totals.discharged_wh, 0.0, 0.0);
	assert_near(h.energy.totals.discharged_wh, 0.0, 0.0);
	assert_near(h.kept.pack_min_v.value, (double) NAN, 0.0);
	assert_near(h.kept.cycles, 0.0, 0.0);
	assert_near(h.kept.since_full_s, 1000.0, 1e-9);
	assert_near(h.kept.since_s, 1.7e9 + 2000, 0.0);
	run(&h, -36.0, 90.0, 2010, 2010);
	assert_near(h.kept.totals.discharged_ah, 0.1, 1e-9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_constant_current_is_its_product_with_time),
		cmocka_unit_test(a_ramp_is_a_trapezoid_and_each_sign_has_its_own),
		cmocka_unit_test(a_gap_is_counted_and_not_integrated),
		cmocka_unit_test(samples_without_a_number_or_a_new_time_are_left_out),
		cmocka_unit_test(depth_and_cycles_follow_the_charge),
		cmocka_unit_test(an_average_is_unknown_before_the_first_full_charge),
		cmocka_unit_test(after_a_gap_the_bms_says_what_is_consumed),
		cmocka_unit_test(an_empty_battery_is_counted_once_until_it_was_charged),
		cmocka_unit_test(extremes_have_dates_and_no_broken_wire),
		cmocka_unit_test(time_to_go_is_smoothed_and_never_absurd),
		cmocka_unit_test(a_restart_is_a_gap_and_loses_nothing_else),
		cmocka_unit_test(clearing_forgets_records_and_not_the_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
