/* SPDX-License-Identifier: MIT */
#include "config_keys.h"
#include "managed.h"

#define FIELD(key) .name = #key, .offset = offsetof(struct config, key), .unit = ""

/* clang-format off */
static const struct config_key keys[] = {
	{ FIELD(port), .type = CONFIG_TEXT, .max = CONFIG_TEXT_MAX, .text_fallback = "",
	  .sentence = "Serial port of the BMS, best by its name under /dev/serial/by-id." },
	{ FIELD(battery_name), .type = CONFIG_TEXT, .max = 32, .text_fallback = "",
	  .sentence = "Name of the battery until one is set on the GX." },

	/* Unassigned in Victron's lists; systemcalc and gui-v2 treat it as any battery. */
	{ FIELD(product_id), .type = CONFIG_INT, .min = 1, .max = 65535, .fallback = 0xB0BB,
	  .sentence = "Product id on D-Bus; 45243 (0xB0BB) is assigned to nobody." },
	{ FIELD(device_instance), .type = CONFIG_INT, .max = 9999, .fallback = 288,
	  .sentence = "Device instance that a battery never seen before asks for." },

	/* The BMS refreshes its live registers every 100 ms. */
	{ FIELD(poll_interval_ms), .type = CONFIG_INT, .min = 100, .max = 1000,
	  .fallback = 100, .sentence = "Time between two readings of the BMS, in ms." },
	{ FIELD(low_latency), .type = CONFIG_BOOL, .max = 1, .fallback = 1,
	  .sentence = "Ask the USB serial driver to pass bytes on at once." },
	{ FIELD(remote_writes), .type = CONFIG_BOOL, .max = 1, .fallback = 0,
	  .sentence = "Let MQTT, and with it the network and VRM, change settings of the BMS." },
	{ FIELD(sync_soc_at_full), .type = CONFIG_BOOL, .max = 1, .fallback = 1,
	  .sentence = "Set the BMS's state of charge to 100 % when the battery is found full." },

	{ FIELD(managed), .type = CONFIG_CHOICE, .max = MANAGED_COUNT - 1,
	  .choices = managed_names, .is_charge = true,
	  .sentence = "Of several batteries: yes is the one that DVCC is to obey, no stands apart." },

	{ FIELD(can), .type = CONFIG_JSON, .max = CONFIG_JSON_MAX,
	  .sentence = "CAN outputs: a list of objects, one for each, with the keys below." },
};
/* clang-format on */

const struct config_key *config_service_keys(size_t *count)
{
	*count = G_N_ELEMENTS(keys);
	return keys;
}
