/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <cjson/cJSON.h>

#include "battery/alarms.h"
#include "limits_filter.h"
#include "snapshot_csv.h"

#define SNAPSHOT                                                                                   \
	"\"cells\":[3.3,3.3,3.3,3.3],\"current\":5,\"soc\":50,\"temperatures\":[25,25,25],"        \
	"\"status\":\"charging\",\"faults\":[],\"settings\":{\"fully_charged_voltage\":3.65,"      \
	"\"fully_discharged_voltage\":2.75,\"early_balancing_threshold\":3.4,"                     \
	"\"over_voltage_cutoff\":3.7,\"under_voltage_cutoff\":2.5,\"allowed_disbalance\":0.015,"   \
	"\"charge_finished_current\":2,\"discharge_over_current_cutoff\":200,"                     \
	"\"charge_over_current_cutoff\":100,\"battery_capacity\":100,\"series_cells\":4,"          \
	"\"over_heat_cutoff\":60,\"low_temperature_charge_cutoff\":0}"

struct run {
	int status;
	char *out, *err; /* (owned) */
};

static struct run filter(const char *text, bool csv)
{
	struct charge_config config;
	struct run r = { 0 };
	size_t out_size, err_size;
	FILE *in = fmemopen((void *) text, strlen(text), "r");
	FILE *out = open_memstream(&r.out, &out_size);
	FILE *err = open_memstream(&r.err, &err_size);

	charge_config_init(&config);
	r.status = limits_filter_run(in, out, err, &config, csv);
	fclose(in);
	fclose(out);
	fclose(err);
	return r;
}

static void run_free(struct run *r)
{
	free(r->out);
	free(r->err);
}

/* The @number-th line of output, parsed; the caller deletes it. */
static cJSON *line(const struct run *r, int number)
{
	const char *at = r->out;

	for (int i = 0; i < number; i++)
		at = strchr(at, '\n') + 1;
	cJSON *object = cJSON_ParseWithLength(at, (size_t) (strchr(at, '\n') - at));
	assert_non_null(object);
	return object;
}

static int count_lines(const char *text)
{
	int count = 0;

	for (; *text; text++)
		count += *text == '\n';
	return count;
}

static double number(const cJSON *object, const char *key)
{
	const cJSON *item = cJSON_GetObjectItem(object, key);

	assert_non_null(item);
	return cJSON_IsNumber(item) ? item->valuedouble : (double) NAN;
}

static void test_one_line_for_each_line(void **state)
{
	struct run r = filter("{\"t\":0}\n{\"t\":1," SNAPSHOT "}\n{\"t\":2}\n", false);

	assert_int_equal(r.status, 0);
	assert_string_equal(r.err, "");
	assert_int_equal(count_lines(r.out), 3);

	cJSON *first = line(&r, 0), *second = line(&r, 1);

	assert_true(cJSON_IsNull(cJSON_GetObjectItem(first, "cvl")));
	assert_true(cJSON_IsNull(cJSON_GetObjectItem(first, "ccl")));
	assert_true(cJSON_IsNull(cJSON_GetObjectItem(first, "dcl")));
	assert_near(number(second, "t"), 1, 0);
	assert_near(number(second, "cvl"), 13.8, 1e-9);
	assert_near(number(second, "ccl"), 90, 1e-9);
	assert_near(number(second, "dcl"), 180, 1e-9);
	assert_string_equal(cJSON_GetObjectItem(second, "state")->valuestring, "Bulk");
	assert_string_equal(cJSON_GetObjectItem(second, "charge_limitation")->valuestring,
			    "BMS charge cut-off");
	assert_true(cJSON_IsFalse(cJSON_GetObjectItem(second, "charge_request")));
	const cJSON *alarms = cJSON_GetObjectItem(second, "alarms");

	assert_int_equal(cJSON_GetArraySize(alarms), ALARM_COUNT);
	for (int i = 0; i < ALARM_COUNT; i++)
		assert_near(number(alarms, alarm_name((enum alarm_id) i)), 0, 0);
	cJSON_Delete(first);
	cJSON_Delete(second);
	run_free(&r);
}

static void test_silence_leaves_the_bus_after_a_minute(void **state)
{
	g_autoptr(GString) text = g_string_new("{\"t\":0," SNAPSHOT "}\n");

	for (int t = 1; t <= 62; t++)
		g_string_append_printf(text, "{\"t\":%d}\n", t);
	struct run r = filter(text->str, false);
	cJSON *at_59 = line(&r, 59), *at_60 = line(&r, 60), *at_61 = line(&r, 61);

	assert_near(number(at_59, "ccl"), 0, 0);
	assert_near(number(cJSON_GetObjectItem(at_59, "alarms"), "BmsCable"), 1, 0);
	assert_string_equal(cJSON_GetObjectItem(at_59, "state")->valuestring, "Offline");
	assert_near(number(at_60, "ccl"), 0, 0);
	assert_near(number(cJSON_GetObjectItem(at_60, "alarms"), "BmsCable"), 2, 0);
	assert_true(cJSON_IsNull(cJSON_GetObjectItem(at_61, "ccl")));
	cJSON_Delete(at_59);
	cJSON_Delete(at_60);
	cJSON_Delete(at_61);
	run_free(&r);
}

static void test_a_bms_that_starts_is_silent(void **state)
{
	struct run r = filter("{\"t\":0," SNAPSHOT "}\n", false);
	g_autofree char *zeros = NULL;

	run_free(&r);
	g_auto(GStrv) parts = g_strsplit("{\"t\":0," SNAPSHOT "}\n", "3.3,3.3,3.3,3.3", 2);
	zeros = g_strjoinv("0,0,0,0", parts);
	r = filter(zeros, false);
	assert_int_equal(r.status, 0);
	cJSON *first = line(&r, 0);

	assert_true(cJSON_IsNull(cJSON_GetObjectItem(first, "cvl")));
	assert_near(number(cJSON_GetObjectItem(first, "alarms"), "LowCellVoltage"), 0, 0);
	cJSON_Delete(first);
	run_free(&r);
}

static void test_a_malformed_line_ends_it(void **state)
{
	static const struct {
		const char *text, *says;
		int lines;
	} rows[] = {
		{ "{\"t\":1," SNAPSHOT "}\n{\"t\":2,\"cells\":5}\n{\"t\":3}\n", "line 2: \"cells\"",
		  1 },
		{ "{\"t\":1," SNAPSHOT "}\n\n", "line 2: not one JSON object", 1 },
		{ "{\"t\":1,\"soc\":50}\n", "line 1: \"cells\": is missing", 0 },
		{ "{" SNAPSHOT "}\n", "line 1: \"t\": is missing", 0 },
		{ "{\"t\":1,\"current\":NaN}\n", "line 1: \"current\": no JSON from \"NaN}", 0 },
		{ "{\"t\":1,\"soc\":50", "line 1: \"soc\": no JSON from \"\" on", 0 },
		{ "{\"t\":1,\"soc\":1," SNAPSHOT "}\n", "line 1: \"soc\": is there twice", 0 },
		{ "{\"t\":1,\"settings\":{\"series_cells\":4,\"series_cells\":5}}\n",
		  "line 1: \"series_cells\": is there twice", 0 },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct run r = filter(rows[i].text, false);

		assert_int_equal(r.status, 2);
		assert_contains(r.err, rows[i].says);
		assert_int_equal(count_lines(r.out), rows[i].lines);
		run_free(&r);
	}
}

static void test_time_that_goes_back_does_no_harm(void **state)
{
	struct run r = filter("{\"t\":1000," SNAPSHOT "}\n{\"t\":10," SNAPSHOT "}\n"
			      "{\"t\":11," SNAPSHOT "}\n",
			      false);
	cJSON *last = line(&r, 2);

	assert_int_equal(r.status, 0);
	assert_near(number(last, "ccl"), 90, 1e-9);
	cJSON_Delete(last);
	run_free(&r);
}

static void write_battery(GString *text, double t_s)
{
	struct battery b;

	battery_clear(&b);
	b.cell_count = 4;
	for (unsigned i = 0; i < 4; i++)
		b.cell_v[i] = 3.3;
	b.current_a = 5;
	b.soc_pct = 50;
	b.temp_internal_c = b.temp_external_c[0] = b.temp_external_c[1] = 25;
	b.status = BATTERY_STATUS_CHARGING;
	b.settings = (struct battery_settings){ 3.65, 2.75, 3.4, 2,   100, 4, 0.015,
						3.7,  2.5,  200, 100, 60,  0 };
	snapshot_csv_write_row(text, t_s, &b);
}

static void test_a_table_repeats_rows_each_second(void **state)
{
	g_autoptr(GString) text = g_string_new(NULL);

	snapshot_csv_write_header(text);
	write_battery(text, 0);
	write_battery(text, 20);
	snapshot_csv_write_row(text, 21, NULL);
	write_battery(text, 41);
	struct run r = filter(text->str, true);

	assert_string_equal(r.err, "");
	assert_int_equal(r.status, 0);
	assert_int_equal(count_lines(r.out), 42);
	cJSON *at_19 = line(&r, 19), *at_40 = line(&r, 40), *at_41 = line(&r, 41);

	assert_near(number(at_19, "t"), 19, 1e-9);
	assert_near(number(at_19, "ccl"), 90, 1e-9);
	assert_near(number(at_40, "ccl"), 0, 0);
	assert_true(number(at_41, "ccl") > 0);
	cJSON_Delete(at_19);
	cJSON_Delete(at_40);
	cJSON_Delete(at_41);
	run_free(&r);
}

static void test_a_table_without_a_column_is_refused(void **state)
{
	struct run r = filter("t,cell_1\n0,3.3\n", true);

	assert_int_equal(r.status, 2);
	assert_contains(r.err, "line 1: column \"silent\"");
	run_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_line_for_each_line),
		cmocka_unit_test(test_silence_leaves_the_bus_after_a_minute),
		cmocka_unit_test(test_a_bms_that_starts_is_silent),
		cmocka_unit_test(test_a_malformed_line_ends_it),
		cmocka_unit_test(test_time_that_goes_back_does_no_harm),
		cmocka_unit_test(test_a_table_repeats_rows_each_second),
		cmocka_unit_test(test_a_table_without_a_column_is_refused),
	};

	return cmocka_run_group_tests_name("limits_filter", tests, NULL, NULL);
}
