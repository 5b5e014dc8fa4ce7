/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <stdlib.h>

#include "gateway/battery_document.h"

/* A Status as the service gives it: 4 cells, -10 A, one fault, one sensor missing. */
static const char STATUS[] =
	"{\"program\":\"0.1.0\",\"port\":\"/dev/"
	"ttyUSB0\",\"state\":\"com.victronenergy.battery.ttyUSB0\","
	"\"service\":\"com.victronenergy.battery.ttyUSB0\",\"instance\":288,\"serial\":\"00AA\","
	"\"firmware\":\"1.242\",\"hardware\":\"2.1\",\"age\":0.05,\"battery\":{\"cells\":[3.3,3.31,"
	"3.29,3.3],"
	"\"current\":-10,\"soc\":55.5,\"soh\":99,\"temperatures\":[24.04,null,21],\"status\":"
	"\"discharging\","
	"\"faults\":[2],\"balancing\":[2],\"settings\":{\"series_cells\":4}},\"pack_voltage\":13.2,"
	"\"limits\":{\"cvl\":13.8,\"ccl\":0,\"dcl\":50,\"dvl\":11.7,\"state\":\"Bulk\","
	"\"charge_limitation\":\"cold\",\"discharge_limitation\":\"BMS discharge cut-off\"},"
	"\"alarms\":{\"HighCellVoltage\":2}}";

static cJSON *document_of(const char *status)
{
	cJSON *parsed = cJSON_Parse(status);
	cJSON *document;

	assert_non_null(parsed);
	document = battery_document_make("ttyUSB0", parsed, NULL, 1800000000.0);
	cJSON_Delete(parsed);
	return document;
}

static const cJSON *at(const cJSON *object, const char *path)
{
	g_auto(GStrv) keys = g_strsplit(path, ".", -1);

	for (int i = 0; keys[i]; i++)
		object = g_ascii_isdigit(keys[i][0])
				 ? cJSON_GetArrayItem(object, atoi(keys[i]))
				 : cJSON_GetObjectItemCaseSensitive(object, keys[i]);
	return object;
}

static void assert_number(const cJSON *document, const char *path, double want)
{
	const cJSON *item = at(document, path);

	if (!cJSON_IsNumber(item))
		fail_msg("%s is no number", path);
	assert_near(item->valuedouble, want, 1e-9);
}

static void assert_is_null(const cJSON *document, const char *path)
{
	if (!cJSON_IsNull(at(document, path)))
		fail_msg("%s is not null", path);
}

static void test_nothing_is_less_than_zero_by_nothing(void **state)
{
	(void) state;
	g_autofree char *status = g_strdup(STATUS);

	memcpy(strstr(status, ":-10,"), ":-0 ,", 5);
	cJSON *d = document_of(status);
	g_autofree char *text = cJSON_PrintUnformatted(d);

	assert_non_null(strstr(text, "\"current_a\":0,"));
	assert_non_null(strstr(text, "\"power_w\":0,"));
	cJSON_Delete(d);
}

static void test_numbers_have_their_units(void **state)
{
	cJSON *d = document_of(STATUS);

	assert_number(d, "voltage_v", 13.2);
	assert_number(d, "current_a", -10.0);
	assert_number(d, "power_w", -132.0);
	assert_number(d, "soc_pct", 55.5);
	assert_number(d, "cell_count", 4.0);
	assert_number(d, "cell_min_v", 3.29);
	assert_number(d, "cell_min_n", 3.0);
	assert_number(d, "cell_max_v", 3.31);
	assert_number(d, "cell_max_n", 2.0);
	assert_number(d, "cell_spread_v", 0.02);
	assert_number(d, "cells.3.voltage_v", 3.3);
	assert_true(cJSON_IsTrue(at(d, "cells.1.is_balancing")));
	assert_true(cJSON_IsFalse(at(d, "cells.0.is_balancing")));
	assert_number(d, "temperatures.internal_c", 24.0);
	assert_is_null(d, "temperatures.external_1_c");
	assert_number(d, "temperature_min_c", 21.0);
	assert_number(d, "limits.ccl_a", 0.0);
	assert_string_equal(cJSON_GetStringValue(at(d, "limits.charge_limitation")), "cold");
	assert_number(d, "alarms.HighCellVoltage", 2.0);
	assert_number(d, "faults.0.id", 2.0);
	assert_true(cJSON_IsTrue(at(d, "is_live")));
	assert_true(cJSON_IsTrue(at(d, "is_on_bus")));
	cJSON_Delete(d);
}

static void test_nothing_known_is_null(void **state)
{
	cJSON *d = battery_document_make("x", NULL, NULL, 1800000000.0);

	assert_is_null(d, "voltage_v");
	assert_is_null(d, "soc_pct");
	assert_is_null(d, "cell_count");
	assert_is_null(d, "cell_spread_v");
	assert_is_null(d, "balancing");
	assert_is_null(d, "limits.ccl_a");
	assert_is_null(d, "limits.allow_charge");
	assert_is_null(d, "energy.charged_kwh");
	assert_int_equal(cJSON_GetArraySize(at(d, "cells")), 0);
	assert_true(cJSON_IsFalse(at(d, "is_live")));
	assert_true(cJSON_IsFalse(at(d, "is_on_bus")));
	cJSON_Delete(d);
}

/* A cell that is unknown may be the highest: no extreme is told without it. */
static void test_an_unknown_cell_hides_the_extremes(void **state)
{
	cJSON *d = document_of("{\"age\":0,\"battery\":{\"cells\":[3.3,null,3.2]}}");

	assert_number(d, "cell_count", 3.0);
	assert_is_null(d, "cells.1.voltage_v");
	assert_is_null(d, "cell_min_v");
	assert_is_null(d, "cell_max_n");
	assert_is_null(d, "cell_spread_v");
	cJSON_Delete(d);
}

/* Who says it otherwise than agreed says nothing. */
static void test_lists_for_objects(void **state)
{
	cJSON *d = document_of("{\"age\":0,\"alarms\":[2],\"battery\":{\"settings\":[1]}}");

	assert_true(cJSON_IsObject(at(d, "alarms")));
	assert_true(cJSON_IsObject(at(d, "settings")));
	assert_int_equal(cJSON_GetArraySize(at(d, "alarms")), 0);
	cJSON_Delete(d);
}

static void test_ten_seconds_are_too_old(void **state)
{
	cJSON *fresh = document_of("{\"age\":9.9,\"battery\":{}}");
	cJSON *old = document_of("{\"age\":10,\"battery\":{}}");
	cJSON *odd = document_of("{\"age\":-1,\"battery\":{}}");

	assert_true(cJSON_IsTrue(at(fresh, "is_live")));
	assert_true(cJSON_IsFalse(at(old, "is_live")));
	assert_true(cJSON_IsFalse(at(odd, "is_live")));
	cJSON_Delete(fresh);
	cJSON_Delete(old);
	cJSON_Delete(odd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers_have_their_units),
		cmocka_unit_test(test_nothing_is_less_than_zero_by_nothing),
		cmocka_unit_test(test_nothing_known_is_null),
		cmocka_unit_test(test_an_unknown_cell_hides_the_extremes),
		cmocka_unit_test(test_lists_for_objects),
		cmocka_unit_test(test_ten_seconds_are_too_old),
	};

	return cmocka_run_group_tests_name("battery_document", tests, NULL, NULL);
}
