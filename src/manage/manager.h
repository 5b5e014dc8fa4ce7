/* SPDX-License-Identifier: MIT */
/*
 * manager - all that an owner asks of the service by its second name
 *
 * Owns the second name and the parts that register methods there.
 *
 * I/O: D-Bus, files.
 */
#pragma once

#include "manage/manage_service.h"
#include "manage/status.h"

struct manager;

/** Fill @out; what it points to lives until the next turn of the main loop. */
typedef void (*manager_status_fn)(struct status *out, void *user);

/** @address as in bus_connect(); @port as configured, "" = none. */
struct manager *manager_new(const char *address, const char *port, manager_status_fn status_fn,
			    void *user);
void manager_free(struct manager *m);

/** Another port, after a change of the configuration. */
void manager_set_port(struct manager *m, const char *port);

/** For other parts that register methods. */
struct manage_service *manager_service(struct manager *m);
