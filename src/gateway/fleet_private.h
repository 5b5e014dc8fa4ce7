/* SPDX-License-Identifier: MIT */
/* fleet_private - what fleet.c and fleet_battery.c share */
#pragma once

#include "dbus/bus.h"
#include "gateway/fleet.h"
#include "gateway/item_mirror.h"

struct fleet {
	char *address; /* (nullable) */
	double interval_s;
	struct bus *bus; /* NULL between two attempts */
	char *trouble;	 /* (nullable) */
	guint reconnect, reconnect_s;
	GPtrArray *batteries; /* struct fleet_battery, by id */
	GArray *watches;      /* struct fleet_watch */
};

struct fleet_battery {
	struct fleet *fleet;
	char *id, *name;
	cJSON *status; /* NULL: has not answered */
	cJSON *document;
	struct item_mirror *items; /* NULL: not on the bus */
	guint timer;
	unsigned ticks;
	bool is_asked;	   /* Status is under way */
	double last_event; /* its number; negative: see on_events() */
	GPtrArray *calls;  /* of fleet_battery_ask() and _set(), under way */
};

/** @name is the second name; the bus is there. */
struct fleet_battery *fleet_battery_new(struct fleet *f, const char *name);
/** Calls that are under way are answered with FLEET_ERROR_GONE if @tell. */
void fleet_battery_free(struct fleet_battery *b, bool tell);
