/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "snapshot_csv.h"

static struct battery sample(void)
{
	struct battery b;

	battery_clear(&b);
	b.cell_count = 4;
	for (unsigned i = 0; i < 4; i++)
		b.cell_v[i] = 3.3 + 0.0123 * i;
	battery_derive(&b);
	b.pack_v = 13.25;
	b.current_a = -12.34;
	b.soc_pct = 71.5;
	b.temp_internal_c = 31.5;
	b.temp_external_c[0] = -4.25;
	b.status = BATTERY_STATUS_DISCHARGING;
	b.balancing = 0x0009;
	battery_events_add(&b.active, 3);
	battery_events_add(&b.active, 0x37);
	b.settings.series_cells = 4;
	b.settings.over_voltage_v = 3.7;
	b.settings.low_temperature_charge_c = -2;
	return b;
}

static void test_what_is_written_is_read(void **state)
{
	g_autoptr(GString) header = g_string_new(NULL);
	g_autoptr(GString) line = g_string_new(NULL);
	const struct battery b = sample();
	struct snapshot_csv csv;
	struct snapshot_csv_row row;

	snapshot_csv_write_header(header);
	snapshot_csv_write_row(line, 1234567.25, &b);
	assert_true(snapshot_csv_read_header(&csv, header->str, NULL));
	assert_true(snapshot_csv_read_row(&csv, line->str, &row, NULL));
	assert_near(row.t_s, 1234567.25, 0);
	assert_false(row.is_silent);
	assert_int_equal(row.battery.cell_count, 4);
	assert_near(row.battery.cell_v[3], 3.3369, 1e-9);
	assert_near(row.battery.cell_sum_v, b.cell_sum_v, 1e-6);
	assert_near(row.battery.pack_v, 13.25, 1e-9);
	assert_near(row.battery.current_a, -12.34, 1e-9);
	assert_near(row.battery.soc_pct, 71.5, 1e-9);
	assert_near(row.battery.temp_external_c[0], -4.25, 1e-9);
	assert_near(row.battery.temp_external_c[1], (double) NAN, 0);
	assert_int_equal(row.battery.status, BATTERY_STATUS_DISCHARGING);
	assert_int_equal(row.battery.balancing, 9);
	assert_true(battery_events_equal(&row.battery.active, &b.active));
	assert_near(row.battery.settings.over_voltage_v, 3.7, 1e-9);
	assert_near(row.battery.settings.low_temperature_charge_c, -2, 1e-9);
	assert_near(row.battery.settings.capacity_ah, (double) NAN, 0);
}

static void test_a_silent_row(void **state)
{
	g_autoptr(GString) header = g_string_new(NULL);
	g_autoptr(GString) line = g_string_new(NULL);
	struct snapshot_csv csv;
	struct snapshot_csv_row row;

	snapshot_csv_write_header(header);
	snapshot_csv_write_row(line, 5, NULL);
	assert_true(snapshot_csv_read_header(&csv, header->str, NULL));
	assert_true(snapshot_csv_read_row(&csv, line->str, &row, NULL));
	assert_true(row.is_silent);
	assert_near(row.t_s, 5, 0);
}

static void test_columns_come_in_any_order(void **state)
{
	g_autoptr(GString) header = g_string_new("remark,");
	g_autoptr(GString) line = g_string_new("\"sunny\",");
	const struct battery b = sample();
	struct snapshot_csv csv;
	struct snapshot_csv_row row;

	snapshot_csv_write_header(header);
	snapshot_csv_write_row(line, 7, &b);
	assert_true(snapshot_csv_read_header(&csv, header->str, NULL));
	assert_true(snapshot_csv_read_row(&csv, line->str, &row, NULL));
	assert_near(row.battery.current_a, -12.34, 1e-9);
}

static void test_a_missing_column_is_named(void **state)
{
	struct snapshot_csv csv;
	g_autoptr(GError) error = NULL;

	assert_false(snapshot_csv_read_header(&csv, "t,silent,status,faults,cell_1\n", &error));
	assert_contains(error->message, "\"cell_2\"");
}

static void test_a_wrong_value_is_named(void **state)
{
	static const struct {
		const char *find, *put, *names;
	} rows[] = {
		{ "discharging", "asleep", "\"status\"" },
		{ "-12.34", "-12,34", "fields" },
		{ "-12.34", "twelve", "\"pack_current\"" },
		{ "3 55", "3 256", "\"faults\"" },
		{ "1 4", "17", "\"balancing\"" },
		{ "7.000", "", "\"t\"" },
		{ "3.3123", "inf", "\"cell_2\"" },
	};
	const struct battery b = sample();

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GString) header = g_string_new(NULL);
		g_autoptr(GString) line = g_string_new(NULL);
		g_autoptr(GError) error = NULL;
		struct snapshot_csv csv;
		struct snapshot_csv_row row;

		snapshot_csv_write_header(header);
		snapshot_csv_write_row(line, 7, &b);
		char *at = strstr(line->str, rows[i].find);

		assert_non_null(at);
		const gssize pos = at - line->str;

		g_string_erase(line, pos, (gssize) strlen(rows[i].find));
		g_string_insert(line, pos, rows[i].put);
		assert_true(snapshot_csv_read_header(&csv, header->str, NULL));
		assert_false(snapshot_csv_read_row(&csv, line->str, &row, &error));
		assert_contains(error->message, rows[i].names);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_written_is_read),
		cmocka_unit_test(test_a_silent_row),
		cmocka_unit_test(test_columns_come_in_any_order),
		cmocka_unit_test(test_a_missing_column_is_named),
		cmocka_unit_test(test_a_wrong_value_is_named),
	};

	return cmocka_run_group_tests_name("snapshot_csv", tests, NULL, NULL);
}
