/* SPDX-License-Identifier: MIT */
/* What may be asked by MQTT, and how it is refused. */
#include "gateway_support.h"

#include "config.h"
#include "gateway/mqtt_commands.h"

static const struct {
	const char *name, *payload;
	const char *method, *first; /* NULL: it is refused with @sentence */
	const char *sentence;
} cases[] = {
	{ "storage", "ON", "SetConfiguration", "{\"storage\":true,\"by\":\"mqtt\"}", NULL },
	{ "storage", "off", "SetConfiguration", "{\"storage\":false,\"by\":\"mqtt\"}", NULL },
	{ "storage", "1", "SetConfiguration", "{\"storage\":true,\"by\":\"mqtt\"}", NULL },
	{ "storage", "yes", NULL, NULL, "ON or OFF is expected." },
	{ "force_charging_off", "true", "SetConfiguration",
	  "{\"force_charging_off\":true,\"by\":\"mqtt\"}", NULL },
	{ "max_charge_current", "80", "SetConfiguration",
	  "{\"max_charge_current\":80,\"by\":\"mqtt\"}", NULL },
	{ "max_charge_current", "80.5", "SetConfiguration",
	  "{\"max_charge_current\":80.5,\"by\":\"mqtt\"}", NULL },
	{ "max_charge_current", "1e2", "SetConfiguration",
	  "{\"max_charge_current\":100,\"by\":\"mqtt\"}", NULL },
	{ "max_charge_current", "0", "SetConfiguration",
	  "{\"max_charge_current\":0,\"by\":\"mqtt\"}", NULL },
	{ "max_charge_current", "750.1", NULL, NULL,
	  "max_charge_current is 0 to 750 A, not 750.1." },
	{ "max_charge_current", "-1", NULL, NULL, "max_charge_current is 0 to 750 A, not -1." },
	{ "max_charge_current", "nan", NULL, NULL, "A number is expected." },
	{ "max_charge_current", "inf", NULL, NULL, "A number is expected." },
	{ "max_charge_current", "0x10", NULL, NULL, "A number is expected." },
	{ "max_charge_current", "80 ", NULL, NULL, "A number is expected." },
	{ "max_charge_current", "1,5", NULL, NULL, "A number is expected." },
	{ "max_charge_current", "80}", NULL, NULL, "A number is expected." },
	{ "soc_ceiling", "49", NULL, NULL, "soc_ceiling is 50 to 100 %, not 49." },
	{ "full_charge", "PRESS", "FullCharge", NULL, NULL },
	{ "full_charge", "", NULL, NULL, "The payload is empty, too long or no text." },
	{ "full_charge", "press", NULL, NULL, "PRESS is expected." },
	{ "reset_events", "PRESS", "Reset", "{\"what\":\"events\",\"by\":\"mqtt\"}", NULL },
	{ "reset_statistics", "PRESS", "Reset", "{\"what\":\"statistics\",\"by\":\"mqtt\"}", NULL },
	/* Nothing that weakens protection, and nothing that stops the battery. */
	{ "cell_safety_threshold_v", "4.4", NULL, NULL,
	  "There is no such command, or not by MQTT." },
	{ "over_voltage_cutoff", "4.4", NULL, NULL, "There is no such command, or not by MQTT." },
	{ "absorption_cell_v", "4.4", NULL, NULL, "There is no such command, or not by MQTT." },
	{ "sleep", "PRESS", NULL, NULL, "There is no such command, or not by MQTT." },
	{ "reset_bms", "PRESS", NULL, NULL, "There is no such command, or not by MQTT." },
	{ "storage", "111111111111111111111111111111111", NULL, NULL,
	  "The payload is empty, too long or no text." },
};

static void test_read(void **state)
{
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct mqtt_call call;
		g_autoptr(GError) error = NULL;
		const bool is_read =
			mqtt_commands_read(cases[i].name, cases[i].payload,
					   strlen(cases[i].payload), false, &call, &error);

		assert_int_equal(is_read, cases[i].method != NULL);
		if (!is_read) {
			assert_string_equal(error->message, cases[i].sentence);
			continue;
		}
		assert_string_equal(call.row->method, cases[i].method);
		if (cases[i].first)
			assert_string_equal(call.arguments[0].string, cases[i].first);
		g_free(call.text);
	}
}

static void test_retained(void **state)
{
	struct mqtt_call call;
	g_autoptr(GError) error = NULL;

	assert_false(mqtt_commands_read("storage", "ON", 2, true, &call, &error));
	assert_contains(error->message, "retain");
}

static void test_zero_byte(void **state)
{
	struct mqtt_call call;
	g_autoptr(GError) error = NULL;

	assert_false(mqtt_commands_read("storage", "ON\0x", 4, false, &call, &error));
}

/* Each switch and number is a charge key of the configuration, and no other. */
static void test_table(void **state)
{
	size_t i = 0;
	const struct mqtt_command_row *row;

	for (; (row = mqtt_commands_at(i)); i++) {
		const struct config_key *key = config_find(row->name);

		assert_int_equal(row->kind != MQTT_COMMAND_BUTTON, key != NULL);
		if (!key)
			continue;
		assert_true(key->is_charge);
		assert_int_equal(key->type,
				 row->kind == MQTT_COMMAND_SWITCH ? CONFIG_BOOL : CONFIG_NUMBER);
	}
	assert_int_equal(i, 11);
}

static void test_split(void **state)
{
	static const char *const wrong[] = {
		"t/a/set", "t/a/set/",	  "t//set/b",	 "t/a/get/b", "tt/a/set/b",
		"t",	   "t/a/b/set/c", "x/t/a/set/b", "",
	};
	char *level = NULL, *name = NULL;

	assert_true(mqtt_commands_split("t", "t/a/set/b", &level, &name));
	assert_string_equal(level, "a");
	assert_string_equal(name, "b");
	g_free(level);
	g_free(name);
	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++)
		assert_false(mqtt_commands_split("t", wrong[i], &level, &name));
}

static void test_states(void **state)
{
	cJSON *values = cJSON_Parse("{\"storage\":1,\"force_charging_off\":false,"
				    "\"max_charge_current\":80.5,\"soc_ceiling\":null}");
	GPtrArray *list = mqtt_messages_new();

	mqtt_commands_add_states(list, "t", "a", values);
	assert_int_equal(list->len, 7);
	assert_string_equal(payload_at(list, "t/a/charge/storage"), "true");
	assert_string_equal(payload_at(list, "t/a/charge/force_charging_off"), "false");
	assert_string_equal(payload_at(list, "t/a/charge/max_charge_current"), "80.5");
	assert_string_equal(payload_at(list, "t/a/charge/soc_ceiling"), "null");
	assert_string_equal(payload_at(list, "t/a/charge/full_charge_interval"), "null");
	g_ptr_array_unref(list);
	cJSON_Delete(values);
}

static void test_result(void **state)
{
	g_autofree char *done = mqtt_commands_result("storage", NULL);
	g_autofree char *refused = mqtt_commands_result("storage", "No \"way\".");

	assert_string_equal(done, "{\"command\":\"storage\",\"ok\":true,\"reason\":\"Done.\"}");
	assert_string_equal(
		refused, "{\"command\":\"storage\",\"ok\":false,\"reason\":\"No \\\"way\\\".\"}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),   cmocka_unit_test(test_retained),
		cmocka_unit_test(test_table),  cmocka_unit_test(test_zero_byte),
		cmocka_unit_test(test_split),  cmocka_unit_test(test_states),
		cmocka_unit_test(test_result),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
