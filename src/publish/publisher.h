/* SPDX-License-Identifier: MIT */
/*
 * publisher - the battery's life on the bus
 *
 * Connects, learns instance and name from the settings service, shows all paths
 * and requests the name last; leaves when the limits say so, and comes back. A
 * bus that ends is looked for again, each second at first, then every ten.
 * Another serial number, cell count, product id or instance: the service leaves
 * and returns as what it is now.
 *
 * I/O: D-Bus, main loop.
 */
#pragma once

#include "can/can_outputs.h"
#include "config.h"
#include "config_watch.h"
#include "manage/bms_settings.h"
#include "publish/bus_paths.h"
#include "publish/charge_settings.h"
#include "publish/history_paths.h"
#include "publish/view.h"

struct publisher;

/**
 * @address NULL: see bus_connect(). @watch and @bms_settings are borrowed: what is
 * written on the bus goes through them.
 */
struct publisher *publisher_new(const char *address, struct config_watch *watch,
				struct bms_settings *bms_settings, charge_full_fn full_fn,
				void *user);

/** Leaves the bus. */
void publisher_free(struct publisher *p);

/** Whom to ask when somebody wants the history cleared; before the first update. */
void publisher_set_clear(struct publisher *p, history_clear_fn fn, void *user);

/** What the settings service kept is known: an update now brings the battery to the bus. */
typedef void (*publisher_ready_fn)(void *user);

/** Whom to tell that, so that it need not wait for the next second; before the first update. */
void publisher_set_ready(struct publisher *p, publisher_ready_fn fn, void *user);

/** Show these CAN outputs too. Borrowed: they outlive the publisher. */
void publisher_show_can(struct publisher *p, const struct can_outputs *outputs);

/** @port is the device that the BMS is on. */
void publisher_set_config(struct publisher *p, const struct config *config, const char *port);

/** @sentence gets the name on the bus, or what is missing before it is there. */
bool publisher_is_published(const struct publisher *p, const char **sentence);

/** The device instance on the bus; -1 while there is none. */
int publisher_instance(const struct publisher *p);

/** What the owner calls the battery: /CustomName, kept in the settings; "" nothing. */
const char *publisher_battery_name(const struct publisher *p);

/** What was announced; false while the battery is off the bus. */
bool publisher_counters(const struct publisher *p, struct bus_counters *out);

/** What was decided just now; @is_urgent: between two seconds. */
void publisher_update(struct publisher *p, const struct decision *decision, bool is_urgent);
