/* SPDX-License-Identifier: MIT */
/* localsettings_private - what the parts of the settings client share */
#pragma once

#include "dbus/localsettings.h"

#define LOCALSETTINGS_SERVICE "com.victronenergy.settings"
#define LOCALSETTINGS_ITEM_INTERFACE "com.victronenergy.BusItem"

enum { LOCALSETTINGS_ADD_AGAIN_MS = 5000 };

/* All values are copies of ours. */
struct localsetting {
	struct localsettings *owner;
	char *path;
	struct value fallback;
	double min, max;
	localsetting_fn fn;
	void *user;
	struct value known;  /**< as the service said */
	struct value wanted; /**< to be written as soon as it is added; invalid: none */
	struct value sent;   /**< written, and not yet answered; invalid: none */
	bool is_added;       /**< the service that is there now has it */
};

struct localsettings {
	struct bus *bus;
	localsettings_log_fn log;
	void *log_user;
	GPtrArray *list; /**< struct localsetting, owned */
	char *owner;     /**< unique name of the service; NULL while it is away */
	bool is_missed;  /**< it was not there when last looked for */
	guint add_again; /**< timer; 0: none */
};

struct localsetting *localsettings_find(const struct localsettings *s, const char *path);
void localsettings_complain(const struct localsettings *s, const char *format, ...)
	G_GNUC_PRINTF(2, 3);

/** The service says `value`. */
void localsetting_take(struct localsetting *setting, const struct value *value);

/** Writes what is wanted, if the service has the setting now. */
void localsetting_write_wanted(struct localsetting *setting);

/** Adds those settings to the service that it does not have: now, or then. */
void localsettings_add_all(struct localsettings *s);
void localsettings_add_later(struct localsettings *s, guint delay_ms);

/** Follows what the service announces. */
void localsettings_listen(struct localsettings *s);
