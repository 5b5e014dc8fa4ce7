/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "config_import.h"

/* What the bridge saves, as it saves it, cut down to one key of each kind. */
static const char BRIDGE[] =
	"{\"wifi\": {\"sta_ssid\": \"house\", \"sta_password\": \"secret-word\"},"
	" \"tinybms\": {\"poll_interval_ms\": 200, \"broadcast_expected\": true},"
	" \"victron\": {\"battery_name\": \"Shed\","
	"   \"thresholds\": {\"overvoltage_v\": 58.4, \"undervoltage_v\": 44}},"
	" \"cvl_algorithm\": {\"enabled\": true, \"bulk_soc_threshold\": 88.5,"
	"   \"float_exit_soc\": 91, \"imbalance_hold_threshold_mv\": 120,"
	"   \"imbalance_release_threshold_mv\": 30, \"cell_safety_threshold_v\": 3.55,"
	"   \"cell_safety_release_v\": 3.5, \"cell_min_float_voltage_v\": 3.2,"
	"   \"sustain_soc_entry_percent\": 6, \"sustain_soc_exit_percent\": 9,"
	"   \"sustain_dcl_limit_a\": 4, \"minimum_ccl_in_float_a\": 0.5}}";

static void test_common_keys_are_taken_over(void **state)
{
	struct config c;
	GString *report = g_string_new(NULL);

	config_init(&c);
	assert_true(config_import(&c, BRIDGE, report, NULL));
	assert_string_equal(c.battery_name, "Shed");
	assert_int_equal(c.poll_interval_ms, 200);
	assert_near(c.charge.bulk_soc_threshold, 88.5, 1e-9);
	assert_near(c.charge.float_exit_soc, 91, 1e-9);
	assert_near(c.charge.imbalance_hold_threshold, 120, 1e-9);
	assert_near(c.charge.imbalance_release_threshold, 30, 1e-9);
	assert_near(c.charge.cell_safety_threshold_v, 3.55, 1e-9);
	assert_near(c.charge.cell_safety_release_v, 3.5, 1e-9);
	assert_near(c.charge.cell_min_float_v, 3.2, 1e-9);
	assert_near(c.charge.sustain_soc_entry, 6, 1e-9);
	assert_near(c.charge.sustain_soc_exit, 9, 1e-9);
	assert_near(c.charge.sustain_dcl, 4, 1e-9);
	g_string_free(report, TRUE);
}

static void test_everything_is_named_and_no_secret_told(void **state)
{
	struct config c;
	GString *report = g_string_new(NULL);

	config_init(&c);
	assert_true(config_import(&c, BRIDGE, report, NULL));
	assert_contains(report->str, "taken over: victron.battery_name as battery_name = Shed\n");
	assert_contains(report->str, "left out: wifi.sta_password\n");
	assert_contains(report->str, "left out: victron.thresholds.overvoltage_v\n");
	assert_contains(report->str, "left out: tinybms.broadcast_expected\n");
	assert_null(strstr(report->str, "secret-word"));
	g_string_free(report, TRUE);
}

/* The bridge checks no ranges: what it allows and we do not stays out, with the reason. */
static void test_values_out_of_range_stay_out(void **state)
{
	struct config c;
	GString *report = g_string_new(NULL);

	config_init(&c);
	assert_true(config_import(&c, "{\"tinybms\": {\"poll_interval_ms\": 50}}", report, NULL));
	assert_int_equal(c.poll_interval_ms, 100);
	assert_contains(report->str, "left out: tinybms.poll_interval_ms: poll_interval_ms: 50");
	g_string_free(report, TRUE);
}

static void test_other_files_are_refused(void **state)
{
	static const char *const wrong[] = { "", "[]", "7", "{\"a\":", "not json" };

	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
		struct config c, before;
		GString *report = g_string_new(NULL);
		GError *error = NULL;

		config_init(&c);
		before = c;
		assert_false(config_import(&c, wrong[i], report, &error));
		assert_true(g_error_matches(error, CONFIG_ERROR, CONFIG_ERROR_SYNTAX));
		assert_memory_equal(&c, &before, sizeof(c));
		g_clear_error(&error);
		g_string_free(report, TRUE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_common_keys_are_taken_over),
		cmocka_unit_test(test_everything_is_named_and_no_secret_told),
		cmocka_unit_test(test_values_out_of_range_stay_out),
		cmocka_unit_test(test_other_files_are_refused),
	};

	return cmocka_run_group_tests_name("config_import", tests, NULL, NULL);
}
