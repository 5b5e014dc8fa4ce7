/* SPDX-License-Identifier: MIT */
/* n2k_world - a node of NMEA 2000, its battery, and a log of what it sent */
#pragma once

#include "can/can_schedule.h"
#include "can/n2k_node.h"

enum { N2K_LOG_MAX = 4000, N2K_SECOND_US = 1000000 };

struct n2k_world {
	struct battery battery;
	struct limits limits;
	struct can_input input;
	struct can_options options;
	struct n2k_node node;
	gint64 now_us;
	bool is_blocked; /**< the port refuses */
	unsigned count;
	struct {
		double at_s;
		struct can_frame frame;
	} log[N2K_LOG_MAX];
};

/** 55.78 V, -3.0 A, 9.7 degrees C, 83.55 %; wants address 0x50, or @address. */
void n2k_world_start(struct n2k_world *w);
void n2k_world_start_at(struct n2k_world *w, uint8_t address);

/** A decision of the controller. */
void n2k_world_update(struct n2k_world *w);

/** Log all that is due now. */
void n2k_world_drain(struct n2k_world *w);

/** Let time pass: woken when the node says so, updated each second. */
void n2k_world_pass(struct n2k_world *w, double s);

void n2k_world_hear(struct n2k_world *w, canid_t id, uint64_t data, uint8_t length);
/** ISO request of 0x21. */
void n2k_world_request(struct n2k_world *w, uint8_t destination, uint32_t pgn);

/** Frames sent with @id (without CAN_EFF_FLAG). */
unsigned n2k_world_count_of(const struct n2k_world *w, canid_t id);
/** Fail unless the frame @id that went out for the @nth time (from 0) is @want. */
void n2k_world_expect(const struct n2k_world *w, canid_t id, unsigned nth, const char *want);
