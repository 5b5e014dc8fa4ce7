/* SPDX-License-Identifier: MIT */
/*
 * can_outputs - all CAN outputs of the configuration
 *
 * I/O: main loop.
 */
#pragma once

#include "can/can_output.h"

struct can_outputs;

/** @ops and @folder as in can_output_new(). */
struct can_outputs *can_outputs_new(const struct can_port_ops *ops, const char *folder);

/** Sending stops; the inverters' own time-outs act, so a restart within seconds is no gap. */
void can_outputs_free(struct can_outputs *s);

/** The configuration's list. What did not change goes on undisturbed. */
void can_outputs_configure(struct can_outputs *s, const char *json);

void can_outputs_update(struct can_outputs *s, const struct can_input *input);

size_t can_outputs_count(const struct can_outputs *s);
/** @index below the count. */
struct can_output *can_outputs_at(const struct can_outputs *s, size_t index);
