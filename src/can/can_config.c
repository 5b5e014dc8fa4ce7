/* SPDX-License-Identifier: MIT */
#include "can/can_config.h"

#include <glib.h>
#include <math.h>
#include <string.h>

#include <cjson/cJSON.h>

enum kind {
	KIND_BOOL,
	KIND_INT,
	KIND_NUMBER,
	KIND_TEXT,
	KIND_PROTOCOL,
};

static const struct key {
	const char *name;
	enum kind kind;
	bool is_option; /* means something in some protocols only */
	size_t offset;
	double min, max; /* of texts: length */
	const char *unit /* or NULL */, *fallback, *sentence;
} keys[] = {
#define FIELD(field)  .offset = offsetof(struct can_output_config, field)
#define OPTION(field) .is_option = true, FIELD(options.field)
	/* clang-format off */
	{ "interface", KIND_TEXT, FIELD(interface), .min = 1, .max = CAN_INTERFACE_BYTES - 1,
	  .fallback = "\"\"", .sentence = "Name of the CAN interface, as can0." },
	{ "usb_serial", KIND_TEXT, FIELD(usb_serial), .min = 1, .max = CAN_USB_SERIAL_BYTES - 1,
	  .fallback = "\"\"", .sentence = "Serial number of its USB adapter, in place of the name." },
	{ "protocol", KIND_PROTOCOL, .fallback = "(must be given)",
	  .sentence = "What the inverter speaks; --list-protocols names them." },
	{ "bit_rate", KIND_INT, FIELD(bit_rate), .unit = "bit/s", .min = 10000, .max = 1000000,
	  .fallback = "the protocol's", .sentence = "Only where the inverter was set to another one." },
	{ "restart_ms", KIND_INT, FIELD(restart_ms), .unit = "ms", .max = 60000,
	  .fallback = "1000", .sentence = "Restart after bus-off, where the driver can; 0: never by it." },
	{ "take_port", KIND_BOOL, FIELD(take_port), .max = 1, .fallback = "false",
	  .sentence = "A port of the GX itself may be taken from its own services." },
	{ "spacing_ms", KIND_INT, FIELD(options.spacing_ms), .unit = "ms", .max = 250,
	  .fallback = "5", .sentence = "Time between two frames." },
	{ "manufacturer", KIND_TEXT, OPTION(manufacturer), .max = CAN_MANUFACTURER_MAX,
	  .fallback = "the protocol's", .sentence = "Text that names the battery's maker." },
	{ "soc_cap", KIND_NUMBER, OPTION(soc_cap_pct), .unit = "%", .min = 1, .max = 100,
	  .fallback = "100 (sofar 99)", .sentence = "Highest SOC that is sent." },
	{ "soc_clamp", KIND_BOOL, OPTION(soc_clamp), .max = 1, .fallback = "false",
	  .sentence = "SOC 100 while only charge is forbidden, 0 while only discharge is." },
	{ "zero_as_100ma", KIND_BOOL, OPTION(zero_as_100ma), .max = 1,
	  .fallback = "false (sofar true)", .sentence = "A limit of 0 A is sent as 0.1 A." },
	{ "force_charge_1", KIND_BOOL, OPTION(force_charge_1), .max = 1, .fallback = "false",
	  .sentence = "Ask for forced charge by the first bit (0x35C bit 5)." },
	{ "force_charge_2", KIND_BOOL, OPTION(force_charge_2), .max = 1, .fallback = "false",
	  .sentence = "Ask for forced charge by the second bit (0x35C bit 4)." },
	{ "fine_voltage", KIND_BOOL, OPTION(fine_voltage), .max = 1, .fallback = "false",
	  .sentence = "Voltage in 0x356 in 0.01 V." },
	{ "invert_current", KIND_BOOL, OPTION(invert_current), .max = 1, .fallback = "false",
	  .sentence = "Discharge is positive." },
	{ "sma_set", KIND_BOOL, OPTION(sma_set), .max = 1, .fallback = "false",
	  .sentence = "The frames of GoodWe's own document, which are SMA's." },
	{ "no_keep_alive", KIND_BOOL, OPTION(no_keep_alive), .max = 1, .fallback = "false",
	  .sentence = "The inverter never sends a sign of life: do not warn." },
	{ "instance", KIND_INT, OPTION(instance), .max = 252, .fallback = "0",
	  .sentence = "Battery instance." },
	{ "manufacturer_code", KIND_INT, OPTION(manufacturer_code), .max = 2046,
	  .fallback = "2046", .sentence = "Code of the maker; 2046 is nobody's." },
	{ "product_code", KIND_INT, OPTION(product_code), .max = 65533, .fallback = "516",
	  .sentence = "Product code of that maker." },
	{ "address", KIND_INT, OPTION(preferred_address), .max = 251, .fallback = "80",
	  .sentence = "Address to claim first, until another was won." },
	/* clang-format on */
};

static G_GNUC_PRINTF(2, 3) bool refuse(struct can_output_config *o, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_vsnprintf(o->trouble, sizeof(o->trouble), format, arguments);
	va_end(arguments);
	return false;
}

static bool refuse_kind(struct can_output_config *o, const struct key *key, const char *wanted)
{
	return refuse(o, "%s: this is no %s", key->name, wanted);
}

static bool set_text(struct can_output_config *o, const struct key *key, const cJSON *item)
{
	char *to = (char *) o + key->offset;

	if (!cJSON_IsString(item))
		return refuse_kind(o, key, "text");

	const size_t length = strlen(item->valuestring);

	if (length < key->min || length > key->max || !g_str_is_ascii(item->valuestring))
		return refuse(o, "%s: %g to %g ASCII letters are possible", key->name, key->min,
			      key->max);
	memcpy(to, item->valuestring, length + 1);
	return true;
}

static bool set_bool(struct can_output_config *o, const struct key *key, const cJSON *item)
{
	if (!cJSON_IsBool(item))
		return refuse_kind(o, key, "true or false");
	*(bool *) ((char *) o + key->offset) = cJSON_IsTrue(item);
	return true;
}

static bool set_number(struct can_output_config *o, const struct key *key, const cJSON *item)
{
	const double value = cJSON_IsNumber(item) ? item->valuedouble : (double) NAN;
	void *to = (char *) o + key->offset;

	if (isnan(value))
		return refuse_kind(o, key, "number");
	if (!(value >= key->min && value <= key->max))
		return refuse(o, "%s: %.10g is out of range, %g to %g%s%s is possible", key->name,
			      value, key->min, key->max, key->unit ? " " : "", key->unit ? key->unit : "");
	if (key->kind == KIND_NUMBER)
		*(double *) to = value;
	else if (floor(value) < value)
		return refuse(o, "%s: %.10g is no whole number", key->name, value);
	else
		*(int *) to = (int) value;
	return true;
}

static bool has_word(const char *words, const char *word)
{
	g_auto(GStrv) list = g_strsplit(words, " ", -1);

	return g_strv_contains((const char *const *) list, word);
}

static bool set_member(struct can_output_config *o, const cJSON *item)
{
	const struct key *key = keys;

	while (key < keys + G_N_ELEMENTS(keys) && strcmp(key->name, item->string))
		key++;
	if (key == keys + G_N_ELEMENTS(keys))
		return refuse(o, "%.40s: there is no such key; --list-config prints all",
			      item->string);
	if (key->is_option && !has_word(o->protocol->option_names, key->name))
		return refuse(o, "%s means nothing to the protocol %s; it knows %s", key->name,
			      o->protocol->name, o->protocol->option_names);
	switch (key->kind) {
	case KIND_TEXT:
		return set_text(o, key, item);
	case KIND_BOOL:
		return set_bool(o, key, item);
	case KIND_INT:
	case KIND_NUMBER:
		return set_number(o, key, item);
	case KIND_PROTOCOL:
		break; /* is known already: the defaults depend on it */
	}
	return true;
}

static bool set_protocol(struct can_output_config *o, const cJSON *object)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, "protocol");

	if (!cJSON_IsString(item))
		return refuse(o, "protocol: it must be given; --list-protocols names them");
	o->protocol = can_protocol_find(item->valuestring);
	if (!o->protocol)
		return refuse(o, "protocol: \"%.40s\" is not known; --list-protocols names those "
			      "that are", item->valuestring);
	can_protocol_defaults(o->protocol, &o->options);
	o->bit_rate = (int) o->protocol->bit_rate;
	o->restart_ms = 1000; /* as Venus OS's can-set-rate does */
	return true;
}

static void parse_one(struct can_output_config *o, const cJSON *object)
{
	const cJSON *item;

	if (!cJSON_IsObject(object)) {
		refuse(o, "this is no object like {\"interface\": \"can0\", \"protocol\": "
		       "\"pylontech\"}");
		return;
	}
	if (!set_protocol(o, object))
		return;
	cJSON_ArrayForEach (item, object)
		if (!set_member(o, item))
			return;
	if (!o->interface[0] == !o->usb_serial[0]) {
		refuse(o, "interface, usb_serial: one of the two must be given, and not both");
		return;
	}
	if (strchr(o->interface, '/') || !strcmp(o->interface, ".") || !strcmp(o->interface, "..")) {
		refuse(o, "interface: \"%s\" is no name of an interface", o->interface);
		return;
	}
	o->protocol = can_protocol_variant(o->protocol, &o->options);
}

static bool share_port(const struct can_output_config *a, const struct can_output_config *b)
{
	return strcmp(a->interface, b->interface) == 0 && strcmp(a->usb_serial, b->usb_serial) == 0;
}

/* One battery, one bit rate: the first one has the port. */
static void refuse_clashes(struct can_output_config *o, const struct can_output_config *before)
{
	if (!o->trouble[0] && !before->trouble[0] && share_port(o, before))
		refuse(o, "%s: another output, %s, has this port already",
		       o->interface[0] ? o->interface : o->usb_serial, before->protocol->name);
}

size_t can_config_parse(const char *json, struct can_output_config *outputs)
{
	cJSON *document = cJSON_Parse(json);
	const cJSON *list = cJSON_IsArray(document) ? document : NULL, *object;
	size_t count = 0;

	if (json[0] && !list) {
		outputs[count] = (struct can_output_config){ 0 };
		refuse(&outputs[count++], "can: this is no list like [{\"interface\": \"can0\", "
		       "\"protocol\": \"pylontech\"}]");
	}
	cJSON_ArrayForEach (object, list) {
		outputs[count] = (struct can_output_config){ 0 };
		if (count == CAN_OUTPUTS_MAX) {
			refuse(&outputs[count++], "can: at most %d outputs are possible",
			       CAN_OUTPUTS_MAX);
			break;
		}
		parse_one(&outputs[count], object);
		for (size_t i = 0; i < count; i++)
			refuse_clashes(&outputs[count], &outputs[i]);
		count++;
	}
	cJSON_Delete(document);
	return count;
}

static bool options_equal(const struct can_options *a, const struct can_options *b)
{
	return a->zero_as_100ma == b->zero_as_100ma && a->soc_clamp == b->soc_clamp &&
	       fabs(a->soc_cap_pct - b->soc_cap_pct) < 1e-9 &&
	       strcmp(a->manufacturer, b->manufacturer) == 0 &&
	       a->force_charge_1 == b->force_charge_1 && a->force_charge_2 == b->force_charge_2 &&
	       a->fine_voltage == b->fine_voltage && a->invert_current == b->invert_current &&
	       a->sma_set == b->sma_set && a->spacing_ms == b->spacing_ms &&
	       a->no_keep_alive == b->no_keep_alive && a->instance == b->instance &&
	       a->manufacturer_code == b->manufacturer_code &&
	       a->product_code == b->product_code && a->preferred_address == b->preferred_address;
}

bool can_config_equal(const struct can_output_config *a, const struct can_output_config *b)
{
	return share_port(a, b) && a->protocol == b->protocol && a->bit_rate == b->bit_rate &&
	       a->restart_ms == b->restart_ms && a->take_port == b->take_port &&
	       strcmp(a->trouble, b->trouble) == 0 && options_equal(&a->options, &b->options);
}

void can_config_list(FILE *out)
{
	for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
		const struct key *key = &keys[i];

		fprintf(out, "can[].%s = %s", key->name, key->fallback);
		if (key->unit)
			fprintf(out, " %s", key->unit);
		if (key->kind == KIND_INT || key->kind == KIND_NUMBER)
			fprintf(out, ", %g to %g", key->min, key->max);
		fprintf(out, "\n    %s%s\n", key->sentence,
			key->is_option ? " Not in every protocol." : "");
	}
}
