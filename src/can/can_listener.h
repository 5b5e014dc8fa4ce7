/* SPDX-License-Identifier: MIT */
/*
 * can_listener - are there VE.Can devices on a port?
 *
 * Listens for frames with 29 bits that came over the wire, before a port is taken
 * from the GX: devices of VE.Can and NMEA 2000 speak each 1.5 s at least (127508).
 *
 * I/O: a socket that only reads; call once a second.
 */
#pragma once

#include <stdbool.h>

struct can_listener {
	int fd;		 /**< -1: none */
	unsigned silent; /**< checks of listening without a neighbour */
	unsigned met;	 /**< checks since neighbours were met; 0: none */
};

void can_listener_init(struct can_listener *l);
void can_listener_stop(struct can_listener *l);

/** Go on listening on @interface. True as long as it is not known whether somebody is there. */
bool can_listener_check(struct can_listener *l, const char *interface);
