/* SPDX-License-Identifier: MIT */
/*
 * charge_settings - /Settings/Charge/<key>, the charge keys of the configuration
 *
 * A write is checked together with all other keys, saved, and in force at the
 * next decision; what is refused changes nothing and leaves its reason in
 * /Settings/Charge/LastError and in the log. An invalid value (null in MQTT)
 * asks for the default. The owner's switches have names of their own:
 * ForceChargingOff, ForceDischargingOff, and FullChargeNow, which is no key.
 *
 * I/O: D-Bus, the configuration file.
 */
#pragma once

#include "config_watch.h"
#include "dbus/item.h"

struct charge_settings;

/** Somebody asks for a full charge (/Settings/Charge/FullChargeNow 1), or ends it (0). */
typedef void (*charge_full_fn)(bool is_wanted, void *user);

struct charge_settings *charge_settings_new(struct items *items, struct config_watch *watch,
					    charge_full_fn full_fn, void *user);
void charge_settings_free(struct charge_settings *s);

/** Is a full charge asked for? The controller ends it when the battery is full. */
void charge_settings_show_full(struct charge_settings *s, bool is_wanted);

/** Show the configuration as it is now. */
void charge_settings_update(struct charge_settings *s);
