/* SPDX-License-Identifier: MIT */
/*
 * fake_can - CAN interfaces of a test: each a pair of sockets, whose far end is the bus
 *
 * One thread of the port opens, the test looks on: a lock is between them.
 */
#pragma once

#include "can/can_port.h"

enum { FAKE_SECOND_US = 20000 };

struct fake_can {
	GMutex lock;
	bool is_there;	  /**< plugged in */
	bool refuses;	  /**< cannot be set up */
	bool restarts;	  /**< the driver restarts after bus-off */
	unsigned openings, restart_openings;
	struct can_wish wish; /**< of the last opening */
	int bus;	  /**< the far end; -1: not open */
};

/** The one that fake_can_ops() work on. */
extern struct fake_can fake_can;

const struct can_port_ops *fake_can_ops(void);
void fake_can_plug(void);
/** Gone, as an adapter that is pulled. */
void fake_can_unplug(void);
void fake_can_inject(canid_t id, const char *hex);
/** A frame that was sent; false: none is there. */
bool fake_can_next(struct can_frame *frame);

/** Run the main loop until @done says so, at most for five seconds. */
bool fake_can_wait(bool (*done)(void *), void *user);
/** Run it for some seconds of the fake kind. */
void fake_can_pass(double seconds);
