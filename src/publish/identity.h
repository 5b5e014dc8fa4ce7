/* SPDX-License-Identifier: MIT */
/*
 * identity - device instance and name of a battery, kept by the settings service
 *
 * Both live under /Settings/Devices/tinybms_<serial>, so that another cable or
 * port changes nothing. A BMS without serial number is known by its port.
 *
 * I/O: D-Bus.
 */
#pragma once

#include <stdbool.h>

#include "dbus/localsettings.h"

struct identity;

/** Something in it changed, or is known for the first time. */
typedef void (*identity_fn)(void *user);

/**
 * Ask for the identity of the battery @key (a serial number, or a port's name).
 * @wanted_instance and @wanted_name are for one that was never seen before.
 */
struct identity *identity_new(struct localsettings *settings, const char *key, int wanted_instance,
			      const char *wanted_name, identity_fn fn, void *user);
void identity_free(struct identity *i);

/** The key that it was made for. */
const char *identity_key(const struct identity *i);

/** The settings service has answered; instance and name count only then. */
bool identity_is_known(const struct identity *i);
int identity_instance(const struct identity *i);
const char *identity_name(const struct identity *i);

/** Keep another name. */
void identity_set_name(struct identity *i, const char *name);
