/* SPDX-License-Identifier: MIT */
/*
 * can_config - the list "can" of the configuration: one object for each output
 *
 * Each object is judged alone: what is wrong with it stops this output only,
 * with a sentence that names key, value and what is possible.
 *
 * Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "can/can_options.h"
#include "can/can_protocol.h"

enum {
	CAN_OUTPUTS_MAX = 8,
	CAN_CONFIG_ENTRIES = CAN_OUTPUTS_MAX + 1, /**< and one for the trouble with the rest */
	CAN_INTERFACE_BYTES = 16, /**< IFNAMSIZ */
	CAN_USB_SERIAL_BYTES = 65,
	CAN_TROUBLE_BYTES = 256,
};

struct can_output_config {
	char interface[CAN_INTERFACE_BYTES];	/**< "" = by the serial number */
	char usb_serial[CAN_USB_SERIAL_BYTES];	/**< of the adapter; "" = by the name */
	const struct can_protocol *protocol;	/**< as can_protocol_variant() says */
	struct can_options options;
	int bit_rate;	/**< bit/s */
	int restart_ms; /**< after bus-off, where the driver can; 0 never */
	bool take_port; /**< a port of the GX may be taken from the stock services */
	char trouble[CAN_TROUBLE_BYTES]; /**< a sentence; "" = fit for use */
};

/**
 * Read @json ("" is no output) into CAN_CONFIG_ENTRIES @outputs. Returns how many
 * stand there, fit or not. An interface can be had once.
 */
size_t can_config_parse(const char *json, struct can_output_config *outputs);

/** Equal in all that counts. */
bool can_config_equal(const struct can_output_config *a, const struct can_output_config *b);

/** Every key with unit, range, default and meaning. */
void can_config_list(FILE *out);
