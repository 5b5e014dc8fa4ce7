/* SPDX-License-Identifier: MIT */
/*
 * snapshot - what about a new snapshot cannot wait for the next second
 *
 * Pure.
 */
#pragma once

#include <stdbool.h>

#include "battery/battery.h"

/**
 * Must limits and alarms be worked out at once? True when the active faults or
 * the BMS's own fault state changed, a cell crossed one of the BMS's cut-offs,
 * a cell became unknown or known, or @before is NULL.
 */
bool snapshot_is_urgent(const struct battery *before, const struct battery *now);
