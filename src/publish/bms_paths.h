/* SPDX-License-Identifier: MIT */
/*
 * bms_paths - /Settings/Bms/<name>, the BMS's own settings, and commands to it
 *
 * SetValue is answered when the BMS has confirmed, with 2 and a sentence on
 * /Settings/Bms/LastError when it is refused. What can open the switches or
 * changes the protection is always refused at first: the sentence says what to
 * write to /Settings/Bms/Confirm within a minute ("name=OLD->NEW"). Commands are
 * ClearEvents, ClearStatistics and RestartBms: write 1.
 *
 * Writes of the MQTT bridge are refused unless remote_writes is on.
 *
 * I/O: D-Bus.
 */
#pragma once

#include "config_watch.h"
#include "dbus/item.h"
#include "manage/bms_settings.h"

struct bms_paths;

struct bms_paths *bms_paths_new(struct bus *bus, struct items *items,
				const struct config_watch *watch, struct bms_settings *settings);
/** Before @items: what is unanswered is refused, and goes on at the BMS where it has begun. */
void bms_paths_free(struct bms_paths *p);
