/* SPDX-License-Identifier: MIT */
/*
 * battery_service - the objects of one com.victronenergy.battery service
 *
 * Made from the path table; knows no settings service and no name. What the
 * GUI may write is handed to the owner.
 *
 * I/O: D-Bus.
 */
#pragma once

#include "config.h"
#include "dbus/item.h"
#include "publish/bus_paths.h"
#include "publish/view.h"

/** What does not change while the service is on the bus. Borrowed for battery_service_new(). */
struct battery_service_info {
	const char *connection;  /**< "ttyUSB0" */
	const char *serial;      /**< "" where unknown */
	const char *firmware;    /**< "" where unknown */
	const char *hardware;    /**< "" where unknown */
	const char *custom_name; /**< "" = none */
	int device_instance;
	int product_id;
	unsigned cells;
};

/** Somebody wrote /CustomName. */
typedef void (*battery_service_name_fn)(const char *name, void *user);

struct battery_service;

struct battery_service *battery_service_new(struct bus *bus,
					    const struct battery_service_info *info,
					    battery_service_name_fn name_fn, void *user);
void battery_service_free(struct battery_service *s);

/** For the parts that add paths of their own before the name is requested. */
struct items *battery_service_items(struct battery_service *s);

/** What it has announced since it is on the bus. */
struct bus_counters battery_service_counters(const struct battery_service *s);

/** The settings service has another custom name now. */
void battery_service_set_name(struct battery_service *s, const char *name);

/** Show @v: all that is due in this second of the service's life, and announce it. */
void battery_service_update(struct battery_service *s, const struct view *v);

/** The next update shows everything, whatever its pace. */
void battery_service_hurry(struct battery_service *s);

/** Show of @v what cannot wait for the next second: limits, alarms, measurements. */
void battery_service_update_urgent(struct battery_service *s, const struct view *v);
