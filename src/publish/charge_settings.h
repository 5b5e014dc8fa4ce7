/* SPDX-License-Identifier: MIT */
/*
 * charge_settings - /Settings/Charge/<key>, the charge keys of the configuration
 *
 * A write is checked together with all other keys, saved, and in force at the
 * next decision; what is refused changes nothing and leaves its reason in
 * /Settings/Charge/LastError and in the log. An invalid value (null in MQTT)
 * asks for the default.
 *
 * I/O: D-Bus, the configuration file.
 */
#pragma once

#include "config_watch.h"
#include "dbus/item.h"

struct charge_settings;

struct charge_settings *charge_settings_new(struct items *items, struct config_watch *watch);
void charge_settings_free(struct charge_settings *s);

/** Show the configuration as it is now. */
void charge_settings_update(struct charge_settings *s);
