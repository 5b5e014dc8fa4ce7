/* SPDX-License-Identifier: MIT */
/*
 * protection - when the simulated BMS opens its switches, and closes them again
 *
 * Source: Communication Protocols rev. D, chapter 4 (event ids), registers 315 to
 * 320, 330 and 332. What the documents leave open is decided here: voltages
 * recover by 0.1 V, temperatures by 2 degrees C (over-heat 5), and a switch closes
 * register 332 seconds after its reason has gone.
 *
 * Pure.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

struct device;

/** Judge what was measured; @step_s has passed since the last time. */
void protection_step(struct device *d, double step_s);

bool protection_stops_charge(const struct device *d);
bool protection_stops_discharge(const struct device *d);
/** A fault (not a warning) is active. */
bool protection_is_fault(const struct device *d);
bool protection_is_over_current(const struct device *d);

/**
 * Force the fault or warning of this name ("over-voltage") or event id ("0x03")
 * until it is cleared. @return false: there is none.
 */
bool protection_force(struct device *d, const char *name);
/** End it, with its event of recovery. NULL ends all. false: no such name. */
bool protection_clear(struct device *d, const char *name);

/** Names, separated by commas, for messages. */
char *protection_names(void);
/** Those that are active, separated by spaces. */
char *protection_active_names(const struct device *d);
