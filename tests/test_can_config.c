/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "can/can_config.h"
#include "config.h"

static struct can_output_config outputs[CAN_CONFIG_ENTRIES];

static void test_defaults(void **state)
{
	assert_int_equal(can_config_parse("", outputs), 0);
	assert_int_equal(can_config_parse("[]", outputs), 0);
	assert_int_equal(can_config_parse("[{\"interface\": \"can1\", \"protocol\": \"sofar\"}]",
					  outputs), 1);
	assert_string_equal(outputs[0].trouble, "");
	assert_string_equal(outputs[0].interface, "can1");
	assert_int_equal(outputs[0].protocol->family, CAN_SOFAR);
	assert_int_equal(outputs[0].bit_rate, 500000);
	assert_int_equal(outputs[0].restart_ms, 1000);
	assert_false(outputs[0].take_port);
	assert_true(outputs[0].options.zero_as_100ma);
	assert_near(outputs[0].options.soc_cap_pct, 99, 1e-9);
	assert_int_equal(outputs[0].options.spacing_ms, 5);
}

static void test_all_keys_arrive(void **state)
{
	assert_int_equal(
		can_config_parse("[{\"usb_serial\": \"0042\", \"protocol\": \"sol-ark\","
				 "\"bit_rate\": 250000, \"restart_ms\": 0, \"take_port\": true,"
				 "\"spacing_ms\": 0, \"manufacturer\": \"ABCDEFGHIJKLMNOP\","
				 "\"soc_cap\": 97.5, \"soc_clamp\": true, \"zero_as_100ma\": true,"
				 "\"force_charge_1\": true, \"force_charge_2\": true,"
				 "\"fine_voltage\": true, \"invert_current\": true,"
				 "\"no_keep_alive\": true},"
				 "{\"interface\": \"can2\", \"protocol\": \"nmea2000\","
				 "\"instance\": 3, \"manufacturer_code\": 358,"
				 "\"product_code\": 7, \"address\": 42}]",
				 outputs), 2);
	assert_string_equal(outputs[0].trouble, "");
	assert_string_equal(outputs[0].usb_serial, "0042");
	assert_int_equal(outputs[0].bit_rate, 250000);
	assert_int_equal(outputs[0].restart_ms, 0);
	assert_true(outputs[0].take_port);
	assert_int_equal(outputs[0].options.spacing_ms, 0);
	assert_string_equal(outputs[0].options.manufacturer, "ABCDEFGHIJKLMNOP");
	assert_near(outputs[0].options.soc_cap_pct, 97.5, 1e-9);
	assert_true(outputs[0].options.soc_clamp && outputs[0].options.zero_as_100ma &&
		    outputs[0].options.force_charge_1 && outputs[0].options.force_charge_2 &&
		    outputs[0].options.invert_current && outputs[0].options.no_keep_alive);
	/* the variant that the option asks for */
	assert_ptr_not_equal(outputs[0].protocol, can_protocol_find("sol-ark"));
	assert_int_equal(outputs[1].options.instance, 3);
	assert_int_equal(outputs[1].options.manufacturer_code, 358);
	assert_int_equal(outputs[1].options.product_code, 7);
	assert_int_equal(outputs[1].options.preferred_address, 42);
	assert_int_equal(outputs[1].bit_rate, 250000);
}

#define GOOD "{\"interface\": \"can0\", \"protocol\": \"pylontech\"}"
#define WITH(members) "[{\"interface\": \"can7\", \"protocol\": \"pylontech\", " members "}, " GOOD "]"

/* Whatever is wrong with the first, the second runs. */
static void test_refusals(void **state)
{
	static const struct {
		const char *json;
		const char *says[2];
	} rows[] = {
		{ "[7, " GOOD "]", { "this is no object" } },
		{ "[{\"interface\": \"can7\"}, " GOOD "]", { "protocol", "must be given" } },
		{ "[{\"interface\": \"can7\", \"protocol\": \"pilon\"}, " GOOD "]",
		  { "protocol", "\"pilon\" is not known" } },
		{ "[{\"protocol\": \"sma\"}, " GOOD "]", { "interface, usb_serial" } },
		{ WITH("\"usb_serial\": \"1\""), { "not both" } },
		{ WITH("\"colour\": 1"), { "colour", "no such key" } },
		{ WITH("\"instance\": 1"), { "instance means nothing to the protocol pylontech" } },
		{ WITH("\"spacing_ms\": 251"), { "spacing_ms: 251", "0 to 250 ms" } },
		{ WITH("\"spacing_ms\": 1.5"), { "spacing_ms: 1.5", "whole" } },
		{ WITH("\"spacing_ms\": \"5\""), { "spacing_ms", "no number" } },
		{ WITH("\"soc_cap\": 0"), { "soc_cap: 0", "1 to 100 %" } },
		{ WITH("\"soc_clamp\": 1"), { "soc_clamp", "true or false" } },
		{ WITH("\"manufacturer\": \"ABCDEFGHIJKLMNOPQ\""), { "manufacturer", "16" } },
		{ WITH("\"manufacturer\": \"\xC3\xA4\""), { "manufacturer", "ASCII" } },
		{ "[{\"interface\": \"a/b\", \"protocol\": \"sma\"}, " GOOD "]", { "a/b" } },
		{ "[{\"interface\": \"0123456789abcdef\", \"protocol\": \"sma\"}, " GOOD "]",
		  { "interface", "15" } },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		print_message("# %s\n", rows[i].json);
		assert_int_equal(can_config_parse(rows[i].json, outputs), 2);
		for (size_t k = 0; k < 2 && rows[i].says[k]; k++)
			assert_contains(outputs[0].trouble, rows[i].says[k]);
		assert_string_equal(outputs[1].trouble, "");
	}
}

static void test_two_on_one_port(void **state)
{
	assert_int_equal(can_config_parse("[" GOOD ", {\"interface\": \"can0\", \"protocol\": \"sma\"}]",
					  outputs), 2);
	assert_string_equal(outputs[0].trouble, "");
	assert_contains(outputs[1].trouble, "can0: another output, pylontech, has this port already");
}

static void test_no_list_and_too_many(void **state)
{
	GString *json = g_string_new("[");

	assert_int_equal(can_config_parse("{}", outputs), 1);
	assert_contains(outputs[0].trouble, "no list");
	for (unsigned i = 0; i < 12; i++)
		g_string_append_printf(json, "%s{\"interface\":\"can%u\",\"protocol\":\"byd\"}",
				       i ? "," : "", i);
	g_string_append_c(json, ']');
	assert_int_equal(can_config_parse(json->str, outputs), CAN_CONFIG_ENTRIES);
	for (unsigned i = 0; i < CAN_OUTPUTS_MAX; i++)
		assert_string_equal(outputs[i].trouble, "");
	assert_contains(outputs[CAN_OUTPUTS_MAX].trouble, "at most 8");
	g_string_free(json, TRUE);
}

/* In the file it stands as a list; wrong outputs there are no reason to refuse the file. */
static void test_in_the_file(void **state)
{
	struct config c;
	GError *error = NULL;

	config_init(&c);
	assert_string_equal(c.can, "");
	assert_true(config_parse(&c, "{\"can\": [{\"interface\": \"can0\", \"protocol\": \"x\"}]}", NULL));
	assert_string_equal(c.can, "[{\"interface\":\"can0\",\"protocol\":\"x\"}]");

	g_autofree char *json = config_to_json(&c);
	struct config again;

	assert_true(config_parse(&again, json, NULL));
	assert_string_equal(again.can, c.can);

	assert_true(config_set_text(&c, config_find("can"), "[ " GOOD " ]", NULL));
	assert_int_equal(can_config_parse(c.can, outputs), 1);
	assert_false(config_set_text(&c, config_find("can"), "[", &error));
	assert_contains(error->message, "can: the value is no JSON");
	g_clear_error(&error);
	assert_true(config_set_text(&c, config_find("can"), "", NULL));
	assert_string_equal(c.can, "");

	g_autofree char *long_text = g_strnfill(5000, '7');
	g_autofree char *document = g_strdup_printf("{\"can\": \"%s\"}", long_text);

	assert_false(config_parse(&c, document, &error));
	assert_contains(error->message, "at most 4095");
	g_clear_error(&error);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),	  cmocka_unit_test(test_all_keys_arrive),
		cmocka_unit_test(test_refusals),	  cmocka_unit_test(test_two_on_one_port),
		cmocka_unit_test(test_no_list_and_too_many), cmocka_unit_test(test_in_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
