/* SPDX-License-Identifier: MIT */
/*
 * manager - all that an owner asks of the service by its second name
 *
 * Owns the second name and the parts that register methods there. Its own:
 * Status(): see status.h. Diagnostics(): see diagnostics.h.
 * FullCharge(on): ask for a full charge, or call it off. {"done": true}
 * Sleep(on): 1 stops all traffic, so that the BMS may sleep and the battery
 *   leaves the bus at once; 0 takes it up again. {"done": true}
 *
 * I/O: D-Bus, files.
 */
#pragma once

#include "config_watch.h"
#include "manage/bms_settings.h"
#include "manage/diagnostics.h"
#include "manage/manage_service.h"
#include "manage/status.h"

struct manager;

/** What the rest of the service does for it. */
struct manager_parts {
	struct config_watch *watch;
	struct bms_settings *bms_settings;
	/** Fill @out; what it points to lives until the next turn of the main loop. */
	void (*status)(struct status *out, void *user);
	/** Likewise; also while there is no battery. */
	void (*diagnostics)(struct diagnostics *out, void *user);
	void (*want_full)(bool is_wanted, void *user);
	void (*sleep)(bool is_asleep, void *user);
	void (*config_changed)(void *user); /**< saved: put it in force */
	void *user;
};

/** @address as in bus_connect(); @port as configured, "" = none. */
struct manager *manager_new(const char *address, const char *port,
			    const struct manager_parts *parts);
void manager_free(struct manager *m);

/** The configuration has changed; @port as in manager_new(). */
void manager_set_config(struct manager *m, const struct config *config, const char *port);

/** For other parts that register methods. */
struct manage_service *manager_service(struct manager *m);
