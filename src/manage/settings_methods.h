/* SPDX-License-Identifier: MIT */
/*
 * settings_methods - the BMS's settings by the second name
 *
 * Settings(): {"settings": see settings_json.h, "serial", "firmware",
 *   "hardware", "profile"}
 * SetSettings(json): what settings_json_set() reads. {"done": true, "sentence"}
 *   when the BMS has confirmed all of it; {"done": false, "confirm": {name:
 *   "OLD->NEW"}} when that has to come with it, then nothing was changed. Else
 *   an error.
 * Reset(what, confirm): "events", "statistics"; "bms" with confirm = "restart".
 *   Or all of it in what, as JSON: {"what", "confirm"}.
 * Both take a key "by" in their JSON, see asked_by.h.
 * Journal(): {"journal": see journal.h}
 *
 * I/O: D-Bus.
 */
#pragma once

#include "manage/bms_settings.h"
#include "manage/manage_service.h"

/** Both are borrowed, and outlive the registration. */
void settings_methods_register(struct manage_service *service, struct bms_settings *settings);
