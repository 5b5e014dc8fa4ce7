/* SPDX-License-Identifier: MIT */
/*
 * bus_paths - /Diagnostics/Bus/..., what a battery's service has announced
 *
 *   Signals, Paths, Bytes     of all ItemsChanged; invalid beyond 2^31
 *   LatencyLast, LatencyMean, LatencyMax
 *                             ms, from a snapshot to its first signal
 *
 * I/O: D-Bus.
 */
#pragma once

#include "dbus/item.h"
#include "latency.h"
#include "publish/view.h"

/** Since the service is on the bus. */
struct bus_counters {
	struct items_stats sent;
	struct latency latency; /**< from a snapshot to its first signal */
};

struct bus_paths;

struct bus_paths *bus_paths_new(struct items *items);
void bus_paths_free(struct bus_paths *b);

/** Announce what has changed; @v is what it was filled from. */
void bus_paths_announce(struct bus_paths *b, const struct view *v);

/** Show what was counted; itself a change that waits to be announced. */
void bus_paths_show(struct bus_paths *b);

struct bus_counters bus_paths_counters(const struct bus_paths *b);
