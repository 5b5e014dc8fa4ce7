/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "snapshot_json.h"

#define SETTINGS                                                                                   \
	"\"settings\":{\"fully_charged_voltage\":3.65,\"fully_discharged_voltage\":2.75,"          \
	"\"early_balancing_threshold\":3.4,\"over_voltage_cutoff\":3.7,"                           \
	"\"under_voltage_cutoff\":2.5,\"allowed_disbalance\":0.015,"                               \
	"\"charge_finished_current\":2,\"discharge_over_current_cutoff\":200,"                     \
	"\"charge_over_current_cutoff\":100,\"battery_capacity\":100,\"series_cells\":4,"          \
	"\"over_heat_cutoff\":60,\"low_temperature_charge_cutoff\":0}"

static void test_a_whole_line(void **state)
{
	struct snapshot_json s;

	assert_true(snapshot_json_read(
		&s,
		"{\"t\":12.5,\"cells\":[3.3,3.31,3.29,3.3],\"current\":-7.5,\"soc\":55,"
		"\"soh\":98,\"temperatures\":[31,22.5,null],\"status\":\"regenerating\","
		"\"faults\":[3,55],\"balancing\":[2,4]," SETTINGS "}",
		NULL));
	assert_null(s.missing);
	assert_false(s.is_silent);
	assert_near(s.t_s, 12.5, 0);
	assert_int_equal(s.battery.taken_us, 12500000);
	assert_int_equal(s.battery.cell_count, 4);
	assert_near(s.battery.cell_sum_v, 13.2, 1e-9);
	assert_near(s.battery.pack_v, 13.2, 1e-9);
	assert_int_equal(s.battery.cell_max, 2);
	assert_int_equal(s.battery.cell_min, 3);
	assert_near(s.battery.current_a, -7.5, 0);
	assert_near(s.battery.soc_pct, 55, 0);
	assert_near(s.battery.soh_pct, 98, 0);
	assert_near(s.battery.temp_internal_c, 31, 0);
	assert_near(s.battery.temp_external_c[0], 22.5, 0);
	assert_near(s.battery.temp_external_c[1], (double) NAN, 0);
	assert_int_equal(s.battery.status, BATTERY_STATUS_REGENERATION);
	assert_true(battery_events_contain(&s.battery.active, 3));
	assert_true(battery_events_contain(&s.battery.active, 55));
	assert_int_equal(s.battery.balancing, 0x000A);
	assert_near(s.battery.settings.over_voltage_v, 3.7, 0);
	assert_near(s.battery.settings.low_temperature_charge_c, 0, 0);
}

/* To the last bit: the same decisions follow. */
static void test_a_line_is_read_back_exactly(void **state)
{
	struct snapshot_json first, second;

	assert_true(snapshot_json_read(
		&first,
		"{\"t\":12.5,\"cells\":[3.3,null,3.29,0.1],\"current\":-7.123456789012345,\"soc\":55,"
		"\"soh\":null,\"temperatures\":[31,22.5,null],\"status\":null,"
		"\"faults\":[3,55],\"balancing\":[2,4]," SETTINGS "}",
		NULL));
	char *line = snapshot_json_line(&first.battery, 13000001);

	assert_true(snapshot_json_read(&second, line, NULL));
	cJSON_free(line);
	assert_null(second.missing);
	assert_near(second.t_s, 13.000001, 0.0);
	assert_int_equal(second.battery.taken_us, first.battery.taken_us);
	assert_memory_equal(&second.battery.current_a, &first.battery.current_a, sizeof(double));
	for (unsigned i = 0; i < 4; i++)
		assert_near(second.battery.cell_v[i], first.battery.cell_v[i], 0.0);
	assert_int_equal(second.battery.status, BATTERY_STATUS_UNKNOWN);
	assert_true(battery_events_equal(&second.battery.active, &first.battery.active));

	line = snapshot_json_line(NULL, 14000000);
	assert_string_equal(line, "{\"t\":14}");
	cJSON_free(line);
}

/* What is made is read back as it was. */
static void test_made_and_read(void **state)
{
	struct snapshot_json first, second;

	assert_true(snapshot_json_read(
		&first,
		"{\"t\":12.5,\"cells\":[3.3,null,3.29,3.3],\"current\":-7.5,\"soc\":55,"
		"\"soh\":null,\"temperatures\":[31,22.5,null],\"status\":\"regenerating\","
		"\"faults\":[3,55],\"balancing\":[2,4]," SETTINGS "}",
		NULL));

	cJSON *made = snapshot_json_make(&first.battery);
	char *text = cJSON_PrintUnformatted(made);

	assert_true(snapshot_json_read(&second, text, NULL));
	cJSON_Delete(made);
	cJSON_free(text);
	assert_null(second.missing);
	assert_near(second.t_s, 12.5, 0);
	assert_int_equal(second.battery.cell_count, 4);
	for (unsigned i = 0; i < 4; i++)
		assert_near(second.battery.cell_v[i], first.battery.cell_v[i], 0);
	assert_near(second.battery.soh_pct, (double) NAN, 0);
	assert_near(second.battery.temp_external_c[0], 22.5, 0);
	assert_near(second.battery.temp_external_c[1], (double) NAN, 0);
	assert_int_equal(second.battery.status, BATTERY_STATUS_REGENERATION);
	assert_true(battery_events_equal(&second.battery.active, &first.battery.active));
	assert_int_equal(second.battery.balancing, 0x000A);
	assert_memory_equal(&second.battery.settings, &first.battery.settings,
			    sizeof(first.battery.settings));
}

static void test_only_t_is_silence(void **state)
{
	struct snapshot_json s;

	assert_true(snapshot_json_read(&s, "{\"t\": 3}", NULL));
	assert_true(s.is_silent);
	assert_near(s.t_s, 3, 0);
}

static void test_null_is_unknown(void **state)
{
	struct snapshot_json s;

	assert_true(snapshot_json_read(&s,
				       "{\"t\":0,\"cells\":[3.3,null,3.3,3.3],\"current\":null,"
				       "\"soc\":null,\"temperatures\":[null,null,null],"
				       "\"status\":null,\"faults\":[]," SETTINGS "}",
				       NULL));
	assert_null(s.missing);
	assert_near(s.battery.cell_sum_v, (double) NAN, 0);
	assert_near(s.battery.current_a, (double) NAN, 0);
	assert_near(s.battery.soc_pct, (double) NAN, 0);
	assert_near(s.battery.temp_internal_c, (double) NAN, 0);
	assert_int_equal(s.battery.status, BATTERY_STATUS_UNKNOWN);
}

static const struct missing_case {
	const char *line, *missing;
} missing[] = {
	{ "{\"cells\":[3,3,3,3]}", "t" },
	{ "{\"t\":1,\"soc\":1}", "cells" },
	{ "{\"t\":1,\"cells\":[3,3,3,3],\"soc\":1}", "current" },
	{ "{\"t\":1,\"cells\":[3,3,3,3],\"current\":0,\"soc\":1,\"temperatures\":[1,1,1],"
	  "\"status\":\"idle\",\"faults\":[]}",
	  "settings" },
	{ "{\"t\":1,\"cells\":[3,3,3,3],\"current\":0,\"soc\":1,\"temperatures\":[1,1,1],"
	  "\"status\":\"idle\",\"faults\":[],\"settings\":{\"fully_charged_voltage\":3.6}}",
	  "fully_discharged_voltage" },
};

static void test_what_is_missing_is_named(void **state)
{
	for (size_t i = 0; i < G_N_ELEMENTS(missing); i++) {
		struct snapshot_json s;

		assert_true(snapshot_json_read(&s, missing[i].line, NULL));
		assert_false(s.is_silent);
		assert_string_equal(s.missing, missing[i].missing);
	}
}

static const struct refused_case {
	const char *line, *names;
} refused[] = {
	{ "", "not one JSON object" },
	{ "[1]", "not one JSON object" },
	{ "{\"t\":1} {\"t\":2}", "not one JSON object" },
	{ "{\"t\":\"1\"}", "\"t\"" },
	{ "{\"t\":null}", "\"t\"" },
	{ "{\"t\":1e300}", "\"t\"" },
	{ "{\"t\":1,\"age\":-1}", "\"age\"" },
	{ "{\"t\":1,\"age\":null}", "\"age\"" },
	{ "{\"t\":1,\"cells\":[3,3,3]}", "\"cells\"" },
	{ "{\"t\":1,\"cells\":[3,3,3,\"3\"]}", "\"cells\"" },
	{ "{\"t\":1,\"cells\":[3,3,3,3,3,3,3,3,3,3,3,3,3,3,3,3,3]}", "\"cells\"" },
	{ "{\"t\":1,\"current\":1e999}", "\"current\"" },
	{ "{\"t\":1,\"soc\":true}", "\"soc\"" },
	{ "{\"t\":1,\"temperatures\":[20]}", "\"temperatures\"" },
	{ "{\"t\":1,\"status\":\"asleep\"}", "\"status\"" },
	{ "{\"t\":1,\"faults\":3}", "\"faults\"" },
	{ "{\"t\":1,\"faults\":[0]}", "\"faults\"" },
	{ "{\"t\":1,\"faults\":[3.5]}", "\"faults\"" },
	{ "{\"t\":1,\"faults\":[128]}", "\"faults\"" },
	{ "{\"t\":1,\"balancing\":[17]}", "\"balancing\"" },
	{ "{\"t\":1,\"settings\":[]}", "\"settings\"" },
	{ "{\"t\":1,\"settings\":{\"series_cells\":\"16\"}}", "\"series_cells\"" },
};

static void test_what_is_wrong_is_named(void **state)
{
	for (size_t i = 0; i < G_N_ELEMENTS(refused); i++) {
		struct snapshot_json s;
		g_autoptr(GError) error = NULL;

		assert_false(snapshot_json_read(&s, refused[i].line, &error));
		assert_contains(error->message, refused[i].names);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_whole_line),
		cmocka_unit_test(test_made_and_read),
		cmocka_unit_test(test_a_line_is_read_back_exactly),
		cmocka_unit_test(test_only_t_is_silence),
		cmocka_unit_test(test_null_is_unknown),
		cmocka_unit_test(test_what_is_missing_is_named),
		cmocka_unit_test(test_what_is_wrong_is_named),
	};

	return cmocka_run_group_tests_name("snapshot_json", tests, NULL, NULL);
}
