/* SPDX-License-Identifier: MIT */
/* can_output_node - an output of NMEA 2000: a node made of the battery, and its address kept */
#include <string.h>

#include "can/can_output_private.h"
#include "file.h"

static int read_address(const struct can_output *o)
{
	g_autofree char *text = NULL;
	guint64 address;

	if (!g_file_get_contents(o->address_path, &text, NULL, NULL) ||
	    !g_ascii_string_to_unsigned(g_strstrip(text), 10, 0, N2K_ADDRESS_MAX, &address, NULL))
		return -1;
	return (int) address;
}

void can_output_recall_address(struct can_output *o, const char *folder, const char *place)
{
	g_autofree char *name = g_strdup_printf("nmea2000_%s.address", place);

	o->kept_address = -1;
	if (!folder)
		return;
	g_strcanon(name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_.", '_');
	o->address_path = g_build_filename(folder, name, NULL);
	o->kept_address = read_address(o);
}

static void keep_address(struct can_output *o)
{
	g_autofree char *text = g_strdup_printf("%u\n", o->node.address);
	g_autoptr(GError) error = NULL;

	if (o->node.claim != N2K_CLAIMED || o->kept_address == o->node.address || !o->address_path)
		return;
	o->kept_address = o->node.address;
	log_say(LOG_INFO, "%s: has the address %u.", o->label, o->node.address);
	if (!file_replace(o->address_path, text, strlen(text), &error))
		log_transition(&o->file_topic, LOG_WARNING,
			       "%s: the address could not be kept: %s.", o->label, error->message);
}

void can_output_update_node(struct can_output *o, const struct can_input *input, gint64 now_us)
{
	const char *serial = input && input->battery ? input->battery->identity.serial : NULL;

	if (serial && g_strcmp0(serial, o->serial) != 0) {
		const int preferred = o->config.options.preferred_address;

		g_free(o->serial);
		o->serial = g_strdup(serial);
		n2k_node_init(&o->node, &o->config.options, serial,
			      (uint8_t) (o->kept_address >= 0 ? o->kept_address : preferred));
		o->has_node = true;
	}
	if (!o->has_node)
		return;
	n2k_node_update(&o->node, input, now_us);
	keep_address(o);
}
