/* SPDX-License-Identifier: MIT */
/*
 * Home Assistant's discovery, judged by Home Assistant's own tables, read in its sources:
 *
 * - root, device, origin, availability: home-assistant/core, components/mqtt/schemas.py
 *   (DEVICE_DISCOVERY_SCHEMA and what it is made of, 0f5c1b54); model_id: mqtt/entity.py
 *   (00cb367f). A component must name a platform and may have keys of its own only.
 * - number: home-assistant.io, source/_integrations/number.mqtt.markdown (00042d88); switch:
 *   switch.mqtt.markdown (04c35f18); binary_sensor: binary_sensor.mqtt.markdown (04987cbb)
 * - button: core, components/mqtt/button.py (1ecdb9be), which also has "PRESS" as default
 * - sensor: sensor.mqtt.markdown (035b814c) and core, components/mqtt/sensor.py (17309b78:
 *   state_class); suggested_display_precision came later, in 2023.3
 * - classes and units: core, components/sensor/const.py (00eb6680: DEVICE_CLASS_UNITS)
 *
 * A list may be shorter than Home Assistant's, never longer.
 */
#include "gateway_support.h"

#include "gateway/ha_discovery.h"
#include "gateway/mqtt_battery.h"
#include "gateway/mqtt_commands.h"

/* ---- Home Assistant's tables, as far as these entities touch them --------------------------- */

static const struct {
	const char *device_class, *units, *state_classes;
} sensor_classes[] = {
	{ "battery", " % ", " measurement " },
	{ "current", " A mA ", " measurement " },
	{ "duration", " d h min s ms ", " measurement total total_increasing " },
	{ "energy", " Wh kWh MWh ", " total total_increasing " },
	{ "power", " W kW ", " measurement " },
	{ "temperature", " °C °F K ", " measurement " },
	{ "timestamp", NULL, NULL }, /* no unit, no state class */
	{ "voltage", " V mV ", " measurement " },
};

static const char BINARY_CLASSES[] = " battery battery_charging connectivity plug power problem "
				     "running safety ";

/* Of all five pages; entity_category of the number's page and of entity.py. */
static const char COMMON[] = " platform unique_id name entity_category enabled_by_default icon ";

static const struct {
	const char *platform, *may, *must;
} platforms[] = {
	{ "sensor",
	  " state_topic value_template device_class unit_of_measurement state_class "
	  "suggested_display_precision expire_after ",
	  "state_topic" },
	{ "binary_sensor", " state_topic value_template device_class payload_on payload_off ",
	  "state_topic" },
	{ "number",
	  " command_topic state_topic value_template device_class unit_of_measurement min max step "
	  "mode ",
	  "command_topic" },
	{ "switch", " command_topic state_topic value_template payload_on payload_off ",
	  "command_topic" },
	{ "button", " command_topic device_class payload_press ", "command_topic" },
};

static const char DEVICE[] =
	" identifiers name manufacturer model model_id serial_number sw_version "
	"hw_version configuration_url suggested_area connections via_device ";
static const char ORIGIN[] = " name sw_version support_url ";
static const char ROOT[] = " device origin components availability availability_mode state_topic "
			   "command_topic qos encoding ";

static bool is_among(const char *word, const char *words)
{
	g_autofree char *padded = g_strdup_printf(" %s ", word);

	return strstr(words, padded) != NULL;
}

static const char *text_of(const cJSON *object, const char *key)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

/* ---- a configuration and the tree that it speaks of ------------------------------------------ */

struct bench {
	cJSON *document, *config;
	GPtrArray *list, *tree;
};

static struct bench begin(bool may_command)
{
	const struct ha_discovery d = { "homeassistant", "t", may_command,
					"http://venus.local:8480/" };
	struct bench b = { .document = read_document(),
			   .list = mqtt_messages_new(),
			   .tree = mqtt_messages_new() };

	ha_discovery_add(b.list, &d, b.document);
	mqtt_battery_add(b.tree, "t", b.document);
	mqtt_commands_add_states(b.tree, "t", "usb_FTDI_1", NULL);
	assert_int_equal(b.list->len, 1);
	b.config = cJSON_Parse(((struct mqtt_message *) b.list->pdata[0])->payload);
	assert_non_null(b.config);
	return b;
}

static void end(struct bench *b)
{
	g_ptr_array_unref(b->list);
	g_ptr_array_unref(b->tree);
	cJSON_Delete(b->document);
	cJSON_Delete(b->config);
}

static const cJSON *components(const struct bench *b)
{
	return cJSON_GetObjectItemCaseSensitive(b->config, "components");
}

static const cJSON *component(const struct bench *b, const char *key)
{
	const cJSON *c = cJSON_GetObjectItemCaseSensitive(components(b), key);

	if (!c)
		fail_msg("no component %s", key);
	return c;
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void test_message(void **state)
{
	struct bench b = begin(false);
	const struct mqtt_message *m = b.list->pdata[0];

	assert_string_equal(m->topic,
			    "homeassistant/device/tinybms_0123456789ABCDEF01234567/config");
	assert_true(m->retain);
	assert_int_equal(m->qos, 1);
	end(&b);
}

static void test_device(void **state)
{
	struct bench b = begin(false);
	const cJSON *device = cJSON_GetObjectItemCaseSensitive(b.config, "device");
	const cJSON *origin = cJSON_GetObjectItemCaseSensitive(b.config, "origin");
	const cJSON *availability = cJSON_GetObjectItemCaseSensitive(b.config, "availability");
	const cJSON *item;

	cJSON_ArrayForEach (item, b.config)
		assert_true(is_among(item->string, ROOT));
	cJSON_ArrayForEach (item, device)
		assert_true(is_among(item->string, DEVICE));
	cJSON_ArrayForEach (item, origin)
		assert_true(is_among(item->string, ORIGIN));
	assert_string_equal(text_of(device, "name"), "House");
	assert_string_equal(text_of(device, "serial_number"), "0123456789ABCDEF01234567");
	assert_string_equal(text_of(device, "sw_version"), "2.41");
	assert_string_equal(
		cJSON_GetArrayItem(cJSON_GetObjectItem(device, "identifiers"), 0)->valuestring,
		"tinybms_0123456789ABCDEF01234567");
	assert_string_equal(text_of(origin, "name"), "dbus-tinybms");
	assert_string_equal(text_of(b.config, "availability_mode"), "all");
	assert_string_equal(text_of(cJSON_GetArrayItem(availability, 0), "topic"),
			    "t/availability");
	assert_string_equal(text_of(cJSON_GetArrayItem(availability, 1), "topic"),
			    "t/usb_FTDI_1/availability");
	end(&b);
}

/* Of the platform alone: it takes one of before out of Home Assistant. */
static bool is_absent(const cJSON *c)
{
	return cJSON_GetArraySize(c) == 1 && text_of(c, "platform");
}

/* Every key is one that the platform knows, and every topic is one that is published. */
static void check_component(const struct bench *b, const cJSON *c)
{
	const char *platform = text_of(c, "platform");
	const char *state_topic = text_of(c, "state_topic");
	const char *may = NULL, *must = NULL;
	const cJSON *item;

	for (size_t i = 0; i < G_N_ELEMENTS(platforms); i++)
		if (strcmp(platforms[i].platform, platform) == 0) {
			may = platforms[i].may;
			must = platforms[i].must;
		}
	if (!may)
		fail_msg("%s: no platform %s", c->string, platform);
	cJSON_ArrayForEach (item, c)
		if (!is_among(item->string, COMMON) && !is_among(item->string, may))
			fail_msg("%s: %s has no key %s", c->string, platform, item->string);
	assert_non_null(cJSON_GetObjectItemCaseSensitive(c, must));
	if (state_topic && !message_at(b->tree, state_topic))
		fail_msg("%s: nothing is published on %s", c->string, state_topic);
}

static void check_sensor(const cJSON *c)
{
	const char *class = text_of(c, "device_class");
	const char *unit = text_of(c, "unit_of_measurement");
	const char *state_class = text_of(c, "state_class");
	size_t i = 0;

	if (!class)
		return;
	while (i < G_N_ELEMENTS(sensor_classes) &&
	       strcmp(sensor_classes[i].device_class, class) != 0)
		i++;
	if (i == G_N_ELEMENTS(sensor_classes))
		fail_msg("%s: no device class %s", c->string, class);
	if (unit ? !sensor_classes[i].units || !is_among(unit, sensor_classes[i].units)
		 : sensor_classes[i].units != NULL)
		fail_msg("%s: %s in %s", c->string, class, unit ? unit : "no unit");
	if (state_class && (!sensor_classes[i].state_classes ||
			    !is_among(state_class, sensor_classes[i].state_classes)))
		fail_msg("%s: %s is no %s", c->string, class, state_class);
}

static void test_components(void **state)
{
	struct bench b = begin(true);
	GHashTable *unique = g_hash_table_new(g_str_hash, g_str_equal);
	const cJSON *c;
	unsigned count = 0, absent = 0;

	cJSON_ArrayForEach (c, components(&b)) {
		const char *id = text_of(c, "unique_id");

		if (is_absent(c)) {
			absent++;
			continue;
		}

		check_component(&b, c);
		if (strcmp(text_of(c, "platform"), "sensor") == 0)
			check_sensor(c);
		if (strcmp(text_of(c, "platform"), "binary_sensor") == 0 &&
		    text_of(c, "device_class"))
			assert_true(is_among(text_of(c, "device_class"), BINARY_CLASSES));
		assert_true(g_str_has_prefix(id, "tinybms_0123456789ABCDEF01234567_"));
		assert_true(g_hash_table_add(unique, (void *) id));
		count++;
	}
	/* 38 sensors, 5 binary ones, 4 cells, 14 alarms, 11 commands */
	assert_int_equal(count, 72);
	/* cells 5 to 16 */
	assert_int_equal(absent, 12);
	for (int n = 1; n <= 16; n++) {
		g_autofree char *key = g_strdup_printf("cell_%d", n);

		assert_string_equal(text_of(component(&b, key), "platform"), "sensor");
		assert_int_equal(is_absent(component(&b, key)), n > 4);
	}
	g_hash_table_destroy(unique);
	end(&b);
}

/* All that the document has of the battery is somewhere: nothing is lost by moving to this. */
static void test_all_alarms(void **state)
{
	struct bench b = begin(false);
	const cJSON *alarm;

	cJSON_ArrayForEach (alarm, cJSON_GetObjectItemCaseSensitive(b.document, "alarms")) {
		g_autofree char *lower = g_ascii_strdown(alarm->string, -1);
		g_autofree char *key = g_strdup_printf("alarm_%s", lower);
		const cJSON *c = component(&b, key);

		assert_string_equal(text_of(c, "device_class"), "problem");
		assert_null(strpbrk(text_of(c, "name"), "_"));
		assert_string_not_equal(text_of(c, "name"), alarm->string);
		/* an alarm that nobody can know of is not absent */
		assert_contains(text_of(c, "value_template"), "'None' if value_json is none");
	}
	end(&b);
}

static void test_soc(void **state)
{
	struct bench b = begin(false);
	const cJSON *c = component(&b, "soc");

	assert_string_equal(text_of(c, "state_topic"), "t/usb_FTDI_1/soc_pct");
	assert_string_equal(text_of(c, "device_class"), "battery");
	assert_string_equal(text_of(c, "unit_of_measurement"), "%");
	assert_string_equal(text_of(c, "state_class"), "measurement");
	assert_string_equal(text_of(c, "unique_id"), "tinybms_0123456789ABCDEF01234567_soc");
	end(&b);
}

static void test_no_commands(void **state)
{
	struct bench b = begin(false), full = begin(true);
	const cJSON *c;
	unsigned count = 0;

	cJSON_ArrayForEach (c, components(&full)) {
		const cJSON *same = component(&b, c->string);

		if (!cJSON_HasObjectItem(c, "command_topic"))
			continue;
		/* those of before go away */
		assert_true(is_absent(same));
		assert_string_equal(text_of(same, "platform"), text_of(c, "platform"));
		count++;
	}
	assert_int_equal(count, 11);
	cJSON_ArrayForEach (c, components(&b))
		assert_null(cJSON_GetObjectItemCaseSensitive(c, "command_topic"));
	end(&full);
	end(&b);
}

static void test_number(void **state)
{
	struct bench b = begin(true);
	const cJSON *c = component(&b, "set_max_charge_current");

	assert_string_equal(text_of(c, "command_topic"), "t/usb_FTDI_1/set/max_charge_current");
	assert_string_equal(text_of(c, "state_topic"), "t/usb_FTDI_1/charge/max_charge_current");
	assert_string_equal(text_of(c, "device_class"), "current");
	assert_string_equal(text_of(c, "unit_of_measurement"), "A");
	assert_near(cJSON_GetObjectItem(c, "min")->valuedouble, 0, 0);
	assert_near(cJSON_GetObjectItem(c, "max")->valuedouble, 750, 0);
	assert_string_equal(text_of(component(&b, "set_full_charge_interval"), "device_class"),
			    "duration");
	end(&b);
}

/* The same battery at another port is the same device. */
static void test_identity(void **state)
{
	struct bench b = begin(false);
	const struct ha_discovery d = { "homeassistant", "t", false, NULL };
	GPtrArray *list = mqtt_messages_new();
	g_autofree char *before = ha_discovery_signature(b.document);
	g_autofree char *same = NULL, *after = NULL;

	cJSON_ReplaceItemInObject(b.document, "soc_pct", cJSON_CreateNumber(1));
	same = ha_discovery_signature(b.document);
	assert_string_equal(before, same);
	cJSON_ReplaceItemInObject(b.document, "id", cJSON_CreateString("usb_other"));
	after = ha_discovery_signature(b.document);
	assert_string_not_equal(before, after);
	ha_discovery_add(list, &d, b.document);
	assert_string_equal(((struct mqtt_message *) list->pdata[0])->topic,
			    ((struct mqtt_message *) b.list->pdata[0])->topic);
	cJSON_ReplaceItemInObject(b.document, "serial", cJSON_CreateString(""));
	ha_discovery_add_removal(list, "homeassistant", b.document);
	assert_string_equal(((struct mqtt_message *) list->pdata[1])->topic,
			    "homeassistant/device/tinybms_usb_other/config");
	assert_string_equal(((struct mqtt_message *) list->pdata[1])->payload, "");
	assert_true(((struct mqtt_message *) list->pdata[1])->retain);
	g_ptr_array_unref(list);
	end(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_message),	   cmocka_unit_test(test_device),
		cmocka_unit_test(test_components), cmocka_unit_test(test_all_alarms),
		cmocka_unit_test(test_soc),	   cmocka_unit_test(test_no_commands),
		cmocka_unit_test(test_number),	   cmocka_unit_test(test_identity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
