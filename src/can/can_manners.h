/* SPDX-License-Identifier: MIT */
/*
 * can_manners - whose port is it? What a guest may do on the CAN ports of a GX
 *
 * Source: Victron's veutil, canbus_interfaces.cpp (profiles and their services) and
 * canbus_monitor.cpp (ports with one purpose). A port's profile decides which services
 * of the GX own it. Battery frames on a port with such a service would be taken for a
 * second battery; a port taken from VE.Can makes its chargers vanish.
 *
 * Pure.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/** /Settings/Canbus/<interface>/Profile */
enum can_profile {
	CAN_PROFILE_UNKNOWN = -1,  /**< no answer, or no such setting yet */
	CAN_PROFILE_DISABLED = 0,  /**< nobody's; the bit rate is ours to set */
	CAN_PROFILE_FREE_250 = 5,  /**< up, no services, 250 kbit/s */
	CAN_PROFILE_FREE_500 = 8,  /**< up, no services, 500 kbit/s; from Venus OS 3.50 on */
};

struct can_port_facts {
	const char *interface;
	int profile;
	bool is_usb;	/**< an adapter that somebody plugged in */
	bool take_port; /**< the owner's word */
	unsigned bit_rate;
	bool has_neighbours; /**< VE.Can devices speak there */
	bool is_fixed;	     /**< the GX has this port for one purpose: its own profile or none */
	bool was_refused;    /**< profile 5 or 8 was asked for, and did not come */
	bool was_refused_disabled; /**< nor did profile 0 */
	const char *service; /**< (nullable) a service of the GX that runs there still */
};

enum can_verdict {
	CAN_USE,    /**< send */
	CAN_WAIT,   /**< not yet */
	CAN_ASK,    /**< ask for @profile first */
	CAN_REFUSE, /**< not without the owner */
};

struct can_judgement {
	enum can_verdict verdict;
	int profile;	/**< to ask for */
	char why[200];	/**< a sentence without its full stop; "" with CAN_USE */
};

void can_manners_judge(const struct can_port_facts *facts, struct can_judgement *j);

/** A judgement may ask for a profile as soon as nobody has spoken for a while. */
bool can_manners_may_take(const struct can_port_facts *facts);
