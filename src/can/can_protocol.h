/* SPDX-License-Identifier: MIT */
/*
 * can_protocol - the families of inverters, each a list of frame tables
 *
 * Sources: the makers' documents as collected per family in the family_*.c
 * files. No family ever sends 0x00F (SMA's quick stop).
 *
 * Pure.
 */
#pragma once

#include <linux/can.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "can/can_codec.h"
#include "can/can_options.h"

enum can_family {
	CAN_VICTRON,
	CAN_PYLONTECH,
	CAN_PYLONTECH_EXT,
	CAN_DEYE,
	CAN_SOL_ARK,
	CAN_LUXPOWER,
	CAN_SMA,
	CAN_MG,
	CAN_BYD,
	CAN_GOODWE,
	CAN_GROWATT,
	CAN_SCHNEIDER,
	CAN_SOFAR,
	CAN_NMEA2000,
	CAN_FAMILY_COUNT,
};

/** Frames of one set at most (bit mask of 32); NMEA 2000 has its own encoder. */
enum { CAN_SET_MAX = 32 };

struct can_protocol {
	enum can_family family;
	const char *name;
	unsigned bit_rate;			/**< bit/s */
	const char *inverters;			/**< for --list-protocols */
	const char *option_names;		/**< those that mean something here */
	const struct can_layout *const *frames; /**< NULL-terminated; NULL: NMEA 2000 */
	bool big_endian;
	bool has_unknown_codes;	 /**< fields have codes for a missing measurement */
	bool holds_alarms;	 /**< SMA: each state is kept 10 s, for slow inverters */
	bool is_solicited;	 /**< sent only as an answer to the inverter (Growatt) */
	bool expects_keep_alive; /**< a silent inverter is worth a warning */
	unsigned min_gap_ms;	 /**< between two sets, also urgent or asked for; 0: none */
	const char *manufacturer;
	bool zero_as_100ma;
	double soc_cap_pct;
	/** Outside these an inverter ignores the value and keeps its own; 0: any is obeyed. */
	struct can_range {
		double min_v, max_v;
	} cvl_range, dvl_range;
};

/** One of the names above, or NULL. */
const struct can_protocol *can_protocol_find(const char *name);
const struct can_protocol *can_protocol_get(enum can_family family);

/** The protocol that @options really ask for (GoodWe's own document, Sol-Ark's fine voltage). */
const struct can_protocol *can_protocol_variant(const struct can_protocol *p,
						const struct can_options *options);

void can_protocol_defaults(const struct can_protocol *p, struct can_options *options);

/** Every frame; a mask for can_protocol_encode(). */
#define CAN_ALL_FRAMES UINT32_MAX

/**
 * Encode the frames of @mask that the values allow, in the family's order.
 * @frames has room for CAN_SET_MAX. Returns their number.
 */
size_t can_protocol_encode(const struct can_protocol *p, const struct can_values *values,
			   uint32_t mask, struct can_frame *frames);

/**
 * A sentence on what this inverter will not obey among @values; "" when all is
 * well. The value is sent all the same: raised into the range it would allow more.
 */
const char *can_protocol_objection(const struct can_protocol *p, const struct can_values *values);

/** The layout of a frame of this protocol, by its id; NULL for others. */
const struct can_layout *can_protocol_layout(const struct can_protocol *p, canid_t id);
