/* SPDX-License-Identifier: MIT */
/*
 * can_output - one CAN port, and what the battery says on it
 *
 * Joins port, protocol, schedule and the ear for the inverter (or a node of NMEA
 * 2000). An urgent change leaves in the same turn of the main loop. What the
 * inverter says is shown and logged, and never changes a limit.
 *
 * I/O: main loop; a file for the address that was won on NMEA 2000.
 */
#pragma once

#include "can/can_config.h"
#include "can/can_input.h"
#include "can/can_port.h"
#include "latency.h"

struct can_output;

struct can_output_status {
	const char *interface; /**< "" before it is known */
	const char *protocol;
	enum can_port_state state;
	const char *sentence; /**< what is wrong, "" when nothing is */
	const char *inverter; /**< its name, "" where it says none */
	double age_s;	      /**< since its last sign of life; NAN: none yet */
	guint64 sent, received, errors;
	guint64 dropped; /**< sets that the bus did not take in time */
	guint64 refused, openings; /**< struct can_port_counters */
	struct latency latency;	   /**< of a frame, from when it was due to the queue of the bus */
};

/**
 * @config must be fit for use; @folder (borrowed) keeps the address. The port is
 * held until can_output_allow().
 */
struct can_output *can_output_new(const struct can_output_config *config,
				  const struct can_port_ops *ops, const char *folder);
void can_output_free(struct can_output *o);

/** May it use its interface? @why not: a sentence (nullable); logged when it changes. */
void can_output_allow(struct can_output *o, bool is_allowed, const char *why);

/** Its interface was taken down by somebody: not used before can_output_allow(). */
bool can_output_awaits_leave(const struct can_output *o);

/** A decision of the controller; NULL: nothing is known yet. At least once a second. */
void can_output_update(struct can_output *o, const struct can_input *input);

/** Texts are borrowed until the next call of anything here. */
void can_output_status(const struct can_output *o, struct can_output_status *status);
/** Never the same for two. */
unsigned can_output_id(const struct can_output *o);
const struct can_output_config *can_output_config(const struct can_output *o);
