/* SPDX-License-Identifier: MIT */
/* The own tree and the predecessor's topics, message by message. */
#include "gateway_support.h"

#include "gateway/mqtt_battery.h"
#include "gateway/mqtt_legacy.h"

static const struct {
	const char *topic, *payload;
	unsigned every_s;
} tree[] = {
	{ "t/usb_FTDI_1/availability", "online", 0 },
	{ "t/usb_FTDI_1/soc_pct", "74.2", 0 },
	{ "t/usb_FTDI_1/current_a", "-12.3", 0 },
	{ "t/usb_FTDI_1/time_to_go_s", "null", 0 },
	{ "t/usb_FTDI_1/status", "\"charging\"", 0 },
	{ "t/usb_FTDI_1/balancing", "true", 0 },
	{ "t/usb_FTDI_1/cells/1/voltage_v", "3.321", 0 },
	{ "t/usb_FTDI_1/cells/2/is_balancing", "true", 0 },
	{ "t/usb_FTDI_1/cells/4/voltage_v", "null", 0 },
	{ "t/usb_FTDI_1/temperatures/external_1_c", "-2.5", 0 },
	{ "t/usb_FTDI_1/limits/allow_discharge", "false", 0 },
	{ "t/usb_FTDI_1/alarms/HighTemperature", "2", 0 },
	{ "t/usb_FTDI_1/faults", "[{\"id\":2,\"text\":\"Under-voltage\",\"remedy\":\"Charge.\"}]",
	  0 },
	{ "t/usb_FTDI_1/history", "{\"voltage_min_v\":48.1}", 10 },
	{ "t/usb_FTDI_1/energy/charged_kwh", "1.2", 10 },
	{ "t/usb_FTDI_1/time", "1700000000.25", 10 },
};

static void test_tree(void **state)
{
	cJSON *document = read_document();
	GPtrArray *list = mqtt_messages_new();

	mqtt_battery_add(list, "t", document);
	for (size_t i = 0; i < G_N_ELEMENTS(tree); i++) {
		const struct mqtt_message *m = message_at(list, tree[i].topic);

		assert_string_equal(payload_at(list, tree[i].topic), tree[i].payload);
		assert_true(m->retain);
		assert_int_equal(m->every_s, tree[i].every_s);
		assert_int_equal(m->qos, i == 0 ? 1 : 0);
	}
	g_ptr_array_unref(list);
	cJSON_Delete(document);
}

/* Nothing twice, nothing that says nothing, no topic that a broker refuses. */
static void test_tree_whole(void **state)
{
	cJSON *document = read_document();
	GPtrArray *list = mqtt_messages_new();
	GHashTable *seen = g_hash_table_new(g_str_hash, g_str_equal);

	mqtt_battery_add(list, "t", document);
	for (guint i = 0; i < list->len; i++) {
		const struct mqtt_message *m = list->pdata[i];

		assert_true(g_hash_table_add(seen, m->topic));
		assert_null(strpbrk(m->topic, "+# "));
		assert_true(strlen(m->payload) > 0);
	}
	assert_null(message_at(list, "t/usb_FTDI_1/id"));
	assert_null(message_at(list, "t/usb_FTDI_1/version"));
	assert_null(message_at(list, "t/usb_FTDI_1/age_s"));
	assert_null(message_at(list, "t/usb_FTDI_1/cells/1/n"));
	/* 1 availability, 30 plain, 8 of cells, 3 + 11 + 14 + 7 of objects, 5 whole */
	assert_int_equal(list->len, 79);
	g_hash_table_destroy(seen);
	g_ptr_array_unref(list);
	cJSON_Delete(document);
}

static void test_dead(void **state)
{
	cJSON *document = cJSON_Parse("{\"id\":\"a/b+c#d e\",\"is_live\":false,\"soc_pct\":null}");
	GPtrArray *list = mqtt_messages_new();

	mqtt_battery_add(list, "t", document);
	assert_string_equal(payload_at(list, "t/a_b_c_d_e/availability"), "offline");
	assert_string_equal(payload_at(list, "t/a_b_c_d_e/soc_pct"), "null");
	g_ptr_array_unref(list);
	cJSON_Delete(document);
}

static void test_without_id(void **state)
{
	static const char *const documents[] = { "{}", "{\"id\":7}", "[]", "null", "\"id\"" };

	for (size_t i = 0; i < G_N_ELEMENTS(documents); i++) {
		cJSON *document = cJSON_Parse(documents[i]);
		GPtrArray *list = mqtt_messages_new();

		mqtt_battery_add(list, "t", document);
		assert_int_equal(list->len, 0);
		g_ptr_array_unref(list);
		cJSON_Delete(document);
	}
}

/* ---- the predecessor's topics, each by hand: raw = value / scale of the register's type ----- */

#define HEAD(address, wire, class)                                                                 \
	"{\"address\":" #address ",\"timestamp_ms\":1700000000250,\"wire_type\":" #wire            \
	",\"value_class\":" #class
#define LIMIT_COMMENT ",\"comment\":\"The limit that holds now, not a record of the BMS\""
#define CELL_COMMENT  ",\"comment\":\"Of one cell; the BMS's own setting\"}"
#define OWN_COMMENT   ",\"comment\":\"The BMS's own setting\"}"

static const struct {
	const char *topic, *payload;
} legacy[] = {
	{ "v/t/battery_pack_voltage",
	  HEAD(36, 6, 3) ",\"value\":53.12,\"formatted\":\"53.12\",\"raw\":53.12,\"scale\":1,"
			 "\"unit\":\"V\",\"label\":\"Battery Pack Voltage\","
			 "\"key\":\"battery_pack_voltage\",\"dbus_path\":\"/Dc/0/Voltage\"}" },
	{ "v/t/battery_pack_current",
	  HEAD(38, 6, 3) ",\"value\":-12.3,\"formatted\":\"-12.30\",\"raw\":-12.3,\"scale\":1,"
			 "\"unit\":\"A\",\"label\":\"Battery Pack Current\","
			 "\"key\":\"battery_pack_current\",\"comment\":\"Positive is charge\","
			 "\"dbus_path\":\"/Dc/0/Current\"}" },
	{ "v/t/internal_temperature",
	  HEAD(48, 5, 2) ",\"value\":24.1,\"formatted\":\"24.1\",\"raw\":241,\"scale\":0.1,"
			 "\"unit\":\"°C\",\"label\":\"Internal Temperature\","
			 "\"key\":\"internal_temperature\",\"dbus_path\":\"/Dc/0/Temperature\"}" },
	{ "v/t/state_of_charge",
	  HEAD(46, 3, 1) ",\"value\":74.2,\"formatted\":\"74.20\",\"raw\":74200000,\"scale\":1e-06,"
			 "\"unit\":\"%\",\"label\":\"State Of Charge\","
			 "\"key\":\"state_of_charge\",\"dbus_path\":\"/Soc\"}" },
	{ "v/t/state_of_health",
	  HEAD(45, 2, 1) ",\"value\":98,\"formatted\":\"98.00\",\"raw\":49000,\"scale\":0.002,"
			 "\"unit\":\"%\",\"label\":\"State Of Health\","
			 "\"key\":\"state_of_health\",\"dbus_path\":\"/Soh\"}" },
	{ "v/t/max_charge_current",
	  HEAD(103, 2, 1) ",\"value\":100,\"formatted\":\"100.0\",\"raw\":1000,\"scale\":0.1,"
			  "\"unit\":\"A\",\"label\":\"Max Charge Current\","
			  "\"key\":\"max_charge_current\"" LIMIT_COMMENT
			  ",\"dbus_path\":\"/Info/MaxChargeCurrent\"}" },
	{ "v/t/max_discharge_current",
	  HEAD(102, 2, 1) ",\"value\":120,\"formatted\":\"120.0\",\"raw\":1200,\"scale\":0.1,"
			  "\"unit\":\"A\",\"label\":\"Max Discharge Current\","
			  "\"key\":\"max_discharge_current\"" LIMIT_COMMENT
			  ",\"dbus_path\":\"/Info/MaxDischargeCurrent\"}" },
	{ "v/t/overvoltage_cutoff_mv",
	  HEAD(315, 2, 1) ",\"value\":3800,\"raw\":3800,\"scale\":1,\"unit\":\"mV\","
			  "\"label\":\"Over-Voltage Cutoff\","
			  "\"key\":\"overvoltage_cutoff_mv\"" CELL_COMMENT },
	{ "v/t/undervoltage_cutoff_mv",
	  HEAD(316, 2, 1) ",\"value\":2800,\"raw\":2800,\"scale\":1,\"unit\":\"mV\","
			  "\"label\":\"Under-Voltage Cutoff\","
			  "\"key\":\"undervoltage_cutoff_mv\"" CELL_COMMENT },
	{ "v/t/discharge_overcurrent_a",
	  HEAD(317, 2, 1) ",\"value\":65,\"raw\":65,\"scale\":1,\"unit\":\"A\","
			  "\"label\":\"Discharge Over-Current Cutoff\","
			  "\"key\":\"discharge_overcurrent_a\"" OWN_COMMENT },
	{ "v/t/charge_overcurrent_a",
	  HEAD(318, 2, 1) ",\"value\":90,\"raw\":90,\"scale\":1,\"unit\":\"A\","
			  "\"label\":\"Charge Over-Current Cutoff\","
			  "\"key\":\"charge_overcurrent_a\"" OWN_COMMENT },
	{ "v/t/overheat_cutoff_c",
	  HEAD(319, 5,
	       2) ",\"value\":60,\"raw\":60,\"scale\":1,\"unit\":\"°C\","
		  "\"label\":\"Overheat Cutoff\",\"key\":\"overheat_cutoff_c\"" OWN_COMMENT },
};

static void test_legacy(void **state)
{
	cJSON *document = read_document();
	GPtrArray *list = mqtt_messages_new();

	mqtt_legacy_add(list, "v/t", document);
	assert_int_equal(list->len, 12);
	for (size_t i = 0; i < G_N_ELEMENTS(legacy); i++) {
		const struct mqtt_message *m = list->pdata[i];

		assert_string_equal(m->topic, legacy[i].topic);
		assert_string_equal(m->payload, legacy[i].payload);
		assert_int_equal(m->qos, 0);
		assert_false(m->retain);
	}
	g_ptr_array_unref(list);
	cJSON_Delete(document);
}

/* What is not known has no value, and the time alone is no news. */
static void test_legacy_unknown(void **state)
{
	cJSON *early = cJSON_Parse("{\"id\":\"a\",\"time\":1.5,\"soc_pct\":null}");
	cJSON *late = cJSON_Parse("{\"id\":\"a\",\"time\":2.5}");
	GPtrArray *first = mqtt_messages_new(), *second = mqtt_messages_new();

	mqtt_legacy_add(first, "v", early);
	mqtt_legacy_add(second, "v", late);
	assert_string_equal(
		payload_at(first, "v/state_of_charge"),
		"{\"address\":46,\"timestamp_ms\":1500,\"wire_type\":3,\"value_class\":1,"
		"\"unit\":\"%\",\"label\":\"State Of Charge\",\"key\":\"state_of_charge\","
		"\"dbus_path\":\"/Soc\"}");
	assert_string_not_equal(payload_at(first, "v/state_of_charge"),
				payload_at(second, "v/state_of_charge"));
	assert_string_equal(message_at(first, "v/state_of_charge")->sense,
			    message_at(second, "v/state_of_charge")->sense);
	g_ptr_array_unref(first);
	g_ptr_array_unref(second);
	cJSON_Delete(early);
	cJSON_Delete(late);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tree),   cmocka_unit_test(test_tree_whole),
		cmocka_unit_test(test_dead),   cmocka_unit_test(test_without_id),
		cmocka_unit_test(test_legacy), cmocka_unit_test(test_legacy_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
