/* SPDX-License-Identifier: MIT */
/*
 * n2k_node - a battery as a node of an NMEA 2000 network
 *
 * Claims an address (ISO 11783-5: the lower NAME keeps it, the other moves on or
 * falls silent), sends battery messages each 1.5 s and a heartbeat each minute,
 * answers requests, refuses what it does not have. Information only: there is no
 * limit in it.
 *
 * Measurements older than the controller's 10 s are unavailable, and the
 * equipment is at fault; when the battery leaves the bus only its address is
 * still defended.
 *
 * Pure: time comes in as an argument, the state is the caller's.
 */
#pragma once

#include <glib.h>

#include "can/n2k_message.h"

enum n2k_claim {
	N2K_UNCLAIMED, /**< nothing to say yet */
	N2K_CLAIMING,  /**< claimed, and waiting 250 ms for objections */
	N2K_CLAIMED,
	N2K_HOMELESS, /**< no address is free; tried again after a minute */
};

enum { N2K_SID_COUNT = 253 }; /**< sequence ids go from 0 to 252 */

enum { N2K_TEXT_BYTES = 33, N2K_REFUSALS = 4, N2K_WANTED_COUNT = 9 };

struct n2k_node {
	struct can_options options;
	uint64_t name;

	enum n2k_claim claim;
	gint64 claim_us;   /**< when the state began, or when the claim went out */
	bool claim_is_out; /**< it has gone out */
	uint8_t address;
	uint32_t taken[8]; /**< addresses that others have claimed */

	bool has_values;
	struct can_values values;
	gint64 values_us;
	bool is_faulty;
	char installation[2 * N2K_TEXT_BYTES];
	char serial[N2K_TEXT_BYTES], firmware[N2K_TEXT_BYTES], hardware[N2K_TEXT_BYTES];

	uint32_t wanted; /**< messages to send, by their place in the node's list */
	struct {
		uint32_t pgn;
		uint8_t destination;
	} refusals[N2K_REFUSALS];
	unsigned refusal_count;
	uint8_t list_destination;      /**< who asked for the lists of PGNs */
	gint64 cycle_us, heartbeat_us;	     /**< when they are due */
	uint8_t sid, heartbeat;		     /**< as sent last */
	uint8_t sequences[N2K_WANTED_COUNT]; /**< likewise */

	struct n2k_message sending;
	gint64 sending_us; /**< when it was made */
	unsigned sequence, next_frame, frame_count;
	gint64 frame_us; /**< no frame goes out before */

	guint64 sets;	 /**< cycles begun */
	guint64 dropped; /**< cycles and messages that did not get out in time */
};

/**
 * @unique: what tells this battery from all others (its serial number).
 * @address: the one that it had last, or wants; 0 to 251.
 */
void n2k_node_init(struct n2k_node *n, const struct can_options *options, const char *unique,
		   uint8_t address);

/** As can_schedule_update(). */
void n2k_node_update(struct n2k_node *n, const struct can_input *input, gint64 now_us);

/** A frame of the bus. False: nothing for us. */
bool n2k_node_hear(struct n2k_node *n, const struct can_frame *frame, gint64 now_us);

/** A message from the newest values; @sequence is its sequence id, or counts heartbeats. */
void n2k_node_build(struct n2k_node *n, enum n2k_pgn pgn, uint8_t sequence, struct n2k_message *m);

/* As can_schedule_next_us(), _take() and _refused(). */
gint64 n2k_node_next_us(const struct n2k_node *n);
bool n2k_node_take(struct n2k_node *n, gint64 now_us, struct can_frame *frame);
void n2k_node_refused(struct n2k_node *n, gint64 now_us);
