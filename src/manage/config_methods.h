/* SPDX-License-Identifier: MIT */
/*
 * config_methods - the configuration by the second name
 *
 * Configuration(): {"configuration": [{"name", "value": text ("" = worked out),
 *   "type", "unit", "min", "max", "meaning", "choices": [texts], "is_default"}]}
 * SetConfiguration(json): {name: number, bool, text, or null for the default}.
 *   All of it, or nothing and an error; then {"done": true}. Also a key "by", see
 *   asked_by.h. Each change is journalled.
 *
 * I/O: D-Bus, the configuration's file.
 */
#pragma once

#include "config_watch.h"
#include "manage/change_journal.h"
#include "manage/manage_service.h"

/** The configuration was saved and is in force. */
typedef void (*config_methods_fn)(void *user);

struct config_methods;

/** All are borrowed. */
struct config_methods *config_methods_new(struct manage_service *service,
					  struct config_watch *watch,
					  struct change_journal *journal, config_methods_fn fn,
					  void *user);
/** After the service that it is registered with. */
void config_methods_free(struct config_methods *m);
