/* SPDX-License-Identifier: MIT */
/*
 * broadcast - the lines that the BMS sends by itself
 *
 * Registers 342 (period) and 343 (protocol); Communication Protocols rev. D.
 *
 * Pure.
 */
#pragma once

#include "sim/device.h"

/** s between lines; 0: none. SOC bar has none below 1 s. */
double broadcast_period_s(const struct device *d);

/** One line with its end. @return its length */
size_t broadcast_line(const struct device *d, char *out, size_t room);
