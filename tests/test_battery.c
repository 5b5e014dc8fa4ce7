/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "battery/battery.h"

static void test_cleared_battery_knows_nothing(void **state)
{
	struct battery b;

	battery_clear(&b);
	assert_near(b.cell_v[15], (double) NAN, 0);
	assert_near(b.soc_pct, (double) NAN, 0);
	assert_near(b.settings.low_temperature_charge_c, (double) NAN, 0);
	assert_near(b.statistics.cleared_at_s, (double) NAN, 0);
	assert_int_equal(b.status, BATTERY_STATUS_UNKNOWN);
}

static void test_derive_finds_sum_and_extremes(void **state)
{
	struct battery b;

	battery_clear(&b);
	b.cell_count = 4;
	b.cell_v[0] = 3.30;
	b.cell_v[1] = 3.45;
	b.cell_v[2] = 3.20;
	b.cell_v[3] = 3.45;
	battery_derive(&b);
	assert_near(b.cell_sum_v, 13.40, 1e-9);
	assert_near(b.cell_min_v, 3.20, 0);
	assert_near(b.cell_max_v, 3.45, 0);
	assert_int_equal(b.cell_min, 3);
	assert_int_equal(b.cell_max, 2);
}

static void test_derive_leaves_unknown_cells_out(void **state)
{
	struct battery b;

	battery_clear(&b);
	b.cell_count = 4;
	b.cell_v[1] = 3.4;
	battery_derive(&b);
	assert_near(b.cell_sum_v, (double) NAN, 0);
	assert_near(b.cell_min_v, 3.4, 0);
	assert_int_equal(b.cell_max, 2);
}

static void test_events_are_a_set(void **state)
{
	struct battery_events set = { { 0 } };

	battery_events_add(&set, 0x03);
	battery_events_add(&set, 0x61);
	battery_events_add(&set, 200); /* beyond the set: ignored */
	assert_true(battery_events_contain(&set, 0x03));
	assert_true(battery_events_contain(&set, 0x61));
	assert_false(battery_events_contain(&set, 0x02));
	assert_false(battery_events_contain(&set, 200));
	battery_events_remove(&set, 0x03);
	assert_false(battery_events_contain(&set, 0x03));
}

static void test_status_words_round_trip(void **state)
{
	assert_string_equal(battery_status_text(BATTERY_STATUS_REGENERATION), "regenerating");
	assert_int_equal(battery_status_parse("full"), BATTERY_STATUS_FULL);
	assert_int_equal(battery_status_parse("nonsense"), BATTERY_STATUS_UNKNOWN);
	assert_string_equal(battery_status_text((enum battery_status) 0x42), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cleared_battery_knows_nothing),
		cmocka_unit_test(test_derive_finds_sum_and_extremes),
		cmocka_unit_test(test_derive_leaves_unknown_cells_out),
		cmocka_unit_test(test_events_are_a_set),
		cmocka_unit_test(test_status_words_round_trip),
	};

	return cmocka_run_group_tests_name("battery", tests, NULL, NULL);
}
