/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"

static const struct refusal {
	const char *json;
	int code;
	const char *says[3]; /* parts of the sentence */
} refusals[] = {
	{ "{\"prot\": \"/dev/ttyUSB0\"}", CONFIG_ERROR_UNKNOWN, { "prot" } },
	{ "{\"poll_interval_ms\": 99}", CONFIG_ERROR_RANGE, { "poll_interval_ms", "99", "100 to 1000" } },
	{ "{\"poll_interval_ms\": 100.5}", CONFIG_ERROR_TYPE, { "poll_interval_ms", "100.5" } },
	{ "{\"poll_interval_ms\": \"fast\"}", CONFIG_ERROR_TYPE, { "poll_interval_ms", "fast" } },
	{ "{\"port\": 7}", CONFIG_ERROR_TYPE, { "port", "7", "text" } },
	{ "{\"low_latency\": \"yes\"}", CONFIG_ERROR_TYPE, { "low_latency", "true or false" } },
	{ "{\"absorption_cell_v\": 5}", CONFIG_ERROR_RANGE, { "absorption_cell_v", "5", "1.5 to 4.5 V" } },
	{ "{\"absorption_cell_v\": [3.45]}", CONFIG_ERROR_TYPE, { "absorption_cell_v", "[3.45]" } },
	{ "{\"chemistry\": \"lead\"}", CONFIG_ERROR_RANGE, { "chemistry", "lead", "LFP" } },
	{ "{\"charge_taper_v\": [[3.4, 2]]}", CONFIG_ERROR_TYPE, { "charge_taper_v" } },
	{ "{\"charge_taper_v\": [[3.4]]}", CONFIG_ERROR_TYPE, { "charge_taper_v", "[3.4]" } },
	{ "{\"charge_taper_v\": [[9, 1], [10, 0]]}", CONFIG_ERROR_RANGE, { "charge_taper_v", "9" } },
	{ "{\"port\": \"a\", \"port\": \"b\"}", CONFIG_ERROR_SYNTAX, { "port", "twice" } },
	{ "[1, 2]", CONFIG_ERROR_SYNTAX, { "object" } },
	{ "{\n\"port\": \"a\"\n\"low_latency\": true}", CONFIG_ERROR_SYNTAX, { "line 3" } },
	{ "", CONFIG_ERROR_SYNTAX, { "line 1" } },
	{ "{} trailing", CONFIG_ERROR_SYNTAX, { "line 1" } },
	{ "{\n\"port\":\n\"poll_interval_ms\",\n\"poll_interval_ms\" : 9}", CONFIG_ERROR_RANGE, { "line 4: poll" } },
};

static void test_wrong_files_change_nothing(void **state)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
		const struct refusal *r = &refusals[i];
		struct config c, before;
		GError *error = NULL;

		print_message("# %s\n", r->json);
		config_init(&c);
		g_strlcpy(c.port, "/dev/kept", sizeof(c.port));
		before = c;
		assert_false(config_parse(&c, r->json, &error));
		assert_true(g_error_matches(error, CONFIG_ERROR, r->code));
		for (size_t k = 0; k < 3 && r->says[k]; k++)
			assert_contains(error->message, r->says[k]);
		assert_memory_equal(&c, &before, sizeof(c));
		g_clear_error(&error);
	}
}

static void test_values_arrive(void **state)
{
	struct config c;

	config_init(&c);
	assert_true(config_parse(&c,
				 "{\"port\": \"/dev/ttyUSB3\", \"poll_interval_ms\": 200,"
				 " \"low_latency\": false, \"chemistry\": \"lfp\","
				 " \"absorption_cell_v\": 3.42, \"float_cell_v\": null,"
				 " \"charge_taper_v\": [[3.4, 1], [3.5, 0]],"
				 " \"discharge_taper_v\": \"3.1:1 2.9:0\"}",
				 NULL));
	assert_string_equal(c.port, "/dev/ttyUSB3");
	assert_int_equal(c.poll_interval_ms, 200);
	assert_false(c.low_latency);
	assert_int_equal(c.charge.chemistry, CHEMISTRY_LFP);
	assert_near(c.charge.absorption_cell_v, 3.42, 1e-12);
	assert_near(c.charge.float_cell_v, (double) NAN, 0);
	assert_int_equal(c.charge.charge_taper_v.count, 2);
	assert_near(c.charge.charge_taper_v.point[1].x, 3.5, 1e-12);
	assert_near(c.charge.discharge_taper_v.point[1].ratio, 0, 0);
	assert_int_equal(c.product_id, 0xB0BB); /* untouched: default */
}

static void test_json_round_trip_keeps_only_what_differs(void **state)
{
	struct config c, again;

	config_init(&c);
	g_autofree char *none = config_to_json(&c);

	assert_string_equal(none, "{\n}\n");
	assert_true(config_parse(&c, "{\"absorption_cell_v\": 3.42, \"charge_taper_v\": \"3.4:1 3.5:0\"}",
				 NULL));
	g_autofree char *json = config_to_json(&c);

	assert_null(strstr(json, "port"));
	assert_true(config_parse(&again, json, NULL));
	assert_near(again.charge.absorption_cell_v, 3.42, 1e-12);
	assert_int_equal(again.charge.charge_taper_v.count, 2);
}

static void test_set_text_checks_all(void **state)
{
	const struct config_key *key = config_find("absorption_cell_v");
	struct config c;
	GError *error = NULL;

	config_init(&c);
	assert_true(config_set_text(&c, key, "3.44", NULL));
	assert_near(c.charge.absorption_cell_v, 3.44, 1e-12);
	assert_false(config_set_text(&c, key, "3,44", &error));
	assert_contains(error->message, "3,44");
	g_clear_error(&error);
	assert_near(c.charge.absorption_cell_v, 3.44, 1e-12);

	assert_true(config_set_text(&c, key, "", NULL)); /* back to what is worked out */
	assert_near(c.charge.absorption_cell_v, (double) NAN, 0);

	/* a contradiction with another key */
	assert_true(config_set_text(&c, config_find("sustain_soc_exit"), "8", NULL));
	assert_false(config_set_text(&c, config_find("sustain_soc_entry"), "9", &error));
	assert_contains(error->message, "sustain_soc");
	g_clear_error(&error);
}

static void test_every_key_is_described_and_unique(void **state)
{
	const struct config_key *key;

	for (size_t i = 0; (key = config_at(i)); i++) {
		assert_true(strlen(key->sentence) > 10);
		assert_non_null(key->unit);
		assert_ptr_equal(config_find(key->name), key);
		if (key->type == CONFIG_NUMBER && !isnan(key->fallback)) {
			assert_true(key->fallback >= key->min);
			assert_true(key->fallback <= key->max);
		}
	}
	assert_true(config_count() > 40);
}

static void test_file_is_saved_whole_or_not_at_all(void **state)
{
	char folder[] = "/tmp/tinybms-config-XXXXXX";
	struct config c, again;
	GError *error = NULL;

	assert_non_null(mkdtemp(folder));
	g_autofree char *path = g_strconcat(folder, "/config.json", NULL);

	config_init(&c);
	assert_true(config_load(&again, path, NULL)); /* no file: defaults */
	g_strlcpy(c.port, "/dev/ttyUSB7", sizeof(c.port));
	assert_true(config_save(&c, path, NULL));
	assert_true(config_load(&again, path, NULL));
	assert_string_equal(again.port, "/dev/ttyUSB7");

	/* where nothing can be written */
	assert_false(config_save(&c, "/proc/config.json", &error));
	assert_contains(error->message, "/proc/config.json");
	g_clear_error(&error);

	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0); /* nothing is left beside it */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrong_files_change_nothing),
		cmocka_unit_test(test_values_arrive),
		cmocka_unit_test(test_json_round_trip_keeps_only_what_differs),
		cmocka_unit_test(test_set_text_checks_all),
		cmocka_unit_test(test_every_key_is_described_and_unique),
		cmocka_unit_test(test_file_is_saved_whole_or_not_at_all),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
