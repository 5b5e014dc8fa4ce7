/* SPDX-License-Identifier: MIT */
/*
 * can_paths - /Can/<interface>/..., what the CAN outputs do and hear
 *
 *   Protocol         as in the configuration
 *   State            enum can_port_state, its text in words
 *   Error            a sentence, "" when all is well
 *   Inverter/Name    where it says one
 *   Inverter/Age     s since its last sign of life; invalid before the first
 *   FramesSent, FramesReceived, Errors, SetsDropped
 *
 * and /Diagnostics/Can/<interface>/...: these counts again and
 *   FramesRefused    times that the full queue did not take a frame at first
 *   Openings         of the interface
 *   LatencyLast, LatencyMean, LatencyMax
 *                    ms, of a frame from when it was due to the queue of the bus
 *
 * Paths of an output that is gone stay, without a value. What counts up is shown
 * every fifth second, under /Diagnostics once a minute; both when an output comes.
 *
 * I/O: D-Bus.
 */
#pragma once

#include "can/can_outputs.h"
#include "dbus/item.h"

struct can_paths;

struct can_paths *can_paths_new(struct items *items);
void can_paths_free(struct can_paths *c);

/** Once a second; the caller announces what changed. */
void can_paths_update(struct can_paths *c, const struct can_outputs *outputs);
