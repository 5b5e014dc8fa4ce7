/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "tinybms/registers.h"
#include "tinybms/settings.h"

/* Registers 0 to 600 of a real device: 14 cells, idle (tests/data/tinybms_14s_capture.csv). */
static int load_capture(void **state)
{
	static uint16_t words[600];
	FILE *file = fopen(CAPTURE, "r");
	unsigned address, value;
	char line[160];

	if (!file)
		return -1;
	memset(words, 0, sizeof(words));
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "%u,%u", &address, &value) == 2)
			words[address] = (uint16_t) value;
	fclose(file);
	*state = words;
	return 0;
}

static struct battery decoded(const uint16_t *words)
{
	struct registers_habit habit = { 0 };
	struct battery b;

	battery_clear(&b);
	registers_decode_settings(words + SETTINGS_FIRST, &b.settings);
	assert_true(registers_decode_live(words, &habit, &b, NULL));
	return b;
}

static void test_capture_live(void **state)
{
	const struct battery b = decoded(*state);

	assert_int_equal(b.cell_count, 14);
	assert_near(b.pack_v, 55.78, 1e-5);
	assert_near(b.cell_sum_v, 55.781, 1e-9);
	assert_near(b.soc_pct, 83.554824, 1e-9);
	assert_near(b.current_a, 0.0, 0);
	assert_near(b.cell_v[0], 3.9800, 1e-9);  /* register 2 */
	assert_near(b.cell_v[13], 3.9880, 1e-9); /* register 15 */
	assert_near(b.cell_v[14], (double) NAN, 0);
	assert_near(b.cell_max_v, 3.9900, 1e-9);
	assert_int_equal(b.cell_max, 8);
	assert_int_equal(b.cell_min, 1);
	assert_near(b.temp_internal_c, 9.7, 1e-9);
	assert_near(b.temp_external_c[0], (double) NAN, 0);
	assert_near(b.temp_external_c[1], (double) NAN, 0);
	assert_near(b.soh_pct, (double) NAN, 0); /* older than State Of Health */
	assert_near(b.lifetime_s, 16683981, 0);
	assert_near(b.time_left_s, (double) NAN, 0); /* 41777412 s: idle */
	assert_int_equal(b.status, BATTERY_STATUS_IDLE);
	assert_int_equal(b.balancing, 0);
}

static void test_capture_settings(void **state)
{
	const struct battery b = decoded(*state);

	assert_near(b.settings.fully_charged_v, 4.150, 1e-9);
	assert_near(b.settings.early_balancing_v, 3.200, 1e-9);
	assert_near(b.settings.charge_finished_a, 1.0, 1e-9);
	assert_near(b.settings.capacity_ah, 66.0, 1e-9);
	assert_near(b.settings.series_cells, 14, 0);
	assert_near(b.settings.over_voltage_v, 4.200, 1e-9);
	assert_near(b.settings.discharge_over_current_a, 60, 0);
	assert_near(b.settings.charge_over_current_a, 20, 0);
	assert_near(b.settings.low_temperature_charge_c, 1, 0);
}

static void test_capture_statistics(void **state)
{
	const uint16_t *words = *state;
	struct battery_statistics s;

	registers_decode_statistics(words + REGISTERS_STATISTICS_FIRST, &s);
	assert_near(s.max_discharge_a, 51.0, 1e-9);
	assert_near(s.max_charge_a, 0, 0);
	assert_near(s.max_cell_difference_v, 0.0100, 1e-9);
	assert_near(s.temperature_min_c, 8, 0);
	assert_near(s.temperature_max_c, 25, 0);
	assert_near(s.last_reset_cause, 0, 0);
	assert_near(s.last_wakeup_cause, 3, 0); /* UART */
	assert_near(s.cleared_at_s, 12487229, 0);
}

static void test_capture_identity(void **state)
{
	const uint16_t *words = *state;
	struct battery_identity id;

	registers_decode_identity(words + REGISTERS_VERSION_FIRST, &id);
	assert_int_equal(id.hardware, 2);
	assert_int_equal(id.hardware_changes, 1);
	assert_int_equal(id.firmware_public, 1);
	assert_int_equal(id.firmware_internal, 242);
	assert_int_equal(id.bootloader, 0x18);
	assert_int_equal(id.profile, 4);
	assert_true(id.is_high_power);
	assert_int_equal(id.current_sensor, 1);
	assert_string_equal(id.serial, "");
}

static void test_serial_number_is_24_digits(void **state)
{
	const uint16_t words[10] = { 0, 0, 0, 0, 0x1234, 0x5678, 0x9ABC, 0xDEF0, 0x0001, 0xFFFF };
	struct battery_identity id;

	registers_decode_identity(words, &id);
	assert_string_equal(id.serial, "123456789ABCDEF00001FFFF");
}

static void fill_cells(uint16_t *words, unsigned first, unsigned count)
{
	memset(words, 0, REGISTERS_LIVE_COUNT * sizeof(*words));
	for (unsigned i = 0; i < count; i++)
		words[first + i] = (uint16_t) (33000 + 10 * i);
	words[53] = (uint16_t) count;
	words[50] = BATTERY_STATUS_IDLE;
}

static void test_cell_1_is_the_lowest_live_register(void **state)
{
	for (unsigned n = 4; n <= 16; n++) {
		struct registers_habit habit = { 0 };
		uint16_t words[REGISTERS_LIVE_COUNT];
		struct battery b;

		battery_clear(&b);
		fill_cells(words, 16 - n, n);
		assert_true(registers_decode_live(words, &habit, &b, NULL));
		assert_int_equal(b.cell_count, n);
		assert_near(b.cell_v[0], 3.3, 1e-9);
		assert_near(b.cell_v[n - 1], 3.3 + 0.001 * (n - 1), 1e-9);

		fill_cells(words, 0, n); /* wired from the bottom: ascending all the same */
		assert_true(registers_decode_live(words, &habit, &b, NULL));
		assert_near(b.cell_v[0], 3.3, 1e-9);
		assert_near(b.cell_v[n - 1], 3.3 + 0.001 * (n - 1), 1e-9);
	}
}

static void test_a_broken_wire_shows_as_0_v(void **state)
{
	struct registers_habit habit = { 0 };
	uint16_t words[REGISTERS_LIVE_COUNT];
	struct battery b;

	battery_clear(&b);
	fill_cells(words, 8, 8);
	words[10] = 0;
	assert_true(registers_decode_live(words, &habit, &b, NULL));
	assert_near(b.cell_v[2], 0.0, 0);
	assert_near(b.cell_v[1], 3.301, 1e-9);
	assert_near(b.cell_min_v, 0.0, 0);
	assert_int_equal(b.cell_min, 3);
}

static const struct absurd {
	const char *name;
	unsigned address;
	uint16_t low, high; /* low word first */
	size_t field;
} absurdities[] = {
#define FIELD(member) offsetof(struct battery, member)
	{ "cell above 5 V", 0, 50001, 33000, FIELD(cell_v[0]) },
	{ "sum with such a cell", 0, 50001, 33000, FIELD(cell_sum_v) },
	{ "SOC above 100 %", 46, 0xE101, 0x05F5, FIELD(soc_pct) }, /* 100000001 */
	{ "SOC all ones", 46, 0xFFFF, 0xFFFF, FIELD(soc_pct) },
	{ "pack voltage NaN", 36, 0x0000, 0x7FC0, FIELD(pack_v) },
	{ "pack voltage infinite", 36, 0x0000, 0x7F80, FIELD(pack_v) },
	{ "pack voltage negative", 36, 0x0000, 0xC25F, FIELD(pack_v) },
	{ "current NaN", 38, 0x0001, 0xFF80, FIELD(current_a) },
	{ "current minus infinite", 38, 0x0000, 0xFF80, FIELD(current_a) },
	{ "current 2001 A", 38, 0x2000, 0x44FA, FIELD(current_a) },
	{ "current -2001 A", 38, 0x2000, 0xC4FA, FIELD(current_a) },
	{ "sensor 1 not connected", 42, 0x8000, 250, FIELD(temp_external_c[0]) },
	{ "sensor 2 at 200 degrees", 43, 2000, 0, FIELD(temp_external_c[1]) },
	{ "SOH of older firmware", 45, 0, 0, FIELD(soh_pct) },
	{ "SOH above 100 %", 45, 50001, 0, FIELD(soh_pct) },
	{ "no internal temperature", 48, 0x8000, 0, FIELD(temp_internal_c) },
	{ "time left all ones", 34, 0xFFFF, 0xFFFF, FIELD(time_left_s) },
#undef FIELD
};

static void test_absurd_values_become_unknown(void **state)
{
	for (size_t i = 0; i < sizeof(absurdities) / sizeof(*absurdities); i++) {
		const struct absurd *a = &absurdities[i];
		struct registers_habit habit = { 0 };
		uint16_t words[REGISTERS_LIVE_COUNT];
		struct battery b;

		print_message("# %s\n", a->name);
		battery_clear(&b);
		fill_cells(words, 0, 16);
		words[a->address] = a->low;
		words[a->address + 1] = a->high;
		assert_true(registers_decode_live(words, &habit, &b, NULL));
		assert_near(*(double *) ((char *) &b + a->field), (double) NAN, 0);
	}
}

static void test_all_cells_0_is_no_snapshot(void **state)
{
	struct registers_habit habit = { 0 };
	uint16_t words[REGISTERS_LIVE_COUNT];
	struct battery b;
	GError *error = NULL;

	battery_clear(&b);
	fill_cells(words, 0, 16);
	memset(words, 0, 32);
	assert_false(registers_decode_live(words, &habit, &b, &error));
	assert_true(g_error_matches(error, REGISTERS_ERROR, REGISTERS_ERROR_STARTING));
	g_clear_error(&error);

	words[53] = 3;
	assert_false(registers_decode_live(words, &habit, &b, &error));
	assert_true(g_error_matches(error, REGISTERS_ERROR, REGISTERS_ERROR_CELLS));
	assert_contains(error->message, "3 cells");
	g_clear_error(&error);
}

static void test_balancing_bits_belong_to_registers(void **state)
{
	struct registers_habit habit = { 0 };
	uint16_t words[REGISTERS_LIVE_COUNT];
	struct battery b;

	battery_clear(&b);
	fill_cells(words, 2, 14);
	words[52] = 1u << 2 | 1u << 15;
	assert_true(registers_decode_live(words, &habit, &b, NULL));
	assert_int_equal(b.balancing, 1u << 0 | 1u << 13);
	assert_false(habit.balancing_from_cell_1);

	words[52] = 1u << 0; /* impossible by register: that firmware counts from cell 1 */
	assert_true(registers_decode_live(words, &habit, &b, NULL));
	assert_true(habit.balancing_from_cell_1);
	assert_int_equal(b.balancing, 1u << 0);

	words[52] = 1u << 4;
	assert_true(registers_decode_live(words, &habit, &b, NULL));
	assert_int_equal(b.balancing, 1u << 4);

	words[52] = 1u << 4 | 1u << 14; /* there is no cell 15 */
	assert_true(registers_decode_live(words, &habit, &b, NULL));
	assert_int_equal(b.balancing, 1u << 4);
}

static void test_unknown_status_is_unknown(void **state)
{
	struct registers_habit habit = { 0 };
	uint16_t words[REGISTERS_LIVE_COUNT];
	struct battery b;

	battery_clear(&b);
	fill_cells(words, 0, 16);
	words[50] = 0x94;
	assert_true(registers_decode_live(words, &habit, &b, NULL));
	assert_int_equal(b.status, BATTERY_STATUS_UNKNOWN);
}

static void test_settings_outside_their_range_are_unknown(void **state)
{
	uint16_t words[SETTINGS_COUNT] = { 0 };
	struct battery_settings s;

	words[315 - SETTINGS_FIRST] = 4501;
	words[317 - SETTINGS_FIRST] = 0;
	words[320 - SETTINGS_FIRST] = (uint16_t) -40;
	registers_decode_settings(words, &s);
	assert_near(s.over_voltage_v, (double) NAN, 0);
	assert_near(s.discharge_over_current_a, (double) NAN, 0);
	assert_near(s.low_temperature_charge_c, -40, 0);
}

static void check_table(const struct register_row *rows, size_t count, unsigned first, unsigned words)
{
	for (size_t i = 0; i < count; i++) {
		const unsigned size = rows[i].type == REGISTER_U32 || rows[i].type == REGISTER_F32 ? 2 : 1;

		assert_true(rows[i].address >= first);
		assert_true(rows[i].address + size <= first + words);
		for (size_t k = 0; k < i; k++)
			assert_int_not_equal(rows[k].field, rows[i].field);
		if (i > 0)
			assert_true(rows[i].address >= rows[i - 1].address);
	}
}

static void test_tables_are_in_order(void **state)
{
	size_t count;
	const struct register_row *rows;

	rows = registers_live(&count);
	check_table(rows, count, REGISTERS_LIVE_FIRST, REGISTERS_LIVE_COUNT);
	rows = registers_statistics(&count);
	check_table(rows, count, REGISTERS_STATISTICS_FIRST, REGISTERS_STATISTICS_COUNT);
	rows = registers_settings(&count);
	check_table(rows, count, SETTINGS_FIRST, SETTINGS_COUNT);
	for (size_t i = 0; i < count; i++)
		assert_non_null(settings_by_address(rows[i].address));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_capture_live, load_capture),
		cmocka_unit_test_setup(test_capture_settings, load_capture),
		cmocka_unit_test_setup(test_capture_statistics, load_capture),
		cmocka_unit_test_setup(test_capture_identity, load_capture),
		cmocka_unit_test(test_serial_number_is_24_digits),
		cmocka_unit_test(test_cell_1_is_the_lowest_live_register),
		cmocka_unit_test(test_a_broken_wire_shows_as_0_v),
		cmocka_unit_test(test_absurd_values_become_unknown),
		cmocka_unit_test(test_all_cells_0_is_no_snapshot),
		cmocka_unit_test(test_balancing_bits_belong_to_registers),
		cmocka_unit_test(test_unknown_status_is_unknown),
		cmocka_unit_test(test_settings_outside_their_range_are_unknown),
		cmocka_unit_test(test_tables_are_in_order),
	};

	return cmocka_run_group_tests_name("registers", tests, NULL, NULL);
}
