/* SPDX-License-Identifier: MIT */
/*
 * can_peer - what the inverter on a CAN bus says: sign of life, name, measurements
 *
 * Sources: Victron's "CAN-bus BMS protocol" of 2021-04-17 (0x305, 0x307), SMA's
 * FSS-ConnectingBat (0x305 to 0x307), LuxPower V04.2 (0x300), Growatt V1.04 (0x301),
 * Schneider's SE BMS protocol (0x310). It is told and shown, and never widens a limit. Any content
 * and any length up to 8 bytes is a sign of life; numbers that a short frame does not hold stay
 * unknown.
 *
 * Also heard: somebody else who sends our own frames, another battery.
 *
 * Pure: time comes in as an argument, the state is the caller's.
 */
#pragma once

#include <glib.h>

#include "can/can_protocol.h"

enum {
	CAN_PEER_SILENT_S = 10, /**< inverters speak once a second */
	CAN_PEER_IDS_MAX = 8,
	CAN_PEER_NAME_BYTES = 24,
	CAN_PEER_COMPLAINT_BYTES = 160,
};

enum can_peer_state {
	CAN_PEER_WAITED_FOR, /**< not heard yet, and not for long */
	CAN_PEER_ALIVE,
	CAN_PEER_SILENT,
};

/** Byte 3 of SMA's 0x306 (FSS-ConnectingBat). */
enum can_sma_state {
	CAN_SMA_OPERATING = 1,
	CAN_SMA_WARNING = 3,
	CAN_SMA_FAILURE = 4,
};

/** What inverters say of themselves; NAN where they do not. */
struct can_peer_words {
	double pack_v, current_a; /**< positive = charging, whatever the inverter's sign */
	double temp_c, soc_pct, soh_pct;
	double charge_procedure; /**< SMA: 10 = an external BMS is in charge */
	double operating_state;	 /**< SMA: enum can_sma_state */
	double error_code;	 /**< SMA */
	double cvl_v;		 /**< SMA: set-point of the charge voltage */
	double shutdown;	 /**< LuxPower: 1 = the battery may switch off */
};

struct can_peer {
	const struct can_protocol *protocol;
	gint64 since_us; /**< when the waiting began */
	bool was_heard;
	gint64 heard_us;
	const char *name; /**< "" where it says none */
	struct can_peer_words words;
	char complaint[CAN_PEER_COMPLAINT_BYTES]; /**< as can_peer_complaint() said last */

	bool has_rival; /**< another sender of our frames was heard */
	gint64 rival_us;
	char rival_name[CAN_PEER_NAME_BYTES]; /**< its 0x35E, "" where it sends none */
};

/** @protocol must outlive @p. */
void can_peer_init(struct can_peer *p, const struct can_protocol *protocol, gint64 now_us);

/**
 * The ids to listen to, with CAN_EFF_FLAG where they have 29 bits, for the
 * socket's filters. Returns their number, at most CAN_PEER_IDS_MAX.
 */
size_t can_peer_ids(const struct can_protocol *protocol, canid_t ids[CAN_PEER_IDS_MAX]);

enum can_heard {
	CAN_HEARD_NOTHING,  /**< not for us, or of the wrong kind */
	CAN_HEARD_LIFE,	    /**< the inverter is there */
	CAN_HEARD_QUESTION, /**< and wants an answer (families that are only asked) */
	CAN_HEARD_RIVAL,    /**< another battery sends what we send */
};

enum can_heard can_peer_hear(struct can_peer *p, const struct can_frame *frame, gint64 now_us);

/** It follows the bus: nothing latches. */
enum can_peer_state can_peer_state(const struct can_peer *p, gint64 now_us);

/** Another battery has been heard in the last seconds. */
bool can_peer_has_rival(const struct can_peer *p, gint64 now_us);

/**
 * A sentence without its full stop on what the owner should look at: an inverter that
 * must speak and does not (families that may be silent, and the option no_keep_alive,
 * have none), its own failure, its wish to have the battery switched off. "": nothing.
 */
const char *can_peer_complaint(struct can_peer *p, const struct can_options *options,
			       gint64 now_us);

/** Seconds since the last sign of life; NAN: never. */
double can_peer_age_s(const struct can_peer *p, gint64 now_us);
