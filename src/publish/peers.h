/* SPDX-License-Identifier: MIT */
/*
 * peers - the other batteries of ours on the bus
 *
 * Follows which com.victronenergy.battery.* names are there, asks each once
 * whether it is ours, and every ten seconds those that are what their owner
 * said of them (managed.h). Costs nothing where there is none.
 *
 * I/O: D-Bus, main loop.
 */
#pragma once

#include "dbus/bus.h"
#include "managed.h"

struct peers;

/** The bus must outlive it. */
struct peers *peers_new(struct bus *bus);
void peers_free(struct peers *p);

/** How many others of ours there are. */
unsigned peers_count(const struct peers *p);

/** What is wrong with them and us, who are @own; NULL: nothing. Static text. */
const char *peers_complaint(const struct peers *p, enum managed own);
