/* SPDX-License-Identifier: MIT */
/*
 * can_gate - lets CAN outputs use their ports, on a GX only with its consent
 *
 * Elsewhere every output is allowed at once. On a GX the gate reads the port's
 * profile, asks for another one where the manners (can_manners.h) let it, and waits
 * for the services of the GX to leave. Before it takes a port it listens there for
 * VE.Can devices.
 *
 * I/O: D-Bus on a connection of its own, files, sockets.
 */
#pragma once

#include "can/can_outputs.h"

struct can_gate;

/**
 * @address as in bus_connect(); @outputs is borrowed. @root (copied) is "/" but for
 * tests: where /sys, /service and /opt/victronenergy are.
 */
struct can_gate *can_gate_new(const char *address, struct can_outputs *outputs, const char *root);
void can_gate_free(struct can_gate *g);

/** Once a second, and when the outputs have changed. */
void can_gate_check(struct can_gate *g);
