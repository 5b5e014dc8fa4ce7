/* SPDX-License-Identifier: MIT */
/*
 * can_world - a battery to encode, and frames compared with bytes worked out by hand
 *
 * CVL 55.2 V, CCL 60.0 A, DCL 80.0 A, DVL 46.0 V; 55.78 V, -3.0 A, 9.7 degrees C;
 * SOC 83.55 %, SOH 100 %, cells 3.980 V (number 2) to 3.990 V (number 5), 65 Ah.
 */
#pragma once

#include "can/can_protocol.h"

struct can_world {
	struct battery battery;
	struct limits limits;
	struct can_input input; /* borrows both */
	struct can_options options;
};

/** The battery above, with the defaults of @protocol. */
void can_world_start(struct can_world *w, const char *protocol);

/** The bytes of frame @id as hexadecimal digits; "" when the set does not have it. */
void can_world_encode(const struct can_world *w, const char *protocol, canid_t id,
		      char text[2 * CAN_MAX_DLEN + 1]);

/** Fail unless frame @id is @want ("": the set does not have it). */
void can_world_expect(const struct can_world *w, const char *protocol, canid_t id,
		      const char *want);

#define EFF(id) (CAN_EFF_FLAG | (id))
