/* SPDX-License-Identifier: MIT */
/*
 * n2k_message - the NMEA 2000 messages of a battery
 *
 * Field layouts from canboat's description of the PGNs. Unavailable is all ones
 * in unsigned fields, the highest positive number in signed ones.
 *
 * Pure.
 */
#pragma once

#include <glib.h>

#include "can/can_values.h"
#include "can/n2k_frame.h"

enum n2k_pgn {
	N2K_ACKNOWLEDGE = 59392,
	N2K_REQUEST = 59904,
	N2K_ADDRESS_CLAIM = 60928,
	N2K_PGN_LIST = 126464,
	N2K_HEARTBEAT = 126993,
	N2K_PRODUCT = 126996,
	N2K_CONFIGURATION = 126998,
	N2K_DC_STATUS = 127506,
	N2K_BATTERY_STATUS = 127508,
	N2K_BATTERY_CONFIGURATION = 127513,
};

/** What they are filled from. */
struct n2k_facts {
	const struct can_values *values;
	const struct can_options *options;
	uint64_t name;		       /**< n2k_name() */
	const char *installation;      /**< name that the owner gave the battery, or "" */
	const char *serial, *firmware; /**< or "" */
	const char *hardware;	       /**< or "" */
	uint8_t heartbeat;	       /**< counts heartbeats, 0 to 252 */
	bool is_faulty;		       /**< the BMS does not answer or reports a fault */
};

/**
 * NAME of a battery: unique number, manufacturer, battery instance, function
 * 170 (battery) of class 35 (electrical generation), marine, takes any address.
 * The lower NAME wins an address.
 */
uint64_t n2k_name(uint32_t unique_number, unsigned manufacturer_code, unsigned instance);

/** A unique number of 21 bits that stays the same for the same @text. */
uint32_t n2k_unique_number(const char *text);

/** One of enum n2k_pgn but acknowledge and request; source is left to the caller. */
void n2k_build(struct n2k_message *m, enum n2k_pgn pgn, const struct n2k_facts *facts);

/** The list of PGNs that are sent, or that are understood. */
void n2k_build_pgn_list(struct n2k_message *m, bool is_received);

/** Negative acknowledge: @pgn cannot be had from us. */
void n2k_build_refusal(struct n2k_message *m, uint32_t pgn, uint8_t destination);

/** Append "# name value unit" lines. */
void n2k_describe(const struct n2k_message *m, GString *words);
