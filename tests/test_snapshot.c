/* SPDX-License-Identifier: MIT */
#include "tests/support.h"

#include <math.h>

#include "snapshot.h"

static struct battery calm(void)
{
	struct battery b;

	battery_clear(&b);
	b.cell_count = 4;
	for (unsigned i = 0; i < b.cell_count; i++)
		b.cell_v[i] = 3.3;
	battery_derive(&b);
	b.settings.over_voltage_v = 3.65;
	b.settings.under_voltage_v = 2.5;
	b.status = BATTERY_STATUS_CHARGING;
	return b;
}

static void set_cell(struct battery *b, double volts)
{
	b->cell_v[2] = volts;
	battery_derive(b);
}

static void the_first_snapshot_is_urgent(void **state)
{
	const struct battery now = calm();

	assert_true(snapshot_is_urgent(NULL, &now));
}

static void the_same_again_is_not(void **state)
{
	const struct battery before = calm();
	struct battery now = before;

	now.current_a = 40.0;
	set_cell(&now, 3.35);
	assert_false(snapshot_is_urgent(&before, &now));
}

static void a_fault_is_urgent_when_it_comes_and_when_it_goes(void **state)
{
	const struct battery before = calm();
	struct battery now = before;

	battery_events_add(&now.active, 0x03);
	assert_true(snapshot_is_urgent(&before, &now));
	assert_true(snapshot_is_urgent(&now, &before));

	now = before;
	now.status = BATTERY_STATUS_FAULT;
	assert_true(snapshot_is_urgent(&before, &now));
	assert_true(snapshot_is_urgent(&now, &before));
}

static void a_status_that_is_no_fault_is_not(void **state)
{
	const struct battery before = calm();
	struct battery now = before;

	now.status = BATTERY_STATUS_DISCHARGING;
	assert_false(snapshot_is_urgent(&before, &now));
}

static void a_cell_at_a_cut_off_is_urgent(void **state)
{
	const struct battery before = calm();
	struct battery now = before;

	set_cell(&now, 3.65);
	assert_true(snapshot_is_urgent(&before, &now));
	set_cell(&now, 2.5);
	assert_true(snapshot_is_urgent(&before, &now));
}

static void a_cell_that_becomes_unknown_is_urgent(void **state)
{
	const struct battery before = calm();
	struct battery now = before;

	set_cell(&now, (double) NAN);
	assert_true(snapshot_is_urgent(&before, &now));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_snapshot_is_urgent),
		cmocka_unit_test(the_same_again_is_not),
		cmocka_unit_test(a_fault_is_urgent_when_it_comes_and_when_it_goes),
		cmocka_unit_test(a_status_that_is_no_fault_is_not),
		cmocka_unit_test(a_cell_at_a_cut_off_is_urgent),
		cmocka_unit_test(a_cell_that_becomes_unknown_is_urgent),
	};

	return cmocka_run_group_tests_name("snapshot", tests, NULL, NULL);
}
